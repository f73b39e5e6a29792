package grid

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
)

func TestBuiltin(t *testing.T) {
	for _, test := range []struct {
		name, fs, seat string
		nodes          []string
	}{
		{"four", "n1", "term", []string{"n1", "n2", "n3", "n4", "term"}},
		{"one", "term", "term", []string{"term"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, ok := Builtin(test.name)
			top, err := ParseTopology(test.name, text)
			if !ok || err != nil {
				t.Fatal(ok, err)
			}
			var names []string
			for _, n := range top.Nodes {
				names = append(names, n.Name)
			}
			if !slices.Equal(names, test.nodes) || top.FS != test.fs || top.Seat() != test.seat {
				t.Errorf("nodes %v, fs %s, seat %s", names, top.FS, top.Seat())
			}
		})
	}
	if _, ok := Builtin("five"); ok {
		t.Error("there is a topology five")
	}
}

const lab3 = `ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0 fs=n1
sys=n1 ip=10.9.0.1 role=fs role=cpu
sys=n2 ip=10.9.0.2
	role=cpu
sys=gateway dom=gw.example.com
`

func TestTopology(t *testing.T) {
	top, err := ParseTopology("lab.ndb", lab3+"link=n2,n1 delay=20ms loss=1%\n\tseed=7 cut\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(top.Nodes) != 2 {
		t.Errorf("%d nodes", len(top.Nodes))
	}
	w, err := top.NewWire()
	if err != nil {
		t.Fatal(err)
	}
	l, _ := w.Link("n1", "n2")
	want := "delay 20ms\njitter 0s\nbandwidth 0\nloss 1%\nindrop 0\nlimit 0\nseed 7\ncut\n"
	if l.Name() != "n1-n2" || l.Status() != want {
		t.Errorf("link %s:\n%s", l.Name(), l.Status())
	}
}

