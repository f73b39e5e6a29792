package dev_test

import (
	"strconv"
	"strings"
	"testing"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// post posts a descriptor under a name.
func (x user) post(name string, fd int) {
	x.t.Helper()
	srv := x.create(name, ninep.OWRITE, 0600)
	defer x.p.Close(srv)
	if _, err := x.p.Write(srv, []byte(strconv.Itoa(fd)+"\n")); err != nil {
		x.t.Fatalf("%s: %v", name, err)
	}
}

func TestSrv(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		same(t, "board", x.ls("#s"), "clone")
		a, b, _ := x.p.Pipe()
		x.post("#s/pipe", a)
		x.p.Close(a)
		same(t, "posted", x.ls("#s"), "clone pipe")
		x.p.Write(b, []byte("hello"))
		fd := x.open("#s/pipe", ninep.ORDWR)
		buf := make([]byte, 100)
		n, _ := x.p.Read(fd, buf)
		same(t, "the posted pipe", string(buf[:n]), "hello")
		for _, c := range []struct{ name, want, got string }{
			{"create what exists", "file already exists", bare(second(x.p.Create("#s/pipe", ninep.OWRITE, 0600)))},
			{"create for reading", "permission denied", bare(second(x.p.Create("#s/r", ninep.OREAD, 0600)))},
			{"make a directory", "permission denied", bare(second(x.p.Create("#s/d", ninep.OREAD, ninep.DMDIR|0700)))},
			{"remove on close", "permission denied", bare(second(x.p.Open("#s/pipe", ninep.OREAD|ninep.ORCLOSE)))},
		} {
			same(t, c.name, c.got, c.want)
		}
		empty := x.create("#s/empty", ninep.OWRITE, 0600)
		same(t, "nothing posted", x.cat("#s/empty"), "device shut down")
		for text, want := range map[string]string{
			"": "bad arg in system call", "x": "bad arg in system call", "99": "fd out of range or not open",
		} {
			_, err := x.p.Write(empty, []byte(text))
			same(t, "post "+text, bare(err), want)
		}
		x.p.Write(empty, []byte(strconv.Itoa(b)))
		_, err := x.p.Write(empty, []byte(strconv.Itoa(b)))
		same(t, "post twice", bare(err), "inappropriate use of fd")
		d := ninep.NullDir
		d.Name = "full"
		if err := x.p.Wstat("#s/empty", d); err != nil {
			t.Error(err)
		}
		same(t, "renamed", x.ls("#s"), "clone pipe full")
		brief := x.create("#s/brief", ninep.OWRITE|ninep.ORCLOSE, 0600)
		x.p.Write(brief, []byte(strconv.Itoa(b)))
		same(t, "remove on close", x.ls("#s"), "clone pipe full brief")
		x.p.Close(brief)
		same(t, "closed", x.ls("#s"), "clone pipe full")
	})
	m.run("rob", func(x user) {
		same(t, "another user opens", x.cat("#s/pipe"), "permission denied")
		same(t, "another user removes", bare(x.p.Remove("#s/pipe")), "permission denied")
	})
	m.run("glenda", func(x user) {
		if err := x.p.Remove("#s/pipe"); err != nil {
			t.Errorf("host owner removes: %v", err)
		}
		same(t, "removed", x.ls("#s"), "clone full")
	})
}

func second[T any](_ T, err error) error { return err }

func TestSrvMount(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		fd, done, err := x.p.ServerFd("#|/data", dev.NewRoot(glenda, dev.RootConfig{Builtins: []string{"ls"}}))
		if err != nil {
			t.Fatal(err)
		}
		x.post("#s/tree", fd)
		x.p.Close(fd)
		if fd, err = x.p.Open("#s/tree", ninep.ORDWR); err == nil {
			err = x.p.Mount(fd, -1, "/mnt", ns.MREPL, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, "mounted", x.cat("/mnt/ufo/bin/ls"), "#builtin ls\n")
		text, _ := x.p.NS()
		same(t, "name space", strings.Split(text, "\n")[0], "mount  /srv/tree /mnt")
		x.p.Unmount("", "/mnt")
		select {
		case <-done:
			t.Error("what is posted is gone")
		default:
		}
		x.p.Remove("#s/tree")
		<-done
	})
}

func TestSrvBoards(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		lease := x.open("#s/clone", ninep.OREAD)
		buf := make([]byte, 20)
		n, _ := x.p.Read(lease, buf)
		id := string(buf[:n])
		same(t, "boards", x.ls("#s"), "clone "+id)
		a, _, _ := x.p.Pipe()
		x.post("#s/"+id+"/pipe", a)
		same(t, "by name", x.ls("#s/"+id), "clone pipe")
		same(t, "by specifier", x.ls("#s"+id), "clone pipe")
		m.run("rob", func(x user) { same(t, "another user", x.ls("#s/"+id), "permission denied") })
		inner := x.open("#s/"+id+"/clone", ninep.OREAD)
		n, _ = x.p.Read(inner, buf)
		deep := id + "/" + string(buf[:n])
		x.p.Bind("#s/"+id, "/srv", ns.MREPL|ns.MCREATE)
		x.p.Fork(0, func(p *proc.Proc) error { return p.Close(lease) })
		x.p.Wait()
		same(t, "kept by the board below", x.ls("#s/"+deep), "clone")
		same(t, "closed", x.ls("/srv"), "clone "+string(buf[:n]))
		same(t, "post on a closed board", bare(second(x.p.Create("/srv/x", ninep.OWRITE, 0600))), "device shut down")
		x.p.Close(inner)
		same(t, "gone", x.ls("#s"), "clone")
	})
}
