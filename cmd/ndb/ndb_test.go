package ndb

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

const local = `# the database of the manual page
database=
	file=/lib/ndb/common
	file=/lib/ndb/local
	file=/lib/ndb/missing

ipnet=murray-hill ip=135.104.0.0 ipmask=255.255.0.0
	dns=135.104.10.1
	ntp=ntp.cs.bell-labs.com
ipnet=plan9 ip=135.104.9.0 ipmask=255.255.255.0
	ntp=oncore.cs.bell-labs.com
	smtp=smtp1.cs.bell-labs.com
	auth=helix
ip=135.104.9.6 sys=anna dom=anna.cs.bell-labs.com
# a comment does not end a tuple

	smtp=smtp2.cs.bell-labs.com txt="two words # and a mark"
sys=helix	ip=135.104.9.31
ip=135.104.9.32 sys=twin
	ip=135.104.9.33 sys=twin2
sys=helix ip=135.104.9.34
`

const common = `tcp=echo port=7
tcp=exec port=512 restricted
tcp=9fs port=564 # after a pair
`

func open(t *testing.T) *DB {
	files := map[string]string{"/lib/ndb/local": local, "/lib/ndb/common": common}
	db, err := Open("/lib/ndb/local", func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestOpen(t *testing.T) {
	db := open(t)
	if got := db.Tuples[0].String(); got != "tcp=echo port=7" {
		t.Errorf("first tuple is %q: the database tuple's order was not kept", got)
	}
	if n := len(db.Tuples); n != 3+7 {
		t.Errorf("%d tuples", n)
	}
	if got := db.Search("tcp", "exec")[0].String(); got != "tcp=exec port=512 restricted=" {
		t.Errorf("exec: %q", got)
	}
}

func TestValue(t *testing.T) {
	db := open(t)
	for _, test := range []struct{ name, attr, val, rattr, want string }{
		{"same line", "tcp", "9fs", "port", "564"},
		{"other line", "sys", "anna", "smtp", "smtp2.cs.bell-labs.com"},
		{"quoted", "sys", "anna", "txt", "two words # and a mark"},
		{"line of the match first", "sys", "twin2", "ip", "135.104.9.33"},
		{"first tuple wins", "sys", "helix", "ip", "135.104.9.31"},
		{"no such tuple", "sys", "nobody", "ip", ""},
		{"no such attribute", "sys", "anna", "ether", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, tuple := db.Value(test.attr, test.val, test.rattr)
			if got != test.want || (tuple == nil) != (test.want == "") {
				t.Errorf("%q, tuple %v", got, tuple)
			}
		})
	}
}

func TestIPInfo(t *testing.T) {
	db := open(t)
	for _, test := range []struct{ name, attr, val, attrs, want string }{
		{"up the subnets", "sys", "anna", "smtp ntp dns",
			"smtp=smtp2.cs.bell-labs.com ntp=oncore.cs.bell-labs.com dns=135.104.10.1"},
		{"by address without an entry", "ip", "135.104.77.1", "smtp ntp", "ntp=ntp.cs.bell-labs.com"},
		{"names resolved", "sys", "anna", "@auth", "auth=135.104.9.31 auth=135.104.9.34"},
		{"outside", "ip", "10.0.0.1", "dns", ""},
		{"unknown system", "sys", "nobody", "dns", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, p := range db.IPInfo(test.attr, test.val, strings.Fields(test.attrs)...) {
				got = append(got, p.String())
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("got  %s\nwant %s", s, test.want)
			}
		})
	}
	if got := db.IPAddrs("helix"); !slices.Equal(got, []string{"135.104.9.31", "135.104.9.34"}) {
		t.Errorf("helix: %v", got)
	}
}

// TestErrors: each message has the line and, where there is one, the tuple.
func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"open quote", "sys=n1\n\ttxt=\"two words\n", "f:2: sys=n1: txt=: no closing quote"},
		{"no attribute", "sys=n1\n=x\n", `f:2: no attribute before "=x"`},
		{"nothing to continue", "# a\n\n\tip=1.2.3.4\n", "f:3: ip=1.2.3.4: line continues no tuple"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Parse("f", test.text); err == nil || err.Error() != test.want {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestMasks(t *testing.T) {
	for _, test := range []struct {
		name, ip, mask string
		bits           int
	}{
		{"class A", "10.0.0.0", "", 8},
		{"class B", "135.104.0.0", "", 16},
		{"class C", "192.168.1.0", "", 24},
		{"dotted", "10.0.0.0", "255.255.240.0", 20},
		{"slash", "10.0.0.0", "/9", 9},
		{"slash over 128 bits", "10.0.0.0", "/120", 24},
		{"holes", "10.0.0.0", "255.0.255.0", -1},
		{"too long", "10.0.0.0", "/200", -1},
		{"v6", "fd00::", "/48", 48},
	} {
		t.Run(test.name, func(t *testing.T) {
			ip, _ := parseIP(test.ip)
			bits, ok := maskBits(ip, test.mask)
			if !ok {
				bits = -1
			}
			if bits != test.bits {
				t.Errorf("%d", bits)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(local)
	f.Add(common)
	f.Fuzz(func(t *testing.T, text string) {
		db, err := Parse("f", text)
		if err != nil {
			return
		}
		// A tuple that is printed and read again is the same tuple.
		for _, tu := range db.Tuples {
			s := tu.String()
			again, err := Parse("f", s)
			if err != nil || len(again.Tuples) != 1 || again.Tuples[0].String() != s {
				t.Errorf("%q: %v %v", s, again, err)
			}
		}
		_ = fmt.Sprint(db.IPInfo("sys", "anna", "dns"))
	})
}
