package cmd

import (
	"ufo/ninep"
	"ufo/proc"
)

// chgrp - change file group
//
// The group of each named file is changed to group, which should be a name
// known to the server holding the file.
//
// A file's group can be changed by the file's owner, if the owner is a
// member of the new group, or by the leader of both the file's current group
// and the new group. Options -o and -u are synonyms, which change the owner
// instead of the group.
//
// # SEE ALSO
//
// ls(1), chmod(1), stat(2)
func chgrpMain(p *proc.Proc) error {
	arg := argbegin(p, "[-ou] group file ...")
	owner := false
	for c := range arg.flags() {
		switch c {
		case 'o', 'u':
			owner = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) < 1 {
		arg.usage()
	}
	d := ninep.NullDir
	if owner {
		d.UID = arg.args[0]
	} else {
		d.GID = arg.args[0]
	}
	failed := ""
	for _, name := range arg.args[1:] {
		if err := p.Wstat(name, d); err != nil {
			warn(p, "can't wstat %s: %v", name, err)
			failed = "can't wstat"
		}
	}
	return status(failed)
}
