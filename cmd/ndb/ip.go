package ndb

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// IPAddrs returns the addresses of a system, which is named by sys or dom, or
// already is an address. See ndbgetipaddr in ndb(2).
func (db *DB) IPAddrs(name string) []string {
	if ip, ok := parseIP(name); ok {
		return []string{ip.String()}
	}
	var addrs []string
	for _, attr := range []string{"sys", "dom"} {
		for _, t := range db.Search(attr, name) {
			if t.Has("ipnet") {
				continue
			}
			for _, ip := range t.Near(attr, name, "ip") {
				if !slices.Contains(addrs, ip) {
					addrs = append(addrs, ip)
				}
			}
		}
	}
	return addrs
}

// IPInfo looks up attributes of the system that attr=val identifies, first in
// its own entries, then in the entries of the networks that hold it, the
// smallest first; each attribute comes, with all its values there, from the
// first place that has it. The value of an attribute asked for with a leading
// @ is given as addresses. See ndbipinfo in ndb(2).
func (db *DB) IPInfo(attr, val string, attrs ...string) []Pair {
	s := infoSearch{db: db, want: slices.Clone(attrs)}
	own := db.Search(attr, val)
	own = slices.DeleteFunc(own, func(t *Tuple) bool { return t.Has("ipnet") })
	var ip netip.Addr
	if attr == "ip" {
		ip, _ = parseIP(val)
	}
	for _, t := range own {
		s.take(t)
		if !ip.IsValid() {
			ip = t.addr(attr, val)
		}
	}
	if ip.IsValid() {
		s.takeNets(ip)
	}
	return s.found
}

// addr returns the first address in the tuple, the line of attr=val first.
func (t *Tuple) addr(attr, val string) netip.Addr {
	for _, s := range t.Near(attr, val, "ip") {
		if ip, ok := parseIP(s); ok {
			return ip
		}
	}
	return netip.Addr{}
}

// An infoSearch is the state of one IPInfo.
type infoSearch struct {
	db    *DB
	want  []string // attributes not yet found
	found []Pair
}

// take takes from t what is still wanted.
func (s *infoSearch) take(t *Tuple) {
	s.want = slices.DeleteFunc(s.want, func(attr string) bool {
		name, resolve := strings.CutPrefix(attr, "@")
		vals := t.All(name)
		for _, val := range vals {
			addrs := []string{val}
			if resolve {
				addrs = s.db.IPAddrs(val)
			}
			for _, a := range addrs {
				s.found = append(s.found, Pair{name, a})
			}
		}
		return len(vals) > 0
	})
}

// takeNets takes what is still wanted from the networks that hold ip.
func (s *infoSearch) takeNets(ip netip.Addr) {
	nets := s.db.With("ipnet")
	for bits := ip.BitLen() - 1; bits >= 0 && len(s.want) > 0; bits-- {
		for _, t := range nets {
			if net, ok := t.Network(); ok && net.Bits() == bits && net.Contains(ip) {
				s.take(t)
			}
		}
	}
}

// Network returns the addresses of an ipnet tuple; false if it does not say
// which.
func (t *Tuple) Network() (netip.Prefix, bool) {
	ip, ok := parseIP(t.Get("ip"))
	if !ok {
		return netip.Prefix{}, false
	}
	bits, ok := maskBits(ip, t.Get("ipmask"))
	net := netip.PrefixFrom(ip, bits)
	return net, ok && net.Masked() == net
}

// maskBits returns the length of the prefix that mask, which is written as an
// address or as /n, leaves of ip; without a mask ip's class says it.
func maskBits(ip netip.Addr, mask string) (int, bool) {
	if mask == "" {
		return classBits(ip), true
	}
	if n, ok := strings.CutPrefix(mask, "/"); ok {
		bits, err := strconv.Atoi(n)
		// As in Plan 9 the length may count the 96 bits before an IPv4 address.
		if ip.Is4() && bits > 32 {
			bits -= 96
		}
		return bits, err == nil && bits >= 0 && bits <= ip.BitLen()
	}
	m, err := netip.ParseAddr(mask)
	if err != nil || m.BitLen() != ip.BitLen() {
		return 0, false
	}
	bits := 0
	ended := false
	for _, b := range m.AsSlice() {
		for bit := byte(0x80); bit != 0; bit >>= 1 {
			if b&bit == 0 {
				ended = true
			} else if ended {
				return 0, false
			} else {
				bits++
			}
		}
	}
	return bits, true
}

// classBits returns the prefix length of an IPv4 address's class.
func classBits(ip netip.Addr) int {
	if !ip.Is4() {
		return 64
	}
	switch b := ip.As4()[0]; {
	case b < 0x80:
		return 8
	case b < 0xC0:
		return 16
	}
	return 24
}

// parseIP reads an address; an IPv4 address written as IPv6 is the former.
func parseIP(s string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(s)
	return ip.Unmap(), err == nil
}
