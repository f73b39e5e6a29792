package factotum

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ufo/auth"
	"ufo/ninep"
)

// TestCtl writes lines to ctl, and reads what came of it.
func TestCtl(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct{ name, lines, want, err string }{
		{"a key", "key proto=dp9ik dom=lab user=glenda !password=secret", "key proto=dp9ik dom=lab user=glenda !password?\n", ""},
		{"the protocol is first", "key user=glenda dom=lab !password=secret proto=dp9ik", "key proto=dp9ik user=glenda dom=lab !password?\n", ""},
		{"a newline", "key proto=pass user=a !password=b\n", "key proto=pass user=a !password?\n", ""},
		{"two lines", "key proto=pass user=a !password=b\nkey proto=pass user=a !password=b", "", "multiline write not allowed"},
		{"a comment", "#key proto=pass", "", ""},
		{"nothing", "", "", ""},
		{"an empty line", "\n", "", ""},
		{"quotes", "key proto=pass user='a b' !password='it''s'", "key proto=pass user='a b' !password?\n", ""},
		{"empty", "key proto=pass user='' !password=", "key proto=pass user='' !password?\n", ""},
		{"an equals sign", "key proto=pass user=a=b !password==", "key proto=pass user=a=b !password?\n", ""},
		{"an attribute without a value", "key proto=pass user=a confirm !password=b", "key proto=pass user=a confirm='' !password?\n", ""},
		{"the same attributes", "key proto=pass user=a !password=b\n!key proto=pass user=a !password=c", "key proto=pass user=a !password?\n", ""},
		{"in another order", "key proto=pass user=a service=s !password=b\n!key proto=pass service=s user=a !password=c", "key proto=pass service=s user=a !password?\n", ""},
		{"more attributes", "key proto=pass user=a !password=b\n!key proto=pass user=a service=s !password=c",
			"key proto=pass user=a !password?\nkey proto=pass user=a service=s !password?\n", ""},
		{"another value", "key proto=pass user=a !password=b\n!key proto=pass user=b !password=c",
			"key proto=pass user=a !password?\nkey proto=pass user=b !password?\n", ""},
		{"two protocols", "key proto=apop proto=cram server=s user=a !password=b",
			"key proto=apop server=s user=a !password?\nkey proto=cram server=s user=a !password?\n", ""},
		{"two protocols, of which one is not", "key proto=rot13 proto=cram user=a !password=b", "key proto=cram user=a !password?\n", "unknown proto rot13"},
		{"roles", "key proto=pass user=a role=client !password=b\n!key proto=pass user=a role=server !password=b",
			"key proto=pass user=a role=client !password?\nkey proto=pass user=a role=server !password?\n", ""},
		{"no protocol", "key user=a !password=b", "", "key without protos"},
		{"no attributes", "key", "", "key without protos"},
		{"an unknown protocol", "key proto=x user=a", "", "unknown proto x"},
		{"a protocol without keys", "key proto=p9any user=a !password=b", "", "proto p9any doesn't take keys"},
		{"no user", "key proto=dp9ik dom=lab !password=b", "", "no user attribute"},
		{"no domain", "key proto=dp9ik user=a !password=b", "", "no dom attribute"},
		{"an empty user", "key proto=dp9ik dom=lab user='' !password=b", "", "invalid argument"},
		{"a domain with a blank", "key proto=dp9ik dom='a b' user=a !password=b", "", "invalid argument"},
		{"a domain with an at sign", "key proto=dp9ik dom=a@b user=a !password=b", "", "invalid argument"},
		{"a user too long", "key proto=dp9ik dom=lab user=" + x(28) + " !password=b", "", "user id or domain too long"},
		{"a domain too long", "key proto=dp9ik user=a !password=b dom=" + x(48), "", "user id or domain too long"},
		{"no password", "key proto=dp9ik dom=lab user=a", "", "no key data"},
		{"no password of a pass", "key proto=pass user=a", "", "no !password attribute"},
		{"no realm", "key proto=httpdigest user=a !password=b", "", "no realm attribute"},
		{"hexadecimal", "key proto=dp9ik dom=lab user=a !hex=000102030405060708090a0b0c0d0e0f", "key proto=dp9ik dom=lab user=a !hex?\n", ""},
		{"too little of it", "key proto=dp9ik dom=lab user=a !hex=0001", "", "malformed key data"},
		{"not hexadecimal", "key proto=p9sk1 dom=lab user=a !hex=0001020304050z", "", "malformed key data"},
		{"a question", "key proto=pass user? !password=b", "", "key with an attribute that has no value"},
		{"a question for a secret", "key proto=pass user=a !password?", "", "key with an attribute that has no value"},
		{"a nameless attribute", "key proto=pass user=a =x !password=b", "", "bad arg in system call"},
		{"too long", "key proto=pass user=a !password=b x=" + x(8192), "", "read or write too large"},
		{"deleted", "key proto=pass user=a !password=b\n!delkey proto=pass", "", ""},
		{"deleted by a question", "key proto=pass user=a !password=b\n!key proto=apop !password=b\n!delkey user?", "key proto=apop !password?\n", ""},
		{"deleted by a secret's name", "key proto=pass user=a !password=b\n!key proto=p9sk1 dom=lab user=a !hex=00010203040506\n!delkey !hex?", "key proto=pass user=a !password?\n", ""},
		{"all deleted", "key proto=pass user=a !password=b\n!key proto=apop !password=b\n!delkey", "", ""},
		{"deleted by a secret", "key proto=pass user=a !password=b\n!delkey !password=b", "key proto=pass user=a !password?\n", "only !private? patterns are allowed for private fields"},
		{"nothing to delete", "key proto=pass user=a !password=b\n!delkey user=b", "key proto=pass user=a !password?\n", "found no keys to delete"},
		{"debug", "debug", "", ""},
		{"a verb there is not", "frob x", "", "unknown verb"},
		{"the beginning of one", "de", "", "unknown verb"},
		{"a tab", "key\tproto=pass", "", "unknown verb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := New(Config{Owner: "glenda"})
			ctl := open(t, f, "glenda", "ctl", ninep.ORDWR|ninep.OTRUNC)
			err := ""
			for line := range strings.SplitSeq(c.lines, "\n!") {
				if _, e := ctl.Write(t.Context(), []byte(line), 0); e != nil {
					err = e.Error()
				}
			}
			if got := ctl.read(); got != c.want || err != c.err {
				t.Errorf("%q, %q; want %q, %q", got, err, c.want, c.err)
			}
		})
	}
}

