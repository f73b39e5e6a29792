package dev_test

import (
	"context"
	"strings"
	"testing"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// badDisk is a Disk that cannot be read.
type badDisk struct{}

func (badDisk) ReadAt(context.Context, []byte, int64) error  { return ninep.ErrIO }
func (badDisk) WriteAt(context.Context, []byte, int64) error { return ninep.ErrIO }
func (badDisk) Sync() error                                  { return ninep.ErrIO }
func (badDisk) Size() int64                                  { return 1 << 20 }

// write writes a message and returns the text of the error, if there is one.
func (x tester) write(name, msg string) string {
	x.t.Helper()
	f := x.open(name, ninep.OWRITE)
	defer f.Close()
	if _, err := f.Write(x.ctx, []byte(msg), 0); err != nil {
		return err.Error()
	}
	return ""
}

func TestSD(t *testing.T) {
	srv := dev.NewSD(glenda, []dev.Unit{{Name: "sdC0", Inquiry: "bad disk", Disk: badDisk{}}})
	x := tester{t, srv, t.Context()}
	for _, test := range []struct{ name, msg, want string }{
		{"sdctl", "memory M0 64k\n", ""},
		{"sdctl", "memory M0 64k", "device or object already in use"},
		{"sdctl", "memory M1 2g", "kernel allocate failed"},
		{"sdctl", "memory M1 700", "bad process or channel control request"},
		{"sdctl", "memory toolong 64k", "bad process or channel control request"},
		{"sdctl", "memory M/ 64k", "bad process or channel control request"},
		{"sdctl", "remove C0", "permission denied"},
		{"sdctl", "remove Z0", "file does not exist"},
		{"sdctl", "", "short control request"},
		{"sdM0/ctl", "part a 0 16", ""},
		{"sdM0/ctl", "part a 0 16", ""},
		{"sdM0/ctl", "part a 0 17", "bad process or channel control request"},
		{"sdM0/ctl", "part b 8 0x80", ""},
		{"sdM0/ctl", "part c 8 129", "i/o error"},
		{"sdM0/ctl", "part c 9 8", "i/o error"},
		{"sdM0/ctl", "part c -1 8", "i/o error"},
		{"sdM0/ctl", "part ctl 0 8", "bad process or channel control request"},
		{"sdM0/ctl", "part a/b 0 8", "bad process or channel control request"},
		{"sdM0/ctl", "part d", "bad process or channel control request"},
		{"sdM0/ctl", "delpart nosuch", "bad process or channel control request"},
		{"sdM0/ctl", "delpart data", ""},
		{"sdC0/data", "x", "i/o error"},
	} {
		same(t, test.name+": "+test.msg, x.write(test.name, test.msg), test.want)
	}
	same(t, "units", x.ls(""), "sdctl sdC0 sdM0")
	same(t, "controllers", x.read("sdctl"), "sdC disk 1 units\nsdM memory 1 units\n")
	same(t, "unit", x.ls("sdM0"), "ctl raw a b")
	same(t, "ctl", x.read("sdM0/ctl"), "inquiry ufo memory\ngeometry 128 512\npart a 0 16\npart b 8 128\n")
	same(t, "a bad disk", x.read("sdC0/data"), "i/o error")
}

func TestSDParts(t *testing.T) {
	srv := dev.NewSD(glenda, nil)
	x := tester{t, srv, t.Context()}
	x.write("sdctl", "memory M0 128k")
	x.write("sdM0/ctl", "part a 1 66")
	x.write("sdM0/ctl", "part b 65 100")
	a := x.open("sdM0/a", ninep.ORDWR)
	if n, err := a.Write(x.ctx, []byte("0123456789"), 65*512-5); n != 5 || err != nil {
		t.Errorf("a write over the end: %d, %v", n, err)
	}
	if _, err := a.Write(x.ctx, []byte("x"), 65*512); err != ninep.ErrIO {
		t.Errorf("a write behind the end: %v", err)
	}
	if _, err := a.Write(x.ctx, []byte(strings.Repeat("y", 40000)), 0); err != nil {
		t.Error(err)
	}
	if d, err := a.Stat(x.ctx); err != nil || d.Length != 65*512 || d.Mode != 0640 {
		t.Errorf("%v, %v", d, err)
	}
	b := x.read("sdM0/b")
	same(t, "what overlaps", b[:512], strings.Repeat("y", 512))
	same(t, "the rest", b[512:], strings.Repeat("\x00", 34*512))
	same(t, "delete what is open", x.write("sdM0/ctl", "delpart a"), "device or object already in use")
	same(t, "remove what is open", x.write("sdctl", "remove M0"), "device or object already in use")
	a.Close()
	old, err := x.at("sdM0/a")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	same(t, "delete", x.write("sdM0/ctl", "delpart a"), "")
	if err := old.Open(x.ctx, ninep.OREAD); err == nil || err.Error() != "media or partition has changed" {
		t.Errorf("open what was deleted: %v", err)
	}
	same(t, "remove", x.write("sdctl", "remove M0"), "")
	same(t, "units", x.ls(""), "sdctl")
}

// syncedDisk counts how often it was synced.
type syncedDisk struct {
	*dev.MemDisk
	n int
}

func (d *syncedDisk) Sync() error { d.n++; return nil }

// What was written to a disk is synced when it is closed, and only then.
func TestSDSync(t *testing.T) {
	disk := &syncedDisk{MemDisk: dev.NewMemDisk(64 << 10)}
	x := tester{t, dev.NewSD(glenda, []dev.Unit{{Name: "sdC0", Disk: disk}}), t.Context()}
	x.read("sdC0/data")
	f := x.open("sdC0/data", ninep.ORDWR)
	if _, err := f.Write(x.ctx, []byte("x"), 0); err != nil || disk.n != 0 {
		t.Errorf("written: %d times synced, %v", disk.n, err)
	}
	f.Close()
	x.read("sdC0/data")
	if disk.n != 1 {
		t.Errorf("closed: %d times synced", disk.n)
	}
	same(t, "it was not made here", x.write("sdctl", "remove C0"), "permission denied")
}

func TestSDReadOnly(t *testing.T) {
	x := tester{t, dev.NewSD(glenda, []dev.Unit{{Name: "sdC0", Disk: dev.NewMemDisk(64 << 10), ReadOnly: true}}), t.Context()}
	same(t, "partitions are views", x.write("sdC0/ctl", "part a 0 1"), "")
	for _, name := range []string{"sdC0/data", "sdC0/a"} {
		f, err := x.at(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Open(x.ctx, ninep.OWRITE); err != ninep.ErrPerm {
			t.Errorf("open %s for writing: %v", name, err)
		}
		if d, err := f.Stat(x.ctx); err != nil || d.Mode != 0440 {
			t.Errorf("%s: mode %v, %v", name, d.Mode, err)
		}
		f.Close()
	}
	same(t, "read", x.read("sdC0/a"), strings.Repeat("\x00", 512))
}

func TestSDRaw(t *testing.T) {
	x := tester{t, dev.NewSD(glenda, nil), t.Context()}
	x.write("sdctl", "memory M0 64k")
	raw := x.open("sdM0/raw", ninep.ORDWR)
	defer raw.Close()
	if f, err := x.at("sdM0/raw"); err != nil || f.Open(x.ctx, ninep.ORDWR) != ninep.ErrInUse {
		t.Errorf("opened twice: %v", err)
	} else {
		f.Close()
	}
	for _, test := range []struct{ name, cmd, data, status string }{
		{"ready", "\x00\x00\x00\x00\x00\x00", "", "0"},
		{"inquiry", "\x12\x00\x00\x00\x24\x00", "\x00\x00\x02\x00\x1f\x00\x00\x00ufo memory" + strings.Repeat(" ", 18), "0"},
		{"capacity", "\x25\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x7f\x00\x00\x02\x00", "0"},
		{"unknown", "\xff\x00\x00\x00\x00\x00", "", "2"},
		{"sense", "\x03\x00\x00\x00\x12\x00", "\x70\x00\x05\x00\x00\x00\x00\x0a\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00", "0"},
		{"sense once", "\x03\x00\x00\x00\x12\x00", "\x70\x00\x00\x00\x00\x00\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "0"},
	} {
		if _, err := raw.Write(x.ctx, []byte(test.cmd), 0); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		for _, want := range []string{test.data, test.status} {
			b := make([]byte, 100)
			n, err := raw.Read(x.ctx, b, 0)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			same(t, test.name, string(b[:n]), want)
		}
	}
	if _, err := raw.Read(x.ctx, make([]byte, 10), 0); err != ninep.ErrBadUseFD {
		t.Errorf("read without a command: %v", err)
	}
}

func TestSDConformance(t *testing.T) {
	srv := dev.NewSD(glenda, nil)
	x := tester{t, srv, t.Context()}
	x.write("sdctl", "memory M0 64k")
	strict := ninetest.Strict(srv)
	opt := ninetest.Options{ReadOnly: true, User: "glenda"}
	if err := opt.Test(t.Context(), strict); err != nil {
		t.Error(err)
	}
	if err := opt.TestWire(t.Context(), strict); err != nil {
		t.Errorf("over a wire: %v", err)
	}
	if err := strict.Check(); err != nil {
		t.Error(err)
	}
	for spec, want := range map[string]error{"sdM0": nil, "sdZ0": ninep.ErrNotExist, "junk": ninep.ErrBadSpec} {
		f, err := srv.Attach(t.Context(), "glenda", spec)
		if err != want {
			t.Errorf("attach %s: %v", spec, err)
		}
		if err == nil {
			f.Close()
		}
	}
}
