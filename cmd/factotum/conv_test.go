package factotum

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"fmt"
	"io"
	"strings"
	"testing"

	"ufo/auth"
	"ufo/ninep"
)

// TestLogin has clients and servers talk, each by a factotum.
func TestLogin(t *testing.T) {
	glenda := auth.PassKey("glenda secret")
	for _, c := range []struct {
		name           string
		clientKeys     string // lines
		who            string // asks the client's factotum, which is glenda's; "": she
		client, server string // attributes
		suid, err      string
		attr           string // of the client, then
	}{
		{name: "p9any", clientKeys: passkey("dp9ik", "glenda"), client: "proto=p9any", server: "proto=p9any", suid: "glenda",
			attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "dp9ik", clientKeys: passkey("dp9ik", "glenda"), client: "proto=dp9ik", server: "proto=dp9ik", suid: "glenda",
			attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "p9sk1", clientKeys: passkey("p9sk1", "glenda"), client: "proto=p9sk1", server: "proto=p9sk1", suid: "glenda",
			attr: "ok role=client proto=p9sk1 dom=lab"},
		{name: "by p9any, if that is all there is", clientKeys: passkey("p9sk1", "glenda"), client: "proto=p9any", server: "proto=p9any", suid: "glenda",
			attr: "ok role=client proto=p9sk1 dom=lab"},
		{name: "the better one", clientKeys: passkey("p9sk1", "glenda") + "\n" + passkey("dp9ik", "glenda"), client: "proto=p9any", server: "proto=p9any", suid: "glenda",
			attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "in hexadecimal", clientKeys: fmt.Sprintf("key proto=dp9ik dom=lab user=glenda !hex=%x", glenda.AES), client: "proto=p9any", server: "proto=p9any", suid: "glenda",
			attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "in less hexadecimal", clientKeys: fmt.Sprintf("key proto=p9sk1 dom=lab user=glenda !hex=%x", glenda.DES), client: "proto=p9sk1", server: "proto=p9sk1", suid: "glenda",
			attr: "ok role=client proto=p9sk1 dom=lab"},
		{name: "of two, the one that is asked for", clientKeys: passkey("dp9ik", "glenda") + "\n" + passkey("dp9ik", "ken"),
			client: "proto=p9any user=ken", server: "proto=p9any", suid: "ken", attr: "ok role=client user=ken proto=dp9ik dom=lab"},
		{name: "another role", clientKeys: passkey("dp9ik", "ken") + " role=server\n" + passkey("dp9ik", "glenda"),
			client: "proto=p9any", server: "proto=p9any", suid: "glenda", attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "an owner of a key", clientKeys: passkey("dp9ik", "glenda") + " owner=rob", who: "rob",
			client: "proto=p9any", server: "proto=p9any", suid: "glenda", attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "everybody's", clientKeys: passkey("dp9ik", "glenda") + " owner=*", who: "rob",
			client: "proto=p9any", server: "proto=p9any", suid: "glenda", attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "not his own, for which glenda may not speak", clientKeys: passkey("dp9ik", "glenda"), who: "rob",
			client: "proto=p9any", server: "proto=p9any",
			err: "error bad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567"},
		{name: "for which bootes may speak", clientKeys: passkey("dp9ik", "bootes"), who: "rob",
			client: "proto=p9any", server: "proto=p9any", suid: "rob", attr: "ok role=client proto=dp9ik dom=lab"},
		{name: "as somebody else", clientKeys: passkey("dp9ik", "bootes"), who: "rob",
			client: "proto=p9any user=ken", server: "proto=p9any", err: "error negotiation failed, no common protocols or keys: no key matches proto=dp9ik role=client dom=lab user=ken !password?"},
		{name: "no key", client: "proto=p9any", server: "proto=p9any", err: "needkey !password? dom=lab proto=dp9ik user?"},
		{name: "no key for him", client: "proto=p9any user=ken", server: "proto=p9any", err: "needkey !password? dom=lab proto=dp9ik user=ken"},
		{name: "no key for another", who: "rob", client: "proto=p9any", server: "proto=p9any",
			err: "error negotiation failed, no common protocols or keys: no key matches proto=dp9ik role=client dom=lab user? !password?"},
		{name: "disabled", clientKeys: passkey("dp9ik", "glenda") + " disabled=by.me", client: "proto=p9any", server: "proto=p9any",
			err: "badkey !password? dom=lab proto=dp9ik user?\nkey is disabled: proto=dp9ik dom=lab user=glenda disabled=by.me"},
		{name: "a wrong password", clientKeys: "key proto=dp9ik dom=lab user=glenda !password=wrong", client: "proto=p9any", server: "proto=p9any",
			err: "badkey !password? dom=lab proto=dp9ik user?\nbad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567"},
		{name: "a wrong password of another's key", clientKeys: "key proto=dp9ik dom=lab user=glenda owner=rob !password=wrong", who: "rob", client: "proto=p9any", server: "proto=p9any",
			err: "error bad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567"},
		{name: "unknown to the server", clientKeys: passkey("dp9ik", "nobody"), client: "proto=dp9ik", server: "proto=dp9ik",
			err: "badkey !password? dom=lab proto=dp9ik user?\nbad key: proto=dp9ik dom=lab user=nobody: refused by tcp!n1!567"},
		{name: "another domain", clientKeys: passkey("dp9ik", "glenda"), client: "proto=p9any dom=home", server: "proto=p9any",
			err: "error negotiation failed, no common protocols or keys"},
		{name: "a server without a key", clientKeys: passkey("dp9ik", "glenda"), client: "proto=p9any", server: "proto=p9any dom=home",
			err: "error negotiation failed, no common protocols or keys"},
		{name: "attributes that no key has", clientKeys: passkey("dp9ik", "glenda"), client: "proto=p9any service=x", server: "proto=p9any",
			err: "needkey !password? dom=lab proto=dp9ik service=x user?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm("glenda", "ken", "bootes", "rob")
			f := r.factotum(t, "glenda", strings.Split(c.clientKeys, "\n")...)
			who := c.who
			if who == "" {
				who = "glenda"
			}
			client := open(t, f, who, "rpc", ninep.ORDWR)
			server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes"), passkey("p9sk1", "bootes")), "none", "rpc", ninep.ORDWR)
			if reply := client.call("start role=client " + c.client); reply != "ok" {
				t.Fatal(reply)
			}
			if reply := server.call("start role=server " + c.server); reply != "ok" {
				t.Fatal(reply)
			}
			ci, si, err := talk(t, client, server)
			if err != nil || c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Fatalf("%v, want %v", err, c.err)
				}
				return
			}
			if ci.Suid != c.suid || si.Suid != c.suid || len(ci.Secret) == 0 || !bytes.Equal(ci.Secret, si.Secret) {
				t.Errorf("%+v, %+v", ci, si)
			}
			if got := client.call("attr"); got != c.attr {
				t.Errorf("attr: %s", got)
			}
			if got := client.call("read"); got != "done haveai" {
				t.Errorf("then: %s", got)
			}
		})
	}
}

