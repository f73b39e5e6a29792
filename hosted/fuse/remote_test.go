//go:build linux

package fuse

import (
	"context"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// overWire returns a client of srv at the other end of a connection.
func overWire(t *testing.T, srv ninep.Server) *ninep.Client {
	t.Helper()
	ctx := context.Background()
	a, b := ninep.Pipe()
	served := make(chan error, 1)
	go func() { served <- ninep.Serve(ctx, b, srv, nil) }() // ends when the client closes the connection
	c, err := ninep.NewClient(ctx, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		<-served
	})
	return c
}

// TestRemote mounts trees that are reached by 9P: reads and writes come in
// pieces, and an interrupt is a Tflush.
func TestRemote(t *testing.T) {
	w := newWorld()
	for _, tt := range []struct {
		name         string
		srv          ninep.Server
		script, want string
	}{
		{"a big file", ramfs.New("glenda", time.Now, 0), "seq 300000 > f; seq 300000 | cmp - f && wc -c < f; tail -n 1 f", "1988895\n300000"},
		{"a big file at once", ramfs.New("glenda", time.Now, 0), "seq 300000 | dd of=f bs=1M iflag=fullblock status=none; seq 300000 | cmp - f && dd if=f bs=1M status=none | wc -c", "1988895"},
		{"executed", ramfs.New("glenda", time.Now, 0), "cp /bin/sh . && ./sh -c 'echo runs'", "runs"},
		{"names", ramfs.New("glenda", time.Now, 0), "mkdir d; echo a > d/a; echo b > d/b; mv d/a d/b; cat d/b; rm -r d; ls", "a"},
		{"an open file that is removed", ramfs.New("glenda", time.Now, 0), "exec 3<> f; rm f; echo text >&3; stat -L -c %s /dev/fd/3", "5"},
		{"interrupted", w, "timeout -s INT 0.1 cat blocks; echo $?; cat text", "124\nsome text"},
		{"killed", w, "timeout -s KILL 0.1 cat blocks; echo $?", "Killed\n137"},
		{"a clone file", w, "exec 3< clone; cat <&3", "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, _ := mountAt(t, overWire(t, tt.srv), Options{})
			wants(t, sh(t, dir, tt.script), tt.want)
		})
	}
	eventually(t, "nothing blocks", func() bool { return w.blocked.Load() == 0 })
}

// TestHungup sees errors, not an end, when the connection to the server ends.
func TestHungup(t *testing.T) {
	c := overWire(t, ramfs.New("glenda", time.Now, 0))
	dir, m := mountAt(t, c, Options{})
	wants(t, sh(t, dir, "echo text > f; cat f"), "text")
	c.Close()
	wants(t, sh(t, "/", "cat "+dir+"/f 2>&1 | grep -o 'Input/output error'"), "Input/output error")
	if err := m.Unmount(); err != nil {
		t.Error(err)
	}
}
