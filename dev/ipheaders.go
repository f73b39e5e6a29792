package dev

import (
	"context"
	"encoding/binary"
	"net/netip"

	"ufo/ninep"
)

// After the message headers a conversation of udp that is announced takes no
// calls: each read of data is a datagram with a header before it, which says who
// sent it, each write is one with a header that says who is to have it. The
// header is the Udphdr of ip.h: the addresses of the other side, of this side,
// and of the interface, of 16 bytes each, and the ports of the other side and of
// this one.

// headerLen is its length.
const headerLen = 3*16 + 2*2

// headers makes the conversation one with headers, now or when it is announced.
func (c *conv) useHeaders() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = true
	return c.takeDatagrams()
}

// takeDatagrams begins what headers wants, if it is announced. The caller holds
// mu.
func (c *conv) takeDatagrams() error {
	if !c.headers || c.lis == nil || c.grams != nil {
		return nil
	}
	d, ok := c.lis.(Datagrammer)
	if !ok {
		return ninep.ErrCtlUnknown
	}
	c.grams = d.Datagrams()
	return nil
}

// datagrams returns those of a conversation with headers, nil for others.
func (c *conv) datagrams() Datagrams {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != listening {
		return nil
	}
	return c.grams
}

// readHeader reads a datagram with its header; what p does not hold is lost.
func (c *conv) readHeader(ctx context.Context, d Datagrams, p []byte) (int, error) {
	if len(p) < headerLen {
		return 0, ninep.ErrTooSmall
	}
	n, from, to, err := d.ReadFrom(ctx, p[headerLen:])
	if err != nil {
		return 0, err
	}
	remote, local := from.Addr().As16(), to.Addr().As16()
	b := append(p[:0], remote[:]...)
	b = append(b, local[:]...)
	b = append(b, local[:]...)
	b = binary.BigEndian.AppendUint16(b, from.Port())
	binary.BigEndian.AppendUint16(b, to.Port())
	return headerLen + n, nil
}

// writeHeader sends what follows a header to whom that names. The rest of the
// header is ours to say.
func (c *conv) writeHeader(ctx context.Context, d Datagrams, p []byte) (int, error) {
	if len(p) < headerLen {
		return 0, ninep.ErrTooSmall
	}
	ip := netip.AddrFrom16([16]byte(p)).Unmap()
	port := binary.BigEndian.Uint16(p[48:])
	n, err := d.WriteTo(ctx, p[headerLen:], netip.AddrPortFrom(ip, port))
	if err != nil {
		return 0, err
	}
	return headerLen + n, nil
}
