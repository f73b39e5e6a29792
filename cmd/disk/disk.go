// Package disk is a file server for one node: files that outlive the grid.
//
// It has the semantics of the Plan 9 file servers: owners, groups and modes
// with the users of /adm/users; append-only and exclusive-use files; qids that
// are never used again. There is no super-user.
//
//	/               the base tree, an fs.FS that is never written
//	                ... and, above it, everything that was changed
//	/adm/users      who there is, in the form of users(6)
//
// Changes go to the end of a log, a [Store], which is one host file or a piece
// of memory. What a file of the base looked like is copied there when it first
// changes; what nobody touched is still read from the base, so that a new base
// shows its new files. The index of the log is in memory; the data of the
// files stay where they were written:
//
//	d, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.FS})
//	err = ninep.Serve(ctx, conn, d, nil)
//	err = d.Close()
//
// Memory is only ever changed by applying a record of the log (see replay.go),
// once when it is appended and again at each start: what a restart finds is
// what was there. An operation is one record, so that it happens whole or not
// at all, and it is in the store before it is answered.
//
// Lock order: Disk.mu, then nothing. Store and base are called with it held.
package disk

import (
	"context"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"ufo/ninep"
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
	Store Store     // where the changes are kept
	Base  fs.FS     // the tree below them; nil for an empty one
	Owner string    // of what the base does not say: "glenda" if empty
	Users []string  // known besides those of /adm/users
	Born  time.Time // of base files without a time; zero for the time of Open

	// Attr says whose a file of the base is and what its mode bits are;
	// name is as in fs.FS. Nil for Attr of this package.
	Attr func(name string, dir bool) (uid, gid string, mode ninep.Perm)

	// Clock tells the time; nil for time.Now.
	Clock func() time.Time

	// Log, if not nil, is told about repairs.
	Log func(msg string)
}

// A Disk is a file server; it is a ninep.Server.
type Disk struct {
	cfg  Config
	born uint32

	table atomic.Pointer[users] // cached: of which /adm/users it is, it says itself

	mu       sync.RWMutex // guards what follows, and all nodes
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
	if cfg.Owner == "" {
		cfg.Owner = "glenda"
	}
	if cfg.Attr == nil {
		cfg.Attr = Attr
	}
	if cfg.Born.IsZero() {
		cfg.Born = cfg.Clock()
	}
	d := &Disk{cfg: cfg, store: cfg.Store, born: uint32(cfg.Born.Unix()), next: rootPath + 1}
	d.root = &node{path: rootPath, logged: true}
	d.root.name = "/"
	if cfg.Base != nil {
		d.root.base = "."
	}
	d.attr(d.root, ".", true)
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

// Attach returns the root for a user that is known here, or for none.
func (d *Disk) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	if spec != "" {
		return nil, ninep.ErrBadSpec
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.fail != nil {
		return nil, d.fail
	}
	if !d.users().known(user) {
		return nil, ErrNoUser
	}
	d.root.atime.Store(d.now())
	return &file{d: d, n: d.root, user: user}, nil
}

func (d *Disk) now() uint32 { return uint32(d.cfg.Clock().Unix()) }

// Attr is what a Config without Attr says of the files of the base, by the
// habits of Plan 9: /adm belongs to adm, /usr/NAME to NAME, the rest to sys;
// what is in a folder called bin can be executed.
func Attr(name string, dir bool) (uid, gid string, mode ninep.Perm) {
	uid, gid, mode = "sys", "sys", 0664
	if dir {
		mode = ninep.DMDIR | 0775
	}
	first, rest, _ := cut(name)
	switch {
	case first == "adm":
		uid, gid = "adm", "adm"
	case first == "usr" && rest != "":
		uid, _, _ = cut(rest)
		gid = uid
	case first == "tmp":
		mode |= 0666
	case !dir && (first == "bin" || hasBin(rest)):
		mode |= 0111
	}
	return uid, gid, mode
}
