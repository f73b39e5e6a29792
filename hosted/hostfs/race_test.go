package hostfs

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"ufo/ninep"
)

// TestRace has the host put other things in the place of a file and of a
// directory, all the time, while guests use them: links out, a fifo, and what
// belongs there. What is outside must neither be seen nor change.
func TestRace(t *testing.T) {
	dir := host(t, "in/d/f", "in/ro/f", "in/f", "out/f", "out/d/f", "spare/")
	populate(t, dir, "spare/out -> ../out", "spare/abs -> "+dir+"/out", "spare/ro -> ro", "spare/file -> ../out/f")
	if err := syscall.Mkfifo(dir+"/spare/fifo", 0o666); err != nil {
		t.Fatal(err)
	}
	srv := serve(t, Dir{Path: dir + "/in", Write: true}, Dir{Path: dir + "/in/ro"})
	before, ro := tree(t, dir+"/out"), tree(t, dir+"/in/ro")
	fds := openFiles()
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, s := range []struct {
		name   string
		spares []string
	}{{"d", []string{"out", "abs", "ro", "fifo"}}, {"f", []string{"file", "fifo"}}} {
		wg.Go(func() { // ends when done is closed
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				at, spare := dir+"/in/"+s.name, dir+"/spare/"+s.spares[i%len(s.spares)]
				os.Rename(at, dir+"/spare/was"+s.name)
				os.Rename(spare, at)
				os.Rename(at, spare)
				os.Rename(dir+"/spare/was"+s.name, at)
			}
		})
	}
	var guests sync.WaitGroup
	for range 4 {
		guests.Go(func() {
			root, err := srv.Attach(t.Context(), "glenda", dir+"/in")
			if err != nil {
				t.Error(err)
				return
			}
			defer root.Close()
			g := guest{t.Context(), root}
			for range 400 {
				for _, got := range []string{g.read("d/f"), g.read("f")} {
					if strings.Contains(got, "out") {
						t.Errorf("read %q", got)
					}
				}
				if got := g.ls("d"); strings.Contains(got, "out") {
					t.Errorf("listed %q", got)
				}
				g.write("d/f")
				g.write("f")
				g.open("f", ninep.OWRITE|ninep.OTRUNC)
				g.create("d", "x", 0666)
				g.create("d", "y", ninep.DMDIR|0777)
				g.chmod("d/x", 0640)
				g.chmod("f", 0600)
				g.resize("f")
				g.rename("d/x", "z")
				g.remove("d/z")
				g.remove("d/x")
				g.remove("d/y")
			}
		})
	}
	guests.Wait()
	close(done)
	wg.Wait()
	if tree(t, dir+"/out") != before {
		t.Error("what is outside changed")
	}
	if tree(t, dir+"/in/ro") != ro {
		t.Error("what may only be read changed")
	}
	if now := openFiles(); now != fds {
		t.Errorf("%d files open, %d before", now, fds)
	}
}

// TestSwapped puts something else in the place of a file between the look at
// it and its use, each time.
func TestSwapped(t *testing.T) {
	for _, row := range []struct {
		name, swap string // what takes the place; "fifo" is one
		use        func(t *trail) error
		want       string
	}{
		{"directory entered, is a link", "x -> e", (*trail).enter, none},
		{"directory entered, is a link out", "x -> ../out", (*trail).enter, perm},
		{"directory entered, is another", "x/", (*trail).enter, none},
		{"directory entered, is a fifo", "fifo", (*trail).enter, "not a directory"},
		{"opened, is a link", "x -> f", openIt, none},
		{"opened, is a link out", "x -> ../out/f", openIt, none},
		{"opened, is another", "x", openIt, none},
		{"opened, is a fifo", "fifo", openIt, none},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := host(t, "in/d/f", "in/e/f", "in/f", "out/f")
			srv, err := New("glenda", []Dir{{Path: dir + "/in", Write: true}})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			tr, err := srv.trail(srv.grants[0], "glenda", "d")
			if err != nil {
				t.Fatal(err)
			}
			defer tr.close()
			if err := os.Rename(dir+"/in/d", dir+"/in/was"); err != nil {
				t.Fatal(err)
			}
			if row.swap == "fifo" {
				err = syscall.Mkfifo(dir+"/in/d", 0o666)
			} else {
				populate(t, dir+"/in", row.swap)
				err = os.Rename(dir+"/in/x", dir+"/in/d")
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := row.use(tr); text(err) != row.want {
				t.Errorf("%v, want %q", err, row.want)
			}
		})
	}
}

// openIt opens the end of a trail for reading.
func openIt(t *trail) error {
	f, err := t.open(ninep.OREAD)
	if err == nil {
		f.Close()
	}
	return err
}
