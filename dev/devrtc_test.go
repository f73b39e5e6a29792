package dev_test

import (
	"strings"
	"testing"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

func TestNvram(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("glenda", func(x user) {
		same(t, "at first", x.cat("#r/nvram"), strings.Repeat("\x00", 512))
		same(t, "a write", x.echo("key", "#r/nvram"), "")
		fd := x.open("#r/nvram", ninep.ORDWR)
		b := make([]byte, 8)
		for _, c := range []struct {
			name string
			off  int64
			text string
			want string
		}{
			{"in the middle", 100, "owner", ""},
			{"up to the end", 509, "end", ""},
			{"over the end", 510, "end", "read or write too large"},
			{"at the end", 512, "x", "read or write too large"},
			{"nothing at the end", 512, "", ""},
			{"far behind", 1 << 40, "x", "read or write too large"},
		} {
			if _, err := x.p.Pwrite(fd, []byte(c.text), c.off); (err == nil) != (c.want == "") || err != nil && bare(err) != c.want {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
			n, err := x.p.Pread(fd, b[:len(c.text)], c.off)
			if want := max(0, min(int64(len(c.text)), 512-c.off)); int64(n) != want || err != nil {
				t.Errorf("%s: read %d, %v", c.name, n, err)
			}
			if c.want == "" && string(b[:n]) != c.text {
				t.Errorf("%s: read %q", c.name, b[:n])
			}
		}
		same(t, "afterwards", strings.ReplaceAll(x.cat("#r/nvram"), "\x00", ""), "keyownerend")
	})
	m.run("ken", func(x user) {
		same(t, "another user reads", x.cat("#r/nvram"), "permission denied")
		same(t, "another user writes", x.echo("x", "#r/nvram"), "permission denied")
	})
}

func TestRTC(t *testing.T) {
	now := time.Unix(1234567890, 0)
	m := newMachine(t, dev.ConsConfig{
		Clock:   func() time.Time { return now },
		SetTime: func(t time.Time) { now = t },
	})
	m.run("glenda", func(x user) {
		same(t, "time", x.cat("#r/rtc"), " 1234567890 ")
		same(t, "set", x.echo("1000000000\n", "#r/rtc"), "")
		same(t, "afterwards", x.cat("#r/rtc"), " 1000000000 ")
		same(t, "no number", x.echo("noon", "#r/rtc"), "bad arg in system call")
	})
	m.run("ken", func(x user) {
		same(t, "another user", x.echo("1", "#r/rtc"), "permission denied")
	})
}
