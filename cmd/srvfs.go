package cmd

import (
	"strconv"

	"ufo/ninep"
	"ufo/proc"
)

// srvfs - post a part of the name space as a file server
//
// Srvfs makes a file server of the tree path, as exportfs(4) sees it, and
// posts it as /srv/name, or as name if that begins with a slash, for other name
// spaces and other machines to mount.
//
//	-p  create /srv/name with mode perm, by default 0600
//	-e  run exportprog instead of /bin/exportfs
//	-d, -R, -P
//	    are exportfs's
//
// # EXAMPLES
//
// A /proc of two machines, one in the other, for all windows:
//
//	import n2 /proc /n/p
//	srvfs procs /n/p
//
// # SEE ALSO
//
// mount(1), exportfs(4), srv(4)
func srvfsMain(p *proc.Proc) error {
	perm := ninep.Perm(0600)
	prog, args := "/bin/exportfs", []string{"exportfs"}
	arg := argbegin(p, "[-dR] [-p perm] [-P patternfile] [-e exportprog] name path")
	for c := range arg.flags() {
		switch c {
		case 'd', 'R':
			args = append(args, "-"+string(c))
		case 'P':
			args = append(args, "-P", arg.eargf())
		case 'p':
			n, err := strconv.ParseUint(arg.eargf(), 8, 9)
			if err != nil {
				arg.usage()
			}
			perm = ninep.Perm(n)
		case 'e':
			prog = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 2 {
		arg.usage()
	}
	mine, its, err := p.Pipe()
	if err == nil {
		_, err = p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG|proc.RFNOWAIT|proc.RFNAMEG, func(c *proc.Proc) error {
			c.Dup(its, 0)
			c.Dup(its, 1)
			c.Close(its)
			c.Close(mine)
			args = append(args, "-r", arg.args[1])
			return fatal(c, "exec: %v", c.Exec(prog, args))
		})
	}
	if err == nil {
		_, err = postfd(p, arg.args[0], mine, 0, perm)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}
