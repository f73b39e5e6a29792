package ninep_test

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"

	"ufo/ninep"
)

// A file server that counts. Its tree:
//
//	/value   read: the number so far
//	/ctl     write: "add n" or "reset"
func counter() ninep.Server {
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
		{Name: "reset", Do: func(context.Context, []string) error { n.Store(0); return nil }},
	}
	return ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{
		{Name: "ctl", Perm: 0222, Write: ctl.Do},
		ninep.TextFunc("value", func() string { return fmt.Sprintln(n.Load()) }),
		ninep.Text("about", "I count.\n"),
	}})
}

func Example() {
	ctx := context.Background()
	here, there := ninep.Pipe() // or any connection
	go ninep.Serve(ctx, there, counter(), nil)

	client, err := ninep.NewClient(ctx, here, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	root, err := client.Attach(ctx, "glenda", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	for _, msg := range []string{"add 40", "add 2", "add it up", "forget it"} {
		if err := ninep.WriteFile(ctx, root, "ctl", []byte(msg), 0); err != nil {
			fmt.Println(msg+":", err)
		}
	}
	text, _ := ninep.ReadFile(ctx, root, "value")
	fmt.Print(string(text))
	// Output:
	// add it up: usage: add n
	// forget it: unknown control request
	// 42
}

func ExampleRedialer() {
	ctx := context.Background()
	srv := counter()
	var line io.Closer
	r, err := ninep.NewRedialer(ctx, func(context.Context) (io.ReadWriteCloser, error) {
		here, there := ninep.Pipe() // or a connection to another machine
		go ninep.Serve(ctx, there, srv, nil)
		line = here
		return here, nil
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	root, err := r.Attach(ctx, "glenda", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	line.Close()
	text, err := ninep.ReadFile(ctx, root, "about")
	fmt.Print(string(text), err)
	// Output:
	// I count.
	// <nil>
}

func ExampleTrace() {
	ctx := context.Background()
	srv := ninep.Trace(writer{}, counter())
	root, _ := srv.Attach(ctx, "glenda", "")
	ninep.ReadFile(ctx, root, "about")
	root.Close()
	// Output:
	// Tattach tag 0 fid 0 afid -1 uname "glenda" aname ""
	// Rattach tag 0 qid (0 0 d)
	// Twalk tag 0 fid 0 newfid 1 nwname 1 "about"
	// Rwalk tag 0 nwqid 1 (326766527d0f64c 0 )
	// Topen tag 0 fid 1 mode 0x0
	// Ropen tag 0 qid (326766527d0f64c 0 ) iounit 0
	// Tread tag 0 fid 1 offset 0 count 8192
	// Rread tag 0 count 9 "I count.\n"
	// Tread tag 0 fid 1 offset 9 count 8183
	// Rread tag 0 count 0 ""
	// Tclunk tag 0 fid 1
	// Rclunk tag 0
	// Tclunk tag 0 fid 0
	// Rclunk tag 0
}

// writer writes to what Example compares.
type writer struct{}

func (writer) Write(p []byte) (int, error) { return fmt.Print(string(p)) }
