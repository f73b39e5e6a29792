package cmd

import (
	"fmt"

	"ufo/proc"
)

// mtime - print file modification time
//
// Mtime prints the modification time (in seconds since the epoch) and name
// of each file.
//
// # SEE ALSO
//
// date(1), du(1), touch(1)
func mtimeMain(p *proc.Proc) error {
	arg := argbegin(p, "file ...")
	arg.noflags()
	out := stdout(p)
	defer flush(p, out)
	var err error
	for _, name := range arg.args {
		d, e := p.Stat(name)
		if e != nil {
			warn(p, "stat %s: %v", name, e)
			err = status("errors")
			continue
		}
		fmt.Fprintf(out, "%11d %s\n", d.Mtime, name)
	}
	return err
}
