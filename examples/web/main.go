// Web is an HTTP server, and an example of what Go's net package finds in /net:
//
//	web addr
//
// At each address of the form :80, n1:http or 127.0.0.1:8080 it tells who asks
// where it runs.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: web addr")
		os.Exit(2)
	}
	host, _ := os.Hostname()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		from, _, _ := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprintf(w, "%s answers %s, who asks for %s\n", host, from, r.URL.Path)
	})
	fmt.Fprintln(os.Stderr, "web:", http.ListenAndServe(os.Args[1], nil))
	os.Exit(1)
}
