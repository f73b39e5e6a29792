package cmd

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ufo/auth"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// exportfs - file server plumbing
//
// Exportfs serves a part of its own name space by 9P on its descriptors 0 and
// 1: whoever mounts the other end sees what exportfs sees, machines it has
// mounted itself included. It is usually started by listen(8), for a call
// made by import(4) or srv(4), and ends when the caller hangs up.
//
// With none of the options -r, -s and -S it first reads from the connection
// the name of the tree that the caller wants, and answers OK, or with an
// error string: that is what import says and expects. The caller may then ask for
// a filter by a line, impo aan clear, instead of 9P: he is told an address, and
// what follows comes through an aan(8) there. After -a that is impo aan tls, and
// encrypted by the secret that both then know: others can call the address, too.
// Impo nofilter clear asks for nothing.
//
//	-r  serve the name space below root, or below the name in it that a
//	    client attaches with
//	-s  the same as -r /
//	-S  serve what is behind service, a file of /srv, as if it were
//	    mounted
//	-a  have clients prove who they are. With -S they do so when they
//	    attach, see attach(5), and are themselves to the service; only
//	    none need not. Otherwise it is done first of all, by p9any, and
//	    exportfs goes on as the client's user, in his name space as
//	    /lib/namespace has it, unless that is who runs it
//	-n  with -a: let nobody be none
//	-R  serve read only
//	-P  serve only files whose names match, as from the root of the tree
//	    served: /a/b. The file has a regular expression a line; all
//	    after a + must match, and none after a - may
//	-A  announce address for an aan(8) of the client, by default tcp!*!0
//	-d  log all 9P messages on the standard error
//	-m  offer messages of up to msize bytes
//	-h  hang up who has not attached within a minute
//	-t  bound what the caller may use, if he may be anybody: hang up if
//	    no 9P has come in a minute, if nothing is asked for in so many
//	    seconds, or if nothing of an answer is taken in five minutes; and
//	    have 8 megabytes for requests in progress, in place of 64
//
// # EXAMPLES
//
// A service file for listen, that gives the file tree to who calls port 564:
//
//	#!/bin/rc
//	exec /bin/exportfs -S /srv/boot
//
// The same for a port that is published on the host:
//
//	exec /bin/exportfs -R -t 600 -S /srv/boot
//
// # FILES
//
//	/mnt/factotum/rpc
//	    with whose keys clients are authenticated
//	#¤/capuse
//	    to become one of them
//
// # SEE ALSO
//
// import(4), factotum(4), srv(4), srvfs(4), attach(5), aan(8), listen(8)
//
// # DIAGNOSTICS
//
// Who has not proved within a minute who he is has to begin anew.
//
// # BUGS
//
// Without -a a client may do what the user may who runs exportfs, and with -S it is
// whom it says it is.
//
// What -P hides can be seen by another name, if there is one: who may give a directory
// a name can make it.
func exportfsMain(p *proc.Proc) error {
	e := exporter{aan: "tcp!*!0", info: new(auth.Info)}
	arg := argbegin(p, "[-adhnsR] [-A address] [-m msize] [-r root] [-t seconds] [-P patternfile] [-S service]")
	e.flags(arg)
	srv, err := e.server(p)
	if e.release != nil {
		defer e.release()
	}
	var conn io.ReadWriteCloser
	if err == nil {
		conn, err = e.filter(p)
	}
	e.info.Zero()
	if err == nil {
		err = serveConn(p, srv, conn, e.opt)
	}
	if err != nil && !e.told {
		return fatal(p, "%v", err)
	}
	return err
}

// What a caller may use of an exportfs -t, and the first also of an exportfs -h.
const (
	strangerHello  = time.Minute
	strangerStall  = 5 * time.Minute
	strangerMemory = 8 << 20
)

// An exporter is what one exportfs is asked to do.
type exporter struct {
	root, service string
	auth, noNone  bool // clients prove who they are; there is no none
	readonly      bool
	patterns      string // name of the file
	trace         bool
	aan           string // address to announce for an aan
	opt           ninep.ServeOptions

	info    *auth.Info // what the authentication before all else came to, until 9P
	release func()     // gives back what is served; may be nil
	told    bool       // the client knows what is wrong
}

