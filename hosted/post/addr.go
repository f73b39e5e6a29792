package post

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// ErrAddress is what something is that is no address.
var ErrAddress = errors.New("not an address: tcp!host!port or unix!/path")

// parse returns an address of Plan 9 as Go's net has it: tcp!host!port,
// unix!path, or host!port.
func parse(addr string) (network, address string, err error) {
	f := strings.SplitN(addr, "!", 3)
	switch {
	case f[0] == "unix" && len(f) > 1:
		return "unix", strings.TrimPrefix(addr, "unix!"), nil
	case len(f) == 3 && f[0] == "tcp":
		return "tcp", net.JoinHostPort(f[1], port(f[2])), nil
	case len(f) == 2:
		return "tcp", net.JoinHostPort(f[0], port(f[1])), nil
	}
	return "", "", fmt.Errorf("%s: %w", addr, ErrAddress)
}

// port knows the one service that is meant here, which not all hosts know.
func port(service string) string {
	if service == "9fs" {
		return "564"
	}
	return service
}

// Check says of what is no address that it is none, without calling it.
func Check(addr string) error {
	_, _, err := parse(addr)
	return err
}

// Dial opens a connection to an address as Plan 9 writes it: tcp!host!port,
// unix!path, or host!port. The port may be 9fs.
func Dial(ctx context.Context, addr string) (net.Conn, error) {
	network, address, err := parse(addr)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	widen(c)
	return c, err
}

// sockBuffer is how many bytes that were written a socket of the host may hold: what it
// holds otherwise is full with two or three long messages.
const sockBuffer = 512 << 10

// widen has a connection at a socket of the host hold sockBuffer bytes, if it may.
func widen(c net.Conn) {
	if c, ok := c.(*net.UnixConn); ok {
		c.SetWriteBuffer(sockBuffer)
	}
}

// Listen takes calls at an address: tcp!host!port, where the host can be * for
// all addresses, or unix!path. Such a socket has the mode 0600: only who runs
// this program, and the super-user, can connect. One of ours at which nobody
// listens any more is replaced, anything else that has the name is an error.
// Closing the listener removes it.
func Listen(addr string) (net.Listener, error) {
	network, address, err := parse(strings.Replace(addr, "!*!", "!!", 1))
	if err != nil {
		return nil, err
	}
	if network == "unix" {
		return listenSocket(address)
	}
	return net.Listen(network, address)
}
