package cmd_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ufo/cmd"
	"ufo/dev"
	"ufo/grid"
	"ufo/ninep"
	"ufo/proc"
)

// A lab is a wire with the node of a test, n2, plugged in, and another place,
// n1, where the test itself answers calls.
type lab struct {
	link *grid.Link
	n1   dev.Wire
}

// plug returns a function for cmd.OnWire that fills in the lab and calls serve.
func (l *lab) plug(serve func(t *testing.T, l *lab)) func(t *testing.T) dev.Wire {
	return func(t *testing.T) dev.Wire {
		w := grid.NewWire()
		var at [2]*grid.Iface
		for i, name := range []string{"n1", "n2"} {
			err := w.Add(name, netip.AddrFrom4([4]byte{10, 9, 0, byte(i + 1)}))
			if err == nil {
				at[i], err = w.Plug(name)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(at[i].Unplug)
		}
		var err error
		if l.link, err = w.Link("n1", "n2"); err != nil {
			t.Fatal(err)
		}
		l.n1 = at[0]
		serve(t, l)
		return at[1]
	}
}

// TestListenRate makes more calls than a service answers at once: a minute's are answered
// at once, some wait, and the last is hung up on.
func TestListenRate(t *testing.T) {
	var l lab
	cmd.OnWire(t, l.plug(func(*testing.T, *lab) {}), func(p *proc.Proc) error {
		if out := cmd.RcOutput(p, "aux/listen1 -bt -r 3 tcp!*!7777 /bin/echo hello"); out != "" {
			t.Error(out)
		}
		if out := cmd.RcOutput(p, "aux/listen1 -bt tcp!*!7777 /bin/echo again || echo refused"); out != "aux/listen1: announce tcp!*!7777: connection in use\nrefused\n" {
			t.Error(out)
		}
		var got []string
		for range 5 {
			begin := p.Now()
			text := "no"
			if c, err := l.n1.Dial(p.Context(), "tcp!10.9.0.2!7777"); err == nil {
				b := make([]byte, 100)
				if n, _ := c.Read(p.Context(), b); n > 0 {
					text = strings.TrimSpace(string(b[:n]))
				}
				c.Close()
			}
			got = append(got, fmt.Sprintf("%s %v", text, p.Now().Sub(begin).Round(time.Second)))
		}
		if all, want := strings.Join(got, ", "), "hello 0s, hello 0s, hello 0s, hello 20s, hello 20s"; all != want {
			t.Errorf("%s, want %s", all, want)
		}
		cmd.RcOutput(p, "kill listen1 | rc")
		return nil
	})
}

// A netrow is commands that are run by rc on a node with a network, and what
// they print.
type netrow struct{ name, cmd, want string }

// netRows runs each row on a node of its own, n2, after serve has announced
// services at n1.
func netRows(t *testing.T, serve func(t *testing.T, l *lab), rows []netrow) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			cmd.OnWire(t, new(lab).plug(serve), func(p *proc.Proc) error {
				if got := cmd.RcOutput(p, r.cmd); got != r.want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", r.cmd, got, r.want)
				}
				return nil
			})
		})
	}
}

