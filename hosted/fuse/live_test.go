//go:build linux

package fuse

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// A world is a Tree with files that ramfs does not have.
type world struct {
	*ninep.Tree
	blocked atomic.Int64 // reads of "blocks" in progress
	opens   atomic.Int64 // of "clone"
	text    atomic.Value // what "text" reads

	mu  sync.Mutex // guards ctl
	ctl []string   // what was written to "ctl"
}

func newWorld() *world {
	w := &world{}
	w.text.Store("some text\n")
	wait := func(ctx context.Context) error {
		w.blocked.Add(1)
		defer w.blocked.Add(-1)
		<-ctx.Done()
		return ninep.ErrIntr
	}
	fails := func(context.Context) ([]byte, error) { panic("a bug in a file server") }
	var pipe atomic.Int64 // what has gone through "pipe"
	dup := ninep.Text("twice", "first")
	w.Tree = ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{
		{Name: "text", Read: func(context.Context) ([]byte, error) { return []byte(w.text.Load().(string)), nil }},
		{Name: "blocks", Perm: 0666,
			ReadAt:  func(ctx context.Context, _ []byte, _ int64) (int, error) { return 0, wait(ctx) },
			WriteAt: func(ctx context.Context, _ []byte, _ int64) (int, error) { return 0, wait(ctx) }},
		{Name: "opens", Perm: 0444, Open: func(ctx context.Context, _ string, _ ninep.Mode) (*ninep.Node, error) { return nil, wait(ctx) }},
		{Name: "ctl", Perm: 0666,
			Read: func(context.Context) ([]byte, error) { return []byte(strings.Join(w.written(), ",") + "\n"), nil },
			Write: func(_ context.Context, p []byte) error {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.ctl = append(w.ctl, strings.TrimSpace(string(p)))
				return nil
			}},
		{Name: "clone", Perm: 0666, Open: func(context.Context, string, ninep.Mode) (*ninep.Node, error) {
			n := w.opens.Add(1)
			f := ninep.Text("ctl", fmt.Sprintln(n))
			f.Path = uint64(n)
			return f, nil
		}},
		{Name: "stream", ReadAt: func(_ context.Context, p []byte, off int64) (int, error) {
			return copy(p, strings.Repeat("line\n", 1000)[min(off, 5000):min(off+7, 5000)]), nil
		}},
		{Name: "pipe", Stat: func(d *ninep.Dir) { d.Length = 5 },
			ReadAt: func(ctx context.Context, p []byte, _ int64) (int, error) {
				if n := pipe.Add(1); n <= 3 {
					return copy(p, "line\n"), nil
				}
				return 0, wait(ctx)
			}},
		{Name: "pieces", Length: 100000, ReadAt: func(_ context.Context, p []byte, off int64) (int, error) {
			return copy(p, strings.Repeat("x", 100000)[min(off, 100000):min(off+1000, 100000)]), nil
		}},
		{Name: "panics", Read: fails},
		{Name: "hangs", Read: func(ctx context.Context) ([]byte, error) { return nil, wait(ctx) }},
		{Name: "secret", Perm: 0200, Read: fails},
		{Name: "hangs up", ReadAt: func(context.Context, []byte, int64) (int, error) { return 0, ninep.ErrHungup }},
		dup, ninep.Text("twice", "second"), ninep.Text(strings.Repeat("x", 300), ""),
	}})
	return w
}

func (w *world) written() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.ctl...)
}

// TestDevices reads and writes files that are made when they are read.
func TestDevices(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"a text", "cat text", "some text"},
		{"has its true length", "stat -c %s text", "10"},
		{"and an end", "tail -c 5 text; grep -c text text; cp text /tmp/$$; cat /tmp/$$; rm /tmp/$$; dd if=text bs=3 status=none", "text\n1\nsome text\nsome text"},
		{"a control file", "echo one > ctl; echo two >> ctl; cat ctl; stat -c %s ctl; head -c 3 ctl", "one,two\n0\none"},
		{"a message is a write", "printf 'a\\nb\\nc' > ctl; cat ctl", "a\nb\nc"},
		{"a stream that trickles", "wc -l < stream; grep -c line stream; dd if=stream bs=100 status=none | wc -c; tail -n 1 stream", "1000\n1000\n5000\nline"},
		{"what is looked at is not opened", "ls -l > /tmp/$$; find . -type f > /tmp/$$; stat clone > /tmp/$$; rm /tmp/$$; cat clone", "1"},
		{"an open clone file is another", "exec 3< clone; stat -L -c %s /dev/fd/3; stat -c %s clone", "0\n0"},
		{"a file that is read in pieces is mapped whole", "grep -c '^x*$' pieces; python3 -c \"import mmap; f=open('pieces'); print(mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[:].count(b'x'))\"", "1\n100000"},
		{"copied by cp", "cp stream /tmp/$$; wc -c < /tmp/$$; rm /tmp/$$", "5000"},
		{"one open file", "exec 3< clone; cat <&3; cat clone", "1\n2"},
		{"a text that hangs", "stat -c %s hangs; timeout 0.2 cat hangs; echo $?", "0\n124"},
		{"no permission", "cat secret 2>&1 | grep -o denied; ls -l secret | cut -c1-10", "denied\n--w-------"},
		{"a hangup", "cat 'hangs up' 2>&1 | grep -o 'Input/output error'", "Input/output error"},
		{"a panic", "ls -l > /tmp/$$; cat panics 2>&1 | grep -o 'Input/output error'; rm /tmp/$$; cat text", "Input/output error\nsome text"},
		{"a name listed twice", "ls | grep -c twice; cat twice", "1\nfirst"},
		{"a name too long for the host", "ls | grep -c xxxx", "0\nexit status 1"},
		{"create is forbidden", "touch new 2>&1 | grep -o denied; rm text 2>&1 | grep -o denied", "denied\ndenied"},
	} {
		for _, cache := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, cache %v", tt.name, cache), func(t *testing.T) {
				dir, _ := mountAt(t, newWorld(), Options{Cache: cache})
				wants(t, sh(t, dir, tt.script), tt.want)
			})
		}
	}
}

