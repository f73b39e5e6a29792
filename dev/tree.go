package dev

import (
	"context"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// A Host is what a device knows of the node it is in.
type Host struct {
	Owner  string    // user who owns the node
	Booted time.Time // that of files which have no other time
}

// mtime returns the time of files.
func (h Host) mtime() uint32 {
	if h.Booted.IsZero() {
		return 0
	}
	return uint32(h.Booted.Unix())
}

// newTree returns a device of nodes that belong to the host's owner.
// Permission goes by the process that calls.
func newTree(h Host, root *ninep.Node) *ninep.Tree {
	t := ninep.NewTree(h.Owner, root)
	t.Who = who
	t.Mtime = h.mtime()
	return t
}

// who returns the user of the calling process, and the one who attached when
// the host calls.
func who(ctx context.Context, attached string) string {
	if up := proc.Up(ctx); up != nil {
		return up.User()
	}
	return attached
}

// copyAt copies to p the part of text that begins at off.
func copyAt(p, text []byte, off int64) int {
	if off >= int64(len(text)) {
		return 0
	}
	return copy(p, text[off:])
}
