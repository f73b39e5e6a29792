package factotum

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/auth"
	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// TestRPC makes requests, and reads the replies.
func TestRPC(t *testing.T) {
	for _, c := range []struct {
		name  string
		calls string // "request -> reply" lines
	}{
		{"nothing started", `
			read -> protocol not started
			write x -> protocol not started
			attr -> error no current protocol
			authinfo -> error authentication unfinished`},
		{"unknown verbs", `
			frob -> error unknown verb
			 start -> error unknown verb
			startx proto=pass -> error unknown verb`},
		{"start needs a protocol", `
			start -> error did not specify proto
			start role=client -> error did not specify proto
			start proto? -> error did not specify proto
			start proto=rot13 -> error unknown protocol rot13
			start proto='' -> error unknown protocol ''
			start proto=p9sk1 role=client -> error protocol p9sk1 is off
			read -> protocol not started`},
		{"start needs a role", `
			start proto=p9any -> error role not specified
			start proto=p9any role=boss -> error unknown role boss
			start proto=p9any role=login -> error unknown role login
			start proto=apop -> error role not specified
			start proto=cram role=server -> error no authentication server for lab
			start proto=cram role=login -> error cram login not supported
			start proto=httpdigest role=server -> error httpdigest server not supported`},
		{"no secrets in patterns", `
			start proto=pass user=glenda !password=x -> error only !private? patterns are allowed for private fields`},
		{"a password", `
			start proto=pass user=glenda -> ok
			attr -> ok proto=pass user=glenda service='a b'
			write x -> phase protocol phase error: write in state HavePass
			authinfo -> error authentication unfinished
			read -> ok glenda 'it''s open'
			read x -> error read needs no parameters`},
		{"another password", `
			start proto=pass user=ken -> needkey !password? proto=pass user=ken
			start proto=pass service='a b' -> ok
			read -> ok glenda 'it''s open'`},
		{"apop", `
			start proto=apop role=client server=mail -> ok
			read -> phase protocol phase error: read in state CNeedChal
			write <1896.697170952@dbc.mtview.ca.us> -> ok
			write x -> phase protocol phase error: write in state CHaveResp
			attr -> ok role=client proto=apop server=mail user=mrose
			read -> ok c4c9334bac560ecc979e58001b3e22fb
			read -> done
			write x -> done
			authinfo -> error no authinfo available`},
		{"cram", `
			start proto=cram role=client user=tim -> ok
			write <1896.697170952@postoffice.reston.mci.net> -> ok
			read -> ok b913a602c7eda7a495b4e6e7334d3890`},
		{"http", `
			start proto=httpdigest role=client realm=testrealm@host.com -> ok
			write dcd98b7102dd2f0e8b11d0f600bfb0c093 GET /dir/index.html -> ok
			read -> ok 1949323746fe6a43ef61f9606e7febea`},
		{"half a challenge of http", `
			start proto=httpdigest role=client realm=testrealm@host.com -> ok
			write dcd98b7102dd2f0e8b11d0f600bfb0c093 GET -> error bad challenge
			read -> error bad challenge
			authinfo -> error authentication unfinished`},
		{"half a challenge of chap", `
			start proto=chap role=client -> ok
			write 12345678 -> error chap botch`},
		{"a second start", `
			start proto=cram role=client user=tim -> ok
			write x -> ok
			start proto=cram role=client user=tim -> ok
			read -> phase protocol phase error: read in state CNeedChal
			start proto=rot13 -> error unknown protocol rot13
			read -> phase protocol phase error: read in state CNeedChal`},
		{"too short for a server", `
			start proto=dp9ik role=server -> ok
			write 1234 -> toosmall 8
			write 12345678 -> ok
			write 12345678 -> phase protocol phase error: write in state SHavePAKreq`},
		{"nonsense for a server", `
			start proto=p9any role=server -> ok
			write x -> phase protocol phase error: write in state SHaveProtos
			read -> ok v.2 dp9ik@lab` + "\x00" + `
			read -> phase protocol phase error: read in state SNeedProto
			write x -> toosmall 2
			write ` + "dp9ik home\x00" + ` -> error negotiation failed, no common protocols or keys
			read -> error negotiation failed, no common protocols or keys`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := New(Config{Owner: "glenda"})
			for _, line := range []string{
				"key proto=pass user=glenda service='a b' !password='it''s open'",
				"key proto=apop server=mail user=mrose !password=tanstaaf",
				"key proto=cram user=tim !password=tanstaaftanstaaf",
				"key proto=chap user=tim !password=x",
				"key proto=httpdigest realm=testrealm@host.com user=Mufasa !password='CircleOfLife'",
				"key proto=dp9ik dom=lab user=glenda !password=x",
			} {
				if err := f.Ctl([]byte(line)); err != nil {
					t.Fatal(err)
				}
			}
			f.Ctl([]byte("debug"))
			rpc := open(t, f, "glenda", "rpc", ninep.ORDWR)
			for line := range strings.SplitSeq(strings.TrimPrefix(c.calls, "\n"), "\n") {
				call, want, _ := strings.Cut(strings.TrimPrefix(line, "\t\t\t"), " -> ")
				if got := rpc.call(call); got != want {
					t.Errorf("%q: %q, want %q", call, got, want)
				}
			}
		})
	}
}

