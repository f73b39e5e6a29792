package cmd

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
)

// This file is how ndb/dns finds answers.

// What dns says when it does not know.
const (
	errNoName     ninep.Error = "name does not exist"
	errNoResource ninep.Error = "resource does not exist"
)

// A dnsanswer is what a name has of a type: a resource record.
type dnsanswer struct{ name, kind, val string }

// String returns the answer as a read of the file dns does.
func (a dnsanswer) String() string { return fmt.Sprintf("%s %s\t%s", a.name, a.kind, a.val) }

// pairs returns the answer as a line of a database.
func (a dnsanswer) pairs() string {
	p := []ndb.Pair{{Attr: "dom", Val: a.name}, {Attr: a.kind, Val: a.val}}
	switch a.kind {
	case "ipv6":
		p[1].Attr = "ip"
	case "ptr":
		p[0].Attr, p[1].Attr = "ptr", "dom"
	case "mx":
		pref, host, _ := strings.Cut(a.val, " ")
		p = []ndb.Pair{p[0], {Attr: "pref", Val: pref}, {Attr: "mx", Val: host}}
	}
	return pairText(p)
}

// dnsTypes are the types that a question may have; all is each of them.
var dnsTypes = []string{"ip", "ipv6", "ptr", "cname", "mx", "ns", "txt"}

// answer carries out a request: a question, or what the owner wants.
func (d *resolver) answer(ctx context.Context, user, request string) ([]string, error) {
	if request == "refresh" && user == d.owner {
		return nil, d.refresh(ctx)
	}
	form := dnsanswer.String
	question, bang := strings.CutPrefix(request, "!")
	if bang {
		form = dnsanswer.pairs
	}
	name, kind, ok := strings.Cut(question, " ")
	if !ok {
		return nil, fmt.Errorf("illegal request %s", request)
	}
	kinds := []string{kind}
	if kind == "all" {
		kinds = dnsTypes
	} else if !slices.Contains(dnsTypes, kind) {
		return nil, fmt.Errorf("unknown type %s", kind)
	}
	found, err := d.lookup(ctx, strings.ToLower(name), kinds)
	var replies []string
	for _, a := range found {
		replies = append(replies, form(a))
	}
	return replies, err
}

// lookup finds what a name has of some types.
func (d *resolver) lookup(ctx context.Context, name string, kinds []string) ([]dnsanswer, error) {
	d.mu.Lock()
	z := zonefile{d.db}
	domains := d.domains
	d.mu.Unlock()
	name, rooted := strings.CutSuffix(name, ".")
	names := []string{name}
	if !rooted && !strings.Contains(name, ".") {
		for _, dom := range domains {
			names = append(names, name+"."+dom)
		}
	}
	for _, name := range names {
		var found []dnsanswer
		for _, kind := range kinds {
			found = append(found, z.find(name, kind)...)
		}
		if len(found) > 0 {
			return found, nil
		}
		if z.knows(name) {
			return nil, errNoResource
		}
	}
	return d.passOn(ctx, name, kinds)
}

