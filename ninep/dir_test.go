package ninep_test

import (
	"testing"

	. "ufo/ninep"
)

func TestPermString(t *testing.T) {
	for want, perm := range map[string]Perm{
		"----------x": 1,
		"--rw-r--r--": 0644,
		"d-rwxr-xr-x": DMDIR | 0755,
		"alrw-------": DMAPPEND | DMEXCL | 0600,
		"A-rw-------": DMAUTH | 0600,
	} {
		if got := perm.String(); got != want {
			t.Errorf("%o is %s, want %s", uint32(perm), got, want)
		}
	}
}

func TestAccess(t *testing.T) {
	ingroup := func(group, user string) bool { return group == "sys" && user == "rob" }
	d := Dir{UID: "glenda", GID: "sys", Mode: 0641}
	for _, tt := range []struct {
		name, user string
		mode       Mode
		want       bool
	}{
		{"owner reads and writes", "glenda", ORDWR, true},
		{"owner truncates", "glenda", OREAD | OTRUNC, true},
		{"owner executes, as others may", "glenda", OEXEC, true},
		{"group reads", "rob", OREAD, true},
		{"group does not write", "rob", OWRITE, false},
		{"group does not truncate", "rob", OREAD | OTRUNC, false},
		{"the group itself", "sys", OREAD, true},
		{"others execute", "ken", OEXEC, true},
		{"others do not read", "ken", OREAD, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := d.Access(tt.user, ingroup, tt.mode); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "..a": true, "…": true, "": false, ".": false, "..": false, "a/b": false, "a\x00": false,
	} {
		if ValidName(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestNullDir(t *testing.T) {
	b, err := AppendDir(nil, NullDir)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range b[2 : len(b)-8] {
		if c != 0xff {
			t.Errorf("byte %d is %#x", i, c)
		}
	}
	if d, _, err := UnmarshalDir(b); d != NullDir || err != nil {
		t.Errorf("comes back as %v, %v", d, err)
	}
}
