package dev_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/dev"
	"ufo/ninep"
)

// testIP returns the #I of two nodes.
func testIP(t *testing.T) (n1, n2 tester) {
	_, w1, w2 := wireOf(t)
	ip := func(w dev.Wire) tester {
		return tester{t, dev.NewIP(dev.Host{Owner: "eve"}, w, "sys=n1\n"), t.Context()}
	}
	return ip(w1), ip(w2)
}

// say writes a control message and returns the error's text, "" for none.
func say(t *testing.T, ctl ninep.File, msg string) string {
	t.Helper()
	if _, err := ctl.Write(t.Context(), []byte(msg), 0); err != nil {
		return err.Error()
	}
	return ""
}

// must fails the test if there is an error's text.
func must(t *testing.T, what, err string) {
	t.Helper()
	if err != "" {
		t.Fatalf("%s: %s", what, err)
	}
}

func TestIPFiles(t *testing.T) {
	x, _ := testIP(t)
	same(t, "top", x.ls(""), "tcp udp ndb ipifc iproute ipselftab wire")
	same(t, "no conversations", x.ls("tcp"), "clone stats")
	ctl := x.open("tcp/clone", ninep.ORDWR)
	same(t, "number", get(t, ctl, 10), "0")
	same(t, "conversation", x.ls("tcp/0"), "ctl data err listen local remote status")
	same(t, "local", x.read("tcp/0/local"), "::!0\n")
	same(t, "status", x.read("tcp/0/status"), "Closed in 0 out 0\n")
	same(t, "data", x.read("tcp/0/data"), "i/o on hungup channel")
	d, err := ctl.Stat(t.Context())
	if err != nil || d.Name != "ctl" || d.UID != "glenda" || d.Mode != 0660 || d.Qid != ctl.Qid() {
		t.Errorf("clone became %+v, %v", d, err)
	}
	second := x.open("tcp/clone", ninep.ORDWR)
	same(t, "both", x.ls("tcp"), "clone stats 0 1")
	ctl.Close()
	same(t, "freed", x.ls("tcp"), "clone stats 1")
	third := x.open("tcp/clone", ninep.ORDWR)
	same(t, "number used again", get(t, third, 10), "0")
	second.Close()
	third.Close()
	same(t, "ndb", x.read("ndb"), "sys=n1\n")
	ndb, _ := x.at("ndb")
	if err := ndb.Open(t.Context(), ninep.OWRITE); err != ninep.ErrPerm {
		t.Errorf("ndb of another user: %v", err)
	}
	ndb.Close()
	root, _ := x.srv.Attach(t.Context(), "eve", "")
	ndb, _ = x.from(root, "ndb")
	if err := ndb.Open(t.Context(), ninep.OWRITE|ninep.OTRUNC); err != nil {
		t.Fatalf("ndb of the host owner: %v", err)
	}
	put(t, ndb, "sys=n3\n")
	ndb.Close()
	same(t, "ndb", x.read("ndb"), "sys=n3\n")
	same(t, "self", strings.Join(strings.Fields(x.read("ipselftab")), " "), "127.0.0.1 01 4iu 10.9.0.1 01 4iu")
	same(t, "interfaces", x.ls("ipifc"), "0 1")
	same(t, "route", strings.Join(strings.Fields(x.read("iproute"))[16:20], " "), "0.0.0.0 /96 10.9.0.1 4i")
	same(t, "loopback", strings.Fields(x.read("ipifc/0/status"))[1], "/dev/null")
	same(t, "the wire", strings.Fields(x.read("ipifc/1/status"))[1], "/net/wire")
	for _, name := range []string{"00", "-1", "7", "x"} {
		same(t, name, x.read("tcp/"+name), "file does not exist")
	}
}

