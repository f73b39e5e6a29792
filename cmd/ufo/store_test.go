package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ufo/cmd/disk"
	"ufo/ninep"
)

// A log that is written anew takes the old one's place on the host, and what
// is left of an attempt at it is in nobody's way.
func TestReplace(t *testing.T) {
	ctx := context.Background()
	name := filepath.Join(t.TempDir(), "fs.disk")
	if err := os.WriteFile(name+".new", []byte("half of a lo"), 0600); err != nil {
		t.Fatal(err)
	}
	s, err := openStore(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := disk.Open(disk.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	root, err := d.Attach(ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := root.Create(ctx, "f", 0600, ninep.ORDWR)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 64<<10)
	for i := range 100 {
		p[0] = byte(i)
		if _, err := f.Write(ctx, p, 0); err != nil {
			t.Fatal(err)
		}
	}
	f.Read(ctx, p, 0)
	info, err := os.Stat(name)
	if p[0] != 99 || err != nil || info.Size() > 3<<20 {
		t.Errorf("read %d from a log of %d bytes, %v", p[0], info.Size(), err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(name + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s.new is left: %v", name, err)
	}
	if s, err = openStore(name); err == nil {
		d, err = disk.Open(disk.Config{Store: s})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if root, err = d.Attach(ctx, "glenda", ""); err == nil {
		var text string
		if text, err = readFile(ctx, root, "f"); err == nil && (len(text) != len(p) || text[0] != 99) {
			t.Errorf("after a restart: %d bytes, the first is %d", len(text), text[0])
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// A failed attempt leaves the old log.
func TestReplaceFails(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fs.disk")
	s, err := openStore(name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.WriteAt([]byte("old"), 0)
	_, err = s.Replace(func(disk.Store) error { return ninep.ErrIO })
	if b, _ := os.ReadFile(name); !errors.Is(err, ninep.ErrIO) || string(b) != "old" {
		t.Errorf("%v; the log is %q", err, b)
	}
	if _, err := s.WriteAt([]byte("older"), 0); err != nil {
		t.Error(err)
	}
}
