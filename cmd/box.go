package cmd

import (
	"fmt"
	"path"
	"strings"

	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// auth/box - run a command in a name space with little in it
//
// Box makes a name space in which there are the program of cmd, the files that it
// is told of, each by the name it has, and nothing else; it gives up the right to
// attach devices, and executes cmd there with its arguments, in the directory where
// it was started, which is there and empty.
//
//	-r  file is there, too
//	-c  file is there, and in it files can be created
//	-e  keep the right to attach the devices whose letters are devs
//	-s  run rc(1) with the arguments, in a name space that also has /bin,
//	    /env, /rc and /srv, and the devices | and d
//	-d  print what is bound
//
// # EXAMPLES
//
// A program that sees one file, and can do nothing but read it:
//
//	auth/box -r /lib/ndb/local cat /lib/ndb/local
//
// # SEE ALSO
//
// bind(1), chdev(1), namespace(6), newns(8)
//
// # BUGS
//
// It keeps descriptors, environment and user. A program that has a console can
// still read it, and one in the same program as others, as built-in ones are, is
// kept in by nothing but its name space.
func boxMain(p *proc.Proc) error {
	b := box{p: p}
	shell := false
	arg := argbegin(p, "[-d] [-s] [-r file] [-c file] [-e devs] cmd [args ...]\n-s [-r file] [-c file] [-e devs] [args ...]")
	for c := range arg.flags() {
		switch c {
		case 'd':
			b.debug = true
		case 's':
			shell = true
		case 'r':
			b.add(arg.eargf(), ns.MREPL)
		case 'c':
			b.add(arg.eargf(), ns.MREPL|ns.MCREATE)
		case 'e':
			b.devs += arg.eargf()
		default:
			arg.usage()
		}
	}
	args := arg.args
	if shell {
		b.devs += "|d"
		b.add("/srv", ns.MREPL|ns.MCREATE)
		b.add("/env", ns.MREPL|ns.MCREATE)
		b.add("/rc", ns.MREPL)
		b.add("/bin", ns.MREPL)
		args = append([]string{"/bin/rc"}, args...)
	} else {
		if len(args) == 0 {
			arg.usage()
		}
		if _, err := p.Stat(args[0]); err != nil {
			args[0] = "/bin/" + args[0]
		}
		b.add(args[0], ns.MREPL)
	}
	if err := b.close(); err != nil {
		return fatal(p, "%v", err)
	}
	return fatal(p, "exec: %v", p.Exec(args[0], args))
}

// A box is a name space that is being made: the files that shall be there.
type box struct {
	p     *proc.Proc
	debug bool
	devs  string // letters
	parts []boxPart
}

// A boxPart is a file, and how it is bound.
type boxPart struct {
	name string
	flag int
}

func (b *box) add(name string, flag int) { b.parts = append(b.parts, boxPart{name, flag}) }

// close makes the process's name space the one with the parts. Their names are
// made in a tree in memory, on which the files are bound, and that becomes the root.
func (b *box) close() error {
	p := b.p
	dot := p.Getwd()
	if err := p.Rfork(proc.RFNAMEG | proc.RFFDG); err != nil {
		return err
	}
	tree := server{Server: ramfs.New(p.User(), p.Now, 0), mtpt: "/", flag: ns.MBEFORE | ns.MCREATE}
	if err := tree.start(p); err != nil {
		return err
	}
	root := fmt.Sprintf("/newroot.%d", p.Getpid())
	if err := b.make(root, true); err != nil {
		return err
	}
	if err := b.skeleton(root, dot, true); err != nil {
		return err
	}
	for _, part := range b.parts {
		if !strings.HasPrefix(part.name, "/") && !strings.HasPrefix(part.name, "#") {
			part.name = dot + "/" + part.name
		}
		part.name = path.Clean(part.name)
		d, err := p.Stat(part.name)
		if err != nil {
			return err
		}
		if err := b.skeleton(root, part.name, d.IsDir()); err != nil {
			return err
		}
		if err := b.bind(part.name, root+"/"+part.name, part.flag); err != nil {
			return err
		}
	}
	if err := b.bind(root, "/", ns.MREPL); err != nil {
		return err
	}
	op := "&"
	if b.devs == "" {
		op = "~"
	}
	if err := chdev(p, op, b.devs); err != nil {
		return err
	}
	return p.Chdir(dot)
}

// skeleton makes the names that lead to a file, and one for it.
func (b *box) skeleton(root, name string, dir bool) error {
	at := root
	elems := strings.FieldsFunc(name, func(r rune) bool { return r == '/' })
	for i, elem := range elems {
		at += "/" + elem
		if _, err := b.p.Stat(at); err == nil {
			continue
		}
		if err := b.make(at, i < len(elems)-1 || dir); err != nil {
			return err
		}
	}
	return nil
}

// make makes an empty file or directory.
func (b *box) make(name string, dir bool) error {
	perm := ninep.Perm(0600)
	if dir {
		perm = ninep.DMDIR | 0700
	}
	fd, err := b.p.Create(name, ninep.OREAD, perm)
	if err != nil {
		return err
	}
	return b.p.Close(fd)
}

// bind binds, and says so.
func (b *box) bind(from, to string, flag int) error {
	if b.debug {
		warn(b.p, "bind %s %s %d", from, to, flag)
	}
	if err := b.p.Bind(from, to, flag); err != nil {
		return fmt.Errorf("bind %s: %w", from, err)
	}
	return nil
}
