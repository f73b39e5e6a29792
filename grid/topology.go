package grid

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/rootfs"
)

// A Topology says which nodes a grid has and how they are linked. It is read
// from a network database, ndb(6): the same text that the nodes have as
// /lib/ndb/local.
//
//	sys=n2 ip=10.9.0.2 role=cpu       a node
//	link=n1,n2 delay=1ms loss=0.1%    what makes the link of two nodes less than perfect
type Topology struct {
	Name  string // of the file it comes from
	Text  string
	Nodes []NodeSpec
	Links []LinkSpec
	FS    string // the node that serves the root
	Nets  []netip.Prefix

	Published []Publication
}

// A NodeSpec is a node of a topology.
type NodeSpec struct {
	Name  string
	Addr  netip.Addr
	Roles []string // as written; see Roles
	User  string   // the host owner; "" for the grid's
	Disks []DiskSpec

	Limits Limits
	Grants Grants
}

// A LinkSpec is what a topology says about a link.
type LinkSpec struct {
	A, B string
	Ctl  string // a control message for Link.Ctl
}

// Roles are what a node can be. A node has one or more.
const Roles = "auth fs cpu replica venti terminal"

// Is reports whether the node has the role.
func (n NodeSpec) Is(role string) bool { return slices.Contains(n.Roles, role) }

// Builtin returns the text of a topology that has a name: "four", the default
// grid, or "one", a terminal that is everything else too.
func Builtin(name string) (text string, ok bool) {
	switch name {
	case "four":
		local, err := rootfs.ReadFile(localNdb)
		return string(local), err == nil
	case "one":
		return one, true
	}
	return "", false
}

const localNdb = "/lib/ndb/local"

const one = `# A grid of one node, which is everything. ndb(6)

ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0
	auth=term authdom=lab.local
	fs=term cpu=term

sys=term ip=10.9.0.9
	role=auth role=fs role=cpu role=terminal user=glenda

database=
	file=/lib/ndb/local
	file=/lib/ndb/common
`

