package cmd

import (
	"fmt"
	"net/netip"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/proc"
)

// ndb/dnsquery - query the domain name service
//
// Dnsquery asks the domain name server, by default /net/dns. It prompts for
// questions, a name and a type as in dns(8), and prints the answers. Without a
// type an address is asked for, or, if the name is an address, the name that
// goes with it. With the type ptr an address is turned into the name that is
// asked for. If the question begins with a !, the answers have the form of
// ndb(6).
//
//	-x  ask /net.alt/dns
//
// # EXAMPLES
//
//	echo n2 | ndb/dnsquery
//
// # SEE ALSO
//
// csquery(8), dns(8)
//
// # DIAGNOSTICS
//
// An answer that begins with a ! is an error.
func dnsqueryMain(p *proc.Proc) error {
	file := "/net/dns"
	arg := argbegin(p, "[-x] [/net/dns]")
	for c := range arg.flags() {
		switch c {
		case 'x':
			file = "/net.alt/dns"
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		file = arg.args[0]
	}
	fd, err := p.Open(file, ninep.ORDWR)
	if err != nil {
		return fatal(p, "can't open %s: %v", file, err)
	}
	in := input(p, 0)
	for {
		fmt.Fprint(p.Stderr(), "> ")
		line, err := readline(in)
		if err != nil {
			return nil
		}
		question := dnsQuestion(string(line))
		if question == "" {
			continue
		}
		if _, err := p.Seek(fd, 0, 0); err != nil {
			return fatal(p, "%v", err)
		}
		replies, err := askcs(p, fd, question)
		for _, r := range replies {
			fmt.Fprintln(p.Stdout(), r)
		}
		if err != nil {
			fmt.Fprintf(p.Stdout(), "!%v\n", err)
		}
	}
}

// dnsQuestion returns what is asked for a line that was typed: "" for nothing.
func dnsQuestion(line string) string {
	name := strings.TrimSpace(line)
	bang := ""
	for strings.HasPrefix(name, "!") {
		bang, name = "!", strings.TrimSpace(name[1:])
	}
	if name == "" {
		return ""
	}
	name, kind, ok := strings.Cut(name, " ")
	if !ok {
		kind = "ip"
		if ndb.IPAttr(name) == "ip" {
			kind = "ptr"
		}
	}
	if ip, err := netip.ParseAddr(name); err == nil && kind == "ptr" {
		name = ptrName(ip)
	}
	return bang + name + " " + kind
}
