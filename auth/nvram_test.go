package auth

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestNvram(t *testing.T) {
	want := &Nvram{*PassKey("secret"), "store", "bootes", "lab.local"}
	b, err := want.Bytes()
	if err != nil || len(b) != NvramLen || NvramLen != 126 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if got, err := ParseNvram(append(b, 1, 2)); err != nil || *got != *want {
		t.Errorf("%v, %v", got, err)
	}
	for _, c := range []struct {
		name string
		at   int
		want string
	}{
		{"DES key", 3, "bad nvram des key"},
		{"its sum", 7, "bad nvram des key"},
		{"the second key", 10, ""},
		{"config", 20, ""},
		{"authid", 32, "bad authentication id"},
		{"authdom", 62, "bad authentication domain"},
		{"AES key", 110, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bytes.Clone(b)
			b[c.at] ^= 0x40
			got, err := ParseNvram(b)
			if fmt.Sprint(err) != c.want && (err != nil || c.want != "") {
				t.Errorf("%v, want %q", err, c.want)
			}
			if *got == *want && c.name != "the second key" {
				t.Error("the field is still there")
			}
		})
	}
	if _, err := ParseNvram(b[:NvramLen-1]); err != Short(NvramLen) {
		t.Error(err)
	}
	if b, _ := (&Nvram{}).Bytes(); len(b) == NvramLen {
		if _, err := ParseNvram(b); err != errNvramEmpty {
			t.Error(err)
		}
	}
	if _, err := (&Nvram{Authid: strings.Repeat("x", NameLen)}).Bytes(); err != ErrName {
		t.Error(err)
	}
}

func FuzzNvram(f *testing.F) {
	b, _ := (&Nvram{*PassKey("secret"), "store", "bootes", "lab.local"}).Bytes()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := ParseNvram(b)
		if err != nil {
			return
		}
		again, err := n.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if m, err := ParseNvram(again); err != nil || *m != *n {
			t.Errorf("%v became %v, %v", n, m, err)
		}
	})
}
