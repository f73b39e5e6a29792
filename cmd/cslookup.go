package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
)

// This file is how ndb/cs finds answers.

// What cs says when it does not know.
const (
	errNoAddress  ninep.Error = "can't translate address"
	errNoService  ninep.Error = "can't translate service"
	errBadQuery   ninep.Error = "bad query"
	errNoMatch    ninep.Error = "no match"
	errBadRequest ninep.Error = "bad request"
)

// answer carries out a request. Only the user who runs cs may change it.
func (c *connserver) answer(ctx context.Context, user, request string) ([]string, error) {
	words := strings.Fields(request)
	if len(words) == 0 {
		return nil, errBadRequest
	}
	if user == c.owner {
		switch {
		case words[0] == "refresh":
			return nil, c.refresh(ctx)
		case words[0] == "add" && len(words) > 1:
			c.mu.Lock()
			c.nets = append(c.nets, words[1:]...)
			c.mu.Unlock()
			return nil, nil
		}
	}
	if query, ok := strings.CutPrefix(request, "!"); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.query(strings.Fields(query))
	}
	replies, err := c.lockedTranslate(request)
	if err == errNoAddress {
		return c.resolve(ctx, request)
	}
	return replies, err
}

// lockedTranslate is translate for who does not hold mu.
func (c *connserver) lockedTranslate(addr string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.translate(addr)
}

// resolve answers for a host that the database does not know, if the network
// has a file dns that does. That can take a while.
func (c *connserver) resolve(ctx context.Context, addr string) ([]string, error) {
	f := strings.SplitN(addr, "!", 4)
	if c.dns == nil || len(f) < 2 || strings.HasPrefix(f[1], "$") {
		return nil, errNoAddress
	}
	ips, err := c.dns(ctx, f[1])
	if err != nil {
		return nil, err
	}
	var replies []string
	for _, ip := range ips {
		f[1] = ip
		more, err := c.lockedTranslate(strings.Join(f, "!"))
		if err != nil {
			return nil, err
		}
		replies = append(replies, more...)
	}
	return replies, nil
}

// askdns returns the addresses of a host, those of IPv4 first.
func (c *connserver) askdns(ctx context.Context, host string) ([]string, error) {
	dns, err := c.s.View().Open(ctx, c.mtpt+"/dns", ninep.ORDWR)
	if err != nil {
		return nil, errNoAddress
	}
	defer dns.Close()
	var ips []string
	why := error(nil)
	for _, kind := range []string{"ip", "ipv6"} {
		replies, err := askfile(ctx, dns, host+" "+kind)
		if ctx.Err() != nil {
			return nil, ninep.ErrIntr
		}
		if why == nil {
			why = err
		}
		for _, r := range replies {
			if w := strings.Fields(r); len(w) == 3 && w[1] == kind {
				ips = append(ips, w[2])
			}
		}
	}
	switch {
	case len(ips) > 0:
		return ips, nil
	case why != nil: // programs look for dns's own words
		return nil, fmt.Errorf("%w: %w", errNoAddress, why)
	}
	return nil, errNoAddress
}

// translate answers net!host!service, with what else there is after it. The
// caller holds mu, as for all that follows.
func (c *connserver) translate(addr string) ([]string, error) {
	f := strings.SplitN(addr, "!", 4)
	if len(f) == 1 {
		f = []string{"net", addr}
	}
	nets := []string{f[0]}
	if f[0] == "net" {
		nets = c.nets
	}
	host, serv, more := f[1], "", ""
	if len(f) > 2 {
		serv = f[2]
	}
	if len(f) > 3 {
		more = "!" + f[3]
	}
	var replies []string
	err := error(errNoAddress)
	for _, net := range nets {
		var addrs []string
		if addrs, err = c.reach(net, host, serv, len(f) > 2); err != nil {
			continue
		}
		for _, a := range addrs {
			if r := c.mtpt + "/" + net + "/clone " + a + more; !slices.Contains(replies, r) {
				replies = append(replies, r)
			}
		}
	}
	if len(replies) == 0 {
		return nil, err
	}
	return replies, nil
}

