package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
)

// traced calls f with the address where a server can be called through a
// tracer, and returns what that shows. It records packets if there is a pcap.
func traced(t *testing.T, srv ninep.Server, packets *pcap, f func(path string)) string {
	t.Helper()
	addr, path := listen(t, srv), filepath.Join(t.TempDir(), "trace")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	tr := &tracer{
		dial: func() (io.ReadWriteCloser, error) { return dial(addr) },
		told: func(err error) { t.Error(err) }, out: &out, pcap: packets,
		now: func() time.Time { return time.Date(2000, 1, 1, 12, 34, 56, 789e3, time.UTC) },
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- tr.serve(ctx, l) }()
	f(path)
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	return out.String()
}

// What is said is shown, and nothing else happens.
func TestTrace(t *testing.T) {
	got := traced(t, storage(), nil, func(path string) {
		out, stderr, status := ufo("check", "-u", "glenda", "unix!"+path)
		if status != 0 || !strings.Contains(out, " 0 failed") {
			t.Errorf("status %d: %s%s", status, out, stderr)
		}
	})
	for _, want := range []string{
		`12:34:56.000789 \d+ Tversion tag 65535 msize 8192 version "9P2000"\n`,
		`12:34:56.000789 \d+ Rwalk tag 1 nwqid 1 .*\n`,
		`12:34:56.000789 \d+ raw 11 "\\x00\\x00\\x00\\x00x\\x01\\x00\\x00\\x00\\x00\\x00"\n`,
	} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("there is no line like %s", want)
		}
	}
	for line := range strings.Lines(got) {
		if !regexp.MustCompile(`^12:34:56.000789 \d+ ([TR][a-z]+ tag|raw \d+ ")`).MatchString(line) {
			t.Errorf("there is the line %s", line)
		}
	}
}

// A message that is cut off is shown as far as it came.
func TestTraceCut(t *testing.T) {
	got := traced(t, storage(), nil, func(path string) {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "\x13\x00\x00\x00\x64\xff\xffshort")
		conn.(*net.UnixConn).CloseWrite()
		if b, err := io.ReadAll(conn); err != nil || len(b) > 0 {
			t.Errorf("%q, %v", b, err)
		}
		conn.Close()
	})
	if want := "12:34:56.000789 1 raw 12 \"\\x13\\x00\\x00\\x00d\\xff\\xffshort\"\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestTraceNobody(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-o", dir + "/none/x", "unix!" + dir + "/none", dir + "/s"}, "no such file"},
		{[]string{"-pcap", dir + "/none/x", "unix!" + dir + "/none", dir + "/s"}, "no such file"},
		{[]string{"unix!" + dir + "/none", dir + "/none/s"}, "no such file"},
		{nil, "wrong number of arguments"},
	} {
		if _, stderr, status := ufo(append([]string{"trace"}, tt.args...)...); status == 0 || !strings.Contains(stderr, tt.want) {
			t.Errorf("%q: status %d: %s", tt.args, status, stderr)
		}
	}
}
