package main

import (
	"testing"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

func TestChat(t *testing.T) {
	r := newRoom()
	srv := r.server()
	enter := func(user string) (root, text ninep.File) {
		t.Helper()
		root, err := srv.Attach(t.Context(), user, "")
		if err != nil {
			t.Fatal(err)
		}
		text, err = ninep.OpenFile(t.Context(), root, "text", ninep.OREAD)
		if err != nil {
			t.Fatal(err)
		}
		return root, text
	}
	hears := func(text ninep.File, want ...string) {
		t.Helper()
		p := make([]byte, 100)
		for _, w := range want {
			if n, err := text.Read(t.Context(), p, 0); string(p[:n]) != w || err != nil {
				t.Errorf("%q, %v; want %q", p[:n], err, w)
			}
		}
	}
	there := func(root ninep.File, want string) {
		t.Helper()
		if who, err := ninep.ReadFile(t.Context(), root, "who"); string(who) != want || err != nil {
			t.Errorf("there are %q, %v; want %q", who, err, want)
		}
	}
	root, ken := enter("ken")
	glendas, glenda := enter("glenda")
	there(root, "glenda\nken\n")
	if err := ninep.WriteFile(t.Context(), glendas, "say", []byte("hello\nken\n"), 0); err != nil {
		t.Fatal(err)
	}
	hears(glenda, "glenda is here\n", "glenda: hello\n", "glenda: ken\n")
	glenda.Close()
	hears(ken, "ken is here\n", "glenda is here\n", "glenda: hello\n", "glenda: ken\n", "glenda has left\n")
	there(root, "ken\n")
	if err := ninetest.TestWire(t.Context(), srv); err != nil {
		t.Error(err)
	}
	r.said.Close()
	hears(ken, "glenda is here\n")
}
