package dev

// The IP device: conversations over a Wire.
//
//	#I/tcp/clone        open it to reserve a conversation: the descriptor is
//	                    then its ctl, which reads its number
//	#I/tcp/stats        tagged counts of the protocol
//	#I/tcp/n/ctl        takes connect announce bind hangup close keepalive
//	                    checksum ttl tos ignoreadvice
//	#I/tcp/n/data       what the two ends say to each other
//	#I/tcp/n/err        why the conversation ended
//	#I/tcp/n/listen     open it to wait for a call: the descriptor is then the
//	                    ctl of the new conversation
//	#I/tcp/n/local      10.9.0.9!41234
//	#I/tcp/n/remote     10.9.0.1!564
//	#I/tcp/n/status     Established …
//	#I/udp/…            the same; a read or write is one datagram
//	#I/ipifc/n/status   an interface: 0 leads to the node itself, 1 to the wire
//	#I/ipselftab #I/iproute
//	#I/wire/addr        an empty line: the wire has no addresses of its own
//	#I/ndb              what cs and dns should know about this network
//	#I/dns              the addresses of the host's names, of a Gateway only
//
// A conversation is there while one of its ctl, data, err or listen is open.
// It belongs to who opened clone; a wstat of ctl or data changes owner and
// permissions.
//
//	% bind -a '#I' /net
//	% <[4]/net/tcp/clone {conv=/net/tcp/`{cat /fd/4}; echo connect 10.9.0.1!17 >$conv/ctl; cat $conv/data}
//
// This file is the tree, ipconv.go the conversations, ipheaders.go those of
// datagrams with headers, ipifc.go the interfaces, gateway.go what else there is
// of a network that leads out.

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// maxConvs bounds the conversations of one protocol.
const maxConvs = 4096

// ndbSize bounds #I/ndb.
const ndbSize = 32 * 1024

// network owns what belongs to no conversation.
const network = "network"

// NewIP returns the device #I over a wire; ndb is what its file ndb has first.
func NewIP(h Host, wire Wire, ndb string) ninep.Server {
	file := &ndbFile{text: []byte(ndb)}
	root := &ninep.Node{Children: []*ninep.Node{
		newProto("tcp", 1, h, wire).node(),
		newProto("udp", 2, h, wire).node(),
		file.node(),
	}}
	root.Children = append(root.Children, ifcFiles(ifcs(wire))...)
	if g, ok := wire.(Gateway); ok {
		root.Children = append(root.Children, dnsFile(g))
	}
	owned(root, h.Owner)
	return ipDev{newTree(h, root)}
}

// An ipDev is a tree whose attach specifier is the number of a stack: there
// is only stack 0.
type ipDev struct{ tree *ninep.Tree }

func (d ipDev) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	if spec != "" && spec != "0" {
		return nil, ninep.ErrNoDev
	}
	return d.tree.Attach(ctx, user, "")
}

// owned gives files to the network, and their groups' rights to the host
// owner.
func owned(n *ninep.Node, owner string) {
	n.Owner, n.Group = network, owner
	for _, c := range n.Children {
		owned(c, owner)
	}
}

// An ndbFile is #I/ndb: text that programs leave for each other.
type ndbFile struct {
	mu   sync.Mutex // guards text and vers
	text []byte
	vers uint32
}

func (f *ndbFile) node() *ninep.Node {
	return &ninep.Node{
		Name: "ndb", Perm: 0664,
		Stat: func(d *ninep.Dir) {
			f.mu.Lock()
			defer f.mu.Unlock()
			d.Length, d.Qid.Vers = int64(len(f.text)), f.vers
		},
		Open: func(_ context.Context, _ string, mode ninep.Mode) (*ninep.Node, error) {
			if mode&ninep.OTRUNC != 0 {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.text = nil
				f.vers++
			}
			return nil, nil
		},
		ReadAt: func(_ context.Context, p []byte, off int64) (int, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return copyAt(p, f.text, off), nil
		},
		WriteAt: func(_ context.Context, p []byte, off int64) (int, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if off > int64(len(f.text)) || off+int64(len(p)) > ndbSize {
				return 0, ninep.ErrIO
			}
			keep := f.text[min(int(off)+len(p), len(f.text)):]
			f.text = slices.Concat(f.text[:off], p, keep)
			f.vers++
			return len(p), nil
		},
	}
}

