package main

import (
	"context"
	"fmt"
	"os"

	"ufo/ninep"
)

// place is where the server can be found: the argument.
const place = "name-in-srv"

// serve posts one end of a pipe in /srv and answers at the other, until nobody
// has it any more.
func serve(name string, srv ninep.Server) error {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	post, err := os.OpenFile("/srv/"+name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0600)
	if err != nil {
		return err
	}
	defer os.Remove("/srv/" + name)
	if _, err := fmt.Fprint(post, theirs.Fd()); err != nil {
		return err
	}
	post.Close()
	theirs.Close()
	return ninep.Serve(context.Background(), ours, srv, nil)
}
