// Ramfs is a file server that keeps its files in memory, and an example: of a
// tree in which everybody can create files, and of a limit to that.
//
//	go run ./examples/ramfs /tmp/ram              on the host: a socket
//	ufo run -n n2 ./examples/ramfs ram            in a node: /srv/ram
//	GOOS=plan9 GOARCH=arm go build ./examples/ramfs    for a Raspberry Pi
//
// With -R before the name nothing can be changed, with -D all messages are
// shown. On the host it is looked at with ufo check 'unix!/tmp/ram', in a node
// with
//
//	mount -c /srv/ram /n/ram
//	cp /lib/ndb/local /n/ram
package main

import (
	"cmp"
	"os"
	"time"

	"ufo/hosted/post"
	"ufo/ninep/ramfs"
)

// limit is how many bytes all files together may have.
const limit = 64 << 20

func main() {
	owner := cmp.Or(os.Getenv("user"), os.Getenv("USER"), "none")
	post.Main(ramfs.New(owner, time.Now, limit), nil)
}
