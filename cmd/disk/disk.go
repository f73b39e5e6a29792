// Package disk is a file server for one node: files that outlive the grid.
//
// It has the semantics of the Plan 9 file servers: owners, groups and modes
// with the users of /adm/users; append-only and exclusive-use files; qids that
// are never used again. There is no super-user.
//
//	/               the base tree, which is part of the program,
//	                and over it everything that was changed
//	/adm/users      who there is, in the form of users(6)
//
// Changes go to the end of a log, a [Store], which is one host file or a piece
// of memory. A file of the base is copied there when it first changes; what
// nobody touched is still the base's, so that a new program shows its new
// files. The index of the log is in memory; the data of the files stay where
// they were written:
//
//	d, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.Files()})
//	err = ninep.Serve(ctx, conn, d, nil)
//	err = d.Close()
//
// Memory is only ever changed by applying a record of the log (see replay.go),
// once when it is appended and again at each start: what a restart finds is
// what was there. An operation is one record, so that it happens whole or not
// at all, and it is in the store before it is answered.
//
// Lock order: Disk.mu, then nothing. The store is called with it held.
package disk

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ufo/ninep"
	"ufo/rootfs"
)

// Error strings of this server; the others are ninep's.
const (
	ErrPhase   ninep.Error = "phase error" // the file was removed under its fid
	ErrNoUser  ninep.Error = "unknown user"
	ErrOwner   ninep.Error = "not owner or group leader"
	ErrMember  ninep.Error = "not a member of the group"
	ErrNoGroup ninep.Error = "unknown group"
)

// None is the user who has no rights but everybody's.
const None = "none"

// A Config says what to serve.
type Config struct {
	Store Store         // where the changes are kept
	Base  []rootfs.File // the tree below them, in the order of names; may be empty
	Born  time.Time     // when files of the base were made; zero for the time of Open

	// Clock tells the time; nil for time.Now.
	Clock func() time.Time

	// Log, if not nil, is told about repairs.
	Log func(msg string)
}

// A Disk is a file server; it is a ninep.Server.
type Disk struct {
	cfg Config

	table atomic.Pointer[users] // cached: of which /adm/users it is, it says itself

	mu       sync.RWMutex // guards what follows, and all nodes
	admitted []string     // users besides those of /adm/users
	store    Store
	end      int64            // where the log ends
	live     int64            // bytes of it that files still refer to
	patience int64            // no compaction below this length
	next     uint64           // next unused qid path
	root     *node            // never nil
	nodes    map[uint64]*node // those that the log knows
	b        builder          // the operation under construction
	fail     error            // set when the store can no longer be used
}

// Open reads the log in cfg.Store and returns the server of its tree. A last
// record that was not written to its end is cut off; any other damage is an
// error that says where. The Disk closes the store.
func Open(cfg Config) (*Disk, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Born.IsZero() {
		cfg.Born = cfg.Clock()
	}
	d := &Disk{cfg: cfg, store: cfg.Store, next: rootPath + 1}
	d.root = d.baseNode(nil, rootfs.File{Name: "/", Dir: true, Perm: 0777, UID: "sys", GID: "sys"})
	if len(cfg.Base) > 0 {
		d.root = d.baseNode(nil, cfg.Base[0])
	}
	d.root.path, d.root.logged = rootPath, true
	d.nodes = map[uint64]*node{rootPath: d.root}
	if err := d.replay(); err != nil {
		return nil, err
	}
	if d.wasteful() {
		d.compact()
	}
	return d, nil
}

// Close closes the store. Files still open give errors from now on.
func (d *Disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == ninep.ErrShutdown {
		return nil
	}
	d.fail = ninep.ErrShutdown
	err := d.store.Sync()
	if err2 := d.store.Close(); err == nil {
		err = err2
	}
	return err
}

// Admit lets a user attach who is not in /adm/users, until Close.
func (d *Disk) Admit(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.admitted = append(d.admitted, user)
}

// Attach returns the root for a user that is known here, or for none; with the
// spec stats, the root of what the disk tells of itself.
func (d *Disk) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	switch spec {
	case "":
	case statsSpec:
		return d.stats().Attach(ctx, user, "")
	default:
		return nil, ninep.ErrBadSpec
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.fail != nil {
		return nil, d.fail
	}
	if user == "" || !d.users().known(user) && !slices.Contains(d.admitted, user) {
		return nil, ErrNoUser
	}
	d.root.atime.Store(d.now())
	return &file{d: d, n: d.root, user: user}, nil
}

func (d *Disk) now() uint32 { return uint32(d.cfg.Clock().Unix()) }