// TestPassword has passwords checked: role=login.
func TestPassword(t *testing.T) {
	for _, c := range []struct{ name, user, password, want string }{
		{"right", "glenda", "glenda secret", "ok"},
		{"the owner's", "bootes", "bootes secret", "ok"},
		{"wrong", "glenda", "secret", "error bad key: proto=PROTO dom=lab user=glenda: refused by tcp!n1!567"},
		{"nobody's", "nobody", "nobody secret", "error bad key: proto=PROTO dom=lab user=nobody: refused by tcp!n1!567"},
		{"none", "glenda", "", "error bad key"},
		{"too long", "glenda", strings.Repeat("x", 28), "error password too long"},
		{"a name too long", strings.Repeat("x", 28), "x", "error user id too long"},
		{"no name", "", "x", "error bad ticket request"},
	} {
		for _, proto := range []string{"dp9ik", "p9sk1"} {
			t.Run(c.name+" "+proto, func(t *testing.T) {
				r := newRealm("glenda", "bootes")
				f := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes"), passkey("p9sk1", "bootes")), "none", "rpc", ninep.ORDWR)
				if got := f.call("start role=login proto=" + proto); got != "ok" {
					t.Fatal(got)
				}
				if got := f.call("read"); got != "phase protocol phase error: read in state SNeedUser" {
					t.Errorf("read: %s", got)
				}
				got := f.call("write " + c.user)
				if got == "ok" {
					got = f.call("write " + c.password)
				}
				if !strings.HasPrefix(got, strings.Replace(c.want, "PROTO", proto, 1)) {
					t.Fatalf("%s, want %s", got, c.want)
				}
				if c.want != "ok" {
					if again := f.call("write " + c.password); again != got {
						t.Errorf("once more: %s", again)
					}
					return
				}
				if ai := info(t, f); ai.Suid != c.user || ai.Cap != "" {
					t.Errorf("%+v", ai)
				}
				if got := f.call("write x"); got != "done haveai" {
					t.Errorf("then: %s", got)
				}
			})
		}
	}
}