// announce announces an address at n1 until the test is over, and calls answer
// for each call.
func (l *lab) announce(t *testing.T, addr string, answer func(c io.ReadWriter)) {
	t.Helper()
	ln, err := l.n1.Announce(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() { // ends when ln is closed
		for {
			c, err := ln.Accept(context.Background())
			if err != nil {
				return
			}
			go func() { // ends when answer does
				defer c.Close()
				answer(wireConn{Conn: c})
			}()
		}
	}()
}

// A wireConn is a Conn as package net has them.
type wireConn struct {
	dev.Conn
	net.Addr
}

func (c wireConn) Read(p []byte) (int, error)       { return c.Conn.Read(context.Background(), p) }
func (c wireConn) Write(p []byte) (int, error)      { return c.Conn.Write(context.Background(), p) }
func (c wireConn) LocalAddr() net.Addr              { return c }
func (c wireConn) RemoteAddr() net.Addr             { return c }
func (c wireConn) Network() string                  { return "tcp" }
func (c wireConn) String() string                   { return c.Conn.RemoteAddr() }
func (c wireConn) SetDeadline(time.Time) error      { return nil }
func (c wireConn) SetReadDeadline(time.Time) error  { return nil }
func (c wireConn) SetWriteDeadline(time.Time) error { return nil }

// A wireListener is a Listener as package net has them.
type wireListener struct{ dev.Listener }

func (l wireListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept(context.Background())
	if err != nil {
		return nil, net.ErrClosed
	}
	return wireConn{Conn: c}, nil
}

func (l wireListener) Addr() net.Addr { return wireConn{} }

// page is what the web server of the tests has.
const page = "0123456789abcdef\n"

// web is a web server at n1, that of Go's library: an oracle of the protocol.
func web(t *testing.T, l *lab) {
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "page.txt", time.Unix(1e9, 0), strings.NewReader(page))
	})
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			io.WriteString(w, "a chunk\n")
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/empty", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Method+" "+r.Host+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("X-Test")+" "+r.UserAgent()+"\n")
		io.Copy(w, r.Body)
	})
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		io.WriteString(w, user+" "+pass+"\n")
	})
	for path, to := range map[string]string{
		"/found": "/page", "/up/see": "../echo", "/loop": "/loop", "/out": "https://n1/page", "/gone": "http://n9/",
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Location"] = []string{to}
			w.WriteHeader(302)
		})
	}
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/echo", http.StatusPermanentRedirect)
	})
	ln, err := l.n1.Announce(t.Context(), "tcp!*!80")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: mux}
	go srv.Serve(wireListener{ln}) // ends when the server is closed
	t.Cleanup(func() { srv.Close() })
	l.announce(t, "tcp!*!81", rawWeb)
}

// rawWeb is a web server that answers by bytes, which the path has the name of.
func rawWeb(c io.ReadWriter) {
	b := make([]byte, 4096)
	n, _ := c.Read(b)
	path := strings.Fields(string(b[:n]) + " x x")[1]
	io.WriteString(c, map[string]string{
		"/old":      "HTTP/1.0 200 OK\n\nno length\n",
		"/100":      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 3\r\n\r\nhi\nmore",
		"/short":    "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nhi\n",
		"/badchunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\n",
		"/cut":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhi\n\r\n",
		"/trailer":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nhi\n\r\n0\r\nA: b\r\n\r\n",
		"/junk":     "SSH-2.0-x\r\n",
		"/nohead":   "HTTP/1.1 200 OK\r\nhello\r\n\r\n",
		"/gzip":     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzipped,
		"/notgzip":  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nhello",
		"/range":    "HTTP/1.1 206 Partial\r\nContent-Length: 9\r\nContent-Range: bytes 4-9/10\r\n\r\n",
		"/304":      "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
	}[path])
}

// gzipped is "hi\n".
const gzipped = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xc8\xe4\x02\x00\x7a\x7a\x6f\xed\x03\x00\x00\x00"

