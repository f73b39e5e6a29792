// Package fuse shows any [ninep.Server] to the programs of the host, as a
// file system mounted on one of the host's directories.
//
// # What becomes of what
//
// A request of the host's kernel becomes one or a few calls on Files. A
// LOOKUP is a Walk and a Stat, an OPEN is an Open of what was walked to, a
// CREATE a Create, a READ a Read at the offset of the request, a RENAME a
// Wstat of the name. The server decides what is permitted: whoever of the host
// uses the mount acts as [Options].User, with which it was attached.
//
// The host knows a file by a number that the mount gives out, one for each
// pair of a directory's number and a name. It is not made of the qid: if one
// directory that can be reached by two names had one number, the host would
// take a shell standing in one of them to stand in the other. The qid's path
// is the inode number, which is only shown. When a name leads to another qid
// than before, the file is another one and gets another number; programs that
// have the old one open, or stand in it, keep it.
//
// Each host call that can block has a context that ends when the calling
// program is interrupted or killed, and the program sees EINTR. A read or a
// write of a file of unknown length ends at once. All other calls have a moment
// to finish first, as POSIX programs do not expect stat(2) to be interrupted by
// a timer of their own. Nothing is locked during a call on a File, and a call
// that blocks costs goroutines, not threads.
//
// # Lengths
//
// A file whose entry has length 0 may be empty, or a device, or a text that is
// made when it is read. So reads do not go through the host's page cache, in
// which a file ends where its length says, but ask the File until it says 0. If
// the File has the method TrueLength, as a text of a [ninep.Tree] has, the host
// is told that length, and mmap, sendfile, tail -c and the like work as they
// do with any file. Other files of length 0 look empty to these; cat,
// cp, grep, dd and everything else that reads until the end read them.
//
// A tree whose Options have no Cache is asked each time. The host keeps no name
// and no data of it; a stat(2) that follows a lookup within a millisecond is
// answered from the lookup. With Cache names and attributes are kept for a
// second, and data for as long as the version in the qid stays the same, which
// is asked at each open.
//
// # Differences
//
// Plan 9 has no links, no owners that can be given away, and no device files:
// EPERM. It cannot move a file to another directory: EXDEV, and mv(1) copies.
// A rename onto a name in use is done in steps, since wstat(5) refuses it: the
// old file is renamed, then the new one, then the old one is removed; if a
// step fails those before it are undone. What is removed while a program has it
// open is put aside, under a name that begins with a dot, until it is closed:
// many file servers would remove it under the program's hands. Permissions are
// the nine bits, the others stay as they are. Advisory locks are the host's own
// and known only to users of the same mount.
//
// An owner that is the attached user is shown as the host's user; all others as
// nobody (65534).
//
// # Hazards
//
// The process that serves a mount must not touch files on it in a way that
// keeps the Go scheduler from running: above all it must not start a program
// (os/exec) that lives on the mount, for a fork stops what has to answer. Start
// it through another process. Mount, Unmount, Dead and Clear are safe.
//
// Writes to one file are one after the other, as the host's kernel locks the
// inode: a write that blocks makes others of the same file wait. Likewise a
// read and a write of one open file wait for each other, unless they are pread
// and pwrite, as they share the offset: to talk in both directions at once open
// a file twice.
package fuse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"sync"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/ninep"
)

// Options say how a Server is mounted. The zero value is useful.
type Options struct {
	Context    context.Context  // whose values all calls on Files carry, such as who the caller is; its end does not matter. nil: none
	User       string           // who attaches; "" is "glenda"
	Spec       string           // the attach specifier
	Name       string           // in the host's table of mounts; "" is "ufo"
	AllowOther bool             // users of the host other than the caller may use it; needs root, or user_allow_other in /etc/fuse.conf
	ReadOnly   bool             // the host refuses all changes: EROFS
	Cache      bool             // the tree changes only through this mount or with qid.vers, as MCACHE of mount(2)
	UID, GID   uint32           // who of the host owns what User owns; both 0: who the process runs as
	MaxIO      int              // how many bytes the host reads or writes at once, at most, which a mount keeps memory for; 0: a megabyte
	Log        func(msg string) // is told of errors: operation, name, Plan 9's string and what became of it. nil: nobody
}

