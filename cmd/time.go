package cmd

import (
	"fmt"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// time - time a command
//
// The command is executed with the given arguments; after it is complete,
// time reports on standard error the program's elapsed user time, system
// time, and real time, in seconds, followed by the command line.
//
// # BUGS
//
// The user and system times of processes are not known: they are zero.
func timeMain(p *proc.Proc) error {
	arg := argbegin(p, "command [arg ...]") // no flags: they are the command's
	if len(arg.args) == 0 || arg.args[0] == "-?" {
		arg.usage()
	}
	args := arg.args
	_, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
		p.Args = []string{"time"}
		err := p.Exec(args[0], args)
		if !rooted(args[0]) {
			err = p.Exec("/bin/"+args[0], args)
		}
		return fatal(p, "%s: %v", args[0], err)
	})
	if err != nil {
		return fatal(p, "fork: %v", err)
	}
	// The interrupt is for the command: its time is to be told.
	p.Notify(func(_ *proc.Proc, note string) bool { return note == "interrupt" })
	w, err := p.Wait()
	for err == ninep.ErrIntr {
		w, err = p.Wait()
	}
	if err != nil {
		return fatal(p, "wait: %v", err)
	}
	fmt.Fprintln(p.Stderr(), timeline(w, args))
	return status(w.Msg)
}

// rooted reports whether a command's name says where it is, so that it is
// not looked for in /bin.
func rooted(name string) bool {
	return strings.HasPrefix(name, "/") || strings.HasPrefix(name, "#") ||
		strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../")
}

// timeline returns the report on w.
func timeline(w *proc.Waitmsg, args []string) string {
	var words []string
	for i, t := range w.Time {
		ms := t / time.Millisecond
		words = append(words, fmt.Sprintf("%d.%02d%c", ms/1000, ms%1000/10, "usr"[i]))
	}
	words = append(words, "\t")
	if len(args) > 4 { // also if there are no more than five
		args = append(args[:5:5], "...")
	}
	words = append(words, args...)
	if w.Msg != "" {
		_, why, ok := strings.Cut(w.Msg, ":")
		if !ok || why == "" {
			why = w.Msg
		}
		words = append(words, " # status="+why)
	}
	return strings.Join(words, " ")
}
