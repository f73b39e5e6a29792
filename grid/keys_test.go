package grid

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"ufo/auth"
	"ufo/cmd/disk"
	"ufo/cmd/keyfs"
	"ufo/dev"
	"ufo/ninep"
	"ufo/rootfs"
)

// A safe is the memory of nodes that are off, and a file server.
type safe struct {
	t    *testing.T
	disk *disk.Disk
	mem  map[string]dev.Disk
}

func newSafe(t *testing.T) *safe {
	d, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.Files()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return &safe{t, d, map[string]dev.Disk{}}
}

// keys makes the keys of a grid that has the memory, and returns what becomes of it.
func (s *safe) keys(text string, people ...Person) (*Grid, error) {
	s.t.Helper()
	top, err := ParseTopology("lab.ndb", text)
	if err != nil {
		s.t.Fatal(err)
	}
	g, err := New(Config{Topology: top, Root: s.disk, Keys: true, People: people, Nvram: func(node string) dev.Disk {
		if s.mem[node] == nil {
			s.mem[node] = dev.NewMemDisk(dev.NvramSize)
		}
		return s.mem[node]
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	return g, g.makeKeys(s.t.Context())
}

// nvram returns what a node remembers.
func (s *safe) nvram(node string) *auth.Nvram {
	b := make([]byte, dev.NvramSize)
	s.mem[node].ReadAt(s.t.Context(), b, 0)
	nv, err := auth.ParseNvram(b)
	if err != nil {
		return nil
	}
	return nv
}

// file returns the keys of users, as a keyfs with the key of a node has them.
func (s *safe) file(node string) map[string]auth.Key {
	ctx, nv := s.t.Context(), s.nvram(node)
	f, err := keyfs.New(ctx, keyfs.Config{Owner: nv.Authid, Key: nv.Key, Store: keyStore{s.disk, nv.Authid}})
	if err != nil {
		s.t.Fatal(err)
	}
	root, err := f.Attach(ctx, nv.Authid, "")
	if err != nil {
		s.t.Fatal(err)
	}
	defer root.Close()
	if err := root.Open(ctx, ninep.OREAD); err != nil {
		s.t.Fatal(err)
	}
	dirs, _ := root.ReadDir(ctx)
	keys := make(map[string]auth.Key)
	for _, d := range dirs {
		again, _ := f.Attach(ctx, nv.Authid, "")
		aes, err1 := ninep.ReadFile(ctx, again, d.Name+"/aeskey")
		des, err2 := ninep.ReadFile(ctx, again, d.Name+"/key")
		again.Close()
		if err := errors.Join(err1, err2); err != nil {
			s.t.Error(err)
		}
		var k auth.Key
		copy(k.AES[:], aes)
		copy(k.DES[:], des)
		keys[d.Name] = k
	}
	return keys
}

// A keyStore is the file of keys as its owner reads it.
type keyStore struct {
	disk  *disk.Disk
	owner string
}

func (s keyStore) Version(context.Context) (keyfs.Version, error) {
	return keyfs.Version{Length: 1}, nil
}

func (s keyStore) Read(ctx context.Context) ([]byte, error) {
	root, err := s.disk.Attach(ctx, s.owner, "")
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return ninep.ReadFile(ctx, root, keyFile)
}

func (s keyStore) Write(context.Context, []byte) error { return ninep.ErrPerm }

// who returns the names of users in a file.
func who(keys map[string]auth.Key) string {
	var names []string
	for _, name := range []string{"adm", "bootes", "glenda", "ken"} {
		if _, ok := keys[name]; ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

const (
	dom    = "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0\n\tfs=n1 auth=n1 authdom=lab\n"
	nodes3 = "sys=n1 ip=10.9.0.1\n\trole=fs role=auth\nsys=n2 ip=10.9.0.2\n\trole=cpu\nsys=term ip=10.9.0.9\n\trole=terminal user=adm\n"
)

// TestMakeKeys makes the keys of a grid, and boots it again with what is left of them.
func TestMakeKeys(t *testing.T) {
	s := newSafe(t)
	s.disk.Admit("adm")
	g, err := s.keys(dom + nodes3)
	if err != nil || g.Domain() != "lab" || !g.Keyed("term") || g.Keyed("other") {
		t.Fatalf("%v, domain %s", err, g.Domain())
	}
	keys := s.file("n1")
	if who(keys) != "adm glenda" || s.nvram("n1").Key != keys["glenda"] || s.nvram("n2").Key != keys["glenda"] || s.nvram("term").Key != keys["adm"] || keys["adm"] == keys["glenda"] {
		t.Errorf("of two owners on three nodes: %s", who(keys))
	}
	for _, c := range []struct {
		name string
		text string
		do   func()
		same bool // the keys stay what they were
		old  bool // and there are some of p9sk1
	}{
		{"booted again", dom + nodes3, func() {}, true, false},
		{"a node forgot", dom + nodes3, func() { delete(s.mem, "n2") }, true, false},
		{"a new node", dom + nodes3 + "sys=n5 ip=10.9.0.5\n\trole=cpu\n", func() {}, true, false},
		{"the file is gone", dom + nodes3, func() { s.remove(keyFile) }, true, false},
		{"interrupted while the file was written", dom + nodes3, func() { s.rename(keyFile, "keys.new") }, true, false},
		{"p9sk1 is allowed", strings.Replace(dom, "authdom=lab", "authdom=lab authproto=p9sk1", 1) + nodes3, func() {}, true, true},
		{"and not any more", dom + nodes3, func() {}, true, true},
		{"on one node", dom + nodes3 + "\tauthproto=p9sk1\n", func() { s.remove(keyFile); clear(s.mem) }, false, false},
		{"all is gone", dom + nodes3, func() { s.remove(keyFile); clear(s.mem) }, false, false},
	} {
		c.do()
		if _, err := s.keys(c.text); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		now := s.file("n1")
		if (now["glenda"].AES == keys["glenda"].AES) != c.same || c.old != hasDES(now["glenda"]) || s.nvram("n2").Key != now["glenda"] || who(now) != "adm glenda" {
			t.Errorf("%s: %s", c.name, who(now))
		}
		keys = now
	}
	delete(s.mem, "n1")
	if g, err := s.keys(dom + nodes3); err == nil || g.Domain() != "" || !strings.HasPrefix(err.Error(), "the key of n1 is forgotten") {
		t.Errorf("the server forgot: %v", err)
	}
}

func hasDES(k auth.Key) bool { return k.HasDES() }

// TestMakePeople gives people keys, of whom one owns nodes.
func TestMakePeople(t *testing.T) {
	s := newSafe(t)
	text := dom + "sys=n1 ip=10.9.0.1\n\trole=fs role=auth\nsys=n2 ip=10.9.0.2\n\trole=cpu\n"
	if _, err := s.keys(text, Person{"ken", "a password"}); err != nil {
		t.Fatal(err)
	}
	before := s.file("n1")
	if who(before) != "glenda ken" || before["ken"].AES != auth.PassKey("a password").AES {
		t.Errorf("ken: %s", who(before))
	}
	if _, err := s.keys(text, Person{"glenda", "hers"}); err != nil {
		t.Fatal(err)
	}
	now := s.file("n1")
	if hers := auth.PassKey("hers").AES; now["glenda"].AES != hers || s.nvram("n2").Key != (auth.Key{AES: hers}) || now["ken"] != before["ken"] {
		t.Error("the owner has no password")
	}
	if _, err := s.keys(text, Person{"a/b", "x"}); err == nil {
		t.Error("a name that nobody can have")
	}
	if who(s.file("n1")) != "glenda ken" {
		t.Error("and all others are gone")
	}
}

// TestNoKeys makes none where there is no domain, or somebody else has.
func TestNoKeys(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"no domain", "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0\n\tfs=n1 auth=n1\n" + nodes3},
		{"no server of it", "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0\n\tfs=n1 authdom=lab\n" + nodes3},
		{"a server elsewhere", "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0\n\tfs=n1 auth=p9auth.com authdom=lab\n" + strings.ReplaceAll(nodes3, " role=auth", "")},
	} {
		s := newSafe(t)
		if g, err := s.keys(c.text); err != nil || g.Domain() != "" || g.Keyed("n1") || s.nvram("n1") != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	s := newSafe(t)
	s.mem["n1"] = dev.NewMemDisk(dev.NvramSize)
	theirs, _ := (&auth.Nvram{Key: *auth.PassKey("x"), Authid: "bootes", Authdom: "lab"}).Bytes()
	s.mem["n1"].WriteAt(t.Context(), theirs, 0)
	if g, err := s.keys(dom + nodes3); err != nil || g.Domain() != "" || s.nvram("n2") != nil {
		t.Errorf("a server of another owner: %v", err)
	}
	if _, err := s.keys(dom+nodes3, Person{"ken", "x"}); err == nil {
		t.Error("people of a server of another owner")
	}
	b := make([]byte, len(theirs))
	if s.mem["n1"].ReadAt(t.Context(), b, 0); !bytes.Equal(b, theirs) {
		t.Error("it remembers something else")
	}
}

// remove removes a file of the disk.
func (s *safe) remove(name string) {
	s.at(name, func(f ninep.File) error { return f.Remove(s.t.Context()) })
}

// rename gives a file of the disk another name.
func (s *safe) rename(name, to string) {
	d := ninep.NullDir
	d.Name = to
	s.at(name, func(f ninep.File) error { return f.Wstat(s.t.Context(), d) })
}

func (s *safe) at(name string, do func(ninep.File) error) {
	s.t.Helper()
	root, err := s.disk.Attach(s.t.Context(), "glenda", "")
	if err != nil {
		s.t.Fatal(err)
	}
	defer root.Close()
	f, _, err := ninep.WalkNames(s.t.Context(), root, strings.Split(name, "/"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if err := do(f); err != nil {
		s.t.Fatal(err)
	}
}