func TestHget(t *testing.T) {
	fails := func(msg string) string { return "hget: " + msg + "\nstatus: " + msg + "\n" }
	netRows(t, web, []netrow{
		{"a page", "hget http://n1/page", page},
		{"its header", "hget -h http://n1/page | grep -v Date", "Accept-Ranges: bytes\nContent-Length: 17\nContent-Type: text/plain; charset=utf-8\n" +
			"Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\nConnection: close\n\n" + page},
		{"only the header", "hget -hm HEAD http://n1/page | grep Length", "Content-Length: 17\n"},
		{"progress", "hget -v http://n1/page", page + "17 17\n"},
		{"progress of unknown length", "hget -v http://n1/chunked >/dev/null", "24 0\n"},
		{"chunks", "hget http://n1/chunked", "a chunk\na chunk\na chunk\n"},
		{"an empty page", "hget http://n1/empty", ""},
		{"port, query and fragment", "hget 'http://n1:80/page?a=b#c'", page},
		{"by address", "hget http://10.9.0.1/page", page},
		{"relative to a base", "hget -b http://n1/a/b ../page", page},
		{"not found", "hget http://n1/nosuch", fails("404 Not Found")},
		{"post", "hget -p 'a=1&b=2' http://n1/echo", "POST n1 application/x-www-form-urlencoded  hget\na=1&b=2"},
		{"post the input", "echo data | hget -P -r 'content-type: text/plain' -r 'X-Test: yes' http://n1/echo", "POST n1 text/plain yes hget\ndata\n"},
		{"another method", "hget -m PUT -p x http://n1/echo", "PUT n1 application/x-www-form-urlencoded  hget\nx"},
		{"a user", "hget http://glenda:secret@n1/who", "glenda secret\n"},
		{"redirection", "hget http://n1/found", page},
		{"where to", "hget -l http://n1/found", "http://n1/page\n"},
		{"relative redirection", "hget http://n1/up/see", "GET n1   hget\n"},
		{"redirection of a post becomes a get", "hget -p x http://n1/up/see", "GET n1   hget\n"},
		{"redirection that keeps the method", "hget -p x http://n1/moved", "POST n1 application/x-www-form-urlencoded  hget\nx"},
		{"round and round", "hget http://n1/loop", fails("http://n1/loop: too many redirections")},
		{"redirection to https", "hget http://n1/out", fails("https://n1/page: https is not supported: there is no TLS")},
		{"redirection to nowhere", "hget http://n1/gone", fails("http://n9/: cs: can't translate address")},
		{"a local copy", "hget -o f http://n1/page; cat f", page},
		{"a local copy is up to date", "echo 0123456789ABCDEF >f; hget -vo f http://n1/page; cat f", "0123456789ABCDEF\n"},
		{"a local copy is completed", "echo -n abc >f; hget -vo f http://n1/page; cat f", "14 14\nabc3456789abcdef\n"},
		{"a local copy is too long", "echo 0123456789abcdef more >f; hget -o f http://n1/page; cat f", page},
		{"a local copy of what has no length", "echo x >f; hget -o f http://n1/chunked; wc f", "      3       6      24 f\n"},
		{"a local copy of nothing", "echo x >f; hget -o f http://n1/nosuch; cat f", "hget: 404 Not Found\nx\n"},
		{"https", "hget https://n1/page", fails("https://n1/page: https is not supported: there is no TLS")},
		{"ftp", "hget ftp://n1/page", fails("ftp://n1/page: not an http url")},
		{"no url", "hget n1", fails("n1: not an http url")},
		{"a bad url", "hget http://%zz/", fails("bad url: http://%zz/")},
		{"nobody listens", "hget http://n1:8080/", fails("http://n1:8080/: connection refused")},
		{"an unknown host", "hget http://n9/", fails("http://n9/: cs: can't translate address")},
		{"a bad header line", "hget -r nothing http://n1/page >[2=1] | sed 's/ .*//'; status=()", "usage:\n"},
		{"another network directory", "bind /net /mnt; hget -x /mnt http://n1/page", page},
		{"an old server", "hget http://n1:81/old", "no length\n"},
		{"a response before the response", "hget http://n1:81/100", "hi\n"},
		{"a page that breaks off", "hget http://n1:81/short", "hi\n" + fails("error reading page: unexpected EOF")},
		{"a bad chunk", "hget http://n1:81/badchunk", fails("error reading page: bad HTTP chunk")},
		{"chunks that break off", "hget http://n1:81/cut", "hi\n" + fails("error reading page: unexpected EOF")},
		{"a trailer", "hget http://n1:81/trailer", "hi\n"},
		{"no http", "hget http://n1:81/junk", fails("http://n1:81/junk: not an HTTP response")},
		{"a bad header", "hget http://n1:81/nohead", fails("http://n1:81/nohead: bad HTTP header")},
		{"no answer", "hget http://n1:81/silent", fails("http://n1:81/silent: unexpected EOF")},
		{"compressed", "hget http://n1:81/gzip", "hi\n"},
		{"compressed, they say", "hget http://n1:81/notgzip", fails("error reading page: unexpected EOF")},
		{"not modified", "hget http://n1:81/304", fails("304 Not Modified")},
	})
}

