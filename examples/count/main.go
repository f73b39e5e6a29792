// Count is a file server that counts, and an example: the same source is a
// program of the host, one of a node, and one of a machine that runs Plan 9.
//
//	go run ./examples/count /tmp/count.sock       on the host: at a socket
//	ufo run -n n2 ./examples/count count          in a node: as /srv/count
//	GOOS=plan9 GOARCH=arm go build ./examples/count    for a Raspberry Pi
//
// Its tree:
//
//	/count   read: the number so far; write: "add n" or "reset"
//	/about   read: where it runs
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"ufo/ninep"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: count "+place)
		os.Exit(2)
	}
	if err := serve(os.Args[1], newCounter()); err != nil {
		fmt.Fprintln(os.Stderr, "count:", err)
		os.Exit(1)
	}
}

// newCounter returns the file server.
func newCounter() ninep.Server {
	var n atomic.Int64
	count := &ninep.Node{
		Name: "count", Perm: 0666,
		Read: func(context.Context) ([]byte, error) { return fmt.Appendf(nil, "%d\n", n.Load()), nil },
		Write: func(_ context.Context, p []byte) error {
			word, arg, _ := strings.Cut(strings.TrimSpace(string(p)), " ")
			switch i, err := strconv.ParseInt(arg, 10, 64); {
			case word == "reset":
				n.Store(0)
			case word == "add" && err == nil:
				n.Add(i)
			default:
				return ninep.ErrBadCtl
			}
			return nil
		},
	}
	host, _ := os.Hostname()
	about := ninep.Text("about", "I count, on "+host+", which is "+runtime.GOOS+".\n")
	return ninep.NewTree("none", &ninep.Node{Children: []*ninep.Node{count, about}})
}
