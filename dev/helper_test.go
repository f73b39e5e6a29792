package dev_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"ufo/dev"
	"ufo/grid"
	"ufo/ninep"
)

// glenda owns the nodes of tests.
var glenda = dev.Host{Owner: "glenda"}

// A tester uses a device as a kernel's caller would, and fails its test when
// something does not work.
type tester struct {
	t   *testing.T
	srv ninep.Server
	ctx context.Context
}

// at returns the file of a new attach, to be closed by the caller.
func (x tester) at(name string) (ninep.File, error) {
	x.t.Helper()
	root, err := x.srv.Attach(x.ctx, "glenda", "")
	if err != nil {
		x.t.Fatal(err)
	}
	return x.from(root, name)
}

// from walks from f, which it closes.
func (x tester) from(f ninep.File, name string) (ninep.File, error) {
	defer f.Close()
	names := strings.Split(name, "/")
	if name == "" {
		names = nil
	}
	nf, qids, err := ninep.WalkNames(x.ctx, f, names)
	if len(qids) < len(names) && err == nil {
		err = ninep.ErrNotExist
	}
	if err != nil && nf != nil {
		nf.Close()
	}
	return nf, err
}

// open returns the open file.
func (x tester) open(name string, mode ninep.Mode) ninep.File {
	x.t.Helper()
	f, err := x.at(name)
	if err == nil {
		err = f.Open(x.ctx, mode)
	}
	if err != nil {
		x.t.Fatalf("%s: %v", name, err)
	}
	return f
}

// read returns a file's contents, or the text of the error.
func (x tester) read(name string) string {
	x.t.Helper()
	f, err := x.at(name)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if err := f.Open(x.ctx, ninep.OREAD); err != nil {
		return err.Error()
	}
	var text []byte
	for buf := make([]byte, 8192); ; {
		n, err := f.Read(x.ctx, buf, int64(len(text)))
		if err != nil {
			return err.Error()
		}
		if n == 0 {
			return string(text)
		}
		text = append(text, buf[:n]...)
	}
}

// ls returns the names in a directory.
func (x tester) ls(name string) string {
	x.t.Helper()
	f := x.open(name, ninep.OREAD)
	defer f.Close()
	dirs, err := f.ReadDir(x.ctx)
	if err != nil {
		x.t.Fatalf("%s: %v", name, err)
	}
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name)
	}
	return strings.Join(names, " ")
}

// same fails the test unless got is want.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// wireOf returns the links of n1 on a new wire, and two nodes' attachments.
func wireOf(t *testing.T) (links dev.Links, n1, n2 dev.Wire) {
	t.Helper()
	w := grid.NewWire()
	var plugs []dev.Wire
	for i, name := range []string{"n1", "n2", "n3"} {
		addr := netip.AddrFrom4([4]byte{10, 9, 0, byte(i + 1)})
		if err := w.Add(name, addr); err != nil {
			t.Fatal(err)
		}
		plug, err := w.Plug(name)
		if err != nil {
			t.Fatal(err)
		}
		plugs = append(plugs, plug)
	}
	return w.Links("n1"), plugs[0], plugs[1]
}

// number formats a number as devices do.
func number(n int) string { return fmt.Sprintf("%11d ", n) }
