//go:build plan9

package post

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"ufo/ninep"
)

// orclose is ORCLOSE of open(2), for which package syscall has no name.
const orclose = 0x40

// postName posts one end of a pipe in /srv and serves srv at the other, until
// nobody has the first any more. The file goes away with this process.
func postName(ctx context.Context, name string, srv ninep.Server, opt *Options) error {
	if !strings.HasPrefix(name, "/") {
		name = "/srv/" + name
	}
	ours, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	fd, err := syscall.Create(name, syscall.O_WRONLY|syscall.O_CLOEXEC|orclose, 0600)
	if err != nil {
		return &os.PathError{Op: "create", Path: name, Err: err}
	}
	defer syscall.Close(fd)
	if _, err := syscall.Write(fd, strconv.AppendUint(nil, uint64(theirs.Fd()), 10)); err != nil {
		return &os.PathError{Op: "write", Path: name, Err: err}
	}
	theirs.Close()
	return ServeConn(ctx, newConn(ours, ours), srv, opt)
}

// listenSocket is of other systems.
func listenSocket(string) (net.Listener, error) {
	return nil, errors.New("Plan 9 has no sockets: a name is posted in /srv")
}