// TestDead has authentications where the authentication server cannot be called.
func TestDead(t *testing.T) {
	r := newRealm("glenda", "bootes")
	r.dead = true
	server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)
	for _, c := range []struct{ user, want string }{
		{"glenda", "error authentication server of lab: connection refused: proto=dp9ik dom=lab user=glenda"},
		{"bootes", ""}, // the same key: it is as good to make the tickets oneself
	} {
		server.call("start role=server proto=p9any")
		f := r.factotum(t, c.user, passkey("dp9ik", c.user))
		client := open(t, f, c.user, "rpc", ninep.ORDWR)
		client.call("start role=client proto=p9any")
		if _, _, err := talk(t, client, server); fmt.Sprint(err) != c.want && (err != nil || c.want != "") {
			t.Errorf("%s: %v", c.user, err)
		}
	}
	f := New(Config{Owner: "glenda"})
	f.Ctl([]byte(passkey("dp9ik", "glenda")))
	client := open(t, f, "glenda", "rpc", ninep.ORDWR)
	client.call("start role=client proto=dp9ik")
	server.call("start role=server proto=dp9ik")
	if _, _, err := talk(t, client, server); fmt.Sprint(err) != "error no authentication server for lab" {
		t.Error(err)
	}
}

// TestWrongKey wants a key that was never right to be disabled by its failure, and a
// new one to take its place; and one that was right to stay.
func TestWrongKey(t *testing.T) {
	r := newRealm("glenda", "bootes")
	server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)
	f := r.factotum(t, "glenda", "key proto=dp9ik dom=lab user=glenda !password=wrong")
	client := open(t, f, "glenda", "rpc", ninep.ORDWR)
	login := func() error {
		client.call("start role=client proto=p9any")
		server.call("start role=server proto=p9any")
		_, _, err := talk(t, client, server)
		return err
	}
	want := func(what, list string) {
		t.Helper()
		if got := contents(t, f, "glenda", "ctl"); got != list {
			t.Errorf("%s: %s", what, got)
		}
	}
	if err := login(); fmt.Sprint(err) != "badkey !password? dom=lab proto=dp9ik user?\nbad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567" {
		t.Error(err)
	}
	want("wrong", "key proto=dp9ik dom=lab user=glenda disabled=by.factotum !password?\n")
	f.Ctl([]byte(passkey("dp9ik", "glenda")))
	want("new", "key proto=dp9ik dom=lab user=glenda !password?\n")
	if err := login(); err != nil {
		t.Error(err)
	}
	r.mu.Lock()
	r.keys["glenda"] = auth.PassKey("another")
	r.mu.Unlock()
	if err := login(); fmt.Sprint(err) != "badkey !password? dom=lab proto=dp9ik user?\nbad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567" {
		t.Error(err)
	}
	want("changed", "key proto=dp9ik dom=lab user=glenda !password?\n")
}

