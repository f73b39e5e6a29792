package dev_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"ufo/auth/tls"
	"ufo/dev"
	"ufo/ninep"
	"ufo/ns"
)

// pskey is what both ends of the tests share.
var pskey = []byte("twelve rabbits")

// A far end is the other end of a pipe, without a filter.
type farEnd struct{ *ns.Chan }

func (e farEnd) Read(p []byte) (int, error) {
	n, err := e.Chan.Read(context.Background(), p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func (e farEnd) Write(p []byte) (int, error) { return e.Chan.Write(context.Background(), p) }

// A descriptor is one of a process.
type descriptor struct {
	user
	fd int
}

func (d descriptor) Read(p []byte) (int, error)  { return d.p.Read(d.fd, p) }
func (d descriptor) Write(p []byte) (int, error) { return d.p.Write(d.fd, p) }

// say writes a message to a descriptor; "" or the text of the error.
func (d descriptor) say(msg string) string {
	if _, err := d.Write([]byte(msg)); err != nil {
		return bare(err)
	}
	return ""
}

// get returns what one read gives, or the text of the error.
func (d descriptor) get() string {
	b := make([]byte, 100000)
	n, err := d.Read(b)
	if err != nil {
		return bare(err)
	}
	return string(b[:n])
}

// filtered gives a pipe to a new filter, and returns its ctl, its directory and the
// pipe's other end.
func (x user) filtered() (ctl descriptor, dir string, far farEnd) {
	x.t.Helper()
	near, other, err := x.p.Pipe()
	if err != nil {
		x.t.Fatal(err)
	}
	c, err := x.p.FdChan(other)
	if err != nil {
		x.t.Fatal(err)
	}
	ctl = descriptor{x, x.open("#a/tls/clone", ninep.ORDWR)}
	dir = "#a/tls/" + ctl.get()
	if why := ctl.say(fmt.Sprintf("fd %d 0x303", near)); why != "" {
		x.t.Fatal(why)
	}
	x.p.Close(near)
	x.p.Close(other)
	return ctl, dir, farEnd{c}
}

// TestTLS makes the handshake of each side through the files of a filter, and talks
// to the other side, which has none.
func TestTLS(t *testing.T) {
	for _, client := range []bool{true, false} {
		for _, suite := range []uint16{tls.PSKChaCha20Poly1305, tls.PSKAES128CBCSHA256, tls.PSKAES128CBCSHA} {
			t.Run(fmt.Sprintf("client: %v, %#x", client, suite), func(t *testing.T) {
				newMachine(t, dev.ConsConfig{}).run("glenda", func(x user) {
					cfg := &tls.Config{Key: pskey, Identity: tls.Identity, Suites: []uint16{suite}}
					ctl, dir, far := x.filtered()
					echoed := make(chan error, 1)
					ours, theirs := tls.ServerFiles, tls.Client
					if client {
						ours, theirs = tls.ClientFiles, tls.Server
					}
					go func() { // ends when the filter does
						c, err := theirs(far, cfg)
						if err == nil {
							_, err = io.Copy(c, c)
							c.Close()
						}
						echoed <- err
					}()
					hand := descriptor{x, x.open(dir+"/hand", ninep.ORDWR)}
					if err := ours(ctl, hand, cfg); err != nil {
						t.Fatal(err)
					}
					x.p.Close(hand.fd)
					x.talks(dir)
					x.p.Close(ctl.fd)
					if err := <-echoed; err != nil {
						t.Errorf("the other side: %v", err)
					}
					if got := x.ls("#a/tls"); got != "clone encalgs hashalgs" {
						t.Errorf("afterwards there are %s", got)
					}
				})
			})
		}
	}
}

// talks sends texts through a filter, at whose other end they come back.
func (x user) talks(dir string) {
	x.t.Helper()
	data := descriptor{x, x.open(dir+"/data", ninep.ORDWR)}
	defer x.p.Close(data.fd)
	for _, n := range []int{1, 20, 16384, 50000} {
		text := strings.Repeat("x", n)
		if why := data.say(text); why != "" {
			x.t.Fatalf("%d bytes: %s", n, why)
		}
		got := make([]byte, n)
		if _, err := io.ReadFull(data, got); err != nil || string(got) != text {
			x.t.Fatalf("%d bytes came back as others, %v", n, err)
		}
	}
	status := x.cat(dir + "/status")
	for _, want := range []string{"State: Established\n", "Version: 0x303\n", "EncIn: ", "EncOut: ", "HashIn: "} {
		if !strings.Contains(status, want) || strings.Contains(status, "New") {
			x.t.Errorf("status: %s, without %s", status, want)
		}
	}
	if got := x.cat(dir + "/stats"); !strings.HasPrefix(got, "DataIn: 66405\nDataOut: 66405\nHandIn: ") {
		x.t.Errorf("stats: %s", got)
	}
}

// TestTLSErrors uses a filter as it must not be used.
func TestTLSErrors(t *testing.T) {
	newMachine(t, dev.ConsConfig{}).run("glenda", func(x user) {
		fresh := descriptor{x, x.open("#a/tls/clone", ninep.ORDWR)}
		dir := "#a/tls/" + fresh.get()
		secret := base64.StdEncoding.EncodeToString(make([]byte, 88))
		expect := func(d descriptor, msg, want string) {
			t.Helper()
			if got := d.say(msg); got != want {
				t.Errorf("%.40s: %q, want %q", msg, got, want)
			}
		}
		expect(fresh, "", "short control request")
		expect(fresh, "rot13", "unknown control request")
		expect(fresh, "fd 0", "usage: fd open-fd version")
		expect(fresh, "fd x 0x303", "usage: fd open-fd version")
		expect(fresh, "fd 99 0x303", "fd out of range or not open")
		expect(fresh, "fd 0 0x200", "unsupported version")
		expect(fresh, "version 0x303", "must set fd before version")
		expect(fresh, "secret clear ccpoly96_aead 1 "+secret, "must set fd and version before secrets")
		expect(fresh, "changecipher", "cannot change cipher spec without setting secret")
		expect(fresh, "opened", "cipher must be configured before enabling data messages")
		expect(fresh, "alert 10", "must set fd before sending alerts")
		expect(fresh, "alert x", "usage: alert n")
		data := descriptor{x, x.open(dir+"/data", ninep.ORDWR)}
		expect(data, "text", "tls hungup")
		if got := data.get(); got != "tls hungup" {
			t.Errorf("read: %q", got)
		}
		if got := x.cat(dir + "/status"); got != "State: Closed\nVersion: 0x0\n" {
			t.Errorf("status: %q", got)
		}
		half := x.open("#c/null", ninep.OREAD)
		expect(fresh, fmt.Sprintf("fd %d 0x303", half), "inappropriate use of fd")

		ctl, dir, _ := x.filtered()
		expect(ctl, "fd 0 0x303", "device or object already in use")
		expect(ctl, "version 0x301", "unsupported version")
		expect(ctl, "secret clear ccpoly96_aead 1 "+secret, "must set fd and version before secrets")
		expect(ctl, "version 0x303", "")
		expect(ctl, "version 0x303", "version already set")
		expect(ctl, "secret sha1 rc4_128 1 "+secret, "unknown algorithm")
		expect(ctl, "secret clear ccpoly96_aead 1 AAAA", "not enough secret data provided")
		expect(ctl, "secret clear ccpoly96_aead x "+secret, "usage: secret hashalg encalg isclient secretdata")
		expect(ctl, "secret clear ccpoly96_aead 1 !", "usage: secret hashalg encalg isclient secretdata")
		expect(ctl, "secret clear ccpoly96_aead 1 "+secret, "")
		if got := x.cat(dir + "/status"); !strings.Contains(got, "NewEncIn: ccpoly96_aead\nNewHashIn: clear\nNewEncOut") {
			t.Errorf("status: %q", got)
		}
		data = descriptor{x, x.open(dir+"/data", ninep.ORDWR)}
		expect(data, "text", "tls improperly configured")
		hand := descriptor{x, x.open(dir+"/hand", ninep.ORDWR)}
		if _, err := x.p.Open(dir+"/hand", ninep.ORDWR); bare(err) != string(ninep.ErrInUse) {
			t.Errorf("hand a second time: %v", err)
		}
		expect(ctl, "alert 40", "")
		expect(data, "text", "tls error")
		expect(hand, "text", "could not negotiate acceptable security parameters")
		if got := hand.get(); got != "could not negotiate acceptable security parameters" {
			t.Errorf("hand: %q", got)
		}
	})
}

// TestTLSAlerts has other ends that end, or say what they must not.
func TestTLSAlerts(t *testing.T) {
	record := func(typ byte, b ...byte) string {
		return string(append([]byte{typ, 3, 3, 0, byte(len(b))}, b...))
	}
	for _, c := range []struct {
		name, says string
		hand       string // what reading it tells
		state      string
	}{
		{"a message", record(22, 1, 2, 3), "\x01\x02\x03", "Handshaking"},
		{"the end", record(21, 1, 0), "close notify", "RemoteClosed"},
		{"a warning", record(21, 1, 90), "handshake canceled by user", "Handshaking"},
		{"a fatal alert", record(21, 2, 40), "could not negotiate acceptable security parameters", "Errored"},
		{"half an alert", record(21, 2), "error decoding message", "Errored"},
		{"data", record(23, 1), "unexpected message", "Errored"},
		{"a change", record(20, 1), "unexpected message", "Errored"},
		{"a bad change", record(20, 2), "error decoding message", "Errored"},
		{"text", "GET / HTTP/1.0\r\n", "unexpected message", "Errored"},
		{"nothing", "", "i/o on hungup channel", "Errored"},
	} {
		t.Run(c.name, func(t *testing.T) {
			newMachine(t, dev.ConsConfig{}).run("glenda", func(x user) {
				_, dir, far := x.filtered()
				hand := descriptor{x, x.open(dir+"/hand", ninep.ORDWR)}
				if c.says != "" {
					io.WriteString(far, c.says)
				}
				far.Close()
				if got := hand.get(); got != c.hand {
					t.Errorf("hand: %q, want %q", got, c.hand)
				}
				if got := x.cat(dir + "/status"); !strings.HasPrefix(got, "State: "+c.state+"\n") {
					t.Errorf("%s, want %s", got, c.state)
				}
			})
		})
	}
}

// TestTLSFlood sends what nobody reads, which is kept only so far.
func TestTLSFlood(t *testing.T) {
	for _, row := range []struct {
		name string
		typ  tls.RecordType
		body string
		read string
	}{
		{"messages of the handshake", tls.Handshake, "hello", "data"},
		{"data", tls.Application, "hello", "hand"},
	} {
		t.Run(row.name, func(t *testing.T) {
			newMachine(t, dev.ConsConfig{}).run("glenda", func(x user) {
				ctl, dir, far := x.filtered()
				defer x.p.Close(ctl.fd)
				hand := descriptor{x, x.open(dir+"/hand", ninep.ORDWR)}
				defer x.p.Close(hand.fd)
				secret := make([]byte, 88)
				layer := tls.NewLayer(far)
				if err := layer.Secret("clear", "ccpoly96_aead", false, secret); err != nil {
					t.Fatal(err)
				}
				for _, msg := range []string{"version 0x303", "secret clear ccpoly96_aead 1 " + base64.StdEncoding.EncodeToString(secret), "changecipher"} {
					if why := ctl.say(msg); why != "" {
						t.Fatalf("%s: %s", msg, why)
					}
				}
				go func() { // ends when the filter does
					layer.ChangeOut()
					layer.Write(tls.Handshake, []byte("begin"))
					for range 1000 {
						layer.Write(row.typ, []byte(row.body))
						if layer.Flush() != nil {
							return
						}
					}
				}()
				if got := hand.get(); got != "begin" {
					t.Fatal(got)
				}
				if why := ctl.say("opened"); why != "" {
					t.Fatal(why)
				}
				reader := hand
				if row.read == "data" {
					reader = descriptor{x, x.open(dir+"/data", ninep.ORDWR)}
					defer x.p.Close(reader.fd)
				}
				if got := reader.get(); got != "tls error" {
					t.Errorf("read %q", got)
				}
				if got := x.cat(dir + "/status"); !strings.HasPrefix(got, "State: Errored\n") {
					t.Errorf("status %q", got)
				}
			})
		})
	}
}

// TestTLSEndInterrupted interrupts a read where the connection has ended.
func TestTLSEndInterrupted(t *testing.T) {
	newMachine(t, dev.ConsConfig{}).run("glenda", func(x user) {
		ctl, dir, far := x.filtered()
		defer x.p.Close(ctl.fd)
		hand := x.open(dir+"/hand", ninep.ORDWR)
		defer x.p.Close(hand)
		far.Close()
		c, err := x.p.FdChan(hand)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if n, err := c.Read(ctx, make([]byte, 1)); n != 0 || err != ninep.ErrHungup && err != ninep.ErrIntr {
			t.Errorf("%d, %v", n, err)
		}
	})
}

// TestTLSOwner gives a filter to another user.
func TestTLSOwner(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("tor", func(x user) {
		ctl := descriptor{x, x.open("#a/tls/clone", ninep.ORDWR)}
		data := "#a/tls/" + ctl.get() + "/data"
		m.run("ken", func(y user) {
			if _, err := y.p.Open(data, ninep.ORDWR); bare(err) != "permission denied" {
				t.Errorf("another user's data: %v", err)
			}
		})
		d := ninep.NullDir
		d.UID, d.Mode = "ken", 0600
		if err := x.p.Wstat(data, d); err != nil {
			t.Fatal(err)
		}
		m.run("ken", func(y user) { y.p.Close(y.open(data, ninep.ORDWR)) })
		d.UID = "tor"
		if err := x.p.Wstat(data, d); bare(err) != "permission denied" {
			t.Errorf("taken back: %v", err)
		}
	})
}
