package cmd

import (
	"strconv"

	"ufo/ninep"
	"ufo/proc"
)

// touch - set modification date of a file
//
// Touch attempts to set the modification time of the files to time (by
// default, the current time). If a file does not exist, it will be created
// unless option -c is present.
//
// # SEE ALSO
//
// ls(1), stat(2), chmod(1)
//
// # BUGS
//
// Touch will not touch directories on file servers that refuse it.
func touchMain(p *proc.Proc) error {
	arg := argbegin(p, "[-c] [-t time] file ...")
	d, cflag := ninep.NullDir, false
	d.Mtime = uint32(p.Now().Unix())
	for c := range arg.flags() {
		switch c {
		case 'c':
			cflag = true
		case 't':
			t, err := strconv.ParseUint(arg.eargf(), 0, 32)
			if err != nil {
				arg.usage()
			}
			d.Mtime = uint32(t)
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	failed := ""
	for _, name := range arg.args {
		err := p.Wstat(name, d)
		if err == nil {
			continue
		}
		if cflag {
			warn(p, "%s: cannot wstat: %v", name, err)
			failed = "touch"
			continue
		}
		fd, err := p.Create(name, ninep.OREAD|ninep.OEXCL, 0o666)
		if err != nil {
			warn(p, "%s: cannot create: %v", name, err)
			failed = "touch"
			continue
		}
		p.Fwstat(fd, d)
		p.Close(fd)
	}
	return status(failed)
}
