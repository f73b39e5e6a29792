package fuse

import (
	"strings"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/cmd/disk"
	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// A requester makes the requests of a host that has a disk mounted which is
// beyond a wire.
type requester struct {
	t    *testing.T
	fs   *fileSystem
	disk *disk.Disk
}

func newRequester(t *testing.T) *requester {
	d, err := disk.Open(disk.Config{Store: disk.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	d.Admit("glenda")
	here, there := ninep.Pipe()
	served := make(chan error, 1)
	go func() { served <- ninep.Serve(t.Context(), there, d, nil) }() // ends with the connection
	client, err := ninep.NewClient(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	strict := ninetest.Strict(client)
	fs, err := newFileSystem(t.Context(), strict, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fs.close()
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
		client.Close()
		<-served
	})
	return &requester{t, fs, d}
}

// want fails the test if a request did not come to this.
func (r *requester) want(what string, have fuse.Status, want syscall.Errno) {
	r.t.Helper()
	if have != fuse.Status(want) {
		r.t.Errorf("%s: %v, want %v", what, have, want)
	}
}

// lookup returns the number of a name, 0 if there is no such file.
func (r *requester) lookup(dir uint64, name string) uint64 {
	r.t.Helper()
	var out fuse.EntryOut
	if s := r.fs.Lookup(nil, &fuse.InHeader{NodeId: dir}, name, &out); s != fuse.OK && s != fuse.ENOENT {
		r.t.Fatalf("lookup %s: %v", name, s)
	}
	return out.NodeId
}

func (r *requester) mkdir(dir uint64, name string) (node uint64) {
	r.t.Helper()
	var out fuse.EntryOut
	in := fuse.MkdirIn{InHeader: fuse.InHeader{NodeId: dir}, Mode: 0o755}
	r.want("mkdir "+name, r.fs.Mkdir(nil, &in, name, &out), 0)
	return out.NodeId
}

// create makes a file and returns its number and the open file's.
func (r *requester) create(dir uint64, name string) (node, fh uint64) {
	r.t.Helper()
	var out fuse.CreateOut
	in := fuse.CreateIn{InHeader: fuse.InHeader{NodeId: dir}, Flags: syscall.O_RDWR, Mode: 0o644}
	r.want("create "+name, r.fs.Create(nil, &in, name, &out), 0)
	return out.NodeId, out.Fh
}

func (r *requester) rename(dir uint64, from, to string) fuse.Status {
	in := fuse.RenameIn{InHeader: fuse.InHeader{NodeId: dir}, Newdir: dir}
	return r.fs.Rename(nil, &in, from, to)
}

// A directory that is not empty stays what it was when another one should
// have taken its name.
func TestRenameOverFullDirectory(t *testing.T) {
	r := newRequester(t)
	r.mkdir(1, "a")
	r.create(r.mkdir(1, "b"), "f")
	r.want("rename", r.rename(1, "a", "b"), syscall.ENOTEMPTY)
	if r.lookup(1, "a") == 0 {
		t.Error("a is gone")
	}
	if b := r.lookup(1, "b"); b == 0 || r.lookup(b, "f") == 0 {
		t.Error("b or what was in it is gone")
	}
	r.mkdir(1, "c")
	r.want("rename over an empty one", r.rename(1, "a", "c"), 0)
	if r.lookup(1, "a") != 0 {
		t.Error("a is still there")
	}
}

// Names that the host would not take back from a listing are not given.
func TestLongNames(t *testing.T) {
	r := newRequester(t)
	long := strings.Repeat("x", maxName+1)
	root := fuse.InHeader{NodeId: 1}
	r.want("lookup", r.fs.Lookup(nil, &root, long, &fuse.EntryOut{}), syscall.ENAMETOOLONG)
	r.want("mkdir", r.fs.Mkdir(nil, &fuse.MkdirIn{InHeader: root}, long, &fuse.EntryOut{}), syscall.ENAMETOOLONG)
	r.want("mknod", r.fs.Mknod(nil, &fuse.MknodIn{InHeader: root}, long, &fuse.EntryOut{}), syscall.ENAMETOOLONG)
	r.want("create", r.fs.Create(nil, &fuse.CreateIn{InHeader: root}, long, &fuse.CreateOut{}), syscall.ENAMETOOLONG)
	r.mkdir(1, "d")
	r.want("rename", r.rename(1, "d", long), syscall.ENAMETOOLONG)
	r.mkdir(1, long[1:])
}
