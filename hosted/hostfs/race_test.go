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
