package grid

import (
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
	want := "delay 20ms\njitter 0s\nbandwidth 0\nloss 1%\nindrop 0\nlimit 262144\nseed 7\ncut\n"
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
