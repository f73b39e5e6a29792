package test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"ufo/cmd"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/proc"
)

// A prompted terminal waits for a prompt; nobody types at it.
type prompted struct {
	once  sync.Once
	ready chan struct{} // closed when there was a prompt
}

func (p *prompted) Read(ctx context.Context, _ []byte) (int, error) {
	<-ctx.Done()
	return 0, ninep.ErrIntr
}

func (p *prompted) Write(_ context.Context, b []byte) (int, error) {
	if bytes.HasSuffix(b, []byte("% ")) {
		p.once.Do(func() { close(p.ready) })
	}
	return len(b), nil
}

func (p *prompted) SetRaw(bool)          {}
func (p *prompted) SetNote(func(string)) {}

// thousand boots n kernels in this program, as far as a shell with a prompt,
// calls up when they are, and halts them.
func thousand(t testing.TB, n int, wrap func(rune, ninep.Server) ninep.Server, up func()) {
	ctx := context.Background()
	builtins, files := cmd.Names(), cmd.BootFiles()
	kernels := make([]*kernel.Kernel, n)
	for i := range kernels {
		term := &prompted{ready: make(chan struct{})}
		k, err := kernel.New(ctx, kernel.Config{
			Name: fmt.Sprint("n", i), Terminal: term, Wrap: wrap,
			Loaders: []proc.Loader{cmd.Loader()}, Builtins: builtins, Boot: files,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Boot(ctx); err != nil {
			t.Fatal(err)
		}
		<-term.ready
		kernels[i] = k
	}
	up()
	for _, k := range kernels {
		if err := k.Halt(ctx); err != nil {
			t.Error(err)
		}
	}
}

// TestThousand boots and halts a thousand kernels. Strict tells of a File
// that is left, the bubble, which otherwise does not end, of a goroutine.
func TestThousand(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 50
	}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards watched
		var watched []*ninetest.StrictServer
		thousand(t, n, func(_ rune, srv ninep.Server) ninep.Server {
			s := ninetest.Strict(srv)
			mu.Lock()
			defer mu.Unlock()
			watched = append(watched, s)
			return s
		}, func() {})
		for _, s := range watched {
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// BenchmarkThousand tells how long that takes, and what one of the kernels
// keeps in memory while it runs: its heap and the stacks of its goroutines.
func BenchmarkThousand(b *testing.B) {
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	before := memory()
	var kb float64
	for b.Loop() {
		thousand(b, 1000, nil, func() {
			b.StopTimer()
			kb = float64(memory()-before) / 1000 / 1024
			b.StartTimer()
		})
	}
	b.ReportMetric(kb, "KB/kernel")
}