// subtype is what the host calls our kind of file system, after "fuse.".
const subtype = "ufo"

// maxIO returns how many bytes a READ or a WRITE of the host has at most.
func (opt *Options) maxIO() int {
	const most = 1 << 20
	if opt.MaxIO <= 0 {
		return most
	}
	return min(opt.MaxIO, most)
}

// A Mounted is a Server that the host can see.
type Mounted struct {
	fs   *fileSystem
	dir  string // "" if somebody else mounted it
	host hostMount
	srv  *fuse.Server
	done chan struct{} // closed when nothing of it is left

	once sync.Once // of the unmounting
	err  error     // of the unmounting; written in once
}

// Serve answers the requests that come from fd, an open /dev/fuse that somebody
// else mounts or has mounted, with the data that [MountData] returns. It owns
// fd from then on. The mount ends with the last mount name space that has it,
// or with Unmount.
//
// Ctx is for attaching. Error: what Attach returned, or the host's.
func Serve(ctx context.Context, srv ninep.Server, fd int, opt Options) (*Mounted, error) {
	fs, err := newFileSystem(ctx, srv, opt)
	if err != nil {
		closeFD(fd)
		return nil, err
	}
	return serve(fs, fd)
}

// serve begins to answer requests from a descriptor. It owns both; when it
// fails nothing is left of them.
func serve(fs *fileSystem, fd int) (*Mounted, error) {
	host, err := holdFD(fd)
	if err != nil {
		closeFD(fd)
		fs.close()
		return nil, err
	}
	m := &Mounted{fs: fs, host: host, done: make(chan struct{})}
	if err := m.start(fmt.Sprintf("/dev/fd/%d", fd)); err != nil {
		return nil, err
	}
	return m, nil
}

// start begins to answer requests, from a descriptor or, where the module
// mounts, a directory. When it fails nothing is left.
func (m *Mounted) start(place string) error {
	srv, err := fuse.NewServer(m.fs, place, m.fs.mountOptions())
	if err != nil {
		m.host.close()
		m.fs.close()
		return err
	}
	m.srv = srv
	go m.answer() // ends when the host has unmounted it, or the descriptor was closed
	return nil
}

// answer answers requests until there can be no more.
func (m *Mounted) answer() {
	m.srv.Serve()
	m.fs.close()
	m.host.close()
	close(m.done)
}

// Done returns a channel that is closed when nothing of the mount is left,
// however it was unmounted: no goroutine and no File.
func (m *Mounted) Done() <-chan struct{} { return m.done }

// mountOptions returns what the module needs to know.
func (fs *fileSystem) mountOptions() *fuse.MountOptions {
	return &fuse.MountOptions{
		Name: subtype, FsName: fs.opt.Name,
		AllowOther:         fs.opt.AllowOther,
		MaxWrite:           fs.opt.maxIO(),
		MaxReadAhead:       fs.opt.maxIO(),
		MaxBackground:      64,
		DisableSplice:      true,
		DisableXAttrs:      true,
		DisableReadDirPlus: !fs.opt.Cache,
		ExtraCapabilities:  fuse.CAP_ATOMIC_O_TRUNC | fuse.CAP_DIRECT_IO_ALLOW_MMAP | fuse.CAP_ASYNC_DIO,
		PanicHandler:       fs.panicked,
		Logger:             log.New(io.Discard, "", 0),
	}
}

// patience is how long Unmount waits for calls that were told to end.
const patience = 10 * time.Second

// errEndless is what Unmount returns when a call on a File does not heed its
// context.
var errEndless = errors.New("the file server does not answer, and does not let itself be interrupted")

// wait waits for everything to be gone.
func (m *Mounted) wait() error {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-m.done:
		return nil
	case <-t.C:
		return errEndless
	}
}
