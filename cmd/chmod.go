package cmd

import (
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// chmod - change mode
//
// The mode of each named file is changed according to mode, which may be an
// octal number or a symbolic change to the existing mode. A mode is an octal
// number constructed from the OR of the following modes.
//
//	0400  read by owner
//	0200  write by owner
//	0100  execute (search in directory) by owner
//	0070  read, write, execute (search) by group
//	0007  read, write, execute (search) by others
//
// A symbolic mode has the form:
//
//	[who] op permission
//
// The who part is a combination of the letters u (for user's permissions), g
// (group) and o (other). The letter a stands for ugo. If who is omitted, the
// default is a.
//
// Op can be + to add permission to the file's mode, - to take away
// permission, and = to assign permission absolutely (all other bits will be
// reset).
//
// Permission is any combination of the letters r (read), w (write), x
// (execute), a (append only), l (exclusive access), and t (temporary file).
//
// Only the owner of a file or the group leader of its group may change the
// file's mode.
//
// # SEE ALSO
//
// ls(1), stat(2), stat(5)
func chmodMain(p *proc.Proc) error {
	arg := argbegin(p, "mode file ...") // no flags: "-w" is a mode
	if len(arg.args) < 2 {
		arg.usage()
	}
	mask, mode, ok := parsemode(arg.args[0])
	if !ok {
		warn(p, "bad mode: %s", arg.args[0])
		return status("mode")
	}
	failed := ""
	for _, name := range arg.args[1:] {
		d, err := p.Stat(name)
		if err != nil {
			warn(p, "can't stat %s: %v", name, err)
			failed = "errors"
			continue
		}
		nd := ninep.NullDir
		nd.Mode = d.Mode&^mask | mode&mask
		if err := p.Wstat(name, nd); err != nil {
			warn(p, "can't wstat %s: %v", name, err)
			failed = "errors"
		}
	}
	return status(failed)
}

// parsemode returns which bits of the mode spec changes, and to what.
func parsemode(spec string) (mask, mode ninep.Perm, ok bool) {
	if n, err := strconv.ParseUint(spec, 8, 32); err == nil {
		return 0o777, ninep.Perm(n), true
	}
	i := strings.IndexAny(spec, "+-=")
	if i < 0 {
		return 0, 0, false
	}
	mask = ninep.DMAPPEND | ninep.DMEXCL | ninep.DMTMP
	who := spec[:i]
	if who == "" {
		who = "a"
	}
	for _, c := range who {
		m, ok := map[rune]ninep.Perm{'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777}[c]
		if !ok {
			return 0, 0, false
		}
		mask |= m
	}
	for _, c := range spec[i+1:] {
		m, ok := map[rune]ninep.Perm{'r': 0o444, 'w': 0o222, 'x': 0o111,
			'a': ninep.DMAPPEND, 'l': ninep.DMEXCL, 't': ninep.DMTMP}[c]
		if !ok {
			return 0, 0, false
		}
		mode |= m
	}
	switch spec[i] {
	case '+':
		mask &= mode
	case '-':
		mask &= mode
		mode = ^mode
	}
	return mask, mode, true
}
