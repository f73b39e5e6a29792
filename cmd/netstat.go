package cmd

import (
	"bufio"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// netstat - summarize network connections
//
// Netstat prints a line for each conversation of the network at netmtpt, by
// default /net: protocol, number, user, state, local port, remote port and
// remote address.
//
//	-i  print a line for each interface instead: device, MTU, local
//	    address, mask, network, packets in and out, errors in and out
//	-n  do not translate ports and addresses to names
//	-p  only conversations of the protocol proto; may be repeated
//
// # EXAMPLES
//
// Who is connected to our file tree?
//
//	netstat -p tcp | grep 9fs
//
// # FILES
//
//	/net/*/*
//
// # SEE ALSO
//
// ip(3), cs(8)
func netstatMain(p *proc.Proc) error {
	n := netstat{p: p, net: "/net", names: true, out: stdout(p)}
	defer flush(p, n.out)
	interfaces := false
	var protos []string
	arg := argbegin(p, "[-in] [-p proto] [netmtpt]")
	for c := range arg.flags() {
		switch c {
		case 'i':
			interfaces = true
		case 'n':
			n.names = false
		case 'p':
			protos = append(protos, arg.eargf())
		default:
			arg.usage()
		}
	}
	switch len(arg.args) {
	case 0:
	case 1:
		n.net = arg.args[0]
	default:
		arg.usage()
	}
	if interfaces {
		return n.interfaces()
	}
	if protos == nil {
		dirs, err := readdir(p, n.net)
		if err != nil {
			return fatal(p, "open %s: %v", n.net, err)
		}
		for _, d := range dirs {
			if _, err := p.Stat(n.net + "/" + d.Name + "/clone"); err == nil && d.Name != "ipifc" {
				protos = append(protos, d.Name)
			}
		}
	}
	for _, proto := range protos {
		n.proto(proto)
	}
	return nil
}

// A netstat is one run of netstat.
type netstat struct {
	p     *proc.Proc
	net   string
	names bool
	out   *bufio.Writer
}

// proto prints the conversations of a protocol.
func (n *netstat) proto(proto string) {
	dirs, _ := readdir(n.p, n.net+"/"+proto)
	for _, d := range dirs {
		if d.IsDir() {
			n.line(proto, d)
		}
	}
}

// line prints a conversation.
func (n *netstat) line(proto string, d ninep.Dir) {
	dir := n.net + "/" + proto + "/" + d.Name
	state, err := n.p.ReadFile(dir + "/status")
	if err != nil {
		return
	}
	words := strings.Fields(string(state) + " ?")
	fmt.Fprintf(n.out, "%-4s %-4s %-10s %-12s", proto, d.Name, d.UID, words[0])
	_, lport := n.addr(dir + "/local")
	raddr, rport := n.addr(dir + "/remote")
	fmt.Fprintf(n.out, " %-10s %-10s %s\n", n.port(proto, lport), n.port(proto, rport), n.host(raddr))
}

// addr returns the address and the port in a file.
func (n *netstat) addr(file string) (host, port string) {
	b, _ := n.p.ReadFile(file)
	host, port, _ = strings.Cut(strings.TrimSpace(string(b)), "!")
	return host, port
}

// port returns the name of a port, or its number.
func (n *netstat) port(proto, port string) string {
	return n.name("port="+port+" "+proto+"=*", proto, port)
}

// host returns the name of a machine, or its address.
func (n *netstat) host(ip string) string {
	return n.name("ip="+ip+" sys=*", "sys", ip)
}

// name returns the value of attr in the database entry that the query finds,
// or val if there is none.
func (n *netstat) name(query, attr, val string) string {
	if !n.names || val == "" || val == "0" || val == "::" {
		return val
	}
	fd, err := n.p.Open(n.net+"/cs", ninep.ORDWR)
	if err != nil {
		return val
	}
	defer n.p.Close(fd)
	replies, _ := askcs(n.p, fd, "!"+query)
	for _, w := range strings.Fields(strings.Join(replies, " ")) {
		if a, v, _ := strings.Cut(w, "="); a == attr && v != "" {
			return v
		}
	}
	return val
}

// interfaces prints a line for each address of an interface.
func (n *netstat) interfaces() error {
	dirs, err := readdir(n.p, n.net+"/ipifc")
	if err != nil {
		return fatal(n.p, "open %s/ipifc: %v", n.net, err)
	}
	for _, d := range dirs {
		text, err := n.p.ReadFile(n.net + "/ipifc/" + d.Name + "/status")
		if !d.IsDir() || err != nil {
			continue
		}
		n.ifc(string(text))
	}
	return nil
}

// ifc prints the lines of one interface, whose status begins with pairs of
// words on a line and then has a line for each address. See ip(3).
func (n *netstat) ifc(text string) {
	first, rest, _ := strings.Cut(text, "\n")
	words := strings.Fields(first)
	val := make(map[string]string)
	for i := 0; i+1 < len(words); i += 2 {
		val[words[i]] = words[i+1]
	}
	for line := range strings.Lines(rest) {
		if a := strings.Fields(line); len(a) >= 3 {
			fmt.Fprintf(n.out, "%-12s %5s %-15s %5s %-15s %8s %8s %8s %8s\n", val["device"], val["maxtu"],
				a[0], a[1], a[2], val["pktin"], val["pktout"], val["errin"], val["errout"])
		}
	}
}
