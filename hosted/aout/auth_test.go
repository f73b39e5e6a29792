package aout_test

import "testing"

// TestAuth makes the system calls fversion and fauth.
func TestAuth(t *testing.T) {
	auth := build(t, "auth", "amd64")
	got := newMachine(t).sh("ramfs -S x; /tmp/auth /srv/x", map[string][]byte{"auth": auth})
	const want = "6 9P2000\nbad 9P version specification\n6 9P2000\n-1 authentication not required\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