// TestOpened wants a key to be known as right as soon as it has opened a ticket, whatever
// becomes of the conversation.
func TestOpened(t *testing.T) {
	r := newRealm("glenda", "bootes")
	f := r.factotum(t, "glenda", passkey("dp9ik", "glenda"))
	for _, c := range []struct{ name, password, want string }{
		{"the right one", "glenda secret", "ok"},
		{"the account is another now", "another", "badkey !password? dom=lab proto=dp9ik user?\nbad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567"},
	} {
		r.mu.Lock()
		r.keys["glenda"] = auth.PassKey(c.password)
		r.mu.Unlock()
		client := open(t, f, "glenda", "rpc", ninep.ORDWR)
		server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)
		client.call("start role=client proto=dp9ik")
		server.call("start role=server proto=dp9ik")
		server.call("write " + strings.TrimPrefix(client.call("read"), "ok "))
		if got := client.call("write " + strings.TrimPrefix(server.call("read"), "ok ")); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
		if got := contents(t, f, "glenda", "ctl"); got != "key proto=dp9ik dom=lab user=glenda !password?\n" {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestRetry answers needkey by adding a key: the conversation goes on.
func TestRetry(t *testing.T) {
	r := newRealm("glenda", "bootes")
	server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)
	f := r.factotum(t, "glenda")
	client := open(t, f, "glenda", "rpc", ninep.ORDWR)
	client.call("start role=client proto=p9any")
	server.call("start role=server proto=p9any")
	offer, _ := strings.CutPrefix(server.call("read"), "ok ")
	if got := client.call("write " + offer); got != "needkey !password? dom=lab proto=dp9ik user?" {
		t.Fatal(got)
	}
	f.Ctl([]byte(passkey("dp9ik", "glenda")))
	if got := client.call("write " + offer); got != "ok" {
		t.Fatal(got)
	}
	if _, _, err := talk(t, client, server); err != nil {
		t.Error(err)
	}
}

// TestCap looks at the capabilities that servers get, and others do not.
func TestCap(t *testing.T) {
	r := newRealm("glenda", "bootes")
	var hashes [][]byte
	var refuse error
	f := New(Config{Owner: "bootes", Dial: r.dial, Caphash: func(_ context.Context, hash []byte) error {
		hashes = append(hashes, hash)
		return refuse
	}})
	f.Ctl([]byte(passkey("dp9ik", "bootes")))
	f.Ctl([]byte(passkey("dp9ik", "glenda") + " role=client"))
	client, server := open(t, f, "bootes", "rpc", ninep.ORDWR), open(t, f, "none", "rpc", ninep.ORDWR)
	client.call("start role=client proto=p9any user=glenda")
	server.call("start role=server proto=p9any")
	ci, si, err := talk(t, client, server)
	if err != nil {
		t.Fatal(err)
	}
	if ci.Cap != "" || len(hashes) != 1 {
		t.Errorf("the client's is %q, %d hashes", ci.Cap, len(hashes))
	}
	who, key, ok := strings.Cut(strings.TrimPrefix(si.Cap, "none@"), "@")
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte("none@glenda"))
	if !ok || who != "glenda" || !bytes.Equal(append(h.Sum(nil), "glenda"...), hashes[0]) {
		t.Errorf("cap %q, hash %x", si.Cap, hashes[0])
	}
	if again := info(t, server).Cap; again == si.Cap || len(hashes) != 2 {
		t.Errorf("again %q", again)
	}
	refuse = ninep.ErrPerm
	if got := info(t, server).Cap; got != "" {
		t.Errorf("refused: %q", got)
	}
}

// TestNvram has a machine log in to itself with the key it remembers.
func TestNvram(t *testing.T) {
	r := newRealm("glenda", "bootes")
	n := &auth.Nvram{Key: *auth.PassKey("bootes secret"), Authid: "bootes", Authdom: "lab"}
	for _, c := range []struct {
		name   string
		legacy bool
		want   string
	}{
		{"new", false, "key proto=dp9ik user=bootes dom=lab !hex? !password?\n"},
		{"old, too", true, "key proto=dp9ik user=bootes dom=lab !hex? !password?\nkey proto=p9sk1 user=bootes dom=lab !hex? !password?\n"},
	} {
		f := New(Config{Owner: "bootes", Server: true, Dial: r.dial, Legacy: c.legacy})
		if err := f.AddNvram(n); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, f, "bootes", "ctl"); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
		server := open(t, f, "none", "rpc", ninep.ORDWR)
		client := open(t, r.factotum(t, "glenda", passkey("dp9ik", "glenda")), "glenda", "rpc", ninep.ORDWR)
		server.call("start role=server proto=p9any")
		client.call("start role=client proto=p9any")
		if _, _, err := talk(t, client, server); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		server.call("start role=client proto=dp9ik user=ken")
		if got := server.call("read"); !strings.HasPrefix(got, "ok ") {
			t.Error(got)
		}
	}
}