// reach returns the addresses of host!serv, if a service was given, on one network.
func (c *connserver) reach(net, host, serv string, given bool) ([]string, error) {
	if !slices.Contains([]string{"tcp", "udp", "il", "rudp", "icmp"}, net) {
		// What cs does not know it does not translate.
		return []string{strings.TrimSuffix(host+"!"+serv, "!")}, nil
	}
	port, ok := c.port(net, serv)
	if !ok || !given {
		return nil, errNoService
	}
	if host == "*" || host == "::" {
		return []string{port}, nil
	}
	var addrs []string
	for _, h := range c.hosts(host) {
		for _, ip := range c.db.IPAddrs(h) {
			addrs = append(addrs, ip+"!"+port)
		}
	}
	if len(addrs) == 0 {
		return nil, errNoAddress
	}
	return addrs, nil
}

// hosts returns what a host name stands for: itself, but for $attr.
func (c *connserver) hosts(host string) []string {
	attr, ok := strings.CutPrefix(host, "$")
	if !ok {
		return []string{strings.Trim(host, "[]")}
	}
	var hosts []string
	for _, p := range c.myinfo(attr) {
		hosts = append(hosts, p.Val)
	}
	return hosts
}

// port returns the number of a service, with !r for one that may be called
// only from the ports below 1024. An empty one is taken for a number, as in Plan 9:
// then what is asked for is the host.
func (c *connserver) port(net, serv string) (string, bool) {
	if serv == "*" {
		return serv, true
	}
	var t *ndb.Tuple
	port := serv
	if strings.Trim(serv, "0123456789") != "" {
		if port, t = c.db.Value(net, serv, "port"); t == nil {
			return "", false
		}
	} else if net == "tcp" {
		if _, t = c.db.Value("port", serv, "port"); t != nil && !t.Has("tcp") {
			t = nil
		}
	}
	if t != nil && t.Has("restricted") {
		port += "!r"
	}
	return port, true
}

// query answers what follows the ! of a general query.
func (c *connserver) query(words []string) ([]string, error) {
	if len(words) > 0 && words[0] == "ipinfo" {
		return c.ipinfo(words[1:])
	}
	var pairs []ndb.Pair
	for _, w := range words {
		attr, val, ok := strings.Cut(w, "=")
		if !ok {
			return nil, errBadQuery
		}
		pairs = append(pairs, ndb.Pair{Attr: attr, Val: val})
	}
	if len(pairs) == 0 {
		return nil, errBadQuery
	}
	for _, t := range c.db.Search(pairs[0].Attr, pairs[0].Val) {
		if !slices.ContainsFunc(pairs[1:], func(p ndb.Pair) bool {
			return !t.Match(p.Attr, p.Val) && !(p.Val == "*" && t.Has(p.Attr))
		}) {
			var replies []string
			for _, l := range t.Lines {
				replies = append(replies, pairText(l.Pairs))
			}
			return replies, nil
		}
	}
	return nil, errNoMatch
}

// ipinfo answers "attr=val rattr ..." or, about ourselves, "rattr ...".
func (c *connserver) ipinfo(words []string) ([]string, error) {
	if len(words) == 0 {
		return nil, errBadQuery
	}
	var pairs []ndb.Pair
	if attr, val, ok := strings.Cut(words[0], "="); !ok {
		pairs = c.myinfo(words...)
	} else if len(words) == 1 {
		return nil, errBadQuery
	} else {
		pairs = c.db.IPInfo(attr, val, words[1:]...)
	}
	if len(pairs) == 0 {
		return nil, errNoMatch
	}
	return []string{pairText(pairs)}, nil
}

// pairText returns pairs as a line of a database.
func pairText(pairs []ndb.Pair) string {
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = p.String()
	}
	return strings.Join(words, " ")
}
