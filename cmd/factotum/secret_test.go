package factotum

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"ufo/auth"
	"ufo/ninep"
)

// TestSecrets looks for what is secret wherever something can be read.
func TestSecrets(t *testing.T) {
	const marker = "Sesame"
	var seen bytes.Buffer
	f := New(Config{Owner: "glenda", Chat: true, Debug: func(line string) { fmt.Fprintln(&seen, line) }})
	hex := fmt.Sprintf("%x", marker+marker+"four")
	for _, line := range []string{
		"key proto=pass user=glenda !password=" + marker,
		"key proto=apop proto=cram proto=chap proto=httpdigest realm=r user=glenda !password=" + marker + " !more=" + marker,
		"key proto=dp9ik proto=p9sk1 dom=lab user=glenda !password=" + marker,
		"key proto=dp9ik dom=lab user=bootes !hex=" + hex + " !password=" + marker,
		"delkey !password=" + marker,
		"key proto=none !password=" + marker,
		"key user=x !password=" + marker,
		"key proto=pass user? !password=" + marker,
		"key proto=pass user=a !password=" + marker + "\nkey",
		"frob " + marker,
	} {
		if err := f.Ctl([]byte(line)); err != nil {
			fmt.Fprintln(&seen, err)
		}
	}
	rpc := open(t, f, "none", "rpc", ninep.ORDWR)
	for _, call := range []string{
		"start proto=pass user=glenda !password=" + marker, "start proto=pass", "read", "attr",
		"start proto=dp9ik role=login", "write glenda", "write " + marker, "write " + marker, "attr", "authinfo", "read",
		"start proto=p9any role=client", "attr", "write " + marker, "read",
	} {
		fmt.Fprintln(&seen, rpc.call(call))
	}
	mine := open(t, f, "glenda", "rpc", ninep.ORDWR)
	mine.call("start proto=pass user=glenda")
	if got := mine.call("read"); got != "ok glenda "+marker {
		t.Errorf("to its owner: %s", got)
	}
	for _, name := range []string{"ctl", "proto"} {
		seen.WriteString(contents(t, f, "glenda", name))
		seen.WriteString(contents(t, f, "none", name))
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&seen, verb+"\n", f.ring.keys[0])
		fmt.Fprintf(&seen, verb+"\n", f.ring.keys)
		fmt.Fprintf(&seen, verb+"\n", f.ring.keys[0].secrets)
		fmt.Fprintf(&seen, verb+"\n", *f.ring.keys[len(f.ring.keys)-1])
	}
	log := open(t, f, "glenda", "log", ninep.OREAD)
	f.Close()
	for line := log.read(); line != ""; line = log.read() {
		seen.WriteString(line)
	}
	made := auth.PassKey(marker)
	for what, secret := range map[string]string{
		"a password": marker, "its hexadecimal": hex[:12], "its key": fmt.Sprintf("%x", made.AES), "as decimals": strings.Trim(fmt.Sprint(made.AES[:4]), "[]"),
	} {
		if i := strings.Index(strings.ToLower(seen.String()), strings.ToLower(secret)); i >= 0 {
			t.Errorf("%s is in %q", what, seen.String()[max(0, i-80):i])
		}
	}
}

// TestOverwritten wants keys to be gone from memory when they are deleted, and the
// copies of a conversation when it is closed.
func TestOverwritten(t *testing.T) {
	r := newRealm("glenda", "bootes")
	f := r.factotum(t, "glenda", passkey("dp9ik", "glenda"), "key proto=pass user=a !password=x")
	client := open(t, f, "glenda", "rpc", ninep.ORDWR)
	server := open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)
	client.call("start role=client proto=p9any")
	server.call("start role=server proto=p9any")
	shared, password := f.ring.keys[0].shared, f.ring.keys[1].secrets[0].val
	if !shared.Key.HasAES() || !bytes.Equal(password, []byte("x")) {
		t.Fatal("no keys")
	}
	offer, _ := strings.CutPrefix(server.call("read"), "ok ")
	if got := client.call("write " + offer); got != "ok" {
		t.Fatal(got)
	}
	if err := f.Ctl([]byte("delkey")); err != nil {
		t.Fatal(err)
	}
	if shared.Key.HasAES() || bytes.Equal(password, []byte("x")) {
		t.Error("deleted, and still there")
	}
	if _, _, err := talk(t, client, server); err == nil {
		t.Error("a deleted key was used")
	}
}