// TestServerAsks wants a machine's factotum to say what is wrong in the place of
// asking for keys, and not to disable any, unless somebody sits at the machine.
func TestServerAsks(t *testing.T) {
	r := newRealm("bootes")
	for _, c := range []struct {
		name           string
		asks           bool
		pass           string // begins what is said of a password that is missing
		refused, after string
	}{
		{"a server", false, "error", "error bad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567", ""},
		{"a terminal", true, "needkey", "badkey !password? dom=lab proto=dp9ik user=glenda\nbad key: proto=dp9ik dom=lab user=glenda: refused by tcp!n1!567", " disabled=by.factotum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := New(Config{Owner: "bootes", Server: true, Asks: c.asks, Dial: r.dial})
			pass := open(t, f, "bootes", "rpc", ninep.ORDWR)
			if got, _, _ := strings.Cut(pass.call("start proto=pass service=imap"), " "); got != c.pass {
				t.Error(got)
			}
			client, server := open(t, f, "bootes", "rpc", ninep.ORDWR), open(t, f, "none", "rpc", ninep.ORDWR)
			if got := server.call("start role=server proto=dp9ik"); got != "error no key matches proto=dp9ik role=server dom? user?" {
				t.Error(got)
			}
			f.Ctl([]byte(passkey("dp9ik", "glenda")))
			f.Ctl([]byte(passkey("dp9ik", "bootes")))
			client.call("start role=client proto=dp9ik user=glenda")
			server.call("start role=server proto=dp9ik user=bootes")
			if _, _, err := talk(t, client, server); err == nil || !strings.HasSuffix(err.Error(), c.refused) {
				t.Error(err)
			}
			if got, want := contents(t, f, "bootes", "ctl"), "key proto=dp9ik dom=lab user=glenda"+c.after+" !password?\nkey proto=dp9ik dom=lab user=bootes !password?\n"; got != want {
				t.Error(got)
			}
		})
	}
}

// TestNvramRefused has an authentication server not know the machine's key: it stays,
// and somebody may be asked for another.
func TestNvramRefused(t *testing.T) {
	r := newRealm("bootes")
	f := New(Config{Owner: "bootes", Server: true, Asks: true, Dial: r.dial})
	if err := f.AddNvram(&auth.Nvram{Key: *auth.PassKey("another"), Authid: "bootes", Authdom: "lab"}); err != nil {
		t.Fatal(err)
	}
	client := open(t, f, "bootes", "rpc", ninep.ORDWR)
	server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)
	client.call("start role=client proto=dp9ik")
	server.call("start role=server proto=dp9ik")
	if _, _, err := talk(t, client, server); err == nil || !strings.Contains(err.Error(), "badkey") {
		t.Error(err)
	}
	if got := contents(t, f, "bootes", "ctl"); got != "key proto=dp9ik user=bootes dom=lab !hex? !password?\n" {
		t.Error(got)
	}
}

// TestOwn has two machines of an owner find each other without an authentication
// server. To be somebody else he asks it.
func TestOwn(t *testing.T) {
	asked := 0
	f := New(Config{Owner: "bootes", Server: true, Dial: func(context.Context, string) (io.ReadWriteCloser, string, error) {
		asked++
		return nil, "tcp!n1!567", ninep.ErrConRefused
	}})
	f.Ctl([]byte(passkey("dp9ik", "bootes")))
	for i, user := range []string{"bootes", "ken"} {
		client, server := open(t, f, user, "rpc", ninep.ORDWR), open(t, f, "none", "rpc", ninep.ORDWR)
		client.call("start role=client proto=p9any")
		server.call("start role=server proto=p9any")
		if ci, si, err := talk(t, client, server); err != nil || ci.Suid != user || si.Suid != user || asked != i {
			t.Errorf("%s: %v, asked %d times", user, err, asked)
		}
	}
	// Who wants a ticket for its own sake, as auth/debug does, gets it from there.
	client := open(t, f, "bootes", "rpc", ninep.ORDWR)
	client.call("start role=client proto=dp9ik")
	server := open(t, f, "none", "rpc", ninep.ORDWR)
	server.call("start role=server proto=dp9ik")
	asked = 0
	if talk(t, client, server); asked != 1 {
		t.Errorf("asked %d times for a ticket", asked)
	}
	other := New(Config{Owner: "bootes", Server: true})
	other.Ctl([]byte("key proto=dp9ik dom=lab user=bootes !password=another"))
	client, server = open(t, f, "bootes", "rpc", ninep.ORDWR), open(t, other, "none", "rpc", ninep.ORDWR)
	client.call("start role=client proto=p9any")
	server.call("start role=server proto=p9any")
	if _, _, err := talk(t, client, server); err == nil {
		t.Error("a machine with another key of the same name is believed")
	}
}

