package cmd

import (
	"fmt"
	"strings"

	"ufo/ns"
	"ufo/proc"
)

// bind - change name space
//
// Bind makes the file or directory new visible under the name old, an
// existing file or directory: from then on old is an alias for what new named
// at that moment. It does so for all processes in the same name space group.
// Either both are directories or neither is.
//
// Without options the new file replaces the old one. Otherwise old becomes,
// or already is, a union directory:
//
//	-b  add new to the beginning of the union
//	-a  add new to the end of the union
//	-c  permit creation: a file made in a union directory goes into its
//	    first member bound with -c
//	-q  exit silently if the bind fails
//
// Unmount(1) undoes a bind.
//
// # EXAMPLES
//
// Add your own commands to those in /bin, in this name space only:
//
//	rfork n
//	bind -b $home/bin/rc /bin
//
// # SEE ALSO
//
// mount(1), unmount(1), ns(1), bind(2), namespace(6)
func bindMain(p *proc.Proc) error {
	var f bindflags
	arg := argbegin(p, "[-a|-b] [-cq] new old")
	for c := range arg.flags() {
		if !f.take(c, "abcq") {
			arg.usage()
		}
	}
	if len(arg.args) != 2 || f.bad() {
		arg.usage()
	}
	new, old := arg.args[0], arg.args[1]
	err := p.Bind(new, old, f.flag)
	if err == nil || f.quiet {
		return nil
	}
	// If one of the names is at fault, say which.
	for _, name := range arg.args {
		if _, err := p.Stat(name); err != nil {
			warn(p, "%s: %v", name, err)
			return status("bind")
		}
	}
	fmt.Fprintf(p.Stderr(), "%s %s %s: %v\n", argv0(p), new, old, err)
	return status("bind")
}

// A bindflags holds the options that bind, mount and others of their kind
// have in common.
type bindflags struct {
	flag  int
	quiet bool
}

// take takes option c, if it is one of set.
func (f *bindflags) take(c rune, set string) bool {
	if !strings.ContainsRune(set, c) {
		return false
	}
	switch c {
	case 'a':
		f.flag |= ns.MAFTER
	case 'b':
		f.flag |= ns.MBEFORE
	case 'c':
		f.flag |= ns.MCREATE
	case 'C':
		f.flag |= ns.MCACHE
	case 'q':
		f.quiet = true
	}
	return true
}

// bad reports whether the options contradict each other.
func (f *bindflags) bad() bool { return f.flag&ns.MAFTER != 0 && f.flag&ns.MBEFORE != 0 }
