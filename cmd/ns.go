package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"ufo/proc"
)

// ns - display name space
//
// Ns prints the file name space of the process pid, by default its own, as
// the rc(1) commands that would rebuild it, in the order in which it was
// built. It is the contents of /proc/pid/ns.
//
// The names of network data files are replaced by the addresses they are
// connected to, as in tcp!10.9.0.1!564 for /net/tcp/3/data. Option -r leaves
// them raw.
//
// # EXAMPLES
//
// What does bind(1) change?
//
//	ns >/tmp/before; bind -a /rc/bin /tmp; ns | diff /tmp/before -
//
// # FILES
//
//	/proc/*/ns
//
// # SEE ALSO
//
// bind(1), ps(1), proc(3), namespace(6)
//
// # BUGS
//
// A name is the one the file had when it was bound, even if the file has been
// renamed since.
func nsMain(p *proc.Proc) error {
	raw := false
	arg := argbegin(p, "[-r] [pid]")
	for c := range arg.flags() {
		switch c {
		case 'r':
			raw = true
		default:
			arg.usage()
		}
	}
	pid := p.Getpid()
	if len(arg.args) > 0 {
		n, err := strconv.Atoi(arg.args[0])
		if err != nil || len(arg.args) > 1 {
			arg.usage()
		}
		pid = n
	}
	name := fmt.Sprintf("/proc/%d/ns", pid)
	text, err := p.ReadFile(name)
	if err != nil {
		return fatal(p, "can't read %s: %v", name, err)
	}
	if _, err := p.Stdout().Write(nsText(p, text, raw)); err != nil {
		return fatal(p, "write error: %v", err)
	}
	return nil
}

// nsText returns the text of an ns file as ns prints it.
func nsText(p *proc.Proc, text []byte, raw bool) []byte {
	if raw {
		return text
	}
	var out []byte
	for line := range strings.Lines(string(text)) {
		words := strings.Split(line, " ")
		if words[0] == "mount" {
			for i, w := range words {
				words[i] = netAddr(p, w)
			}
		}
		out = append(out, strings.Join(words, " ")...)
	}
	return out
}

// netAddr returns the address behind name, if it is the data file of a
// connection: tcp!10.9.0.1!564 for /net/tcp/3/data.
func netAddr(p *proc.Proc, name string) string {
	elems := strings.Split(name, "/")
	if len(elems) != 5 || elems[1] != "net" || elems[4] != "data" {
		return name
	}
	remote, err := p.ReadFile(strings.TrimSuffix(name, "data") + "remote")
	if err != nil || len(remote) == 0 {
		return name
	}
	return elems[2] + "!" + strings.TrimSpace(string(remote))
}
