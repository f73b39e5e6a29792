package cmd_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"ufo/cmd"
	"ufo/ninep"
	"ufo/proc"
	"ufo/rootfs"
)

// A tap keeps what is read from a connection.
type tap struct {
	net.Conn
	heard []byte
}

func (c *tap) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.heard = append(c.heard, p[:n]...)
	return n, err
}

// A cpuServer is what rcpu's service is to its caller, and what it was told.
type cpuServer struct {
	handshake []byte // until the connection was encrypted
	script    string // with its length
	seen      string // of the caller's files
	err       error
}

// serve answers a call, and looks at the caller's files.
func (s *cpuServer) serve(ctx context.Context, c io.ReadWriter) error {
	t := &tap{Conn: c.(net.Conn)}
	conn, err := encrypted(t, nil)
	if err != nil {
		return err
	}
	s.handshake = append([]byte(nil), t.heard...)
	size := make([]byte, 8)
	if _, err := io.ReadFull(conn, size); err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(size)))
	if err != nil {
		return err
	}
	script := make([]byte, n)
	if _, err := io.ReadFull(conn, script); err != nil {
		return err
	}
	s.script = string(size) + string(script)
	client, err := ninep.NewClient(ctx, conn, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	root, err := client.Attach(ctx, "anybody", "")
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range []string{"tmp/own", "env/cpustatus"} {
		b, err := ninep.ReadFile(ctx, root, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.seen += string(b) + "\n"
	}
	for name, text := range map[string]string{"fd/11": "printed there\n", "env/cpustatus": "half a loaf"} {
		if err := ninep.WriteFile(ctx, root, name, []byte(text), 0o666); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// dp9ikLen is the length of a client's messages: challenge, public key, ticket and
// authenticator.
const dp9ikLen = 256

// said returns what a client says until a connection is encrypted, a line for each
// message, without what is random.
func said(b []byte) string {
	var out strings.Builder
	choice, rest, _ := strings.Cut(string(b), "\x00")
	b = []byte(rest)
	fmt.Fprintf(&out, "p9any %q\n", choice+"\x00")
	b = b[min(len(b), dp9ikLen):]
	plain := true // until a record of type 20 says otherwise
	for len(b) >= 5 && len(b) >= 5+int(binary.BigEndian.Uint16(b[3:])) {
		n := int(binary.BigEndian.Uint16(b[3:]))
		typ, body := b[0], b[5:5+n]
		b = b[5+n:]
		switch {
		case plain && typ == 22 && body[0] == 1:
			clear(body[6:38])
			fmt.Fprintf(&out, "hello %x\n", body)
		case plain && typ == 22 && body[0] == 16:
			fmt.Fprintf(&out, "key exchange %q\n", body)
		default:
			fmt.Fprintf(&out, "record %d of %d bytes\n", typ, n)
			plain = plain && typ != 20
		}
	}
	fmt.Fprintf(&out, "%d bytes more\n", len(b))
	return out.String()
}

// TestRcpuWire has rcpu call a service that notes each byte it is sent.
func TestRcpuWire(t *testing.T) {
	var s cpuServer
	l := new(lab)
	cmd.OnWire(t, l.plug(func(t *testing.T, l *lab) {
		realm(t, l)
		l.announce(t, "tcp!*!17019", func(c io.ReadWriter) { s.err = s.serve(t.Context(), c) })
	}), func(p *proc.Proc) error {
		for _, name := range []string{"rcpu", "rconnect"} {
			b, err := rootfs.ReadFile("/rc/bin/" + name)
			if err == nil {
				err = p.WriteFile("/tmp/"+name, b)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		got := cmd.RcOutput(p, inNdb+"chmod +x /tmp/r*; bind -a /tmp /bin; mntgen /mnt; auth/factotum\n"+goodKey+
			"echo mine >/tmp/own; rcpu -h tcp!n1!17019 -c echo 'two words'")
		if want := "printed there\nstatus: half a loaf\n"; got != want {
			t.Errorf("it prints %q, not %q", got, want)
		}
		return nil
	})
	if s.err != nil {
		t.Error(s.err)
	}
	if want := "mine\n\nlost connection\n"; s.seen != want {
		t.Errorf("its files have %q, not %q", s.seen, want)
	}
	got := said(s.handshake) + "script\n" + s.script
	const golden = "testdata/rcpu.txt"
	if *cmd.Update {
		os.WriteFile(golden, []byte(got), 0o666)
	}
	if want, _ := os.ReadFile(golden); got != string(want) {
		t.Errorf("it says:\n%s\nwant:\n%s", got, want)
	}
}