// TestChap has a vector of a hash of a hash: no text.
func TestChap(t *testing.T) {
	f := New(Config{Owner: "glenda"})
	f.Ctl([]byte("key proto=chap user=a !password=secret"))
	rpc := open(t, f, "glenda", "rpc", ninep.ORDWR)
	rpc.call("start proto=chap role=client")
	rpc.call("write \x0112345678")
	want := fmt.Sprintf("ok %s", md5sum("\x01secret12345678"))
	if got := rpc.call("read"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestRPCMisuse breaks the rules of an rpc file.
func TestRPCMisuse(t *testing.T) {
	f := New(Config{Owner: "glenda"})
	f.Ctl([]byte("key proto=pass user=" + strings.Repeat("u", 100) + " !password=" + strings.Repeat("p", 100)))
	rpc := open(t, f, "glenda", "rpc", ninep.ORDWR)
	read := func(n int) string {
		b := make([]byte, n)
		n, err := rpc.Read(t.Context(), b, 0)
		return fmt.Sprint(string(b[:n]), err)
	}
	write := func(s string) error { _, err := rpc.Write(t.Context(), []byte(s), 0); return err }
	if got := read(100); got != "no rpc pending" {
		t.Error(got)
	}
	if err := write(strings.Repeat("x", maxRPC)); err != errTooLarge {
		t.Error(err)
	}
	write("start proto=pass")
	if err := write("read"); err != errPending {
		t.Error(err)
	}
	if got := read(63); got != "rpc read too small" {
		t.Error(got)
	}
	if got := read(64); got != "ok<nil>" {
		t.Error(got)
	}
	write("read")
	if got := read(64); got != "toosmall 201<nil>" {
		t.Error(got)
	}
	if got := rpc.call("write x"); got != "phase protocol phase error: write in state HavePass" {
		t.Error(got)
	}
	if got := rpc.call("read"); len(got) != len("ok ")+201 {
		t.Error(got)
	}
}

// TestTooSmall wants nothing to be lost when a reply has no room.
func TestTooSmall(t *testing.T) {
	r := newRealm("glenda", "bootes")
	client := open(t, r.factotum(t, "glenda", passkey("dp9ik", "glenda")), "glenda", "rpc", ninep.ORDWR)
	server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)
	client.call("start role=client proto=dp9ik")
	server.call("start role=server proto=dp9ik")
	small := func(f file, request string) string {
		f.Write(t.Context(), []byte(request), 0)
		var b [64]byte
		n, err := f.Read(t.Context(), b[:], 0)
		if err != nil {
			t.Error(err)
		}
		return string(b[:n])
	}
	chal, _ := strings.CutPrefix(client.call("read"), "ok ")
	server.call("write " + chal)
	if got := small(server, "read"); got != fmt.Sprintf("toosmall %d", auth.TicketreqLen+auth.PAKLen) {
		t.Error(got)
	}
	if _, _, err := talk(t, client, server); err != nil {
		t.Fatal(err)
	}
	if got := small(server, "authinfo"); got != "error read too small" {
		t.Error(got)
	}
}

// TestManyConversations has somebody begin more conversations than there can be, while
// another, or he himself, is in the middle of one or begins one.
func TestManyConversations(t *testing.T) {
	for _, c := range []struct {
		name      string
		crowd     []string // who begin too many, each, and say no more
		before    string   // who is in the middle of one
		afterward string   // who begins one then
	}{
		{"a user keeps another from it", []string{"ken"}, "none", "none"},
		{"a user keeps the owner from it", []string{"ken"}, "bootes", "bootes"},
		{"three users together", []string{"ken", "rob", "bill"}, "none", "none"},
		{"callers who say nothing keep others from it", []string{"none"}, "ken", "none"},
		{"callers of a service of the owner's", []string{"bootes"}, "none", "bootes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRealm("glenda", "bootes")
				f := r.factotum(t, "bootes", passkey("dp9ik", "bootes"))
				begin := func(user string) (client, server file) {
					client = open(t, r.factotum(t, "glenda", passkey("dp9ik", "glenda")), "glenda", "rpc", ninep.ORDWR)
					server = open(t, f, user, "rpc", ninep.ORDWR)
					client.call("start role=client proto=p9any")
					server.call("start role=server proto=p9any")
					offer, _ := strings.CutPrefix(server.call("read"), "ok ")
					client.call("write " + offer)
					return client, server
				}
				end := func(user string, client, server file) {
					if _, info, err := talk(t, client, server); err != nil || info == nil || info.Suid != "glenda" {
						t.Errorf("%s: %v, %v", user, info, err)
					}
				}
				client, server := begin(c.before)
				var crowd []file
				for _, user := range c.crowd {
					for range maxOpen + 100 {
						o := open(t, f, user, "rpc", ninep.ORDWR)
						if got := o.call("start role=server proto=p9any"); got != "ok" {
							t.Fatalf("%s: %s", user, got)
						}
						crowd = append(crowd, o)
					}
				}
				end(c.before, client, server)
				client, server = begin(c.afterward)
				end(c.afterward, client, server)
				synctest.Wait() // until those are over that made room
				left := 0
				for _, o := range crowd {
					switch got := o.call("attr"); got {
					case "ok role=server proto=p9any":
						left++
					case "! too much activity":
					default:
						t.Fatal(got)
					}
				}
				if left >= maxOpen || left < maxOpen-2*len(c.crowd)-2 {
					t.Errorf("%d are left", left)
				}
			})
		})
	}
}

