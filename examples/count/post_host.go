//go:build !plan9

package main

import (
	"context"
	"net"

	"ufo/ninep"
)

// place is where the server can be found: the argument.
const place = "socket"

// serve answers whoever calls a socket of the host.
func serve(socket string, srv ninep.Server) error {
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	defer l.Close()
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go ninep.Serve(context.Background(), conn, srv, nil) // ends with the caller
	}
}