// A proto is a protocol: its conversations by number.
type proto struct {
	name  string
	num   uint64 // in qids
	owner string // host owner
	wire  Wire

	active, passive, resets atomic.Int64 // calls made, calls taken, conversations broken
	in, out, failed         atomic.Int64 // reads and writes that moved data; that failed

	mu    sync.Mutex // guards convs
	convs []*conv    // nil where a number is free
}

func newProto(name string, num uint64, h Host, wire Wire) *proto {
	return &proto{name: name, num: num, owner: h.Owner, wire: wire}
}

// stream reports whether conversations are streams.
func (pr *proto) stream() bool { return pr.name == "tcp" }

// path returns the qid path of a file of a conversation.
func (pr *proto) path(conv, file int) uint64 {
	return pr.num<<32 | uint64(conv+1)<<8 | uint64(file)
}

func (pr *proto) node() *ninep.Node {
	clone := &ninep.Node{Name: "clone", Perm: 0666, Path: pr.path(-1, 2)}
	clone.Open = func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		c, err := pr.newConv(user)
		if err != nil {
			return nil, err
		}
		return c.ctl, nil
	}
	stats := ninep.TextFunc("stats", pr.stats)
	stats.Path = pr.path(-1, 3)
	return &ninep.Node{
		Name: pr.name, Path: pr.path(-1, 1),
		Children: []*ninep.Node{clone, stats},
		List: func(context.Context) ([]*ninep.Node, error) {
			var dirs []*ninep.Node
			for _, c := range pr.live() {
				dirs = append(dirs, c.dir)
			}
			return dirs, nil
		},
		Lookup: func(_ context.Context, name string) (*ninep.Node, error) {
			n, err := strconv.Atoi(name)
			pr.mu.Lock()
			defer pr.mu.Unlock()
			if err != nil || n < 0 || n >= len(pr.convs) || pr.convs[n] == nil || name != strconv.Itoa(n) {
				return nil, ninep.ErrNotExist
			}
			return pr.convs[n].dir, nil
		},
	}
}

// live returns the conversations that there are.
func (pr *proto) live() []*conv {
	pr.mu.Lock()
	defer pr.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(pr.convs), func(c *conv) bool { return c == nil })
}

// newConv reserves a conversation, whose ctl is open once, for user.
func (pr *proto) newConv(user string) (*conv, error) {
	pr.mu.Lock()
	defer pr.mu.Unlock()
	n := slices.Index(pr.convs, nil)
	if n < 0 {
		if n = len(pr.convs); n == maxConvs {
			return nil, ninep.ErrNoDev
		}
		pr.convs = append(pr.convs, nil)
	}
	c := &conv{pr: pr, num: n, inuse: 1, owner: user, perm: 0660}
	c.makeNodes()
	pr.convs[n] = c
	return c, nil
}

// free gives the number of a conversation back.
func (pr *proto) free(c *conv) {
	pr.mu.Lock()
	defer pr.mu.Unlock()
	pr.convs[c.num] = nil
}

// stats returns the tagged counts that mean something on a Wire, under the
// names of the Plan 9 kernel; what a Wire does below is its own affair.
func (pr *proto) stats() string {
	if !pr.stream() {
		return fmt.Sprintf("InDatagrams: %d\nNoPorts: 0\nInErrors: %d\nOutDatagrams: %d\n",
			pr.in.Load(), pr.failed.Load(), pr.out.Load())
	}
	live := 0
	for _, c := range pr.live() {
		if c.is(established) {
			live++
		}
	}
	return fmt.Sprintf("MaxConn: %d\nActiveOpens: %d\nPassiveOpens: %d\nEstabResets: %d\nCurrEstab: %d\n"+
		"InSegs: %d\nOutSegs: %d\nInErrs: %d\n",
		maxConvs, pr.active.Load(), pr.passive.Load(), pr.resets.Load(), live,
		pr.in.Load(), pr.out.Load(), pr.failed.Load())
}