// TestFits compares patterns with a key.
func TestFits(t *testing.T) {
	has, secrets := parse([]byte("proto=pass user=glenda service=imap owner=rob owner=ken empty !password=x"))
	for _, c := range []struct {
		name, pattern string
		want          bool
	}{
		{"nothing", "", true},
		{"a value", "user=glenda", true},
		{"all", "user=glenda service=imap", true},
		{"another value", "user=ken", false},
		{"one of two", "user=glenda service=smtp", false},
		{"any", "user?", true},
		{"any of what is not there", "dom?", false},
		{"a value of what is not there", "dom=lab", false},
		{"a secret", "!password?", true},
		{"another secret", "!hex?", false},
		{"the first of two values", "owner=rob", true},
		{"the second", "owner=ken", true},
		{"neither", "owner=glenda", false},
		{"both", "owner=ken owner=rob", true},
		{"empty", "empty", true},
		{"empty, said so", "empty=", true},
		{"not empty", "user", false},
		{"a role it does not have", "role=client", true},
		{"disabled", "disabled=by.me", true},
	} {
		pat, err := parsePattern([]byte(c.pattern))
		if err != nil {
			t.Fatal(err)
		}
		if got := pat.fits(has, secrets); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	server := attrs{{name: "role", val: "server"}}
	if pat := (attrs{{name: "role", val: "client"}}); pat.fits(server, nil) || !server.fits(server, nil) {
		t.Error("roles")
	}
}

// TestWhoSees shows ctl to those who have a key, and to others.
func TestWhoSees(t *testing.T) {
	f := New(Config{Owner: "glenda"})
	for _, line := range []string{"key proto=pass user=a !password=x", "key proto=pass user=b owner=rob !password=x", "key proto=pass user=c owner=* !password=x"} {
		if err := f.Ctl([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	a, b, c := "key proto=pass user=a !password?\n", "key proto=pass user=b owner=rob !password?\n", "key proto=pass user=c owner=* !password?\n"
	for user, want := range map[string]string{"glenda": a + b + c, "rob": b + c, "none": c} {
		if got := contents(t, f, user, "ctl"); got != want {
			t.Errorf("%s: %q", user, got)
		}
	}
}

// TestFiles tries who may open what.
func TestFiles(t *testing.T) {
	f := New(Config{Owner: "glenda"})
	for _, c := range []struct {
		name        string
		mode        ninep.Mode
		owner, none error
	}{
		{"ctl", ninep.OREAD, nil, nil},
		{"ctl", ninep.OWRITE, nil, ninep.ErrPerm},
		{"rpc", ninep.ORDWR, nil, nil},
		{"proto", ninep.OREAD, nil, nil},
		{"proto", ninep.OWRITE, ninep.ErrPerm, ninep.ErrPerm},
		{"log", ninep.OREAD, nil, ninep.ErrPerm},
		{"log", ninep.OWRITE, ninep.ErrPerm, ninep.ErrPerm},
		{"confirm", ninep.ORDWR, nil, ninep.ErrPerm},
		{"needkey", ninep.ORDWR, nil, ninep.ErrPerm},
	} {
		for user, want := range map[string]error{"glenda": c.owner, "none": c.none} {
			root, _ := f.Attach(t.Context(), user, "")
			o, err := ninep.OpenFile(t.Context(), root, "factotum/"+c.name, c.mode)
			if !errors.Is(err, want) {
				t.Errorf("%s opens %s: %v, want %v", user, c.name, err, want)
			}
			if err != nil {
				continue
			}
			d, _ := o.Stat(t.Context())
			again, err := ninep.OpenFile(t.Context(), root, "factotum/"+c.name, c.mode)
			if excl := d.Mode&ninep.DMEXCL != 0; excl != errors.Is(err, ninep.ErrExcl) {
				t.Errorf("%s %v: opened twice: %v", c.name, d.Mode, err)
			}
			if err == nil {
				again.Close()
			}
			o.Close()
		}
	}
	if got, want := contents(t, f, "none", "proto"), "apop\nchap\ncram\ndp9ik\nhttpdigest\np9any\npass\n"; got != want {
		t.Errorf("proto: %q", got)
	}
	if _, err := f.Attach(t.Context(), "glenda", "x"); err == nil {
		t.Error("another tree")
	}
}

// TestManyKeys adds keys until there are enough.
func TestManyKeys(t *testing.T) {
	f := New(Config{Owner: "glenda"})
	var err error
	n := 0
	for ; err == nil && n < 10000; n++ {
		err = f.Ctl(fmt.Appendf(nil, "key proto=pass user=%d !password=x", n))
	}
	if err != errManyKeys || n != maxKeys+1 {
		t.Errorf("%d: %v", n, err)
	}
	if err := f.AddNvram(&auth.Nvram{Key: *auth.PassKey("x"), Authid: "bootes", Authdom: "lab"}); err != errManyKeys {
		t.Error(err)
	}
	if err := f.Ctl([]byte("key proto=pass user=7 !password=y")); err != nil {
		t.Errorf("one in the place of another: %v", err)
	}
}
