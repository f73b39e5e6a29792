package dev

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"ufo/ninep"
)

// The addresses of conversations: "10.9.0.1!564".

// loopback is what every node calls itself, unless its wire is a Gateway: then
// that is the host.
const loopback = "127.0.0.1"

// address checks an address to call and returns its two halves.
func (c *conv) address(addr string) (host, port string, err error) {
	host, port, ok := strings.Cut(addr, "!")
	if !ok {
		return "", "", ninep.Error("malformed address")
	}
	if _, err := netip.ParseAddr(host); err != nil {
		return "", "", ninep.ErrBadIP
	}
	return host, port, checkPort(port)
}

// localAddress checks an address of this node, with or without host. That of a
// Gateway's host is for the Gateway to check.
func (c *conv) localAddress(addr string) (host, port string, err error) {
	host, port, ok := strings.Cut(addr, "!")
	switch {
	case !ok || port == "r":
		host, port = "*", host
	case host == "*":
	case host == loopback:
	default:
		if _, err := netip.ParseAddr(host); err != nil {
			return "", "", ninep.ErrBadIP
		}
		if host != c.pr.wire.Addr() && !leadsOut(c.pr.wire) {
			return "", "", ninep.Error("not a local IP address")
		}
	}
	return host, port, checkPort(port)
}

// checkPort says whether s is a port number.
func checkPort(s string) error {
	if _, err := strconv.ParseUint(s, 10, 16); err != nil {
		return ninep.Error("bad numeric port")
	}
	return nil
}

// addrs returns what local and remote read. As in the Plan 9 kernel "::" is
// no address, and any.
func (c *conv) addrs() (local, remote string) {
	c.mu.Lock()
	conn, lis := c.conn, c.lis
	local, remote = c.local, "::!0"
	c.mu.Unlock()
	switch {
	case conn != nil:
		local, remote = conn.LocalAddr(), conn.RemoteAddr()
	case lis != nil:
		local = lis.Addr()
	case local == "":
		local = "::!0"
	}
	if port, ok := strings.CutPrefix(local, "*!"); ok {
		local = "::!" + port
	}
	return local + "\n", remote + "\n"
}

// status returns what status reads: netstat(1) looks at the first word.
func (c *conv) status() string {
	c.mu.Lock()
	s := c.state
	c.mu.Unlock()
	word := s.String()
	if !c.pr.stream() {
		word = "Open"
		if s >= broken {
			word = "Closed"
		}
	}
	return fmt.Sprintf("%s in %d out %d\n", word, c.in.Load(), c.out.Load())
}
