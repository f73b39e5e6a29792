package cmd

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// ndb/cs - connection server
//
// Cs translates network addresses for dial(2). It mounts itself after what is
// in netmtpt, by default /net, posts itself as /srv/cs, and serves one file,
// cs. An address written to it, net!host!service, is answered with a line for
// each way to make the call, in the order to try them: the name of the clone
// file to open, and what to write to it after connect or announce.
//
// A host is a system name, a domain name, an address, * for announcements, or
// $attr: what the network database has for attr closest to this machine,
// first in its own entry and then in those of the networks it is on. The
// network net stands for all those that lead to the host. A host that the
// database does not know is looked for in the file dns of netmtpt, if there is
// one, as where the network leads out to that of the host; see ip(3).
//
//	-f  the database begins in dbfile, by default /lib/ndb/local
//	-n  only set the system name
//	-x  serve the network at netmtpt
//
// If $sysname is not set, cs finds the name of the system by its address, and
// sets /dev/sysname.
//
// Other things that may be written to cs:
//
//	!attr=val attr=val ...
//	         answers with the database entry that has all these pairs,
//	         line by line; a val of * stands for any but for the first
//	!ipinfo attr=val attr ...
//	         answers as ndb/query -i
//	add net ...
//	         adds networks to those that net stands for
//	refresh  reads the database again, which otherwise is read once
//
// # EXAMPLES
//
// How would one call the authentication server?
//
//	ndb/csquery /net/cs 'net!$auth!ticket'
//
// # FILES
//
//	/net/cs
//	/net/dns
//	/srv/cs
//	/lib/ndb/local
//
// # SEE ALSO
//
// dial(2), ip(3), ndb(6), csquery(8), query(8)
func csMain(p *proc.Proc) error {
	c := &connserver{mtpt: "/net", dbfile: "/lib/ndb/local", owner: p.User()}
	nameonly := false
	ext := ""
	arg := argbegin(p, "[-n] [-f dbfile] [-x netmtpt]")
	for f := range arg.flags() {
		switch f {
		case 'n':
			nameonly = true
		case 'f':
			c.dbfile = arg.eargf()
		case 'x':
			c.mtpt = arg.eargf()
			ext = strings.ReplaceAll(c.mtpt, "/", "_")
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		arg.usage()
	}
	srv := server{
		Server: ninep.NewTree(p.User(), c.tree()),
		name:   "cs" + ext, perm: 0666,
		mtpt: c.mtpt, flag: ns.MAFTER,
		init: c.init,
	}
	var err error
	if nameonly {
		err = c.init(p)
	} else {
		p.Unmount("/srv/"+srv.name, c.mtpt)
		p.Remove("/srv/" + srv.name)
		err = srv.start(p)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// A connserver is the state of cs.
type connserver struct {
	mtpt   string // network directory
	dbfile string
	owner  string     // who may tell cs what to do
	s      *proc.Proc // the server's process

	// dns returns the addresses of a host that the database does not know.
	dns func(ctx context.Context, host string) ([]string, error)

	mu   sync.Mutex // guards what follows
	db   *ndb.DB    // not changed, but replaced
	nets []string   // what the network "net" stands for
	ips  []string   // our addresses
}

// init is run by the server's process before there are clients.
func (c *connserver) init(s *proc.Proc) error {
	c.s, c.dns = s, c.askdns
	if err := c.refresh(s.Context()); err != nil {
		return fmt.Errorf("can't open network database: %w", err)
	}
	if _, err := s.Stat(c.mtpt + "/tcp/clone"); err == nil {
		c.nets = append(c.nets, "tcp")
	}
	return c.setname(s)
}

// refresh reads the database and our addresses. The network's own entries, in
// the file ndb of its directory, come first.
func (c *connserver) refresh(ctx context.Context) error {
	v := c.s.View()
	read := func(name string) ([]byte, error) { return readView(ctx, v, name) }
	db, err := ndb.Open(c.dbfile, read)
	if err != nil {
		return err
	}
	if own, err := read(c.mtpt + "/ndb"); err == nil {
		first, err := ndb.Parse(c.mtpt+"/ndb", string(own))
		if err != nil {
			return err
		}
		db.Tuples = append(first.Tuples, db.Tuples...)
	}
	var ips []string
	if text, err := read(c.mtpt + "/ipselftab"); err == nil {
		for line := range strings.Lines(string(text)) {
			ip, err := netip.ParseAddr(strings.Fields(line + " ")[0])
			if err == nil && ip.IsGlobalUnicast() {
				ips = append(ips, ip.String())
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.db, c.ips = db, ips
	return nil
}

// setname sets /dev/sysname, if we can tell what to.
func (c *connserver) setname(s *proc.Proc) error {
	name := getenv(s, "sysname")
	for _, p := range c.myinfo("sys") {
		if name == "" {
			name = p.Val
		}
	}
	if name == "" && len(c.ips) > 0 {
		name = c.ips[0]
	}
	if name == "" {
		return nil
	}
	fd, err := s.Open("/dev/sysname", ninep.OWRITE)
	if err != nil {
		return nil // it is not ours to set
	}
	defer s.Close(fd)
	_, err = s.Write(fd, []byte(name))
	return err
}

// myinfo returns what the database has for attributes of this machine.
func (c *connserver) myinfo(attrs ...string) []ndb.Pair {
	var pairs []ndb.Pair
	for _, ip := range c.ips {
		for _, p := range c.db.IPInfo("ip", ip, attrs...) {
			if !slices.Contains(pairs, p) {
				pairs = append(pairs, p)
			}
		}
	}
	return pairs
}

// tree returns the files. Each opening of cs has a query of its own.
func (c *connserver) tree() *ninep.Node {
	file := &ninep.Node{Name: "cs", Perm: 0666, Open: func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		q := &netquestion{name: "cs", ask: func(ctx context.Context, text string) ([]string, error) {
			return c.answer(ctx, user, text)
		}}
		return &ninep.Node{Name: "cs", Perm: 0666, ReadAt: q.read, Write: q.write}, nil
	}}
	return &ninep.Node{Children: []*ninep.Node{file}}
}
