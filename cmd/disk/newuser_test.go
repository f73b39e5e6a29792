package disk

import (
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/rootfs"
)

// TestNewuser makes users as the console of a file server does.
func TestNewuser(t *testing.T) {
	ctx := t.Context()
	d := mustOpen(t, NewMem(), rootfs.Files())
	defer d.Close()
	for _, c := range []struct{ name, err string }{
		{"ken", ""},
		{"ken", ""}, // again
		{"zoë", ""},
		{"none", "none: unknown user"},
		{"", ": unknown user"},
		{"a:b", "a:b: unknown user"},
		{"a,b", "a,b: unknown user"},
		{"a b", "a b: unknown user"},
		{"..", "..: unknown user"},
		{"a/b", "a/b: unknown user"},
	} {
		err := d.Newuser(ctx, c.name)
		if c.err == "" && err != nil || c.err != "" && (err == nil || err.Error() != c.err) {
			t.Errorf("%q: %v, want %s", c.name, err, c.err)
		}
	}
	root, err := d.Attach(ctx, "ken", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	users, err := ninep.ReadFile(ctx, root, "adm/users")
	if !strings.HasSuffix(string(users), "2:sys::glenda\n3:ken:ken:\n4:zoë:zoë:\n") {
		t.Errorf("users: %q, %v", users, err)
	}
	for _, c := range []struct{ name, entry string }{
		{"usr/ken", "ken ken d-rwxrwxr-x"},
		{"usr/ken/bin/rc", "ken ken d-rwxrwxr-x"},
		{"usr/ken/tmp", "ken ken d-rwxrwxr-x"},
		{"usr/ken/lib/profile", "ken ken --rw-rw-r--"},
		{"usr/zoë", "zoë zoë d-rwxrwxr-x"},
	} {
		f, _, err := ninep.WalkNames(ctx, root, strings.Split(c.name, "/"))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		e, err := f.Stat(ctx)
		if have := e.UID + " " + e.GID + " " + e.Mode.String(); have != c.entry || err != nil {
			t.Errorf("%s: %s, %v, want %s", c.name, have, err, c.entry)
		}
		f.Close()
	}
	if err := ninep.WriteFile(ctx, root, "usr/ken/f", []byte("mine"), 0600); err != nil {
		t.Error(err)
	}
	if err := ninep.WriteFile(ctx, root, "usr/zoë/f", []byte("hers"), 0600); err != ninep.ErrPerm {
		t.Errorf("another's home: %v", err)
	}
}