// FuzzCtl writes anything to ctl; what it then shows can be written, and shows the
// same. What is secret is not shown.
func FuzzCtl(f *testing.F) {
	for _, s := range []string{
		"key proto=pass user='a b' !password='it''s'", "key proto=dp9ik dom=lab user=a !hex=00", "delkey user? role=client !hex?",
		"key proto=apop !password='", "debug", "key proto=pass proto=cram user= !password=''''",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		fac := New(Config{Owner: "glenda"})
		fac.Ctl([]byte(line))
		list := fac.ring.list("glenda", "glenda")
		again := New(Config{Owner: "glenda"})
		for l := range strings.Lines(list) {
			pub, secrets := parse([]byte(strings.TrimPrefix(l, "key ")))
			if len(secrets) > 0 {
				t.Fatalf("%q shows %q", line, l)
			}
			var rest attrs
			for _, a := range pub {
				if a.query {
					a.query, a.val = false, "00000000000000000000000000000000"
					if a.name == "!hex" && pub.is("proto", "p9sk1") {
						a.val = "00000000000000"
					}
				}
				rest = append(rest, a)
			}
			if err := again.Ctl([]byte("key " + rest.String())); err != nil {
				t.Fatalf("%q shows %q: %v", line, l, err)
			}
		}
		if got := again.ring.list("glenda", "glenda"); got != list {
			t.Fatalf("%q shows %q, and that %q", line, list, got)
		}
	})
}

// FuzzRPC makes any requests, one a line.
func FuzzRPC(f *testing.F) {
	for _, s := range []string{
		"start proto=p9any role=client\nread\nwrite v.2 dp9ik@lab\x00\nread\nauthinfo", "start proto=p9any role=server\nread\nwrite dp9ik lab\x00\nread\nattr",
		"start proto=dp9ik role=login\nwrite glenda\nwrite x", "start proto=pass user?\nread", "start proto=chap role=client\nwrite 123456789\nread\nread",
		"start proto=p9sk1 role=server\nwrite 12345678\nread\nwrite x",
		"start proto=httpdigest role=client\nwrite n m u\nread", "start proto=apop role=client\nwrite <1@x>\nread",
	} {
		f.Add(s)
	}
	r := newRealm("glenda", "bootes")
	fac := r.factotum(f, "glenda", passkey("dp9ik", "glenda"), passkey("p9sk1", "glenda"), "key proto=pass user=glenda !password=x",
		"key proto=chap !password=x", "key proto=apop !password=x", "key proto=httpdigest user=a realm=b !password=x", "key proto=dp9ik dom=a user=a confirm !password=x")
	f.Fuzz(func(t *testing.T, calls string) {
		rpc := open(t, fac, "glenda", "rpc", ninep.ORDWR)
		for call := range strings.SplitSeq(calls, "\n") {
			verb, _, _ := strings.Cut(rpc.call(call), " ")
			switch verb {
			case "ok", "done", "error", "phase", "needkey", "badkey", "toosmall", "protocol", "!":
			default:
				t.Fatalf("%q: %s", call, verb)
			}
			if got := rpc.call("authinfo"); strings.HasPrefix(got, "ok ") {
				t.Fatalf("%q: proven", calls)
			}
		}
	})
}

// FuzzAnswer writes anything to confirm and needkey: only the question with that tag is
// answered, and confirmed by nothing but yes.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"tag=1 answer=yes", "tag=1", "tag=2 answer=yes", "tag=1 answer=no error='not now'", "tag= answer=yes", "tag=1 !x=y", "tag=1x answer=yes tag=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, verb := range []string{"confirm", "needkey"} {
			a := asker{verb: verb}
			a.opened()
			first, _ := a.begin()
			second, _ := a.begin()
			err := a.answer([]byte(text))
			if len(first)+len(second) > 1 || (err == nil) != (len(first)+len(second) == 1) {
				t.Fatalf("%s %q: %v, %d and %d answers", verb, text, err, len(first), len(second))
			}
			if len(second) == 1 && !strings.Contains(text, "2") {
				t.Errorf("%s %q answers the second question", verb, text)
			}
			a.closed()
			if got, ok := <-first; ok && verb == "confirm" && !got.is("answer", "yes") && !got.is("answer", "no") {
				t.Errorf("%q is an answer", text)
			}
		}
	})
}
