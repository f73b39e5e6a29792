package cmd

import (
	"fmt"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// ratrace - show the system calls of a command
//
// Ratrace runs a command and prints, on the standard error, a line for each
// system call that it and its children make, when the call has ended: the
// process, its program, the call and its arguments, = and the result, the
// error in quotes or "", the seconds since ratrace began when the call began,
// and those that it took. The result is a descriptor, a number of bytes, a
// process, 0, or -1 with an error. Of what is read or written the first 32
// bytes are shown, and the length of the buffer; ... is all if the process is
// private (proc(3)), as one that asks for a password.
//
//	-c  what follows is a command: it always is, here
//	-o  print to file
//
// # EXAMPLES
//
// Why does it not find its file?
//
//	ratrace cat lib/profile >[2=1] | grep Open
//
// # SEE ALSO
//
// 9ptrace(1), explain(1), ps(1), intro(2)
//
// # BUGS
//
// A process that runs already cannot be traced.
//
// A call that waits, as for a child, is printed after those that others make
// meanwhile.
func ratraceMain(p *proc.Proc) error {
	fd := 2
	arg := argbegin(p, "[-c] [-o file] command [arg ...]")
	for c := range arg.flags() {
		switch c {
		case 'c':
		case 'o':
			var err error
			name := arg.eargf()
			if fd, err = p.Create(name, ninep.OWRITE|ninep.OCEXEC, 0666); err != nil {
				return fatal(p, "can't create %s: %v", name, err)
			}
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	w, err := p.Conn(fd)
	if err != nil {
		return fatal(p, "%v", err)
	}
	defer w.Close()
	began := p.Now()
	return runTraced(p, 0, arg.args, func(k *proc.Proc) {
		k.Trace(func(p *proc.Proc, c proc.Call) { fmt.Fprintln(w, callLine(p, c, began)) })
	})
}

// callLine returns the line for a call.
func callLine(p *proc.Proc, c proc.Call, began time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s", p.Getpid(), p.Info().Text, c.Name)
	for _, arg := range c.Args {
		if _, data := arg.([]byte); data && p.Private() {
			b.WriteString(" ...")
			continue
		}
		b.WriteString(" " + callArg(arg))
	}
	text := ""
	if c.Err != nil {
		text = c.Err.Error()
	}
	fmt.Fprintf(&b, " = %d %q %.6f %.6f", c.Result, text, c.Began.Sub(began).Seconds(), c.Ended.Sub(c.Began).Seconds())
	return b.String()
}

// maxCallData is how many bytes of what is read or written are shown.
const maxCallData = 32

// callArg returns an argument of a call as text.
func callArg(arg any) string {
	switch a := arg.(type) {
	case string:
		return ninep.Quote(a)
	case []byte:
		if len(a) > maxCallData {
			return fmt.Sprintf("%q...", a[:maxCallData])
		}
		return fmt.Sprintf("%q", a)
	case []string:
		words := make([]string, len(a))
		for i, s := range a {
			words[i] = ninep.Quote(s)
		}
		return "(" + strings.Join(words, " ") + ")"
	case ninep.Mode:
		return fmt.Sprintf("%#x", uint16(a))
	case ninep.Perm:
		return fmt.Sprintf("%#o", uint32(a))
	case time.Duration:
		return a.String()
	}
	return fmt.Sprint(arg)
}
