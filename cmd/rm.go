package cmd

import (
	"ufo/proc"
)

// rm - remove files
//
// Rm removes files or directories. A directory is removed only if it is
// empty. Removal of a file requires write permission in its directory, but
// neither read nor write permission on the file itself. The options are
//
//	-f  Don't report files that can't be removed.
//	-r  Recursively delete the entire contents of a directory and the
//	    directory itself.
//
// # SEE ALSO
//
// mkdir(1), remove(2)
func rmMain(p *proc.Proc) error {
	arg := argbegin(p, "[-fr] file ...")
	r := remover{p: p}
	var rflag bool
	for c := range arg.flags() {
		switch c {
		case 'f':
			r.quiet = true
		case 'r':
			rflag = true
		default:
			arg.usage()
		}
	}
	for _, name := range arg.args {
		err := p.Remove(name)
		if err == nil {
			continue
		}
		if d, e := p.Stat(name); rflag && e == nil && d.IsDir() {
			r.removeall(name)
		} else {
			r.report(name, err)
		}
	}
	return r.err
}

// A remover removes trees and goes on when something fails.
type remover struct {
	p     *proc.Proc
	quiet bool
	err   error // the last one reported
}

func (r *remover) report(name string, err error) {
	if !r.quiet {
		warn(r.p, "%s: %v", name, err)
		r.err = err
	}
}

// removeall removes the contents of directory name, then name. Each entry is
// removed without a look at its type: only what resists and is a directory
// is entered.
func (r *remover) removeall(name string) {
	dirs, err := readdir(r.p, name)
	if err != nil {
		r.report(name, err)
		return
	}
	for _, d := range dirs {
		entry := name + "/" + d.Name
		if err := r.p.Remove(entry); err == nil {
			continue
		} else if d.IsDir() {
			r.removeall(entry)
		} else {
			r.report(entry, err)
		}
	}
	if err := r.p.Remove(name); err != nil {
		r.report(name, err)
	}
}
