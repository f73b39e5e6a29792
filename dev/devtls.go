package dev

// The tls device: filters that encrypt what goes over a connection.
//
//	#a/tls/clone       open it to reserve a filter: the descriptor is then its ctl,
//	                   which reads its number
//	#a/tls/encalgs     names of algorithms
//	#a/tls/hashalgs
//	#a/tls/n/ctl       takes fd version secret changecipher opened alert hangup
//	#a/tls/n/data      what the two ends say to each other
//	#a/tls/n/hand      how they agree on that: messages of the handshake
//	#a/tls/n/status    state and algorithms
//	#a/tls/n/stats     bytes
//
// A filter is there while one of its files is open, and belongs to who opened
// clone. It makes no handshake: who has ctl and hand does (auth/tls). A filter
// keeps the connection it was given.
//
//	% bind -a '#a' /net
//	% cat /net/tls/hashalgs
//	clear sha256 sha1
//
// This file is the tree, tlsctl.go the messages to ctl, tlsconv.go what goes
// through a filter.

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ufo/auth/tls"
	"ufo/ninep"
)

// maxFilters bounds the filters of a node.
const maxFilters = 1024

// A tlsDev is the device.
type tlsDev struct {
	owner string // host owner

	mu      sync.Mutex // guards filters
	filters []*filter  // nil where a number is free
}

// NewTLS returns the device #a.
func NewTLS(h Host) ninep.Server {
	d := &tlsDev{owner: h.Owner}
	clone := &ninep.Node{Name: "clone", Perm: 0666, Path: 2}
	clone.Open = func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		f, err := d.newFilter(user)
		if err != nil {
			return nil, err
		}
		return f.ctl, nil
	}
	enc, hash := tls.Algorithms()
	algs := func(name string, path uint64, list []string) *ninep.Node {
		n := ninep.TextFunc(name, func() string { return strings.Join(list, " ") })
		n.Path = path
		return n
	}
	dir := &ninep.Node{
		Name: "tls", Perm: ninep.DMDIR, Path: 1,
		Children: []*ninep.Node{clone, algs("encalgs", 3, enc), algs("hashalgs", 4, hash)},
		List: func(context.Context) ([]*ninep.Node, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			var dirs []*ninep.Node
			for _, f := range d.filters {
				if f != nil {
					dirs = append(dirs, f.dir)
				}
			}
			return dirs, nil
		},
		Lookup: func(_ context.Context, name string) (*ninep.Node, error) {
			n, err := strconv.Atoi(name)
			d.mu.Lock()
			defer d.mu.Unlock()
			if err != nil || n < 0 || n >= len(d.filters) || d.filters[n] == nil || name != strconv.Itoa(n) {
				return nil, ninep.ErrNotExist
			}
			return d.filters[n].dir, nil
		},
	}
	return newTree(h, &ninep.Node{Children: []*ninep.Node{dir}})
}

// newFilter reserves a filter, whose ctl is open once, for user.
func (d *tlsDev) newFilter(user string) (*filter, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := slices.Index(d.filters, nil)
	if n < 0 {
		if n = len(d.filters); n == maxFilters {
			return nil, ninep.ErrNoDev
		}
		d.filters = append(d.filters, nil)
	}
	f := &filter{
		dev: d, num: n, inuse: 1, owner: user, perm: 0660,
		reading: make(chan struct{}, 1), writing: make(chan struct{}, 1),
	}
	f.makeNodes()
	d.filters[n] = f
	return f, nil
}

// free gives the number of a filter back.
func (d *tlsDev) free(f *filter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.filters[f.num] = nil
}

// makeNodes makes the files of a filter.
func (f *filter) makeNodes() {
	path := func(i int) uint64 { return uint64(f.num+1)<<8 | uint64(i) }
	shared := func(i int, n *ninep.Node) *ninep.Node {
		n.Path, n.Stat, n.Wstat = path(i), f.stat, f.wstat
		if n.Open == nil {
			n.Open, n.Close = f.open, f.close
		}
		return n
	}
	text := func(i int, name string, s func() string) *ninep.Node {
		n := ninep.TextFunc(name, s)
		n.Path, n.Stat = path(i), f.statText
		return n
	}
	f.ctl = shared(2, &ninep.Node{Name: "ctl", Write: f.verbs().Do,
		Read: func(context.Context) ([]byte, error) { return []byte(strconv.Itoa(f.num)), nil }})
	data := shared(3, &ninep.Node{Name: "data",
		ReadAt:  func(ctx context.Context, p []byte, _ int64) (int, error) { return f.read(ctx, p, &f.data) },
		WriteAt: func(ctx context.Context, p []byte, _ int64) (int, error) { return f.write(ctx, p, tls.Application) }})
	hand := &ninep.Node{Name: "hand",
		ReadAt:  func(ctx context.Context, p []byte, _ int64) (int, error) { return f.read(ctx, p, &f.hand) },
		WriteAt: func(ctx context.Context, p []byte, _ int64) (int, error) { return f.write(ctx, p, tls.Handshake) }}
	hand.Open, hand.Close = f.openHand, f.closeHand
	f.dir = &ninep.Node{Name: strconv.Itoa(f.num), Perm: ninep.DMDIR, Path: path(1), Stat: f.ownedBy, Children: []*ninep.Node{
		f.ctl, data, shared(4, hand), text(5, "status", f.status), text(6, "stats", f.stats),
	}}
}

// ownedBy puts the owner into an entry.
func (f *filter) ownedBy(d *ninep.Dir) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d.UID, d.MUID, d.GID = f.owner, f.owner, f.dev.owner
}

// stat puts owner and permissions into an entry.
func (f *filter) stat(d *ninep.Dir) {
	f.ownedBy(d)
	f.mu.Lock()
	defer f.mu.Unlock()
	d.Mode = f.perm
}

// statText is stat for what is only read.
func (f *filter) statText(d *ninep.Dir) {
	f.stat(d)
	d.Mode &= 0444
}

// wstat changes owner and permissions, for the owner.
func (f *filter) wstat(_ context.Context, user string, d ninep.Dir) error {
	want := ninep.NullDir
	want.UID, want.Mode = d.UID, d.Mode
	f.mu.Lock()
	defer f.mu.Unlock()
	if d != want || user != f.owner {
		return ninep.ErrPerm
	}
	if d.UID != "" {
		f.owner = d.UID
	}
	if d.Mode != ninep.NullDir.Mode {
		f.perm = d.Mode & 0666
	}
	return nil
}

// open counts one more open file.
func (f *filter) open(context.Context, string, ninep.Mode) (*ninep.Node, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.inuse == 0 {
		return nil, ninep.ErrShutdown
	}
	f.inuse++
	return nil, nil
}

// openHand opens the file of the handshake, which one can have at a time.
func (f *filter) openHand(ctx context.Context, user string, mode ninep.Mode) (*ninep.Node, error) {
	f.mu.Lock()
	busy := f.handOpen
	f.handOpen = true
	f.mu.Unlock()
	if busy {
		return nil, ninep.ErrInUse
	}
	n, err := f.open(ctx, user, mode)
	if err != nil {
		f.mu.Lock()
		f.handOpen = false
		f.mu.Unlock()
	}
	return n, err
}

func (f *filter) closeHand() {
	f.mu.Lock()
	f.handOpen, f.hand = false, nil
	f.mu.Unlock()
	f.close()
}

// close counts one open file less. The last ends what is said, and gives the
// connection back.
func (f *filter) close() {
	f.mu.Lock()
	f.inuse--
	last := f.inuse == 0
	f.mu.Unlock()
	if last {
		f.end()
		f.dev.free(f)
	}
}