// TestTextChanges sees a text as it is now.
func TestTextChanges(t *testing.T) {
	w := newWorld()
	dir, _ := mountAt(t, w, Options{})
	for _, text := range []string{"a\n", "a longer one\n", "", "b\n"} {
		w.text.Store(text)
		wants(t, sh(t, dir, "cat text; stat -c %s text"), text+fmt.Sprint(len(text)))
	}
}

// TestInterrupt interrupts what blocks.
func TestInterrupt(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"a read", "timeout -s INT 0.2 cat blocks; echo $?", "124"},
		{"a read that is killed", "timeout -s KILL 0.2 cat blocks; echo $?", "Killed\n137"},
		{"a write", "timeout -s INT 0.2 sh -c 'echo x > blocks'; echo $?", "124"},
		{"an open", "timeout -s INT 0.2 cat opens; echo $?", "124"},
		{"a pipe, which holds nothing back", "timeout 0.3 cat pipe; echo $?", "line\nline\nline\n124"},
		{"others go on", "cat blocks & sleep 0.1; cat text; kill $!", "some text"},
		{"others of the same open file go on", "exec 3< blocks; timeout 1 cat <&3 & timeout 0.2 cat <&3; echo $?; wait; echo $?", "124\n0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			dir, _ := mountAt(t, w, Options{})
			wants(t, sh(t, dir, tt.script), tt.want)
			eventually(t, "nothing blocks", func() bool { return w.blocked.Load() == 0 })
		})
	}
}

// TestManyBlocked has many readers that cost no threads and end when they are
// killed.
func TestManyBlocked(t *testing.T) {
	w := newWorld()
	dir, m := mountAt(t, w, Options{})
	const n = 500
	before := runtime.NumGoroutine()
	kill := start(t, dir, fmt.Sprintf("i=0; while [ $i -lt %d ]; do cat blocks & i=$((i+1)); done; wait", n))
	eventually(t, "all read", func() bool { return w.blocked.Load() == n })
	if got := threads(t); got > 60 {
		t.Errorf("%d threads for %d readers", got, n)
	}
	wants(t, sh(t, dir, "cat text"), "some text")
	began := time.Now()
	kill()
	eventually(t, "nobody reads", func() bool { return w.blocked.Load() == 0 })
	t.Logf("ended in %v", time.Since(began))
	if err := m.Unmount(); err != nil {
		t.Error(err)
	}
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}

// threads returns how many threads the process has.
func threads(t *testing.T) (n int) {
	t.Helper()
	list, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestBehind changes a tree behind the back of a mount that has it open.
func TestBehind(t *testing.T) {
	srv := ramfs.New("glenda", time.Now, 0)
	write(t, srv, "f", "one")
	dir, _ := mountAt(t, srv, Options{})
	see := func(script, want string) {
		t.Helper()
		wants(t, sh(t, dir, script), want)
	}
	see("cat f; stat -c %s f", "one3")
	write(t, srv, "f", "longer than one")
	see("cat f; echo; stat -c %s f", "longer than one\n15")
	remove(t, srv, "f")
	see("cat f 2>&1 | grep -o 'No such'; ls", "No such")
	write(t, srv, "f", "new")
	see("cat f; ls", "newf")
	remove(t, srv, "f")
	see("mkdir f; touch f/x", "")
	see("ls f", "x")
	remove2 := start(t, dir, "exec 3< g; read x <&3; cat")
	remove2()
	write(t, srv, "g", "old")
	see("exec 3< g; rm g; echo new > g; cat <&3; cat g", "oldnew")
}

// TestCached sees at an open what has changed, though names and attributes are
// kept.
func TestCached(t *testing.T) {
	srv := ramfs.New("glenda", time.Now, 0)
	write(t, srv, "f", "one")
	dir, _ := mountAt(t, srv, Options{Cache: true})
	wants(t, sh(t, dir, "cat f f"), "oneone")
	write(t, srv, "f", "longer than one")
	wants(t, sh(t, dir, "cat f; cat f"), "longer than onelonger than one")
	remove(t, srv, "f")
	wants(t, sh(t, dir, "cat f 2>&1 | grep -o 'No such file'"), "No such file")
	write(t, srv, "f", "new")
	wants(t, sh(t, dir, "cat f"), "new")
	remove(t, srv, "f")
	write(t, srv, "f", "another")
	wants(t, sh(t, dir, "cat f; echo more >> f; cat f"), "anotheranothermore")
}

// TestLog is told of what went wrong, in Plan 9's words.
func TestLog(t *testing.T) {
	var mu sync.Mutex
	var log []string
	dir, _ := mountAt(t, newWorld(), Options{Log: func(s string) {
		mu.Lock()
		defer mu.Unlock()
		log = append(log, s)
	}})
	sh(t, dir, "cat 'hangs up'; cat nothing; cat panics")
	mu.Lock()
	defer mu.Unlock()
	if len(log) == 0 || log[0] != `read /hangs up: "i/o on hungup channel": input/output error` {
		t.Errorf("%q", log)
	}
	if all := strings.Join(log, "\n"); strings.Contains(all, "nothing") || !strings.Contains(all, "a bug in a file server") {
		t.Errorf("%q", log)
	}
}
