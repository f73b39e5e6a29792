// Get prints what is at URLs, and is an example of a client:
//
//	get url ...
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	status := 0
	for _, url := range os.Args[1:] {
		if err := get(url); err != nil {
			fmt.Fprintln(os.Stderr, "get:", err)
			status = 1
		}
	}
	os.Exit(status)
}

// get prints what is at one URL.
func get(url string) error {
	r, err := http.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, r.Status)
	}
	_, err = io.Copy(os.Stdout, r.Body)
	return err
}
