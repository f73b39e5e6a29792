package fuse

import (
	"strings"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/ninep"
)

// left returns what the server has in its root, the names put aside as dots.
func (r *requester) left() string {
	r.t.Helper()
	f, err := r.disk.Attach(r.t.Context(), "glenda", "")
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	if err := f.Open(r.t.Context(), ninep.OREAD); err != nil {
		r.t.Fatal(err)
	}
	dirs, err := f.ReadDir(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, d := range dirs {
		if strings.HasPrefix(d.Name, ".") {
			d.Name = "."
		}
		names = append(names, d.Name)
	}
	return strings.Join(names, " ")
}

// listed returns what the host sees in a directory.
func (r *requester) listed(dir uint64) string {
	r.t.Helper()
	var out fuse.OpenOut
	r.want("opendir", r.fs.OpenDir(nil, &fuse.OpenIn{InHeader: fuse.InHeader{NodeId: dir}}, &out), 0)
	defer r.fs.ReleaseDir(&fuse.ReleaseIn{Fh: out.Fh})
	dirs, err := r.fs.entries(r.t.Context(), r.fs.handle(out.Fh), true)
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, d := range dirs[2:] {
		names = append(names, d.Name)
	}
	return strings.Join(names, " ")
}

func (r *requester) unlink(dir uint64, name string) fuse.Status {
	return r.fs.Unlink(nil, &fuse.InHeader{NodeId: dir}, name)
}

// writeRead writes to an open file and wants to read it back.
func (r *requester) writeRead(fh uint64, text string) {
	r.t.Helper()
	if n, s := r.fs.Write(nil, &fuse.WriteIn{Fh: fh}, []byte(text)); s != fuse.OK || int(n) != len(text) {
		r.t.Fatalf("write: %d %v", n, s)
	}
	buf := make([]byte, 100)
	res, s := r.fs.Read(nil, &fuse.ReadIn{Fh: fh, Size: 100}, buf)
	if s != fuse.OK {
		r.t.Fatalf("read: %v", s)
	}
	if b, _ := res.Bytes(buf); string(b) != text {
		r.t.Errorf("read %q, want %q", b, text)
	}
}

// What is removed while it is open can be used until it is closed.
func TestRemoveOpen(t *testing.T) {
	r := newRequester(t)
	node, fh := r.create(1, "f")
	r.want("unlink", r.unlink(1, "f"), 0)
	r.want("unlink again", r.unlink(1, "f"), syscall.ENOENT)
	if have := r.listed(1); have != "" {
		t.Errorf("the host sees %q", have)
	}
	r.writeRead(fh, "hello")
	in := fuse.GetAttrIn{InHeader: fuse.InHeader{NodeId: node}}
	var out fuse.AttrOut
	r.want("stat", r.fs.GetAttr(nil, &in, &out), 0)
	if out.Size != 5 {
		t.Errorf("size %d, want 5", out.Size)
	}
	_, other := r.create(1, "f") // the name is free
	if have := r.left(); have != ". f" {
		t.Errorf("the server has %q", have)
	}
	r.fs.Release(nil, &fuse.ReleaseIn{Fh: fh})
	if have := r.left(); have != "f" {
		t.Errorf("the server has %q when all is closed", have)
	}
	r.fs.Release(nil, &fuse.ReleaseIn{Fh: other})
	r.want("unlink what is not open", r.unlink(1, "f"), 0)
	if have := r.left(); have != "" {
		t.Errorf("the server has %q in the end", have)
	}
}

// So can what another file takes the name of.
func TestReplaceOpen(t *testing.T) {
	r := newRequester(t)
	_, old := r.create(1, "f")
	_, fh := r.create(1, "g")
	r.writeRead(fh, "new")
	r.want("rename", r.rename(1, "g", "f"), 0)
	r.writeRead(old, "old")
	r.writeRead(fh, "new")
	if have := r.listed(1); have != "f" {
		t.Errorf("the host sees %q", have)
	}
	r.fs.Release(nil, &fuse.ReleaseIn{Fh: old})
	if have := r.left(); have != "f" {
		t.Errorf("the server has %q", have)
	}
	r.fs.Release(nil, &fuse.ReleaseIn{Fh: fh})
}

// A directory in which there is nothing but what was removed is empty.
func TestRemoveDirectoryOfRemoved(t *testing.T) {
	r := newRequester(t)
	d := r.mkdir(1, "d")
	_, fh := r.create(d, "f")
	r.create(d, "g")
	r.want("unlink", r.unlink(d, "f"), 0)
	r.want("rmdir", r.fs.Rmdir(nil, &fuse.InHeader{NodeId: 1}, "d"), syscall.ENOTEMPTY)
	r.writeRead(fh, "still there")
	r.want("unlink", r.unlink(d, "g"), 0)
	r.want("rmdir", r.fs.Rmdir(nil, &fuse.InHeader{NodeId: 1}, "d"), 0)
	if have := r.left(); have != "" {
		t.Errorf("the server has %q", have)
	}
	_, s := r.fs.Write(nil, &fuse.WriteIn{Fh: fh}, []byte("x"))
	r.want("write to what is really gone", s, syscall.ESTALE)
}

// The host goes on before the file of a close is removed. It must not see it,
// nor find its directory in use.
func TestRemoveAtClose(t *testing.T) {
	r := newRequester(t)
	for range 100 {
		d := r.mkdir(1, "d")
		_, fh := r.create(d, "f")
		_, old := r.create(d, "g")
		r.want("rename", r.rename(d, "f", "g"), 0)
		released := make(chan struct{})
		go func() {
			r.fs.Release(nil, &fuse.ReleaseIn{Fh: old})
			close(released)
		}()
		if have := r.listed(d); have != "g" {
			t.Fatalf("the host sees %q", have)
		}
		r.fs.Release(nil, &fuse.ReleaseIn{Fh: fh})
		r.want("unlink", r.unlink(d, "g"), 0)
		r.want("rmdir", r.fs.Rmdir(nil, &fuse.InHeader{NodeId: 1}, "d"), 0)
		<-released
	}
}

// The end of the mount is the end of what was removed.
func TestRemoveOpenAtEnd(t *testing.T) {
	r := newRequester(t)
	r.create(1, "f")
	r.want("unlink", r.unlink(1, "f"), 0)
	r.fs.close()
	if have := r.left(); have != "" {
		t.Errorf("the server has %q", have)
	}
}