// A link that is cut while a page is on its way makes hget wait, and a note
// ends it.
func TestHgetInterrupt(t *testing.T) {
	var l lab
	cmd.OnWire(t, l.plug(web), func(p *proc.Proc) error {
		if err := l.link.Ctl("cut"); err != nil {
			t.Error(err)
		}
		got := cmd.RcOutput(p, "{sleep 1; kill hget | rc} & hget http://n1/page")
		if !strings.HasPrefix(got, "status: kill\n") {
			t.Error(got)
		}
		return nil
	})
}

// telnetServices are services at n1 that say things by telnet and then what they
// were told, quoted.
func telnetServices(t *testing.T, l *lab) {
	quote := func(c io.ReadWriter, n int) {
		b := make([]byte, n)
		m, _ := io.ReadFull(c, b)
		fmt.Fprintf(c, "%q\n", b[:m])
	}
	l.announce(t, "tcp!*!23", func(c io.ReadWriter) {
		io.WriteString(c, "login: ")
		quote(c, 8)
	})
	l.announce(t, "tcp!*!24", func(c io.ReadWriter) {
		io.WriteString(c, "\xff\xfb\x01\xff\xfb\x03") // will echo, will suppress go ahead
		b := make([]byte, 6)
		io.ReadFull(c, b)
		fmt.Fprintf(c, "%q\r\n", b)
		quote(c, 3)
	})
	l.announce(t, "tcp!*!25", func(c io.ReadWriter) {
		io.WriteString(c, "\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0")
		quote(c, 3+6+4)
	})
}

func TestCon(t *testing.T) {
	netRows(t, telnetServices, []netrow{
		{"a file", "srv -e cat x >[2]/dev/null; {echo hi; sleep 1} | con /srv/x", "hi\n"},
		{"no user, but a file", "srv -e cat x >[2]/dev/null; {echo hi; sleep 1} | con -l /srv/x", "hi\n"},
		{"a user", "srv -e cat x >[2]/dev/null; {echo hi; sleep 1} | con -l glenda -C /srv/x", "hi\n"},
		{"a device's speed", "srv -e cat x >[2]/dev/null; echo -n >/tmp/xctl; bind -a /srv /tmp; con -b 9600 /tmp/x </dev/null; cat /tmp/xctl; echo", "b9600 i1\n"},
		{"no such file", "con /srv/none", "con: cannot open /srv/none: '/srv/none' file does not exist\nstatus: cannot open /srv/none: '/srv/none' file does not exist\n"},
		{"no such speed", "srv -e cat x >[2]/dev/null; con -b 9600 /srv/x </dev/null", "con: cannot open /srv/xctl: '/srv/xctl' file does not exist\n"},
		{"nobody", "con -l glenda; con -l", "con: cannot dial net!glenda!telnet: cs: can't translate service\nusage: con [-CdnrRsTv] [-b baud] [-c cmd] [-l [user]] [-S svc] [net!]machine[!service]\nstatus: usage\n"},
	})
}