// TestRoomWhileAsked has a conversation make room while it waits for a key.
func TestRoomWhileAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(Config{Owner: "glenda"})
		defer f.Close()
		open(t, f, "glenda", "needkey", ninep.ORDWR)
		rpc := open(t, f, "glenda", "rpc", ninep.ORDWR)
		got := make(chan string)
		go func() { got <- rpc.call("start proto=pass") }()
		synctest.Wait()
		f.open[0].finish()
		for _, reply := range []string{<-got, rpc.call("start proto=pass"), rpc.read()} {
			if reply != "! too much activity" {
				t.Error(reply)
			}
		}
	})
}

// TestAsk has keys confirmed, or brought, by whoever has the files open.
func TestAsk(t *testing.T) {
	const start = "start proto=pass"
	for _, c := range []struct {
		name, key, file string
		question        string
		answers         string // lines that are written, each with " -> " and the error
		add             string // a key, before that
		want            string
	}{
		{name: "confirmed", key: " confirm", file: "confirm", question: "confirm tag=1 proto=pass user=a confirm=''\n", answers: "tag=1 answer=yes -> ", want: "ok"},
		{name: "denied", key: " confirm", file: "confirm", question: "confirm tag=1 proto=pass user=a confirm=''\n", answers: "tag=1 answer=no -> ",
			want: "error no key matches proto=pass user? !password?"},
		{name: "answered badly", key: " confirm=yes", file: "confirm", question: "confirm tag=1 proto=pass user=a confirm=yes\n", want: "ok", answers: ` -> empty write
answer=yes -> no tag
tag=1 -> no answer
tag=1 answer=maybe -> bad answer
tag=x answer=yes -> tag not found
tag=2 answer=yes -> tag not found
tag=1 !password=x answer=yes -> only !private? patterns are allowed for private fields
tag=1 answer=yes -> `},
		{name: "nobody to confirm", key: " confirm", want: "error confirm is closed"},
		{name: "brought", file: "needkey", question: "needkey tag=1 !password? proto=pass user?\n", add: "key proto=pass user=b !password=x", answers: "tag=1 -> ", want: "ok"},
		{name: "not brought", file: "needkey", question: "needkey tag=1 !password? proto=pass user?\n", answers: "tag=1 error='not now' -> ", want: "error not now"},
		{name: "nobody to bring it", want: "needkey !password? proto=pass user?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := New(Config{Owner: "glenda"})
				if c.key != "" {
					f.Ctl([]byte("key proto=pass user=a !password=x" + c.key))
				}
				var asks file
				if c.file != "" {
					asks = open(t, f, "glenda", c.file, ninep.ORDWR)
				}
				rpc := open(t, f, "glenda", "rpc", ninep.ORDWR)
				got := ""
				done := make(chan struct{})
				go func() { defer close(done); got = rpc.call(start) }()
				if c.file != "" {
					if q := asks.read(); q != c.question {
						t.Errorf("%q", q)
					}
					if c.add != "" {
						f.Ctl([]byte(c.add))
					}
					for line := range strings.SplitSeq(c.answers, "\n") {
						answer, want, _ := strings.Cut(line, " -> ")
						if _, err := asks.Write(t.Context(), []byte(answer), 0); err != nil && err.Error() != want || err == nil && want != "" {
							t.Errorf("%q: %v", answer, err)
						}
					}
				}
				<-done
				if got != c.want {
					t.Errorf("%q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestAskFlush ends a read that waits for an answer, and reads again.
func TestAskFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, name := range []string{"confirm", "needkey"} {
			f := New(Config{Owner: "glenda"})
			if name == "confirm" {
				f.Ctl([]byte("key proto=pass user=a confirm !password=x"))
			}
			asks := open(t, f, "glenda", name, ninep.ORDWR)
			rpc := open(t, f, "glenda", "rpc", ninep.ORDWR)
			ctx, cancel := context.WithCancel(t.Context())
			rpc.Write(ctx, []byte("start proto=pass"), 0)
			var b [100]byte
			failed := make(chan error)
			go func() { _, err := rpc.Read(ctx, b[:], 0); failed <- err }()
			asks.read()
			synctest.Wait()
			waits, end := context.WithCancel(t.Context())
			end()
			if _, err := rpc.Read(waits, b[:], 0); !errors.Is(err, ninep.ErrIntr) {
				t.Errorf("%s: another read: %v", name, err)
			}
			cancel()
			if err := <-failed; !errors.Is(err, ninep.ErrIntr) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := asks.Write(t.Context(), []byte("tag=1 answer=yes"), 0); err != errTagNotFound {
				t.Errorf("%s: answered late: %v", name, err)
			}
			go func() { rpc.read(); failed <- nil }()
			if got := asks.read(); !strings.HasPrefix(got, name+" tag=2 ") {
				t.Errorf("%s: %s", name, got)
			}
			asks.Close() // who asks is told that nobody is there
			<-failed
			asks.File, _ = asks.Clone(t.Context())
		}
	})
}

// TestAskServer has a server's key confirmed, which it offers without.
func TestAskServer(t *testing.T) {
	r := newRealm("glenda", "bootes")
	f := r.factotum(t, "bootes", passkey("dp9ik", "bootes")+" confirm")
	asks := open(t, f, "bootes", "confirm", ninep.ORDWR)
	server := open(t, f, "none", "rpc", ninep.ORDWR)
	client := open(t, r.factotum(t, "glenda", passkey("dp9ik", "glenda")), "glenda", "rpc", ninep.ORDWR)
	server.call("start role=server proto=p9any")
	client.call("start role=client proto=p9any")
	go func() { // ends with the file
		asks.read()
		asks.Write(context.Background(), []byte("tag=1 answer=yes"), 0)
	}()
	if _, _, err := talk(t, client, server); err != nil {
		t.Error(err)
	}
}

// TestLog reads what was logged, now and later.
func TestLog(t *testing.T) {
	var printed []string
	f := New(Config{Owner: "glenda", Chat: true, Debug: func(line string) { printed = append(printed, line) }})
	rpc := open(t, f, "glenda", "rpc", ninep.ORDWR)
	rpc.call("start proto=pass user=a")
	log := open(t, f, "glenda", "log", ninep.OREAD)
	for i, want := range []string{
		"1: no key matches proto=pass user=a !password?\n",
		"1: start 17 in phase Notstarted yields phase Notstarted: needkey !password? proto=pass user=a\n",
	} {
		if got := log.read(); got != want || i >= len(printed) || printed[i]+"\n" != want {
			t.Errorf("%q, %q", got, printed)
		}
	}
	f.Close()
	if got := log.read(); got != "" {
		t.Errorf("then %q", got)
	}
}

// TestConformance asks what any server is asked, by calls and on a wire.
func TestConformance(t *testing.T) {
	f := newRealm("glenda").factotum(t, "glenda", passkey("dp9ik", "glenda"))
	strict := ninetest.Strict(f)
	if err := ninetest.TestServer(t.Context(), strict); err != nil {
		t.Error(err)
	}
	if err := strict.Check(); err != nil {
		t.Error(err)
	}
	if err := ninetest.TestWire(t.Context(), f); err != nil {
		t.Error(err)
	}
}
