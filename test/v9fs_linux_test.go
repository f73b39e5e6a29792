package test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// v9fsRows are those of the rows for trees that Linux's client is asked, too:
// one of each kind, since processes begin slowly where it runs.
var v9fsRows = []string{
	"create and read", "opening to write truncates", "append", "write in the middle", "truncate to less", "truncate to more",
	"exclusive create by many", "an open file survives rm", "rmdir of what is not empty", "names with blanks and quotes",
	"rename", "cp -r", "chmod", "times are set", "map to read",
}

// v9fsOwn is a row about a directory that takes several messages.
var v9fsOwn = posixRow{
	name: "a directory longer than a message",
	sh:   `seq -f %0150.0f 60 | xargs touch; ls | wc -l; ls | tail -c 3; rm *; ls | wc -l`, want: "60\n60\n0",
}

// v9fsErrors are the numbers of which Linux's client tells programs for the
// errors of package ninep: of itself, when it asks for 9P2000.L and gets 9P2000,
// and when it is told to ask for 9P2000. What it does not know is number 526.
var v9fsErrors = []struct {
	err          ninep.Error
	itself, told syscall.Errno
}{
	{ninep.ErrNotExist, syscall.ENOENT, syscall.ENOENT},
	{ninep.ErrExist, syscall.EEXIST, syscall.EEXIST},
	{ninep.ErrPerm, syscall.EACCES, syscall.EACCES},
	{ninep.ErrNotOwner, syscall.EACCES, syscall.EACCES},
	{ninep.ErrWstatProh, syscall.EPERM, syscall.EPERM},
	{ninep.ErrNotDir, syscall.ENOTDIR, syscall.ENOTDIR},
	{ninep.ErrNotEmpty, syscall.ENOTEMPTY, syscall.ENOTEMPTY},
	{ninep.ErrExcl, syscall.EAGAIN, syscall.EAGAIN},
	{ninep.ErrIO, syscall.EIO, syscall.EIO},
	{ninep.ErrBadOffset, syscall.ESPIPE, syscall.ESPIPE},
	{ninep.ErrIsDir, syscall.EISDIR, unknownErrno},
	{ninep.ErrBadChar, syscall.EINVAL, unknownErrno},
	{ninep.ErrTooLong, syscall.ENAMETOOLONG, unknownErrno},
	{ninep.ErrNoCreate, syscall.EPERM, unknownErrno},
	{ninep.ErrInUse, syscall.EBUSY, unknownErrno},
	{ninep.ErrBadCtl, syscall.EINVAL, unknownErrno},
	{ninep.ErrCtlUnknown, syscall.EINVAL, unknownErrno},
	{ninep.ErrNoMem, syscall.ENOSPC, unknownErrno},
	{ninep.ErrHungup, syscall.EIO, unknownErrno},
	{ninep.ErrTimedOut, syscall.ETIMEDOUT, unknownErrno},
	{ninep.ErrConRefused, syscall.ECONNREFUSED, unknownErrno},
	{ninep.ErrProcDied, syscall.ENOENT, unknownErrno},
	{ninep.ErrManyFids, syscall.ENFILE, unknownErrno},
	{"disk on fire", unknownErrno, unknownErrno},
}

// unknownErrno is the number that the kernel calls ESERVERFAULT, and nobody else
// knows.
const unknownErrno syscall.Errno = 526

// TestV9fs mounts a tree with the client of 9P in Linux's kernel.
func TestV9fs(t *testing.T) {
	if os.Getenv(umlGuest) == "" {
		needPeers(t)
		umlRun(t, t.Name())
		return
	}
	rows := slices.DeleteFunc(posixAll(), func(row posixRow) bool { return !slices.Contains(v9fsRows, row.name) })
	if len(rows) != len(v9fsRows) {
		t.Errorf("%d rows are asked for, and there are %d", len(v9fsRows), len(rows))
	}
	srv := failing{ramfs.New("glenda", time.Now, 0)}
	t.Run("errors", func(t *testing.T) {
		itself, told := v9fsMount(t, srv, ""), v9fsMount(t, srv, "version=9p2000")
		for _, e := range v9fsErrors {
			name := strconv.Quote(string(e.err)) // without a slash that is one
			name = strings.ReplaceAll(name, "/", `\x2f`)
			if _, err := os.Stat(itself + "/" + name); !errors.Is(err, e.itself) {
				t.Errorf("%s: %v, want %v", name, err, e.itself)
			}
			if _, err := os.Stat(told + "/" + name); !errors.Is(err, e.told) {
				t.Errorf("%s with 9P2000: %v, want %v", name, err, e.told)
			}
		}
	})
	(&posixTree{dir: v9fsMount(t, srv, "msize=8192"), ours: true}).posixRun(t, append(rows, v9fsOwn))
}

// v9fsMount mounts what a server has, for as long as the test runs, and returns
// where.
func v9fsMount(t *testing.T, srv ninep.Server, options string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	socket := filepath.Join(t.TempDir(), "9p")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the connection, which is the mount's
		conn, err := l.Accept()
		l.Close()
		if err == nil {
			err = ninep.Serve(context.WithoutCancel(t.Context()), conn, srv, nil)
		}
		if err != nil {
			fmt.Println("guest: serve:", err)
		}
	}()
	options = strings.Trim("trans=unix,uname=glenda,"+options, ",")
	if err := unix.Mount(socket, dir, "9p", 0, options); err != nil {
		t.Fatalf("mount -t 9p -o %s: %v", options, err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// failing is a server whose root refuses to walk to a quoted name, with the error
// that is quoted.
type failing struct{ ninep.Server }

type failingRoot struct{ ninep.File }

func (s failing) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	if err != nil {
		return nil, err
	}
	return failingRoot{f}, nil
}

func (f failingRoot) Clone(ctx context.Context) (ninep.File, error) {
	nf, err := f.File.Clone(ctx)
	if err != nil {
		return nil, err
	}
	return failingRoot{nf}, nil
}

func (f failingRoot) Walk(ctx context.Context, name string) (ninep.File, error) {
	if text, err := strconv.Unquote(name); err == nil {
		return nil, ninep.Error(text)
	}
	return f.File.Walk(ctx, name)
}