// flags sets what the options say.
func (e *exporter) flags(arg *argv) {
	for c := range arg.flags() {
		switch c {
		case 'a':
			e.auth = true
		case 'A':
			e.aan = arg.eargf()
		case 'd':
			e.trace = true
		case 'h':
			e.opt.Attach = strangerHello
		case 'n':
			e.noNone = true
		case 'F': // said by old scripts
		case 'm':
			n, err := strconv.ParseUint(arg.eargf(), 0, 32)
			if err != nil {
				arg.usage()
			}
			e.opt.Msize = uint32(n)
		case 'P':
			e.patterns = arg.eargf()
		case 'r':
			e.root = arg.eargf()
		case 'R':
			e.readonly = true
		case 's':
			e.root = "/"
		case 't':
			n, err := strconv.ParseUint(arg.eargf(), 10, 31)
			if err != nil || n == 0 {
				arg.usage()
			}
			e.opt.Hello, e.opt.Idle, e.opt.Stall = strangerHello, time.Duration(n)*time.Second, strangerStall
			e.opt.Memory = ninep.NewMemory(strangerMemory)
		case 'S':
			if e.service != "" {
				arg.usage()
			}
			e.service = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 || e.root != "" && e.service != "" {
		arg.usage()
	}
}

// server returns what is to be served, after the handshake if there is one.
func (e *exporter) server(p *proc.Proc) (ninep.Server, error) {
	var filter filterServer
	if e.patterns != "" {
		text, err := p.ReadFile(e.patterns)
		if err == nil {
			err = filter.parse(string(text))
		}
		if err != nil {
			return nil, err
		}
	}
	var err error
	if e.auth && e.service == "" {
		if err := e.become(p); err != nil {
			return nil, err
		}
	}
	switch {
	case e.service != "":
		filter.Server, e.release, err = srvfile(p, e.service)
	case e.root != "":
		filter.Server, err = exported(p, e.root)
	default:
		err = e.early(p, func() (err error) {
			filter.Server, err = handshake(p)
			return err
		})
		e.told = err != nil
	}
	if err != nil {
		return nil, err
	}
	srv := ninep.Server(filter)
	if filter.include == nil && filter.exclude == nil {
		srv = filter.Server
	}
	if e.readonly {
		srv = ninep.ReadOnly(srv)
	}
	if e.auth && e.service != "" {
		srv = &guard{Server: srv, view: p.View, ctx: p.Life(), noNone: e.noNone}
	}
	if e.trace {
		return e.traced(p, srv)
	}
	return srv, nil
}

// traced returns srv with its messages logged on descriptor 2.
func (e *exporter) traced(p *proc.Proc, srv ninep.Server) (ninep.Server, error) {
	w, err := p.Conn(2)
	if err != nil {
		return nil, err
	}
	release := e.release
	e.release = func() {
		if release != nil {
			release()
		}
		w.Close()
	}
	return ninep.Trace(w, srv), nil
}

// become authenticates the client on the descriptor 0, and makes p a process of his.
func (e *exporter) become(p *proc.Proc) error {
	return within(p, authPatience, func() error {
		info, err := authProxy(p, 0, nil, "proto=p9any role=server")
		if err != nil {
			return err
		}
		e.info = info
		switch {
		case info.Suid == p.User():
			return nil
		case info.Suid == "none" && e.noNone:
			return errNotAuth
		}
		return authChuid(p, info, "/lib/namespace")
	})
}

// early does what comes before 9P, in the time that there is for it.
func (e *exporter) early(p *proc.Proc, f func() error) error {
	if e.opt.Hello == 0 && e.opt.Attach == 0 {
		return f()
	}
	return within(p, strangerHello, f)
}

// exported returns the name space of p below root, which becomes p's working
// directory.
func exported(p *proc.Proc, root string) (ninep.Server, error) {
	if err := p.Chdir(root); err != nil {
		return nil, err
	}
	return p.View().Export("."), nil
}

// srvfile returns the server behind a file of /srv, and a function to call
// when it is not used any more.
func srvfile(p *proc.Proc, name string) (ninep.Server, func(), error) {
	fd, err := p.Open(name, ninep.ORDWR)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer p.Close(fd)
	c, err := p.FdChan(fd)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	if !p.Allowed('M') {
		return nil, nil, ninep.ErrNoAttach
	}
	return ns.Dial(p.Context(), c)
}

// maxTree is the length of the longest tree name that an import may send.
const maxTree = 1024

// handshake speaks the server's part of what import says before 9P: the name
// of a tree comes, and OK or an error string goes.
func handshake(p *proc.Proc) (ninep.Server, error) {
	b := make([]byte, maxTree)
	n, err := p.Read(0, b)
	if err != nil {
		return nil, fmt.Errorf("read tree: %w", err)
	}
	reply := "OK"
	srv, err := exported(p, strings.TrimRight(string(b[:n]), "\n\x00"))
	if err != nil {
		reply = err.Error()
	}
	if _, werr := p.Write(1, []byte(reply)); err == nil {
		err = werr
	}
	return srv, err
}