// ParseTopology reads a topology. The name is for error messages, which have
// the line and the tuple: "lab.ndb:7: sys=n2: ip=10.9: bad ip address".
func ParseTopology(name, text string) (*Topology, error) {
	db, err := ndb.Parse(name, text)
	if err != nil {
		return nil, err
	}
	t := &Topology{Name: name, Text: text}
	for _, tuple := range db.Tuples {
		switch {
		case tuple.Has("ipnet"):
			if net, ok := tuple.Network(); ok {
				t.Nets = append(t.Nets, net)
			}
		case tuple.Has("sys") && (tuple.Has("role") || tuple.Has("ip")):
			err = t.addNode(tuple)
		case tuple.Has("link"):
			err = t.addLink(tuple)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := t.check(db); err != nil {
		return nil, err
	}
	return t, nil
}

// addNode adds the node that a tuple describes.
func (t *Topology) addNode(tuple *ndb.Tuple) error {
	n := NodeSpec{Name: tuple.Get("sys"), Roles: tuple.All("role"), User: tuple.Get("user")}
	addr, err := netip.ParseAddr(tuple.Get("ip"))
	switch {
	case !ninep.ValidName(n.Name) || strings.ContainsAny(n.Name, " \t!,"):
		return tuple.Errorf("'%s' cannot name a node", n.Name)
	case len(tuple.All("sys")) > 1:
		return tuple.Errorf("more than one sys")
	case len(n.Roles) == 0:
		return tuple.Errorf("no role: one of %s", Roles)
	case !tuple.Has("ip"):
		return tuple.Errorf("no ip")
	case tuple.Has("link"):
		return tuple.Errorf("link=%s is no part of it: no blanks before link=", tuple.Get("link"))
	case err != nil || addr.IsLoopback() || addr.IsUnspecified():
		return tuple.Errorf("ip=%s: %v", tuple.Get("ip"), ninep.ErrBadIP)
	}
	n.Addr = addr.Unmap()
	for _, role := range n.Roles {
		if !slices.Contains(strings.Fields(Roles), role) {
			return tuple.Errorf("role=%s: not one of %s", role, Roles)
		}
	}
	for _, other := range t.Nodes {
		if other.Name == n.Name {
			return tuple.Errorf("there is a node of this name already")
		}
		if other.Addr == n.Addr {
			return tuple.Errorf("ip=%v is that of %s already", n.Addr, other.Name)
		}
	}
	if err := n.addDisks(tuple); err != nil {
		return err
	}
	if err := n.addLimits(tuple); err != nil {
		return err
	}
	if err := n.addGrants(tuple); err != nil {
		return err
	}
	t.Nodes = append(t.Nodes, n)
	return nil
}

// addLink adds the settings that a tuple has for a link.
func (t *Topology) addLink(tuple *ndb.Tuple) error {
	ends := strings.Split(tuple.Get("link"), ",")
	if len(ends) != 2 || ends[0] == ends[1] {
		return tuple.Errorf("usage: link=NODE,NODE delay=time ...")
	}
	for _, l := range t.Links {
		if slices.Contains(ends, l.A) && slices.Contains(ends, l.B) {
			return tuple.Errorf("there is a tuple for this link already")
		}
	}
	l := LinkSpec{A: ends[0], B: ends[1]}
	var words []string
	for _, line := range tuple.Lines {
		for _, p := range line.Pairs {
			if p.Attr == "link" {
				continue
			}
			word := p.Attr + "=" + p.Val
			words = append(words, word)
			// Try each alone, so that the message names it.
			if err := newLink(l.A, l.B).Ctl(word); err != nil {
				return tuple.Errorf("%s: %v", word, err)
			}
		}
	}
	l.Ctl = strings.Join(words, " ")
	t.Links = append(t.Links, l)
	return nil
}

// check checks what needs all of the database.
func (t *Topology) check(db *ndb.DB) error {
	for _, l := range t.Links {
		for _, end := range []string{l.A, l.B} {
			if t.Node(end) == nil {
				tuple := db.Search("link", l.A+","+l.B)[0]
				return tuple.Errorf("there is no node '%s'", end)
			}
		}
	}
	for _, tuple := range db.Tuples {
		if tuple.Has("publish") {
			if err := t.addPublication(tuple); err != nil {
				return err
			}
		}
	}
	if len(t.Nodes) == 0 {
		return fmt.Errorf("%s: no nodes: no tuple with sys=, ip= and role=", t.Name)
	}
	for _, n := range t.Nodes {
		if n.Is("fs") {
			if t.FS != "" {
				return tupleOf(db, n).Errorf("role=fs, which %s has already", t.FS)
			}
			t.FS = n.Name
		}
	}
	if t.FS == "" {
		return fmt.Errorf("%s: no node has role=fs: where is the root?", t.Name)
	}
	fs := t.Node(t.FS).Addr.String()
	for _, n := range t.Nodes {
		found := db.IPInfo("sys", n.Name, "@fs")
		if n.Name != t.FS && !slices.Contains(found, ndb.Pair{Attr: "fs", Val: fs}) {
			return tupleOf(db, n).Errorf("no fs=%s for it, here or in the ipnet of its address", t.FS)
		}
	}
	return nil
}

func tupleOf(db *ndb.DB, n NodeSpec) *ndb.Tuple { return db.Search("sys", n.Name)[0] }

// Node returns the node of that name, or nil.
func (t *Topology) Node(name string) *NodeSpec {
	for i := range t.Nodes {
		if t.Nodes[i].Name == name {
			return &t.Nodes[i]
		}
	}
	return nil
}

// Inside reports whether an address is a node's, or could be: it is in one of
// the topology's networks.
func (t *Topology) Inside(addr netip.Addr) bool {
	return slices.ContainsFunc(t.Nodes, func(n NodeSpec) bool { return n.Addr == addr }) ||
		slices.ContainsFunc(t.Nets, func(net netip.Prefix) bool { return net.Contains(addr) })
}

// Seat returns the node where the user sits: the first terminal, or the node
// that serves the root if there is none.
func (t *Topology) Seat() string {
	for _, n := range t.Nodes {
		if n.Is("terminal") {
			return n.Name
		}
	}
	return t.FS
}

// NewWire returns a wire with the topology's stations and links.
func (t *Topology) NewWire() (*Wire, error) {
	w := NewWire()
	for _, n := range t.Nodes {
		if err := w.Add(n.Name, n.Addr); err != nil {
			return nil, fmt.Errorf("%s: %w", n.Name, err)
		}
	}
	for _, spec := range t.Links {
		l, err := w.Link(spec.A, spec.B)
		if err == nil && spec.Ctl != "" {
			err = l.Ctl(spec.Ctl)
		}
		if err != nil {
			return nil, fmt.Errorf("link=%s,%s: %w", spec.A, spec.B, err)
		}
	}
	return w, nil
}
