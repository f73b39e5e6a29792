// Package hostnet joins a node to the network of the host, and the host to a
// node.
//
// A node with [New]'s wire calls the nodes of its grid as before, and every
// other address on the host's network:
//
//	wire := hostnet.New(iface, inside)
//	c, err := wire.Dial(ctx, "tcp!127.0.0.1!564")
//
// In the other direction [Publish] carries calls that come to the host to a
// service of a node.
//
// Nobody's port is opened by accident: what a node announces for any address
// stays in the grid; an address of the host has to be spelled out.
package hostnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

// dialTime is how long a host may take to answer: as long as a node.
const dialTime = 31 * time.Second

// A wire is a node's wire to its grid and to the host's network.
type wire struct {
	dev.Wire // the grid's
	inside   func(netip.Addr) bool
}

// New returns a wire that takes the addresses for which inside says true, and
// any that are no addresses of hosts, from the grid's wire; and the others from
// the host. The loopback addresses are the host's, unless inside has them. It
// is a [dev.Gateway].
func New(grid dev.Wire, inside func(addr netip.Addr) bool) dev.Wire {
	return &wire{grid, inside}
}

// outside returns the protocol and address on the host's network that a node's
// address is. It is false for what is the grid's, which also answers to what
// is no address.
func (w *wire) outside(addr string) (proto string, host netip.AddrPort, ok bool) {
	f := strings.Split(addr, "!")
	if len(f) != 3 || f[0] != "tcp" && f[0] != "udp" {
		return "", host, false
	}
	ip, err := netip.ParseAddr(f[1])
	if err != nil || ip.IsUnspecified() || ip.Unmap().IsUnspecified() || w.inside(ip.Unmap()) {
		return "", host, false
	}
	host, err = netip.ParseAddrPort(net.JoinHostPort(ip.Unmap().String(), f[2]))
	return f[0], host, err == nil
}

// Dial connects to an address of the grid or of the host's network.
func (w *wire) Dial(ctx context.Context, addr string) (dev.Conn, error) {
	proto, host, ok := w.outside(addr)
	if !ok {
		return w.Wire.Dial(ctx, addr)
	}
	d := net.Dialer{Timeout: dialTime}
	c, err := d.DialContext(ctx, proto, host.String())
	if err != nil {
		return nil, netError(ctx, err)
	}
	return newConn(c), nil
}

// Announce takes calls from the grid or, for an address that is the host's,
// from the host's network.
func (w *wire) Announce(ctx context.Context, addr string) (dev.Listener, error) {
	proto, host, ok := w.outside(addr)
	if !ok {
		return w.Wire.Announce(ctx, addr)
	}
	if host.Addr().IsMulticast() {
		return nil, ninep.ErrBadIP
	}
	if proto == "udp" {
		return announceUDP(ctx, host)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, proto, host.String())
	if err != nil {
		return nil, netError(ctx, err)
	}
	return newListener(l.(*net.TCPListener)), nil
}

// Lookup asks the host for the addresses of a name; see [dev.Gateway].
func (w *wire) Lookup(ctx context.Context, name string) ([]string, error) {
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound {
			return nil, ErrNoName
		}
		return nil, netError(ctx, err)
	}
	var addrs []string
	for _, ip := range ips {
		addrs = append(addrs, ip.Unmap().String())
	}
	return addrs, nil
}

// ErrNoName is the answer to a name that nobody knows, in the words of
// Plan 9's ndb/dns.
const ErrNoName ninep.Error = "dns: name does not exist"

// end returns an address as /net has it: "10.9.0.1!564".
func end(a netip.AddrPort) string {
	return a.Addr().Unmap().String() + "!" + strconv.Itoa(int(a.Port()))
}

// addrPort returns the address of an end of a conversation by tcp or udp.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.AddrPort()
	case *net.UDPAddr:
		return a.AddrPort()
	}
	return netip.AddrPort{}
}

// errno has the errors of the host's network that Plan 9 has words for.
var errno = []struct {
	host syscall.Errno
	err  ninep.Error
}{
	{syscall.ECONNREFUSED, ninep.ErrConRefused},
	{syscall.ETIMEDOUT, ninep.ErrTimedOut},
	{syscall.ENETUNREACH, ninep.ErrNoRoute},
	{syscall.EHOSTUNREACH, ninep.ErrNoRoute},
	{syscall.EADDRINUSE, ninep.ErrConInUse},
	{syscall.EADDRNOTAVAIL, ninep.ErrBadIP},
	{syscall.ECONNRESET, ninep.ErrHungup},
	{syscall.EPIPE, ninep.ErrHungup},
	{syscall.ENOTCONN, ninep.ErrHungup},
	{syscall.EACCES, ninep.ErrPerm},
	{syscall.EPERM, ninep.ErrPerm},
	{syscall.EMSGSIZE, ninep.ErrTooBig},
	{syscall.EMFILE, ninep.ErrNoDev},
	{syscall.ENFILE, ninep.ErrNoDev},
	{syscall.ENOBUFS, ninep.ErrNoMem},
	{syscall.ENOMEM, ninep.ErrNoMem},
}

// netError returns an error of the host's network in Plan 9's words.
func netError(ctx context.Context, err error) error {
	var no syscall.Errno
	var timeout net.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ninep.ErrIntr
	case errors.Is(err, net.ErrClosed):
		return ninep.ErrHungup
	case errors.As(err, &no):
		for _, e := range errno {
			if no == e.host {
				return e.err
			}
		}
		return ninep.Error(no.Error())
	case errors.As(err, &timeout) && timeout.Timeout():
		return ninep.ErrTimedOut
	}
	return ninep.ErrorOf(err)
}
