package auth

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestNames puts names into messages that do not fit, or hold a zero byte.
func TestNames(t *testing.T) {
	long := strings.Repeat("x", NameLen)
	c := newNonce(1)
	for _, name := range []string{long, "a\x00b"} {
		for what, seal := range map[string]func() ([]byte, error){
			"authid": (&Ticketreq{Authid: name}).Bytes,
			"hostid": (&Ticketreq{Hostid: name}).Bytes,
			"uid":    (&Ticketreq{Uid: name}).Bytes,
			"dom":    (&Ticketreq{Authdom: name + long}).Bytes,
			"cuid":   func() ([]byte, error) { return (&Ticket{Type: AuthTs, Cuid: name, Key: c}).Seal(&c) },
			"suid":   func() ([]byte, error) { return (&Ticket{Type: AuthTs, Suid: name, Key: c}).Seal(&c) },
			"old":    func() ([]byte, error) { return (&Passwordreq{Old: name}).Seal(&c) },
			"new":    func() ([]byte, error) { return (&Passwordreq{New: name}).Seal(&c) },
			"secret": func() ([]byte, error) { return (&Passwordreq{Secret: name + long}).Seal(&c) },
		} {
			if b, err := seal(); !errors.Is(err, ErrName) {
				t.Errorf("%s=%q: %x, %v", what, name, b, err)
			}
		}
	}
	tr := Ticketreq{Authid: long[1:], Authdom: strings.Repeat("d", DomLen-1), Hostid: long[1:], Uid: long[1:]}
	b, err := tr.Bytes()
	if err != nil || len(b) != TicketreqLen {
		t.Fatalf("names that fit: %d bytes, %v", len(b), err)
	}
	if got, err := ParseTicketreq(b); err != nil || *got != tr {
		t.Errorf("%v, %v", got, err)
	}
	full := bytes.Repeat([]byte{'x'}, TicketreqLen)
	if got, _ := ParseTicketreq(full); len(got.Authid) != NameLen-1 || len(got.Authdom) != DomLen-1 {
		t.Errorf("names without an end: %v", got)
	}
}

// sealed are messages of each kind, in both forms.
func sealed(form int) map[string]struct {
	b    []byte
	open func(b []byte) error
} {
	c := newNonce(form)
	t := Ticket{Type: AuthTs, Cuid: "glenda", Suid: "glenda", Key: newNonce(form)}
	tb, _ := t.Seal(&c)
	ab := (&Authenticator{Type: AuthAc}).Seal(&c)
	pb, _ := (&Passwordreq{Old: "old"}).Seal(&c)
	return map[string]struct {
		b    []byte
		open func(b []byte) error
	}{
		"ticket":        {tb, func(b []byte) error { _, _, err := OpenTicket(b, &c, AuthTs); return err }},
		"authenticator": {ab, func(b []byte) error { _, _, err := OpenAuthenticator(b, &c, AuthAc); return err }},
		"passwordreq":   {pb, func(b []byte) error { _, _, err := OpenPasswordreq(b, &c); return err }},
	}
}

// TestSealed cuts messages short at every length, and changes every byte of those
// in form 1.
func TestSealed(t *testing.T) {
	for form := range 2 {
		for name, m := range sealed(form) {
			if err := m.open(m.b); err != nil {
				t.Errorf("%s of form %d: %v", name, form, err)
			}
			for n := range m.b {
				var short Short
				if err := m.open(m.b[:n]); !errors.As(err, &short) || int(short) != len(m.b) || !strings.Contains(err.Error(), "too short") {
					t.Errorf("%s of form %d, %d bytes: %v", name, form, n, err)
				}
				if form == 0 {
					continue
				}
				b := bytes.Clone(m.b)
				b[n] ^= 0x10
				if err := m.open(b); !errors.Is(err, ErrBadKey) {
					t.Errorf("%s, byte %d changed: %v", name, n, err)
				}
			}
		}
	}
}

// TestTypes opens messages as another type.
func TestTypes(t *testing.T) {
	for form := range 2 {
		c := newNonce(form)
		tk := Ticket{Type: AuthTc, Key: newNonce(form)}
		b, err := tk.Seal(&c)
		if err != nil {
			t.Fatal(err)
		}
		for _, num := range []Type{AuthTs, AuthTp, AuthHr, AuthOK} {
			if _, _, err := OpenTicket(b, &c, num); !errors.Is(err, ErrBadKey) {
				t.Errorf("form %d as %d: %v", form, num, err)
			}
		}
		a := (&Authenticator{Type: AuthAc}).Seal(&c)
		if _, _, err := OpenAuthenticator(a, &c, AuthAs); !errors.Is(err, ErrBadKey) {
			t.Errorf("form %d: a client's authenticator as a server's: %v", form, err)
		}
	}
}

