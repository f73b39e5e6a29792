package main

import (
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"ufo/hosted/tty"
)

// histories are the lines that the users of a grid's nodes have typed: each has
// a file in dir, which need not exist. Without dir they are forgotten with the grid.
type histories struct {
	dir string

	mu  sync.Mutex // guards all
	all map[string]*tty.History
}

// of returns the history of a user on a node: the same for all consoles.
func (h *histories) of(node, user string) *tty.History {
	name := node + "." + url.PathEscape(user)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all[name] == nil {
		file := ""
		if h.dir != "" {
			os.MkdirAll(h.dir, 0700) // if that fails nothing is kept
			file = filepath.Join(h.dir, name)
		}
		if h.all == nil {
			h.all = make(map[string]*tty.History)
		}
		h.all[name] = tty.NewHistory(file)
	}
	return h.all[name]
}
