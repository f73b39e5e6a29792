package cmd

import (
	"bufio"
	"errors"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
	"ufo/rc"
)

// explain - tell how a name is resolved
//
// Explain resolves each name as the kernel does, and prints what happens on
// the way. A line for each element has the name so far; where it was found,
// as the letter and number of the device and, of a mounted tree, the machine
// or the file in /srv it comes from; permissions, owner and group; who asks,
// as that server knows him, and what the permissions let him do. Where a tree
// is a name space that another machine exports, the device it has there
// follows the name of the machine.
//
// Below a mount point are indented lines, one for each member of the union
// that was asked for the next element: which of how many, the line of the
// name space that made it one, and the answer. At the end explain says what
// the mounted trees are and, when the name cannot be resolved, who refused,
// with what words, and why, as far as that can be known. Then the exit status
// is the error.
//
//	-r, -w, -x  open the file too, for reading, writing or execution
//	-c  create the file too, and remove it again; it must not exist
//	-v  also print qids, as ls(1) does; members that were not asked; the
//	    network that an address is in
//
// A name like tcp!n2!exportfs, an address for dial(2), is explained as a
// call: what the connection server answers; from which entries of the network
// database, and where these stand in its files; each translation and what became
// of a call there; the state of the link and of the machine; and who listens. The
// call is made, and hung up. An entry that the files have by now, but not the
// connection server, or the other way round, is reported.
//
// Auth is explained as the way to a ticket, by which one shows other machines who one
// is, with each key of dp9ik and p9sk1 that the user's factotum(4) has: who has the
// key; which entry names the authentication server of its domain, and where it
// stands; the call to that server, as above; and whether the ticket that it gives
// can be opened. Who refuses is said, why as far as that can be known, and what the
// log has of it. With auth!domain only keys of that domain count. The ticket is
// for nobody.
//
// A name without / that is no file in the current directory, or with -x any,
// is that of a command: explain looks for it as rc(1) does, among functions
// and then in each directory of $path.
//
// # EXAMPLES
//
// Where does ls come from?
//
//	explain ls
//
// Why can I not change the network database?
//
//	explain -w /lib/ndb/local
//
// What is between here and the file server?
//
//	explain 'tcp!$fs!9fs'
//
// Why am I not let in?
//
//	explain auth
//
// # FILES
//
//	/net/cs
//	/lib/ndb/local
//	/mnt/factotum/ctl
//	/mnt/grid/nodes/*/status
//	/sys/log/auth, /sys/log/rcpu
//
// # SEE ALSO
//
// bind(1), ls(1), ns(1), explain(2), open(2), factotum(4), ndb(6), cs(8), debug(8)
//
// # DIAGNOSTICS
//
// A server that does not answer within ten seconds is said not to.
//
// A clock that is wrong is no reason to be refused: tickets have no times in them.
// Accounts end by the clock of the authentication server.
//
// # BUGS
//
// Who is in which group only a server knows: explain takes a group to have
// the user of its own name.
//
// To open some files does something, a clone file among them; so does a call.
//
// The addresses of connections are read in /net, also of those that were made
// over another network. The files of the network database are those of
// /lib/ndb/local, whatever the connection server was told to read.
//
// A key that proves to be bad is disabled, as debug(8) says. A file called auth is
// explained as ./auth.
func explainMain(p *proc.Proc) error {
	e := &explainer{p: p, out: stdout(p), to: ns.ToStat}
	defer flush(p, e.out)
	arg := argbegin(p, "[-rwxcv] name ...")
	for c := range arg.flags() {
		switch c {
		case 'r':
			e.to = ns.ToRead
		case 'w':
			e.to = ns.ToWrite
		case 'x':
			e.to = ns.ToExec
		case 'c':
			e.to = ns.ToCreate
		case 'v':
			e.verbose = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	var last error
	for i, name := range arg.args {
		if i > 0 {
			e.printf("\n")
		}
		if err := e.explain(name); err != nil {
			last = err
		}
		if err := e.out.Flush(); err != nil {
			return err
		}
	}
	return last
}

// An explainer is one run of explain.
type explainer struct {
	p       *proc.Proc
	out     *bufio.Writer
	to      ns.Access
	verbose bool
}

// explain explains one name, of whatever kind.
func (e *explainer) explain(name string) error {
	switch what, dom, _ := strings.Cut(name, "!"); {
	case what == "auth":
		return e.auth(dom)
	case isDialString(name):
		return e.dial(name)
	case e.isCommand(name):
		return e.command(name)
	}
	return e.name(name)
}

// isDialString reports whether a name is an address: a network, a ! and more.
func isDialString(name string) bool {
	_, addr := netdir(name)
	net, rest, ok := strings.Cut(addr, "!")
	return ok && net != "" && rest != "" && !strings.ContainsAny(net, "/#.")
}

// isCommand reports whether a name is to be looked for in $path.
func (e *explainer) isCommand(name string) bool {
	elem, _, _ := strings.Cut(name, "/")
	if elem == "" || elem == "." || elem == ".." || name[0] == '#' {
		return false
	}
	if e.to == ns.ToExec {
		return true
	}
	err := within(e.p, dialTime, func() error {
		_, err := e.p.Stat(name)
		return err
	})
	return errors.Is(err, ninep.ErrNotExist) && e.to == ns.ToStat && elem == name
}

// command explains where rc finds a command.
func (e *explainer) command(name string) error {
	if !strings.Contains(name, "/") {
		if _, err := e.p.Stat("/env/fn#" + name); err == nil {
			e.printf("%s is a function of rc: /env/fn#%s\n", name, name)
			return nil
		}
		if rc.IsBuiltin(name) {
			e.printf("%s is built into rc\n", name)
			return nil
		}
	}
	path := strings.Fields(e.p.Getenv("path"))
	if len(path) == 0 {
		path = []string{"/bin", "."}
	}
	e.printf("%s is looked for in $path: %s\n", name, strings.Join(path, " "))
	e.to = ns.ToExec
	err := errors.New("no $path")
	for _, dir := range path {
		if err = e.name(dir + "/" + name); err == nil {
			return nil
		}
	}
	return err
}
