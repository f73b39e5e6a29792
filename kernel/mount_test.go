package kernel_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// late is a connection on which what is written arrives a while later.
type late struct{ io.ReadWriteCloser }

func (l late) Write(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return l.ReadWriteCloser.Write(p)
}

// A connection can be mounted again as soon as it was unmounted: what the
// mount before it has still under way does no harm.
func TestRemount(t *testing.T) { synctest.Test(t, remount) }

func remount(t *testing.T) {
	boot(t, func(p *proc.Proc) error {
		a, b, err := p.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		conn, err := p.Conn(b)
		if err != nil {
			t.Fatal(err)
		}
		p.Close(b)
		served := make(chan error)
		tree := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.Text("x", "hi\n")}})
		go func() { served <- ninep.Serve(p.Life(), late{conn}, tree, nil) }()
		for range 10 {
			fd, err := p.Dup(a, -1)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Mount(fd, -1, "/n", ns.MREPL, ""); err != nil {
				t.Fatal(err)
			}
			if b, err := p.ReadFile("/n/x"); err != nil || string(b) != "hi\n" {
				t.Fatalf("%q %v", b, err)
			}
			if err := p.Unmount("", "/n"); err != nil {
				t.Fatal(err)
			}
		}
		p.Close(a)
		if err := <-served; err != nil {
			t.Error(err)
		}
		return nil
	})
}