func TestTelnet(t *testing.T) {
	netRows(t, telnetServices, []netrow{
		{"a line", "echo glenda | telnet -n tcp!n1!23 >[2]/dev/null", "login: \"glenda\\r\\n\"\n"},
		{"said how it is connected", "echo glenda | telnet -n tcp!n1!23 >[2=1] | sed 's/,.*//;s/[0-9]*$//' | sed 1q",
			"connected to tcp!n1!23 on /net/tcp/\n"},
		{"the other end echoes", "{sleep 1; echo hi} | telnet -n tcp!n1!24 >[2]/dev/null", "\"\\xff\\xfd\\x01\\xff\\xfd\\x03\"\r\n\"hi\\r\"\n"},
		{"cooked, one newline, and told", "{sleep 1; echo hi} | telnet -Cdnr tcp!n1!24 >[2=1] | grep -v connected",
			"telnet: r will 1\ntelnet: s dont 1\ntelnet: r will 3\ntelnet: s do 3\n\"\\xff\\xfe\\x01\\xff\\xfd\\x03\"\n\"hi\\r\"\n"},
		{"the terminal", "TERM=vt52 telnet -n tcp!n1!25 </dev/null >[2]/dev/null", "\"\\xff\\xfb\\x18\\xff\\xfa\\x18\\x00vt52\\xff\\xf0\"\n"},
		{"a pipe in /srv", "telnet -ns t tcp!n1!23; {echo glenda >[1=3]; sed 1q <[0=3]} <>[3]/srv/t", "login: \"glenda\\r\\n\"\n"},
		{"ends with its input", "telnet tcp!n1!23 </dev/null >/dev/null >[2]/dev/null", ""},
		{"nobody there", "telnet tcp!n1!77", "telnet: tcp!n1!77: connection refused\nstatus: tcp!n1!77: connection refused\n"},
		{"no such place", "telnet tcp!n9!23", "telnet: tcp!n9!23: cs: can't translate address\nstatus: tcp!n9!23: cs: can't translate address\n"},
	})
}

// echoes is the service echo at n1, on a link that takes 5 ms, and one that
// answers only every second message, and that wrongly.
func echoes(t *testing.T, l *lab) {
	if err := l.link.Ctl("delay 5ms"); err != nil {
		t.Fatal(err)
	}
	echo := func(answer func(num int, msg []byte) []byte) func(c io.ReadWriter) {
		return func(c io.ReadWriter) {
			b := make([]byte, 1<<16)
			for num := 0; ; num++ {
				n, err := c.Read(b)
				if err != nil {
					return
				}
				if msg := answer(num, b[:n]); msg != nil {
					c.Write(msg)
				}
			}
		}
	}
	same := func(_ int, msg []byte) []byte { return msg }
	l.announce(t, "udp!*!7", echo(same))
	l.announce(t, "udp!*!8", echo(func(num int, msg []byte) []byte {
		if num%2 == 1 {
			return nil
		}
		return msg
	}))
	l.announce(t, "udp!*!9", echo(func(num int, msg []byte) []byte {
		switch num {
		case 0:
			return msg[1:]
		case 1:
			msg[0]++
		case 2:
			msg[10]++
		}
		return msg
	}))
}

