// Chat is a file server in which people talk, and an example: of reads that wait,
// and of who does what, which is who has attached.
//
//	go run ./examples/chat /tmp/chat              on the host: a socket
//	ufo run -n n2 ./examples/chat 'tcp!*!9999'    in a node: a port of its network
//	GOOS=plan9 GOARCH=arm go build ./examples/chat    for a Raspberry Pi
//
// Its tree:
//
//	/text   read: what is said, a line at a time, from when it was opened on;
//	        who has it open is there
//	/say    write: a line, which all who are there read with a name before it
//	/who    read: who is there, a line each
//
// On the host it is looked at with ufo check 'unix!/tmp/chat'; in any node of
// the grid, and in several at once, with
//
//	srv tcp!n2!9999 chat /n/chat
//	cat /n/chat/text &
//	echo hello >/n/chat/say
package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"ufo/hosted/post"
	"ufo/ninep"
)

func main() {
	r := newRoom()
	post.Main(r.server(), &post.Options{Ending: r.said.Close})
}

// A room is where people talk.
type room struct {
	said ninep.Events

	mu    sync.Mutex     // guards there
	there map[string]int // how often each has text open
}

func newRoom() *room {
	r := &room{there: make(map[string]int)}
	r.said.Lost = "you have missed %d lines\n"
	return r
}

// server returns the file server.
func (r *room) server() ninep.Server {
	text := r.said.File("text")
	listen := text.Open
	text.Open = func(ctx context.Context, user string, mode ninep.Mode) (*ninep.Node, error) {
		open, err := listen(ctx, user, mode)
		if err != nil {
			return nil, err
		}
		r.come(user, 1)
		open.Close = func() { r.come(user, -1) }
		return open, nil
	}
	say := &ninep.Node{Name: "say", Perm: 0222}
	say.Open = func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		open := *say
		open.Write = func(_ context.Context, p []byte) error {
			for line := range strings.Lines(string(p)) {
				r.said.Send(user + ": " + strings.TrimSuffix(line, "\n") + "\n")
			}
			return nil
		}
		return &open, nil
	}
	return ninep.NewTree("none", &ninep.Node{Children: []*ninep.Node{text, say, ninep.TextFunc("who", r.who)}})
}

// come notes that somebody has opened text once more, or closed it, and tells
// the others when he comes and when he leaves.
func (r *room) come(user string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.there[user]
	switch r.there[user] += n; {
	case was == 0:
		r.said.Send(user + " is here\n")
	case r.there[user] == 0:
		delete(r.there, user)
		r.said.Send(user + " has left\n")
	}
}

// who returns the names of those who are there, a line each.
func (r *room) who() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, user := range slices.Sorted(maps.Keys(r.there)) {
		b.WriteString(user + "\n")
	}
	return b.String()
}
