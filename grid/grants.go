package grid

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
)

// Grants are what a node may use of the machine it runs on: nothing, unless
// the topology or the command line says so. What they mean there is the host's
// affair, see Config.Host.
//
//	hostfs=/home/me/src ro    a folder of the host in #U; rw for writing
//	hostdisk=disk.img ro      a file of the host as a disk of #S; rw for writing
//	hostcmd=date,git          commands that #C runs; * for any
//	exec=host                 files with programs of the host can be executed
//	net=host                  addresses outside the grid are the host's
type Grants struct {
	Dirs  []HostDir
	Disks []HostDisk
	Cmds  []string
	Exec  bool
	Net   bool
}

// A HostDir is a folder of the host.
type HostDir struct {
	Path  string // as written
	Write bool
}

// A Publication is a service of a node that is to be reached from outside the
// grid, at an address of the host.
//
//	publish=n1!564->127.0.0.1:5640 noauth
//	publish=n2!17019->127.0.0.1:17019
type Publication struct {
	Node string
	Port uint16         // of the node, tcp
	At   netip.AddrPort // of the host

	NoAuth bool // who calls need not prove who he is
}

// askers are the ports of services that have who calls show with a key who he is, and
// of the one that gives tickets for that; keyed are those that do on a node which has
// a key itself: listen(8).
var (
	askers = []uint16{567, 17019, 17020}
	keyed  = []uint16{564, 17007}
)

// Asks reports whether the service wants to know who calls.
func (p Publication) Asks() bool { return slices.Contains(askers, p.Port) || p.NeedsKey() }

// NeedsKey reports whether the service wants to know who calls, and can only if its
// node has a key.
func (p Publication) NeedsKey() bool { return slices.Contains(keyed, p.Port) && !p.NoAuth }

// String returns the publication as it is written, without the word noauth.
func (p Publication) String() string { return fmt.Sprintf("%s!%d->%v", p.Node, p.Port, p.At) }

// addGrants gives a node what its tuple grants.
func (n *NodeSpec) addGrants(tuple *ndb.Tuple) error {
	var write *bool // of the folder or disk before
	var unit *string
	for p := range tuple.Pairs {
		switch p.Attr {
		case "hostfs":
			if p.Val == "" {
				return tuple.Errorf("hostfs=: no folder")
			}
			n.Grants.Dirs = append(n.Grants.Dirs, HostDir{Path: p.Val})
			write, unit = &n.Grants.Dirs[len(n.Grants.Dirs)-1].Write, nil
			continue
		case "hostdisk":
			if p.Val == "" {
				return tuple.Errorf("hostdisk=: no file")
			}
			n.Grants.Disks = append(n.Grants.Disks, HostDisk{Path: p.Val})
			d := &n.Grants.Disks[len(n.Grants.Disks)-1]
			write, unit = &d.Write, &d.Unit
			continue
		case "ro", "rw":
			if write != nil && p.Val == "" {
				*write = p.Attr == "rw"
				continue
			}
		case "unit":
			if unit != nil {
				*unit = p.Val
				continue
			}
		default:
			if err := n.Grants.add(tuple, p); err != nil {
				return err
			}
		}
		write, unit = nil, nil
	}
	return n.nameDisks(tuple)
}

// add adds what one pair grants.
func (g *Grants) add(tuple *ndb.Tuple, p ndb.Pair) error {
	switch p.Attr {
	case "hostcmd":
		for name := range strings.SplitSeq(p.Val, ",") {
			if name == "" || strings.Contains(name, "/") {
				return tuple.Errorf("hostcmd=%s: not the names of commands", p.Val)
			}
			g.Cmds = append(g.Cmds, name)
		}
	case "exec", "net":
		if p.Val != "host" {
			return tuple.Errorf("%s=%s: it can only be host", p.Attr, p.Val)
		}
		g.Exec = g.Exec || p.Attr == "exec"
		g.Net = g.Net || p.Attr == "net"
	}
	return nil
}

// addPublication adds the service that a tuple publishes. The nodes are known.
func (t *Topology) addPublication(tuple *ndb.Tuple) error {
	p, err := parsePublication(tuple.Get("publish"))
	if err != nil {
		return tuple.Errorf("%v", err)
	}
	if t.Node(p.Node) == nil {
		return tuple.Errorf("there is no node '%s'", p.Node)
	}
	p.NoAuth = tuple.Has("noauth")
	if !p.Asks() && !p.NoAuth {
		return tuple.Errorf("port %d of %s lets in whoever reaches it: add noauth if that is meant", p.Port, p.Node)
	}
	for _, other := range t.Published {
		if other.At == p.At {
			return tuple.Errorf("%v is taken by %s", p.At, other.Node)
		}
	}
	t.Published = append(t.Published, p)
	return nil
}

// parsePublication reads NODE!PORT->[ADDR:]PORT. Without an address it is one
// that only this machine reaches.
func parsePublication(s string) (p Publication, err error) {
	const usage = ninep.Error("usage: publish=NODE!PORT->[ADDR:]PORT [noauth]")
	from, to, ok := strings.Cut(s, "->")
	node, service, ok2 := strings.Cut(from, "!")
	port, err := strconv.ParseUint(service, 10, 16)
	if !ok || !ok2 || node == "" || err != nil || port == 0 {
		return p, usage
	}
	if !strings.Contains(to, ":") {
		to = "127.0.0.1:" + to
	}
	at, err := netip.ParseAddrPort(to)
	if err != nil || at.Port() == 0 {
		return p, usage
	}
	return Publication{Node: node, Port: uint16(port), At: at}, nil
}

// grantWords are the attributes of a line for Grant.
var grantWords = []string{"sys", "hostfs", "hostdisk", "unit", "ro", "rw", "hostcmd", "exec", "net", "publish", "noauth"}

// Grant adds what a line in the words of a topology grants: to the node of its
// sys=, or to the one where the user sits. It is for what a command line says.
//
//	hostfs=/home/me/src rw
//	hostdisk=disk.img unit=sdD1
//	sys=n2 net=host
//	publish=n1!564->5640 noauth
func (t *Topology) Grant(line string) error {
	db, err := ndb.Parse("-host", strings.TrimSpace(line))
	if err != nil || len(db.Tuples) != 1 {
		return fmt.Errorf("%s: not a line as in ndb(6)", line)
	}
	tuple := db.Tuples[0]
	if tuple.Has("publish") {
		return t.addPublication(tuple)
	}
	for p := range tuple.Pairs {
		if !slices.Contains(grantWords, p.Attr) {
			return tuple.Errorf("%s: not one of %s", p.Attr, strings.Join(grantWords, " "))
		}
	}
	name := tuple.Get("sys")
	if name == "" {
		name = t.Seat()
	}
	n := t.Node(name)
	if n == nil {
		return tuple.Errorf("there is no node '%s'", name)
	}
	return n.addGrants(tuple)
}

// Revoke takes all grants back, and reports whether there were any.
func (t *Topology) Revoke() bool {
	had := len(t.Published) > 0
	t.Published = nil
	for i := range t.Nodes {
		g := &t.Nodes[i].Grants
		had = had || len(g.Dirs) > 0 || len(g.Disks) > 0 || len(g.Cmds) > 0 || g.Exec || g.Net
		*g = Grants{}
	}
	return had
}