func TestPing(t *testing.T) {
	netRows(t, echoes, []netrow{
		{"three", "ip/ping -n 3 udp!n1!7", "sending 3 64 byte messages 1000 ms apart to udp!10.9.0.1!7\n" +
			"0: rtt 10000 µs, avg rtt 10000 µs\n1: rtt 10000 µs, avg rtt 10000 µs\n2: rtt 10000 µs, avg rtt 10000 µs\n"},
		{"none", "ip/ping -n 0 udp!n1!7", "sending 0 64 byte messages 1000 ms apart to udp!10.9.0.1!7\n"},
		{"addresses, size and interval", "ip/ping -a -n 1 -s 100 -i 5 udp!n1!7", "sending 1 100 byte messages 5 ms apart to udp!10.9.0.1!7\n" +
			"0: 10.9.0.2 -> 10.9.0.1 rtt 10000 µs, avg rtt 10000 µs\n"},
		{"quiet", "time ip/ping -q -n 3 -i 100 udp!n1!7", "0.00u 0.00s 0.21r \t ip/ping -q -n 3 -i ...\n"},
		{"flood", "time ip/ping -qf -n 50 udp!n1!7", "0.00u 0.00s 0.01r \t ip/ping -qf -n 50 udp!n1!7 ...\n"},
		{"at random", "ip/ping -rl -n 3 udp!n1!7", "sending 3 64 byte messages 1000 ms apart to udp!10.9.0.1!7\n"},
		{"sizes have limits", "ip/ping -n 0 -s 1 udp!n1!7; ip/ping -n 0 -s 99999 udp!n1!7",
			"sending 0 32 byte messages 1000 ms apart to udp!10.9.0.1!7\nsending 0 8192 byte messages 1000 ms apart to udp!10.9.0.1!7\n"},
		{"every second is lost", "ip/ping -n 4 -w 100 udp!n1!8", "sending 4 64 byte messages 1000 ms apart to udp!10.9.0.1!8\n" +
			"0: rtt 10000 µs, avg rtt 10000 µs\n2: rtt 10000 µs, avg rtt 10000 µs\nlost 1\nlost 3\n2 out of 4 messages lost\nstatus: lost messages\n"},
		{"only what is lost", "ip/ping -al -n 2 udp!n1!8", "sending 2 64 byte messages 1000 ms apart to udp!10.9.0.1!8\n" +
			"lost 1: 10.9.0.2 -> 10.9.0.1\n1 out of 2 messages lost\nstatus: lost messages\n"},
		{"lost after a minute", "ip/ping -n 64 -l udp!n1!8 | sed 4q; status=()", "sending 64 64 byte messages 1000 ms apart to udp!10.9.0.1!8\nlost 1\nlost 3\nlost 5\n"},
		{"bad replies", "ip/ping -n 4 udp!n1!9", "sending 4 64 byte messages 1000 ms apart to udp!10.9.0.1!9\n" +
			"bad len 63/64\nbad sequence 16777217\ncorrupted reply\n2: rtt 10000 µs, avg rtt 10000 µs\n3: rtt 10000 µs, avg rtt 10000 µs\n" +
			"lost 0\nlost 1\n2 out of 4 messages lost\nstatus: lost messages\n"},
		{"nobody echoes", "time ip/ping -n 2 udp!n1!77", "sending 2 64 byte messages 1000 ms apart to udp!10.9.0.1!77\nlost 0\nlost 1\n" +
			"2 out of 2 messages lost\n0.00u 0.00s 7.00r \t ip/ping -n 2 udp!n1!77  # status= lost messages\nstatus: ping 5: lost messages\n"},
		{"no such place", "ip/ping udp!n9!7", "ip/ping: couldn't dial: cs: can't translate address\nstatus: dialing\n"},
		{"ourselves", "echo udp'='echo port'='7 >>/lib/ndb/local; echo refresh >/net/cs; ip/udpecho & sleep 1; ip/ping -n 1 n2; ip/ping -n 1 -s 8192 n2; ps | grep -c udpecho; sleep 100; ps | grep -c udpecho",
			"sending 1 64 byte messages 1000 ms apart to udp!10.9.0.2!7\n0: rtt 0 µs, avg rtt 0 µs\n" +
				"sending 1 8192 byte messages 1000 ms apart to udp!10.9.0.2!7\n0: rtt 0 µs, avg rtt 0 µs\n3\n1\n"},
	})
}

// outside leads out of the grid, to a place that knows two names.
type outside struct{ dev.Wire }

func (outside) Lookup(_ context.Context, name string) ([]string, error) {
	if name == "example.org" {
		return []string{"192.0.2.1", "2001:db8::1", "192.0.2.2"}, nil
	}
	return nil, ninep.Error("dns: name does not exist")
}

