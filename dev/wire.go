package dev

import (
	"context"
	"net/netip"
)

// A Wire is what #I needs of a network: the attachment of one node.
//
// Addresses are dial(2)'s after cs has translated them: "tcp!10.9.0.1!564",
// "udp!10.9.0.1!53", with numbers for host and service; "*" as the host of an
// announcement is any address of this node, "0" as the service any free port.
// 127.0.0.1 is this node, too, but for a Gateway.
// The addresses of ends are without the protocol: "10.9.0.1!564".
type Wire interface {
	// Dial connects to addr. It waits until the other side answers: a
	// node that is cut off gives ErrTimedOut after a while, a service that
	// nobody announced ErrConRefused, a done ctx ErrIntr.
	Dial(ctx context.Context, addr string) (Conn, error)

	// Announce accepts calls for addr until the Listener is closed.
	// An address already announced gives ErrConInUse.
	Announce(ctx context.Context, addr string) (Listener, error)

	// Addr returns the address of this node: "10.9.0.1".
	Addr() string
}

// A Conn is one end of a conversation. Read and Write may be called
// concurrently, and return ErrIntr when ctx is done. The conversation survives
// that: nothing that was not returned is lost.
type Conn interface {
	// Read reads what has come: of a stream at least one byte, of udp one
	// datagram, cut to len(p). The end of the stream is io.EOF, a
	// conversation that the other side reset ErrHungup.
	Read(ctx context.Context, p []byte) (int, error)

	// Write sends p, or over udp one datagram that holds p. It may wait for
	// room. A conversation that is over gives ErrHungup.
	Write(ctx context.Context, p []byte) (int, error)

	// Close ends the conversation: the other side reads what was sent
	// before, then the end. Calls that wait on this side return ErrHungup.
	Close() error

	LocalAddr() string
	RemoteAddr() string
}

// A HalfCloser is a Conn that can end what this side says while it still hears
// the other: that reads what was sent before, then the end, and may go on
// writing.
type HalfCloser interface {
	CloseWrite() error
}

// A Datagrammer is a Listener over udp that can give what comes one by one, with
// its sender, in the place of calls.
type Datagrammer interface {
	Listener

	// Datagrams begins that: Accept waits in vain from then on.
	Datagrams() Datagrams
}

// Datagrams are those that come to an announced address, and go out from it. The
// calls are as those of a Conn, and end with the Listener.
type Datagrams interface {
	// ReadFrom reads one, cut to len(p), and tells where it came from and
	// what it was sent to.
	ReadFrom(ctx context.Context, p []byte) (n int, from, to netip.AddrPort, err error)

	// WriteTo sends p as one.
	WriteTo(ctx context.Context, p []byte, to netip.AddrPort) (int, error)
}

// A Listener accepts the calls to an announced address. Over udp each remote
// address is one call.
type Listener interface {
	// Accept waits for the next call. It returns ErrHungup once the
	// Listener is closed, and ErrIntr when ctx is done.
	Accept(ctx context.Context) (Conn, error)
	Close() error

	// Addr returns the announced address with its port chosen: "*!564".
	Addr() string
}