// TestNonces wants no nonce twice.
func TestNonces(t *testing.T) {
	c := newNonce(1)
	seen := map[string]bool{}
	for range 300 {
		b, err := (&Passwordreq{Old: "x"}).Seal(&c)
		if err != nil {
			t.Fatal(err)
		}
		if seen[string(b[:12])] {
			t.Fatalf("nonce %x again", b[:12])
		}
		seen[string(b[:12])] = true
		if _, _, err := OpenPasswordreq(b, &c); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInfo(t *testing.T) {
	want := &Info{"glenda", "tor", "cap", []byte{1, 2, 3}}
	b, err := want.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	check(t, "bytes", b, []byte("\x06\x00glenda\x03\x00tor\x03\x00cap\x03\x00\x01\x02\x03"))
	got, err := ParseInfo(b)
	if err != nil || got.Cuid != want.Cuid || got.Suid != want.Suid || got.Cap != want.Cap || !bytes.Equal(got.Secret, want.Secret) {
		t.Errorf("%v, %v", got, err)
	}
	for n := range b {
		if got, err := ParseInfo(b[:n]); !errors.Is(err, ErrProtocol) {
			t.Errorf("%d bytes: %v, %v", n, got, err)
		}
	}
	if got, err := ParseInfo(append(b, 0)); !errors.Is(err, ErrProtocol) {
		t.Errorf("a byte more: %v, %v", got, err)
	}
	if _, err := (&Info{Cuid: strings.Repeat("x", 1<<16)}).Bytes(); !errors.Is(err, ErrName) {
		t.Errorf("a long name: %v", err)
	}
	if want.Zero(); !bytes.Equal(want.Secret, []byte{0, 0, 0}) {
		t.Error("the secret is still there")
	}
}

func TestPAKErrors(t *testing.T) {
	h := PassKey("secret").Hash("glenda")
	for name, public := range map[string][]byte{
		"empty": nil, "short": make([]byte, PAKLen-1), "not of the field": bytes.Repeat([]byte{0xff}, PAKLen),
		"negative": append([]byte{0xfe}, make([]byte, PAKLen-1)...),
	} {
		if c, err := h.PAK(true).Finish(public); err == nil {
			t.Errorf("%s: %v", name, c)
		}
	}
	// Who knows nothing and sends the identity learns nothing: the keys differ.
	a, err1 := h.PAK(true).Finish(make([]byte, PAKLen))
	b, err2 := h.PAK(true).Finish(make([]byte, PAKLen))
	if err1 != nil || err2 != nil || a.key == b.key {
		t.Errorf("%v, %v", err1, err2)
	}
	p := h.PAK(true)
	p.Finish(h.PAK(false).Public())
	if p.x != [PAKLen]byte{} {
		t.Error("the private key is still there")
	}
	// Other users with the same password, other passwords, both sides clients.
	for name, other := range map[string]*PAK{
		"another user":     PassKey("secret").Hash("tor").PAK(false),
		"another password": PassKey("secrets").Hash("glenda").PAK(false),
		"two clients":      h.PAK(true),
	} {
		mine := h.PAK(true)
		y := bytes.Clone(other.Public())
		c, err1 := mine.Finish(y)
		d, err2 := other.Finish(mine.Public())
		if err1 != nil || err2 != nil || c.key == d.key {
			t.Errorf("%s: %v, %v, the same key: %v", name, err1, err2, err1 == nil && err2 == nil)
		}
	}
}

func TestOKPassword(t *testing.T) {
	for _, c := range []struct{ name, password, want string }{
		{"good", "a good one", ""},
		{"short", "seven77", "password must be at least 8 chars"},
		{"short but for spaces", "seven77    ", "password must be at least 8 chars"},
		{"trivial", "change me", "trivial password"},
		{"trivial with spaces", "anonymous   ", "trivial password"},
		{"trivial backwards", "em egnahc", "trivial password"},
		{"long", strings.Repeat("long", 20), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := OKPassword(c.password); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func FuzzTicketreq(f *testing.F) {
	b, _ := (&Ticketreq{AuthPAK, "bootes", "lab", [8]byte{1}, "glenda", "tor"}).Bytes()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		tr, err := ParseTicketreq(b)
		if err != nil {
			if len(b) >= TicketreqLen {
				t.Error(err)
			}
			return
		}
		again, err := tr.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseTicketreq(again); err != nil || *got != *tr {
			t.Errorf("%v became %v, %v", tr, got, err)
		}
	})
}

// FuzzSealed opens what was not sealed: only what was can be opened in form 1.
func FuzzSealed(f *testing.F) {
	for form := range 2 {
		for _, m := range sealed(form) {
			f.Add(m.b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for form := range 2 {
			for name, m := range sealed(form) {
				if err := m.open(b); err == nil && form == 1 {
					t.Errorf("%s opened", name)
				}
			}
		}
	})
}

func FuzzInfo(f *testing.F) {
	b, _ := (&Info{"glenda", "tor", "", []byte("secret")}).Bytes()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		ai, err := ParseInfo(b)
		if err != nil {
			return
		}
		if again, err := ai.Bytes(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x became %x, %v", b, again, err)
		}
	})
}
