package ninetest

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

func TestBench(t *testing.T) {
	all := []string{
		"connect", "stat", "walk open read clunk, 1 deep", "walk open read clunk, 16 deep",
		"read, 8 K", "write, 8 K", "read, 64 K", "write, 64 K", "read, 1024 K", "write, 1024 K",
		"read by client, 8 K", "write by client, 8 K", "read by client, 64 K", "write by client, 64 K",
	}
	served := func(srv ninep.Server) func(t *testing.T) dialer {
		return func(t *testing.T) dialer {
			dial, stop := Served(t.Context(), srv, nil)
			t.Cleanup(stop)
			return dial
		}
	}
	for _, tt := range []struct {
		name string
		dial func(t *testing.T) dialer
		want []string
	}{
		{"null", func(t *testing.T) dialer {
			return func(context.Context) (io.ReadWriteCloser, error) {
				a, b := ninep.Pipe()
				go Null(a) // ends with b
				return b, nil
			}
		}, all},
		{"storage", served(ramfs.New("glenda", time.Now, 0)), all},
		{"device", served(device()), []string{all[0], all[1], all[2], all[3], "read, 8 K", "read, 64 K as 13000", "read, 1024 K as 13000",
			"read by client, 8 K", "read by client, 64 K"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			b := Bench{Suite: Suite{Dial: tt.dial(t)}, Each: 5 * time.Millisecond}
			err := b.Run(t.Context(), func(m Measure) {
				got = append(got, m.Name)
				if m.Value <= 0 {
					t.Errorf("%+v", m)
				}
			})
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%v, measured\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// What was made for it is removed.
func TestBenchRemoves(t *testing.T) {
	fs := ramfs.New("glenda", time.Now, 0)
	dial, stop := Served(t.Context(), fs, nil)
	defer stop()
	if err := (Bench{Suite: Suite{Dial: dial}, Each: time.Millisecond}).Run(t.Context(), func(Measure) {}); err != nil {
		t.Error(err)
	}
	root, err := fs.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if dirs, err := ninep.ListDir(t.Context(), root, "/"); err != nil || len(dirs) > 0 {
		t.Errorf("left: %v, %v", dirs, err)
	}
}
