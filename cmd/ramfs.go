package cmd

import (
	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// ramLimit is how much memory the files of a ramfs without -u may take.
const ramLimit = 768 * 1024 * 1024

// ramfs - memory file system
//
// Ramfs starts a process that serves a file tree, empty at first, which it
// keeps in memory. It mounts it on mountpoint, by default /tmp, in place of
// what is there and permitting creation. The tree is gone when nothing is
// mounted from it and posted of it any more.
//
//	-m  mount on mountpoint
//	-a  mount after what is there: a union
//	-b  mount before what is there
//	-c  permit creation in the union; with -a or -b
//	-s  do not mount, but post the server as /srv/ramfs
//	-S  do not mount, but post it as /srv/srvname; with -m do both
//	-i  serve on the file descriptors 0 and 1 instead
//	-p  keep the files from debuggers: they always are
//	-u  use as much memory as needed, without limit
//	-D  trace the 9P messages on the standard error
//
// # EXAMPLES
//
// Files that several name spaces, and other machines, can mount:
//
//	ramfs -S scratch
//	mount -c /srv/scratch /n/scratch
//
// # FILES
//
//	/srv/ramfs
//
// # SEE ALSO
//
// bind(1), mount(1), srv(3)
//
// # BUGS
//
// Clients are not authenticated. A group has one member, the user of the same
// name.
func ramfsMain(p *proc.Proc) error {
	srv := server{mtpt: "/tmp"}
	var f bindflags
	stdio := false
	limit := int64(ramLimit)
	arg := argbegin(p, "[-Dipsuabc] [-m mountpoint] [-S srvname]")
	for c := range arg.flags() {
		switch {
		case f.take(c, "abc"), c == 'p':
		case c == 'D':
			srv.trace = true
		case c == 'i':
			stdio = true
		case c == 's':
			srv.name, srv.mtpt = "ramfs", ""
		case c == 'S':
			srv.name, srv.mtpt = arg.eargf(), ""
		case c == 'm':
			srv.mtpt = arg.eargf()
		case c == 'u':
			limit = 0
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 || f.bad() {
		arg.usage()
	}
	srv.Server = ramfs.New(p.User(), p.Now, limit)
	if srv.flag = f.flag; f.flag == 0 {
		srv.flag = ns.MREPL | ns.MCREATE
	}
	var err error
	if stdio {
		if srv.trace {
			w, err := p.Conn(2)
			if err != nil {
				return fatal(p, "%v", err)
			}
			defer w.Close()
			srv.Server = ninep.Trace(w, srv.Server)
		}
		err = serve9p(p, srv.Server, 0, 1, ninep.ServeOptions{})
	} else {
		err = srv.start(p)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}
