package main

import (
	"testing"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

func TestCountfs(t *testing.T) {
	srv := newCounter()
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, tt := range []struct {
		name, msg string
		err       error
		want      string
	}{
		{"add", "add 40", nil, "40\n"},
		{"add in other digits", "add 0x2\n", nil, "42\n"},
		{"no number", "add x", ninep.Error("usage: add n"), "42\n"},
		{"no such word", "take 1", ninep.ErrCtlUnknown, "42\n"},
		{"reset", "reset", nil, "0\n"},
	} {
		if err := ninep.WriteFile(t.Context(), root, "ctl", []byte(tt.msg), 0); err != tt.err {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.err)
		}
		if text, err := ninep.ReadFile(t.Context(), root, "value"); string(text) != tt.want || err != nil {
			t.Errorf("%s: the value is %q, %v; want %q", tt.name, text, err, tt.want)
		}
	}
	if err := ninetest.TestWire(t.Context(), srv); err != nil {
		t.Error(err)
	}
}