func TestIPCtl(t *testing.T) {
	for _, c := range []struct{ name, msg, want string }{
		{"nothing", "\n", "short control request"},
		{"unknown word", "frobnicate", "unknown control request"},
		{"connect without address", "connect", "bad args to connect"},
		{"connect to a name", "connect n1!564", "bad ip address syntax"},
		{"connect without port", "connect 10.9.0.1", "malformed address"},
		{"connect to a service", "connect 10.9.0.1!9fs", "bad numeric port"},
		{"connect to a large port", "connect 10.9.0.1!65536", "bad numeric port"},
		{"connect to nobody", "connect 10.9.0.2!9", "connection refused"},
		{"announce elsewhere", "announce 10.9.0.2!9", "not a local IP address"},
		{"announce any port", "announce *!*", "bad numeric port"},
		{"announce in use", "announce 564", "connection in use"},
		{"bind", "bind 12", ""},
		{"ttl", "ttl 3", ""},
		{"keepalive", "keepalive", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, _ := testIP(t)
			lis := x.open("tcp/clone", ninep.ORDWR)
			defer lis.Close()
			must(t, "announce", say(t, lis, "announce *!564"))
			ctl := x.open("tcp/clone", ninep.ORDWR)
			defer ctl.Close()
			same(t, c.msg, say(t, ctl, c.msg), c.want)
		})
	}
}

func TestIPCall(t *testing.T) {
	for _, proto := range []string{"tcp", "udp"} {
		t.Run(proto, func(t *testing.T) {
			n1, n2 := testIP(t)
			lis := n1.open(proto+"/clone", ninep.ORDWR)
			defer lis.Close()
			same(t, "listen too early", n1.read(proto+"/0/listen"), "not announced")
			must(t, "announce", say(t, lis, "announce 564"))
			same(t, "announced", n1.read(proto+"/0/local"), "::!564\n")
			same(t, "twice", say(t, lis, "announce 565"), "connection in use")

			call := n2.open(proto+"/clone", ninep.ORDWR)
			defer call.Close()
			must(t, "connect", say(t, call, "connect 10.9.0.1!564!r"))
			d2 := n2.open(proto+"/0/data", ninep.ORDWR)
			defer d2.Close()
			put(t, d2, "hello") // the first datagram is the call
			taken := n1.open(proto+"/0/listen", ninep.ORDWR)
			same(t, "new conversation", get(t, taken, 10), "1")
			same(t, "remote", n2.read(proto+"/0/remote"), "10.9.0.1!564\n")
			same(t, "local", n1.read(proto+"/1/local"), "10.9.0.1!564\n")
			same(t, "ends", n1.read(proto+"/1/remote"), n2.read(proto+"/0/local"))

			d1 := n1.open(proto+"/1/data", ninep.ORDWR)
			same(t, "data", get(t, d1, 100), "hello")
			put(t, d1, "back")
			same(t, "answer", get(t, d2, 100), "back")
			word := "Established"
			if proto == "udp" {
				word = "Open"
			}
			same(t, "status", n1.read(proto+"/1/status"), word+" in 5 out 4\n")
			taken.Close()
			d1.Close()
			same(t, "freed", n1.ls(proto), "clone stats 0")
			if proto == "udp" {
				return // nobody tells the other side
			}
			same(t, "end", get(t, d2, 100), "")
			same(t, "ended", n2.read("tcp/0/status"), "Close_wait in 4 out 5\n")
			put(t, d2, "x") // which is answered by a reset
			if _, err := d2.Write(t.Context(), []byte("y"), 0); err != ninep.ErrHungup {
				t.Errorf("write to ended conversation: %v", err)
			}
			same(t, "err", n2.read("tcp/0/err"), "i/o on hungup channel")
		})
	}
}