// passOn asks the network's own dns for addresses.
func (d *resolver) passOn(ctx context.Context, name string, kinds []string) ([]dnsanswer, error) {
	var found []dnsanswer
	err := error(errNoName)
	for _, kind := range kinds {
		if kind != "ip" && kind != "ipv6" {
			continue
		}
		var more []string
		if more, err = d.further(ctx, name+" "+kind); ctx.Err() != nil {
			return nil, ninep.ErrIntr
		}
		for _, line := range more {
			if w := strings.Fields(line); len(w) == 3 {
				found = append(found, dnsanswer{w[0], kind, w[2]})
			}
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, err
}

// askNetwork asks the file dns that was in the network directory when we began.
func (d *resolver) askNetwork(ctx context.Context, question string) ([]string, error) {
	f, err := d.s.View().Open(ctx, d.mtpt+"/dns", ninep.ORDWR)
	if err != nil {
		return nil, errNoName
	}
	defer f.Close()
	return askfile(ctx, f, question)
}

// A zonefile is a network database, asked for what domain names have.
type zonefile struct{ db *ndb.DB }

// maxAlias is how many aliases there may be between a name and its addresses.
const maxAlias = 8

// find returns what name has of a type.
func (z zonefile) find(name, kind string) []dnsanswer {
	for range maxAlias {
		if found := z.has(name, kind); len(found) > 0 || kind == "cname" || kind == "ptr" {
			return found
		}
		alias := z.has(name, "cname")
		if len(alias) == 0 {
			return nil
		}
		name = alias[0].val
	}
	return nil
}

// entries returns the entries for name, by which attribute they are, and what
// they have it as: itself, or a pattern.
func (z zonefile) entries(name string) (found []*ndb.Tuple, attr, as string) {
	if found := z.db.Search("dom", name); len(found) > 0 {
		return found, "dom", name
	}
	if !strings.Contains(name, ".") {
		return z.db.Search("sys", name), "sys", name
	}
	for rest := name; ; {
		i := strings.IndexByte(rest, '.')
		if i < 0 {
			return nil, "", ""
		}
		as = "*" + rest[i:]
		if found := z.db.Search("dom", as); len(found) > 0 {
			return found, "dom", as
		}
		rest = rest[i+1:]
	}
}

// knows reports whether name exists.
func (z zonefile) knows(name string) bool {
	found, _, _ := z.entries(name)
	return len(found) > 0 || len(z.reverse(name)) > 0
}

// has returns what the entries of name itself have of a type.
func (z zonefile) has(name, kind string) []dnsanswer {
	var vals []string
	tuples, attr, as := z.entries(name)
	for _, t := range tuples {
		switch kind {
		case "ip", "ipv6":
			all := t.Near(attr, as, "ip")
			if kind == "ipv6" {
				all = append(all, t.Near(attr, as, "ipv6")...)
			}
			for _, s := range all {
				if ip, err := netip.ParseAddr(s); err == nil && ip.Is4() == (kind == "ip") && !t.Has("ipnet") {
					vals = append(vals, s)
				}
			}
		case "mx":
			vals = append(vals, exchangers(t)...)
		default:
			vals = append(vals, t.Near(attr, as, kind)...)
		}
	}
	if kind == "ptr" {
		vals = append(vals, z.reverse(name)...)
	}
	var found []dnsanswer
	for _, v := range vals {
		if a := (dnsanswer{name, kind, v}); !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	return found
}

// exchangers returns the mail exchangers of an entry, with their preferences.
func exchangers(t *ndb.Tuple) []string {
	var vals []string
	for _, l := range t.Lines {
		pref, hosts := "1", []string(nil)
		for _, p := range l.Pairs {
			switch p.Attr {
			case "pref":
				pref = p.Val
			case "mx":
				hosts = append(hosts, p.Val)
			}
		}
		for _, h := range hosts {
			vals = append(vals, pref+" "+h)
		}
	}
	return vals
}

// reverse returns the names that go with the address whose reverse name is
// name.
func (z zonefile) reverse(name string) []string {
	ip, ok := ptrAddr(name)
	if !ok {
		return nil
	}
	var doms, syss []string
	for _, t := range z.db.Search("ip", ip.String()) {
		if !t.Has("ipnet") {
			doms = append(doms, t.Near("ip", ip.String(), "dom")...)
			syss = append(syss, t.Near("ip", ip.String(), "sys")...)
		}
	}
	if len(doms) == 0 {
		return syss
	}
	return doms
}

// The domains of reverse names: bytes and nibbles of an address, from its end.
const arpa4, arpa6 = ".in-addr.arpa", ".ip6.arpa"

// ptrName returns the reverse name of an address.
func ptrName(ip netip.Addr) string {
	var w []string
	domain := arpa4
	for _, b := range slices.Backward(ip.AsSlice()) {
		if ip.Is4() {
			w = append(w, strconv.Itoa(int(b)))
		} else {
			domain = arpa6
			w = append(w, fmt.Sprintf("%x.%x", b&15, b>>4))
		}
	}
	return strings.Join(w, ".") + domain
}

// ptrAddr returns the address that a reverse name is that of.
func ptrAddr(name string) (netip.Addr, bool) {
	if rest, ok := strings.CutSuffix(name, arpa4); ok {
		w := strings.Split(rest, ".")
		slices.Reverse(w)
		ip, err := netip.ParseAddr(strings.Join(w, "."))
		return ip, err == nil && ip.Is4()
	}
	rest, ok := strings.CutSuffix(name, arpa6)
	if !ok {
		return netip.Addr{}, false
	}
	w := strings.Split(rest, ".")
	slices.Reverse(w)
	var b strings.Builder
	for i, nibble := range w {
		if len(nibble) != 1 {
			return netip.Addr{}, false
		}
		if i > 0 && i%4 == 0 {
			b.WriteByte(':')
		}
		b.WriteString(nibble)
	}
	ip, err := netip.ParseAddr(b.String())
	return ip, err == nil && ip.Is6()
}
