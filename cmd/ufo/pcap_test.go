package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
)

// A segment is what a packet of a pcap says.
type segment struct {
	src, dst uint16
	seq, ack uint32
	flags    byte
	data     string
	at       time.Time
}

// segments reads a pcap: what is not as the standards have it is an error of
// the test.
func segments(t *testing.T, b []byte) (all []segment) {
	t.Helper()
	le, be := binary.LittleEndian, binary.BigEndian
	if len(b) < 24 || le.Uint32(b) != 0xa1b23c4d || le.Uint16(b[4:]) != 2 || le.Uint16(b[6:]) != 4 || le.Uint32(b[20:]) != 101 {
		t.Fatalf("the file begins with % x", b[:min(len(b), 24)])
	}
	for b = b[24:]; len(b) > 0; {
		size := int(le.Uint32(b[8:]))
		at, ip := time.Unix(int64(le.Uint32(b)), int64(le.Uint32(b[4:]))), b[16:16+size]
		b = b[16+size:]
		if ip[0] != 0x45 || int(be.Uint16(ip[2:])) != size || ip[9] != 6 || folded(ip[:20]) != 0xffff {
			t.Fatalf("the header of IP is % x", ip[:20])
		}
		pseudo := append(bytes.Clone(ip[12:20]), 0, 6, byte((size-20)>>8), byte(size-20))
		tcp := ip[20:]
		if tcp[12] != 0x50 || folded(append(pseudo, tcp...)) != 0xffff {
			t.Fatalf("the header of TCP is % x", tcp[:20])
		}
		all = append(all, segment{be.Uint16(tcp), be.Uint16(tcp[2:]), be.Uint32(tcp[4:]), be.Uint32(tcp[8:]), tcp[13], string(tcp[20:]), at})
	}
	return all
}

// folded returns the sum of all words of b, which is 0xffff if the checksum
// among them is right.
func folded(b []byte) (sum uint32) {
	for i, c := range b {
		sum += uint32(c) << (8 - i%2*8)
		sum = sum>>16 + sum&0xffff
	}
	return sum
}

// streams puts segments together, by the ports of the callers: what those said,
// and the server. Numbers that do not follow each other are an error.
func streams(t *testing.T, all []segment) map[uint16]*[2]string {
	t.Helper()
	said, next := map[uint16]*[2]string{}, map[uint16]*[2]uint32{}
	for _, s := range all {
		port, from := s.src, 0
		if s.src == 564 {
			port, from = s.dst, 1
		} else if s.dst != 564 {
			t.Fatalf("a packet from port %d to port %d", s.src, s.dst)
		}
		if said[port] == nil {
			said[port], next[port] = new([2]string), new([2]uint32)
		}
		if n := next[port]; s.seq != n[from] || s.flags&0x10 != 0 && s.ack != n[1-from] {
			t.Fatalf("port %d: side %d has seq %d ack %d after %v", port, from, s.seq, s.ack, *n)
		}
		next[port][from] += uint32(len(s.data)) + uint32(s.flags&1+s.flags>>1&1)
		said[port][from] += s.data
	}
	return said
}

// The packets have the messages that the text has.
func TestPcap(t *testing.T) {
	var file bytes.Buffer
	packets := newPcap(&file)
	text := traced(t, storage(), packets, func(path string) {
		out, stderr, status := ufo("check", "-u", "glenda", "-run", "^(walk|dir|attach)/", "unix!"+path)
		if status != 0 || !strings.Contains(out, " 0 failed") {
			t.Errorf("status %d: %s%s", status, out, stderr)
		}
	})
	if packets.err != nil || len(packets.conns) > 0 {
		t.Errorf("%v, %d connections are left", packets.err, len(packets.conns))
	}
	all := segments(t, file.Bytes())
	var lines strings.Builder
	for _, s := range all {
		if want := time.Date(2000, 1, 1, 12, 34, 56, 789e3, time.UTC); !s.at.Equal(want) {
			t.Fatalf("a packet of %v", s.at)
		}
		m := new(ninep.Fcall)
		if s.data != "" && m.Unmarshal([]byte(s.data)) == nil {
			fmt.Fprintf(&lines, "12:34:56.000789 %d %s\n", max(s.src, s.dst)-firstPort, m)
		} else if s.data != "" {
			fmt.Fprintf(&lines, "12:34:56.000789 %d raw %d %q\n", max(s.src, s.dst)-firstPort, len(s.data), s.data[:min(len(s.data), 64)])
		}
	}
	if lines.String() != text || text == "" {
		t.Errorf("packets have\n%s\nthe text has\n%s", lines.String(), text)
	}
	for port, said := range streams(t, all) {
		if said[0] == "" && said[1] != "" {
			t.Errorf("port %d: the server says what nobody has asked", port)
		}
	}
}

// A message that no packet can hold is in several, and the sum of odd bytes is
// right, too.
func TestPcapLong(t *testing.T) {
	var file bytes.Buffer
	p := newPcap(&file)
	long := strings.Repeat("a long message ", 20000) + "."
	p.message(1, fromCaller, []byte(long), time.Now())
	p.message(1, fromServer, []byte("odd"), time.Now())
	p.message(2, fromServer, []byte("another"), time.Now())
	p.end(1, fromServer, time.Now())
	got := streams(t, segments(t, file.Bytes()))[firstPort+1]
	if got[0] != long || got[1] != "odd" {
		t.Errorf("%d bytes and %q", len(got[0]), got[1])
	}
}

// What the disk has no room for is told at the end.
func TestPcapFull(t *testing.T) {
	p := newPcap(full{})
	p.message(1, fromCaller, []byte("hello"), time.Now())
	if !errors.Is(p.err, errFull) {
		t.Error(p.err)
	}
}

// full is a disk that has no room.
type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

// Wireshark's own dissector knows the messages.
func TestPcapTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed:", err)
	}
	name := filepath.Join(t.TempDir(), "9p.pcap")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text := traced(t, storage(), newPcap(f), func(path string) {
		if out, stderr, status := ufo("check", "-u", "glenda", "-run", "^dir/", "unix!"+path); status != 0 {
			t.Errorf("status %d: %s%s", status, out, stderr)
		}
	})
	out, err := exec.Command("tshark", "-r", name, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
		"-Y", "9p && !_ws.malformed && !tcp.analysis.flags && tcp.checksum.status == 1 && ip.checksum.status == 1").Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, want := strings.Count(string(out), "\n"), strings.Count(text, "\n"); got != want || want == 0 {
		t.Errorf("it shows %d messages of %d", got, want)
	}
}
