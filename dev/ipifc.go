package dev

import (
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
)

// An ifc is an interface, as the files say that there is one.
type ifc struct {
	device     string
	maxtu      int
	addr, mask string
	net        string
	to, toMask string // where it leads
}

// ifcs returns the interfaces of a node: the one to itself, unless what is called
// so is the host, and that to the wire.
func ifcs(w Wire) []ifc {
	list := []ifc{{"/dev/null", atomicSize, loopback, "/104", "127.0.0.0", "127.0.0.0", "/104"}}
	if leadsOut(w) {
		list = nil
	}
	return append(list, ifc{"/net/wire", atomicSize, w.Addr(), "/128", w.Addr(), "0.0.0.0", "/96"})
}

// ifcFiles returns the files that tell of interfaces, which cannot be changed. Of
// each there are two routes: to all that it leads to, and to its own address.
func ifcFiles(list []ifc) []*ninep.Node {
	dir := &ninep.Node{Name: "ipifc"}
	var routes, self strings.Builder
	for i, f := range list {
		dir.Children = append(dir.Children, f.node(i))
		for _, r := range []struct{ to, mask, kind string }{{f.to, f.toMask, "4i"}, {f.addr, "/128", "4iu"}} {
			fmt.Fprintf(&routes, "%-15s %-4s %-15s %4s %4s %3d %-15s %-4s\n", r.to, r.mask, f.addr, r.kind, "ifc", i, "0.0.0.0", "/96")
		}
		fmt.Fprintf(&self, "%-44s %02d %4s\n", f.addr, 1, "4iu")
	}
	return []*ninep.Node{
		dir, ninep.Text("iproute", routes.String()), ninep.Text("ipselftab", self.String()),
		{Name: "wire", Children: []*ninep.Node{ninep.Text("addr", "\n")}},
	}
}

// node returns the directory of an interface.
func (f ifc) node(n int) *ninep.Node {
	status := fmt.Sprintf("device %s maxtu %d sendra 0 recvra 0 mflag 0 oflag 0"+
		" maxraint 0 minraint 0 linkmtu 0 reachtime 0 rxmitra 0 ttl 255 routerlt 0"+
		" pktin 0 pktout 0 errin 0 errout 0 speed 0 delay 0\n"+
		"\t%-40s %-10s %-40s %-12d %-12d\n",
		f.device, f.maxtu, f.addr, f.mask, f.net, uint32(1<<32-1), uint32(1<<32-1))
	return &ninep.Node{Name: strconv.Itoa(n), Children: []*ninep.Node{
		ninep.Text("local", fmt.Sprintf("%-40s -> %-40s\n", f.addr, f.net)),
		ninep.Text("status", status),
	}}
}
