package cmd_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/auth"
	"ufo/auth/tls"
	"ufo/cmd"
	"ufo/proc"
)

// bootesRing are the keys of a server.
var bootesRing = auth.Keys{{Proto: "dp9ik", Dom: "lab", User: "bootes", Key: *auth.PassKey("secret")}}

// login authenticates on a connection.
func login(c io.ReadWriter, cfg auth.Config) (*auth.Info, error) {
	cfg.Proto = "p9any"
	conv, err := auth.Start(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	defer conv.Close()
	return auth.Proxy(context.Background(), c, conv)
}

// encrypted authenticates the client of c, and makes the handshake with what it
// knows then, or what change makes of that.
func encrypted(c io.ReadWriter, change func(cfg *tls.Config)) (*tls.Conn, error) {
	info, err := login(c, auth.Config{Role: "server", Keys: bootesRing})
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{Key: info.Secret, Identity: tls.Identity}
	if change != nil {
		change(cfg)
	}
	return tls.Server(c.(io.ReadWriteCloser), cfg)
}

// strangers are servers at n1, by port, that are not what they should be, but for
// the first, which sends back what it gets.
func strangers(t *testing.T, l *lab) {
	realm(t, l)
	serve := func(change func(*tls.Config), after func(c io.ReadWriteCloser)) func(io.ReadWriter) {
		return func(c io.ReadWriter) {
			if conn, err := encrypted(c, change); err == nil {
				after(conn)
				conn.Close()
			}
		}
	}
	echo := func(c io.ReadWriteCloser) { io.Copy(c, c) }
	after := func(what func(c io.ReadWriter)) func(io.ReadWriter) {
		return func(c io.ReadWriter) {
			if _, err := login(c, auth.Config{Role: "server", Keys: bootesRing}); err == nil {
				what(c)
			}
		}
	}
	read := func(c io.ReadWriter) { c.Read(make([]byte, 1000)) }
	say := func(b []byte) func(io.ReadWriter) {
		return after(func(c io.ReadWriter) {
			read(c)
			c.Write(b)
			io.Copy(io.Discard, c)
		})
	}
	guess := auth.Keys{{Proto: "dp9ik", Dom: "lab", User: "bootes", Key: *auth.PassKey("a guess")}}
	for port, answer := range map[string]func(io.ReadWriter){
		"1": serve(nil, echo),
		"2": func(c io.ReadWriter) { login(c, auth.Config{Role: "server", Keys: guess}) },
		"3": serve(func(cfg *tls.Config) { cfg.Key = bytes.Repeat([]byte{1}, 256) }, echo),
		"4": serve(func(cfg *tls.Config) { cfg.Suites = []uint16{tls.PSKAES128CBCSHA256, tls.PSKAES128CBCSHA} }, echo),
		"5": say([]byte("welcome\n")),
		"6": func(c io.ReadWriter) { c.Write([]byte("v.2 dp9ik@lab\x00")); read(c) },
		"7": after(read),
		"8": after(func(c io.ReadWriter) { c.Write([]byte{22, 3, 3, 0, 4, 2, 0, 0, 77}) }),
		"9": say([]byte{21, 3, 3, 0, 2, 2, 40}),
		// A server's hello that chooses TLS_PSK_WITH_AES_128_CBC_SHA, and one without
		// any protection: TLS_NULL_WITH_NULL_NULL.
		"10": say(serverHello(0x008c)),
		"11": say(serverHello(0)),
		"13": say(nil),
		"12": func(c io.ReadWriter) { c.Write([]byte("v.2 p9sk1@lab\x00")); read(c) },
	} {
		l.announce(t, "tcp!*!"+port, answer)
	}
}

// serverHello returns the record in which a server chooses a cipher suite.
func serverHello(suite uint16) []byte {
	body := slices.Concat([]byte{3, 3}, make([]byte, 32), []byte{0, byte(suite >> 8), byte(suite), 0})
	msg := append([]byte{2, 0, 0, byte(len(body))}, body...)
	return append([]byte{22, 3, 3, 0, byte(len(msg))}, msg...)
}

// TestTLSClient calls servers, most of which are not to be trusted.
func TestTLSClient(t *testing.T) {
	call := func(port string) string {
		return inNdb + "auth/factotum\n" + goodKey + "tlsclient -a tcp!n1!" + port + " rc -c 'echo -n hello; read -c 5 >[1=2]'"
	}
	fails := func(port, why string) string {
		why = "tcp!n1!" + port + ": " + why
		return "tlsclient: " + why + "\nstatus: " + why + "\n"
	}
	netRows(t, strangers, []netrow{
		{"a good one", call("1"), "hello"},
		{"by a file", inNdb + "auth/factotum\n" + goodKey + "tlsclient -a -o <>{aux/dial tcp!n1!1 >[1=0]} rc -c 'echo -n hello; read -c 5 >[1=2]'", "hello"},
		{"copying", inNdb + "auth/factotum\n" + goodKey + "{echo hello; sleep 1} | tlsclient -D -a tcp!n1!1", "tlsclient: tls reports open: tcp!n1!1 as glenda\nhello\n"},
		{"without -a", "tlsclient tcp!n1!1", "tlsclient: no shared secret: there are no certificates\nstatus: no shared secret: there are no certificates\n"},
		{"without factotum", "tlsclient -a tcp!n1!1", fails("1", "opening /mnt/factotum/rpc: '/mnt/factotum' file does not exist")},
		{"nobody is there", call("99"), "tlsclient: dial tcp!n1!99: connection refused\nstatus: dial tcp!n1!99: connection refused\n"},
		{"one that is not who it says", call("2"), fails("2", "auth_proxy: the other side hung up")},
		{"another secret", call("3"), fails("3", "tls: bad record mac")},
		{"only weaker suites", call("4"), fails("4", "tls: could not negotiate acceptable security parameters")},
		{"plain text in the place of a handshake", call("5"), fails("5", "tls: unexpected message")},
		{"the end while we authenticate", call("6"), fails("6", "auth_proxy: the other side hung up")},
		{"the end before the handshake", call("7"), fails("7", "tls: i/o on hungup channel")},
		{"the end within a hello", call("8"), fails("8", "tls: i/o on hungup channel")},
		{"an alert", call("9"), fails("9", "tls: could not negotiate acceptable security parameters")},
		{"a hello with a weaker suite", call("10"), fails("10", "tls: illegal parameter")},
		{"a hello with no encryption at all", call("11"), fails("11", "tls: illegal parameter")},
		{"one that says nothing", call("13"), fails("13", "connection timed out")},
		{"an old protocol of authentication", call("12"), fails("12", "auth_proxy: negotiation failed, no common protocols or keys")},
	})
}

// serviceCmds make a service on port 5555 of the node, which tells a secret to whom
// it knows.
const serviceCmds = inNdb + "auth/factotum\n" + bootesKey + `
mkdir /tmp/service
mkdir -p /tmp/sys/log
>/sys/log/calls
echo the secret >/tmp/secret
echo '#!/bin/rc
exec tlssrv -A -l calls -r caller /bin/cat /tmp/secret' >/tmp/service/tcp5555
chmod +x /tmp/service/tcp5555
aux/listen -qi -t /tmp/service tcp`

// TestTLSServer has a service called by whom it should not talk to, but for the
// first.
func TestTLSServer(t *testing.T) {
	key := func(user, password string) auth.Keys {
		return auth.Keys{{Proto: "dp9ik", Dom: "lab", User: user, Key: *auth.PassKey(password)}}
	}
	call := func(keys auth.Keys, change func(cfg *tls.Config)) func(context.Context, *lab, net.Conn) string {
		return func(ctx context.Context, l *lab, c net.Conn) string {
			dial := func(ctx context.Context, _ string) (io.ReadWriteCloser, error) {
				c, err := l.n1.Dial(ctx, "tcp!10.9.0.1!567")
				return wireConn{Conn: c}, err
			}
			info, err := login(c, auth.Config{Role: "client", Keys: keys, Dial: dial})
			if err != nil {
				return ""
			}
			cfg := &tls.Config{Key: info.Secret, Identity: tls.Identity}
			if change != nil {
				change(cfg)
			}
			conn, err := tls.Client(c, cfg)
			if err != nil {
				return ""
			}
			b, _ := io.ReadAll(conn)
			return string(b)
		}
	}
	say := func(text string) func(context.Context, *lab, net.Conn) string {
		return func(_ context.Context, _ *lab, c net.Conn) string {
			io.WriteString(c, text)
			b, _ := io.ReadAll(c)
			return string(b)
		}
	}
	const offer = "v.2 dp9ik@lab\x00"
	for _, c := range []struct {
		name      string
		call      func(context.Context, *lab, net.Conn) string
		want, log string
	}{
		{"who may", call(key("glenda", "secret"), nil), "the secret\n", ""},
		{"a wrong password", call(key("glenda", "a guess"), nil), "", "auth_proxy: the other side hung up\n"},
		{"nobody's name", call(key("rob", "secret"), nil), "", "auth_proxy: the other side hung up\n"},
		{"another secret", call(key("glenda", "secret"), func(cfg *tls.Config) { cfg.Key = make([]byte, 256) }), "", "glenda: tls: bad record mac\n"},
		{"another identity", call(key("glenda", "secret"), func(cfg *tls.Config) { cfg.Identity = "anybody" }), "", "glenda: tls: unknown psk identity\n"},
		{"only weaker suites", call(key("glenda", "secret"), func(cfg *tls.Config) { cfg.Suites = []uint16{tls.PSKAES128CBCSHA256, tls.PSKAES128CBCSHA} }), "", "glenda: tls: could not negotiate acceptable security parameters\n"},
		{"plain text", say("     10\ncat /tmp/*"), offer, "connection timed out\n"},
		{"a web browser", say("GET / HTTP/1.1\r\nHost: n2\r\n\r\n"), offer, "connection timed out\n"},
		{"an end that never comes", say(strings.Repeat("x", 5000)), offer, "auth_proxy: auth server protocol botch\n"},
		{"a protocol that is not offered", say("p9sk1 lab\x00"), offer, "auth_proxy: negotiation failed, no common protocols or keys\n"},
		{"no authentication at all", say("\x00"), offer, "auth_proxy: invalid argument\n"},
		{"TLS without authentication", say("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"), offer, "auth_proxy: invalid argument\n"},
		{"nothing", say(""), offer, "connection timed out\n"},
		{"the end", func(_ context.Context, _ *lab, c net.Conn) string { return "" }, "", "auth_proxy: the other side hung up\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := new(lab)
			cmd.OnWire(t, l.plug(realm), func(p *proc.Proc) error {
				if out := cmd.RcOutput(p, serviceCmds); out != "" {
					t.Fatal(out)
				}
				conn, err := l.n1.Dial(p.Context(), "tcp!10.9.0.2!5555")
				if err != nil {
					t.Fatal(err)
				}
				if got := c.call(p.Context(), l, wireConn{Conn: conn}); got != c.want {
					t.Errorf("it is told %q", got)
				}
				conn.Close()
				synctest.Wait()
				log, _ := p.ReadFile("/sys/log/calls")
				_, text, _ := strings.Cut(string(log), " caller ")
				if text != c.log {
					t.Errorf("the log has %q", text)
				}
				return nil
			})
		})
	}
}
