// Countfs is a file server that counts, and an example: the same source is a
// program of the host, one of a node, and one of a machine that runs Plan 9.
//
//	go run ./examples/countfs /tmp/count          on the host: a socket
//	ufo run -n n2 ./examples/countfs count        in a node: /srv/count
//	GOOS=plan9 GOARCH=arm go build ./examples/countfs    for a Raspberry Pi
//
// Its tree:
//
//	/value   read: the number so far
//	/ctl     write: "add n" or "reset"
//	/about   read: where it runs
//
// On the host it is looked at with ufo check 'unix!/tmp/count', in a node with
//
//	mount /srv/count /n/count
//	echo add 42 >/n/count/ctl
//	cat /n/count/value
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"

	"ufo/hosted/post"
	"ufo/ninep"
)

func main() { post.Main(newCounter(), nil) }

// newCounter returns the file server.
func newCounter() ninep.Server {
	var n atomic.Int64
	ctl := ninep.Ctl{
		{Name: "add", Args: "n", Do: func(_ context.Context, args []string) error {
			i, err := strconv.ParseInt(args[0], 0, 64)
			if err != nil {
				return ninep.ErrCmdArgs
			}
			n.Add(i)
			return nil
		}},
		{Name: "reset", Do: func(context.Context, []string) error {
			n.Store(0)
			return nil
		}},
	}
	host, _ := os.Hostname()
	return ninep.NewTree("none", &ninep.Node{Children: []*ninep.Node{
		{Name: "ctl", Perm: 0222, Write: ctl.Do},
		ninep.TextFunc("value", func() string { return fmt.Sprintln(n.Load()) }),
		ninep.Text("about", "I count, on "+host+", which is "+runtime.GOOS+".\n"),
	}})
}