func TestDnsServer(t *testing.T) {
	inside := func(*testing.T, *lab) {}
	netRows(t, inside, []netrow{
		{"a question", "ndb/dns; echo n1 | ndb/dnsquery >[2]/dev/null", "n1 ip\t10.9.0.1\n"},
		{"several", "ndb/dns; {echo 10.9.0.2; echo; echo nosuch; echo '!two ip'; echo n1 mx; echo n1 x} | ndb/dnsquery >[2]/dev/null",
			"2.0.9.10.in-addr.arpa ptr\tn2.lab\n!dns: name does not exist\ndom=two ip=10.9.0.3\ndom=two ip=10.9.0.4\n!dns: resource does not exist\n!dns: unknown type x\n"},
		{"the prompt", "ndb/dns; ndb/dnsquery /net/dns </dev/null", "> "},
		{"no server", "ndb/dnsquery", "ndb/dnsquery: can't open /net/dns: '/net/dns' file does not exist\nstatus: can't open /net/dns: '/net/dns' file does not exist\n"},
		{"another database", "echo 'dom=a.b ip=1.2.3.4' >f; ndb/dns -f /tmp/f; echo a.b | ndb/dnsquery >[2]/dev/null", "a.b ip\t1.2.3.4\n"},
		{"another network", "ndb/dns -x /mnt; ls /srv/dns*; echo n1 | ndb/dnsquery /mnt/dns >[2]/dev/null", "/srv/dns_mnt\nn1 ip\t10.9.0.1\n"},
		{"started again", "ndb/dns; echo 'dom=new.lab ip=1.2.3.4' >>/lib/ndb/local; ndb/dns; ls /srv/dns; echo new.lab | ndb/dnsquery >[2]/dev/null", "/srv/dns\nnew.lab ip\t1.2.3.4\n"},
		{"read again", "ndb/dns; echo 'dom=new.lab ip=1.2.3.4' >>/lib/ndb/local; echo -n refresh >/net/dns; echo new.lab | ndb/dnsquery >[2]/dev/null", "new.lab ip\t1.2.3.4\n"},
		{"for cs", "echo 'dom=www.lab cname=n1.lab' >>/lib/ndb/local; echo 'dom=n1.lab ip=10.9.0.1' >>/lib/ndb/local; ndb/dns; ndb/cs; ndb/csquery /net/cs tcp!www.lab!80", "/net/tcp/clone 10.9.0.1!80\n"},
		{"a long question", "ndb/dns; echo -n `{seq 100} >/net/dns", "echo: write error: dns: request too long\nstatus: write error\n"},
		{"ipquery", "ndb/ipquery sys n2 auth role dom", "role=cpu role=venti dom=n2.lab auth=n1 \n"},
		{"ipquery of nobody", "ndb/ipquery sys n9 auth", "\n"},
		{"ipquery without a database", "ndb/ipquery -f nosuch sys n9 auth", "ndb/ipquery: no db files: 'nosuch' file does not exist\nstatus: no db\n"},
	})
	for _, r := range []netrow{
		{"known inside", "echo n1", "n1 ip\t10.9.0.1\n"},
		{"known outside", "echo example.org", "example.org ip\t192.0.2.1\nexample.org ip\t192.0.2.2\n"},
		{"all that is known outside", "echo '!example.org all'", "dom=example.org ip=192.0.2.1\ndom=example.org ip=192.0.2.2\ndom=example.org ip=2001:db8::1\n"},
		{"known nowhere", "echo nosuch.example", "!dns: name does not exist\n"},
		{"what is not asked outside", "echo example.org mx", "!dns: name does not exist\n"},
	} {
		t.Run(r.name, func(t *testing.T) {
			plug := func(t *testing.T) dev.Wire { return outside{new(lab).plug(inside)(t)} }
			cmd.OnWire(t, plug, func(p *proc.Proc) error {
				if got := cmd.RcOutput(p, "ndb/dns; "+r.cmd+" | ndb/dnsquery >[2]/dev/null"); got != r.want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", r.cmd, got, r.want)
				}
				return nil
			})
		})
	}
}