// TestIPHeaders: datagrams that say where they come from, and where they go.
func TestIPHeaders(t *testing.T) {
	n1, n2 := testIP(t)
	server := n1.open("udp/clone", ninep.ORDWR)
	defer server.Close()
	must(t, "headers before announce", say(t, server, "headers"))
	must(t, "announce", say(t, server, "announce 53"))
	data := n1.open("udp/0/data", ninep.ORDWR)
	defer data.Close()
	client := n2.open("udp/clone", ninep.ORDWR)
	defer client.Close()
	must(t, "connect", say(t, client, "connect 10.9.0.1!53"))
	asks := n2.open("udp/0/data", ninep.ORDWR)
	defer asks.Close()
	put(t, asks, "question")

	v4 := func(last byte) string {
		return "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x0a\x09\x00" + string(last)
	}
	same(t, "question", get(t, data, 100), v4(2)+v4(1)+v4(1)+"\x13\x88\x00\x35question")
	put(t, data, v4(2)+v4(7)+v4(7)+"\x13\x88\x00\x00answer")
	same(t, "answer", get(t, asks, 100), "answer")
	same(t, "status", n1.read("udp/0/status"), "Open in 60 out 58\n")
	if _, err := data.Write(t.Context(), make([]byte, 51), 0); err != ninep.ErrTooSmall {
		t.Errorf("less than a header: %v", err)
	}
	must(t, "hangup", say(t, server, "hangup"))
	same(t, "hung up", n1.read("udp/0/data"), "i/o on hungup channel")

	tcp := n1.open("tcp/clone", ninep.ORDWR)
	defer tcp.Close()
	same(t, "tcp has none", say(t, tcp, "headers"), "unknown control request")
}

func TestIPUsers(t *testing.T) {
	x, _ := testIP(t)
	ctl := x.open("tcp/clone", ninep.ORDWR)
	defer ctl.Close()
	as := func(user string) string {
		f, err := x.srv.Attach(t.Context(), user, "")
		if err == nil {
			f, err = x.from(f, "tcp/0/data")
		}
		if err != nil {
			return err.Error()
		}
		defer f.Close()
		if err := f.Open(t.Context(), ninep.ORDWR); err != nil {
			return err.Error()
		}
		return ""
	}
	same(t, "another user", as("ken"), "permission denied")
	same(t, "the host owner", as("eve"), "")
	d := ninep.NullDir
	d.Mode = 0666
	if err := ctl.Wstat(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	same(t, "permitted", as("ken"), "")
}

func TestIPEndsWaiting(t *testing.T) {
	ended := func(t *testing.T, what string, end func(ctl ninep.File, note func()), wait func(x tester, ctl ninep.File) string, want string) {
		synctest.Test(t, func(t *testing.T) {
			links, wire, _ := wireOf(t)
			links.Links()[0].Ctl("cut") // to n2
			x := tester{t, dev.NewIP(dev.Host{Owner: "eve"}, wire, ""), t.Context()}
			ctl := x.open("tcp/clone", ninep.ORDWR)
			defer ctl.Close()
			ctx, note := context.WithCancel(x.ctx)
			defer note()
			x.ctx = ctx
			got := make(chan string)
			go func() { got <- wait(x, ctl) }()
			synctest.Wait()
			end(ctl, note)
			same(t, what, <-got, want)
		})
	}
	dial := func(x tester, ctl ninep.File) string {
		_, err := ctl.Write(x.ctx, []byte("connect 10.9.0.2!1"), 0)
		return err.Error()
	}
	listen := func(x tester, ctl ninep.File) string {
		if _, err := ctl.Write(x.ctx, []byte("announce 1"), 0); err != nil {
			return err.Error()
		}
		return x.read("tcp/0/listen")
	}
	byNote := func(_ ninep.File, note func()) { note() }
	byHangup := func(ctl ninep.File, _ func()) { ctl.Write(context.Background(), []byte("hangup"), 0) }
	t.Run("note to dial", func(t *testing.T) { ended(t, "dial", byNote, dial, "interrupted") })
	t.Run("hangup of dial", func(t *testing.T) { ended(t, "dial", byHangup, dial, "i/o on hungup channel") })
	t.Run("note to listen", func(t *testing.T) { ended(t, "listen", byNote, listen, "interrupted") })
	t.Run("hangup of listen", func(t *testing.T) { ended(t, "listen", byHangup, listen, "listen hungup") })
}