// TestAttacks has somebody who should not get anywhere try it.
func TestAttacks(t *testing.T) {
	both := []string{passkey("dp9ik", "glenda"), passkey("p9sk1", "glenda")}
	for _, c := range []struct {
		name, user string
		keys       []string
		calls      []string // the last one's reply is wanted
		want       string
	}{
		{"a server that offers nothing but p9sk1", "glenda", both, []string{"start proto=p9any role=client", "write v.2 p9sk1@lab\x00"},
			"error negotiation failed, no common protocols or keys"},
		{"of the first version", "glenda", both, []string{"start proto=p9any role=client", "write p9sk1@lab\x00"},
			"error negotiation failed, no common protocols or keys"},
		{"of another version", "glenda", both, []string{"start proto=p9any role=client", "write v.3 dp9ik@lab\x00"}, "error unknown version of p9any"},
		{"p9sk1 itself", "glenda", both, []string{"start proto=p9sk1 role=client"}, "error protocol p9sk1 is off"},
		{"as a password's", "glenda", both, []string{"start proto=p9sk1 role=login"}, "error protocol p9sk1 is off"},
		{"a client that chooses p9sk1", "none", both, []string{"start proto=p9any role=server", "read", "write p9sk1 lab\x00"},
			"error negotiation failed, no common protocols or keys"},
		{"a domain that was not offered", "none", both, []string{"start proto=p9any role=server", "read", "write dp9ik home\x00"},
			"error negotiation failed, no common protocols or keys"},
		{"a protocol that is none", "none", both, []string{"start proto=p9any role=server", "read", "write pass lab\x00"},
			"error negotiation failed, no common protocols or keys"},
		{"a list without an end", "glenda", both, []string{"start proto=p9any role=client", "write " + strings.Repeat("x", 3000)}, "error auth server protocol botch"},
		{"another's password", "rob", []string{"key proto=pass user=glenda !password=x"}, []string{"start proto=pass user=glenda"},
			"error no key matches proto=pass user=glenda !password?"},
		{"another's answer to a challenge", "rob", []string{"key proto=cram user=glenda !password=x"}, []string{"start proto=cram role=client", "write x"},
			"error no key matches proto=cram role=client !password?"},
		{"a guess at a password", "glenda", []string{"key proto=pass user=glenda !password=x"}, []string{"start proto=pass !password=x"},
			"error only !private? patterns are allowed for private fields"},
		{"a key for servers alone", "glenda", []string{passkey("dp9ik", "glenda") + " role=server"}, []string{"start proto=p9any role=client", "write v.2 dp9ik@lab\x00"},
			"needkey !password? dom=lab proto=dp9ik user?"},
		{"a key for clients alone", "none", []string{passkey("dp9ik", "glenda") + " role=client"}, []string{"start proto=p9any role=server", "read"},
			"error negotiation failed, no common protocols or keys"},
		{"a key that is disabled", "none", []string{passkey("dp9ik", "glenda") + " disabled=by.factotum"}, []string{"start proto=p9any role=server", "read"},
			"error negotiation failed, no common protocols or keys"},
		{"authinfo before the end", "none", both, []string{"start proto=p9any role=server", "read", "authinfo"}, "error authentication unfinished"},
		{"authinfo after a failure", "none", both, []string{"start proto=p9any role=server", "read", "write x y\x00", "authinfo"}, "error authentication unfinished"},
		{"on after a failure", "none", both, []string{"start proto=p9any role=server", "read", "write x y\x00", "write dp9ik lab\x00"},
			"error negotiation failed, no common protocols or keys"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := New(Config{Owner: "glenda", Dial: newRealm("glenda").dial})
			for _, k := range c.keys {
				if err := f.Ctl([]byte(k)); err != nil {
					t.Fatal(err)
				}
			}
			rpc := open(t, f, c.user, "rpc", ninep.ORDWR)
			reply := ""
			for _, call := range c.calls {
				reply = rpc.call(call)
			}
			reply, _, _ = strings.Cut(reply, ": no key matches")
			if reply != c.want {
				t.Errorf("%q, want %q", reply, c.want)
			}
		})
	}
}