// TestTopologyErrors: each says where, what and, if it can, what would do.
func TestTopologyErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"syntax", lab3 + "sys=n3 txt=\"open", `f:6: txt=: no closing quote`},
		{"nothing in it", "", "f: no nodes: no tuple with sys=, ip= and role="},
		{"duplicate sys", lab3 + "sys=n2 ip=10.9.0.3 role=cpu", "f:6: sys=n2: there is a node of this name already"},
		{"duplicate ip", lab3 + "sys=n3 ip=10.9.0.2 role=cpu", "f:6: sys=n3: ip=10.9.0.2 is that of n2 already"},
		{"bad ip", lab3 + "sys=n3 ip=10.9.0.300 role=cpu", "f:6: sys=n3: ip=10.9.0.300: bad ip address syntax"},
		{"loopback ip", lab3 + "sys=n3 ip=127.0.0.1 role=cpu", "f:6: sys=n3: ip=127.0.0.1: bad ip address syntax"},
		{"no ip", lab3 + "sys=n3 role=cpu", "f:6: sys=n3: no ip"},
		{"no role", lab3 + "sys=n3 ip=10.9.0.3", "f:6: sys=n3: no role: one of auth fs cpu replica venti terminal"},
		{"unknown role", lab3 + "sys=n3 ip=10.9.0.3 role=cpuu", "f:6: sys=n3: role=cpuu: not one of auth fs cpu replica venti terminal"},
		{"bad name", lab3 + "sys=a/b ip=10.9.0.3 role=cpu", "f:6: sys=a/b: 'a/b' cannot name a node"},
		{"two names", lab3 + "sys=n3 sys=n4 ip=10.9.0.3 role=cpu", "f:6: sys=n3: more than one sys"},
		{"unknown link end", lab3 + "link=n1,n9 delay=1ms", "f:6: link=n1,n9: there is no node 'n9'"},
		{"link with itself", lab3 + "link=n1,n1", "f:6: link=n1,n1: usage: link=NODE,NODE delay=time ..."},
		{"one end", lab3 + "link=n1", "f:6: link=n1: usage: link=NODE,NODE delay=time ..."},
		{"link twice", lab3 + "link=n1,n2\nlink=n2,n1", "f:7: link=n2,n1: there is a tuple for this link already"},
		{"link of a node", lab3 + "sys=n3 ip=10.9.0.3 role=cpu\n\tlink=n1,n3 delay=1ms", "f:6: sys=n3: link=n1,n3 is no part of it: no blanks before link="},
		{"empty hostfs", lab3 + "sys=n3 ip=10.9.0.3 role=cpu hostfs=", "f:6: sys=n3: hostfs=: no folder"},
		{"path for a command", lab3 + "sys=n3 ip=10.9.0.3 role=cpu hostcmd=/bin/sh", "f:6: sys=n3: hostcmd=/bin/sh: not the names of commands"},
		{"another net", lab3 + "sys=n3 ip=10.9.0.3 role=cpu net=wire", "f:6: sys=n3: net=wire: it can only be host"},
		{"publish without a word", lab3 + "publish=n1!7->5640", "f:6: publish=n1!7->5640: port 7 of n1 lets in whoever reaches it: add noauth if that is meant"},
		{"publish of nobody", lab3 + "publish=n9!564->5640 noauth", "f:6: publish=n9!564->5640: there is no node 'n9'"},
		{"publish nowhere", lab3 + "publish=n1!564->example.com:5640 noauth", "f:6: publish=n1!564->example.com:5640: usage: publish=NODE!PORT->[ADDR:]PORT [noauth]"},
		{"publish twice", lab3 + "publish=n1!564->5640 noauth\npublish=n2!564->5640 noauth", "f:7: publish=n2!564->5640: 127.0.0.1:5640 is taken by n1"},
		{"bad setting", lab3 + "link=n1,n2 loss=1% delay=x", "f:6: link=n1,n2: delay=x: usage: delay latency [bytedelay]"},
		{"unknown setting", lab3 + "link=n1,n2 colour=red", "f:6: link=n1,n2: colour=red: unknown control request"},
		{"two roots", lab3 + "sys=n3 ip=10.9.0.3 role=fs", "f:6: sys=n3: role=fs, which n1 has already"},
		{"no root", "sys=n1 ip=10.9.0.1 role=cpu", "f: no node has role=fs: where is the root?"},
		{"root unknown to it", lab3 + "sys=n3 ip=10.8.0.3 role=cpu", "f:6: sys=n3: no fs=n1 for it, here or in the ipnet of its address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseTopology("f", test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestGrants: what a topology and a command line grant, and that it can be
// taken back.
func TestGrants(t *testing.T) {
	top, err := ParseTopology("lab.ndb", lab3+"sys=n3 ip=10.9.0.3 role=terminal\n\thostfs=/src ro hostfs=/tmp/out rw\n\thostfs=/x\n\thostcmd=date,git\npublish=n1!564->[::1]:5640 noauth\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"sys=n2 net=host", "exec=host", "publish=n2!17007->17007 noauth", "publish=n2!17019->17019", "hostfs=. rw"} {
		if err := top.Grant(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if got, want := fmt.Sprint(top.Node("n3").Grants), "{[{/src false} {/tmp/out true} {/x false} {. true}] [] [date git] true false}"; got != want {
		t.Errorf("n3 has %s, not %s", got, want)
	}
	if got, want := fmt.Sprint(top.Node("n2").Grants), "{[] [] [] false true}"; got != want {
		t.Errorf("n2 has %s, not %s", got, want)
	}
	for addr, want := range map[string]bool{"10.9.0.1": true, "10.9.0.77": true, "10.8.0.1": false, "127.0.0.1": false} {
		if top.Inside(netip.MustParseAddr(addr)) != want {
			t.Errorf("%s is inside: %v", addr, !want)
		}
	}
	if got, want := fmt.Sprint(top.Published), "[n1!564->[::1]:5640 n2!17007->127.0.0.1:17007 n2!17019->127.0.0.1:17019]"; got != want {
		t.Errorf("published %s, not %s", got, want)
	}
	for _, test := range []struct{ name, line, want string }{
		{"nobody", "sys=n9 net=host", "-host:1: sys=n9: there is no node 'n9'"},
		{"a typing error", "hostf=/src", "-host:1: hostf=/src: hostf: not one of sys hostfs hostdisk unit ro rw hostcmd exec net publish noauth"},
		{"two lines", "net=host\nexec=host", "net=host\nexec=host: not a line as in ndb(6)"},
		{"nothing", "", ": not a line as in ndb(6)"},
	} {
		if err := top.Grant(test.line); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if !top.Revoke() || top.Revoke() || len(top.Published) > 0 || top.Node("n3").Grants.Exec {
		t.Error("the grants were not taken back")
	}
}

// TestLimits: what a topology lets a node use.
func TestLimits(t *testing.T) {
	const n3 = lab3 + "sys=n3 ip=10.9.0.3 role=terminal "
	top, err := ParseTopology("lab.ndb", n3+"memory=1g procmemory=64m procs=100\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := top.Node("n3").Limits, (Limits{1 << 30, 64 << 20, 100}); got != want {
		t.Errorf("n3 has %+v, not %+v", got, want)
	}
	for _, test := range []struct{ name, words, want string }{
		{"no size", "memory=", "memory=: not a size, such as 64m"},
		{"no number", "procmemory=big", "procmemory=big: not a size, such as 64m"},
		{"no processes", "procs=0", "procs=0: not a number of processes"},
		{"many", "procs=all", "procs=all: not a number of processes"},
	} {
		_, err := ParseTopology("lab.ndb", n3+test.words+"\n")
		if want := "lab.ndb:6: sys=n3: " + test.want; err == nil || err.Error() != want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestDisks: the disks that a topology and a command line give a node, and how
// they are named.
func TestDisks(t *testing.T) {
	const n3 = lab3 + "sys=n3 ip=10.9.0.3 role=terminal\n\t"
	top, err := ParseTopology("lab.ndb", n3+"disk=sdC0 size=64M disk=sdD0 size=512\n\thostdisk=a.img hostdisk=b.img unit=sd0f rw hostdisk=c.img rw unit=sdD1\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := top.Grant("hostdisk=d.img"); err != nil {
		t.Error(err)
	}
	n := top.Node("n3")
	if got, want := fmt.Sprint(n.Disks, n.Grants.Disks), "[{sdC0 67108864} {sdD0 512}] [{sdD2 a.img false} {sd0f b.img true} {sdD1 c.img true} {sdD3 d.img false}]"; got != want {
		t.Errorf("n3 has %s, not %s", got, want)
	}
	for _, test := range []struct{ name, words, want string }{
		{"no size", "disk=sdC0", "disk=sdC0: no size= behind it"},
		{"no sectors", "disk=sdC0 size=700", "size=700: not sectors of 512 bytes, such as 64m"},
		{"no number", "disk=sdC0 size=big", "size=big: not sectors of 512 bytes, such as 64m"},
		{"no unit", "disk=C0 size=1m", "'C0' cannot name a disk, as sdC0 can"},
		{"no unit of the host", "hostdisk=a unit=x", "'x' cannot name a disk, as sdC0 can"},
		{"no file", "hostdisk=", "hostdisk=: no file"},
		{"taken", "disk=sdC0 size=1m hostdisk=a unit=sdC0", "n3 has a disk sdC0 already"},
	} {
		_, err := ParseTopology("lab.ndb", n3+test.words+"\n")
		if want := "lab.ndb:6: sys=n3: " + test.want; err == nil || err.Error() != want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
