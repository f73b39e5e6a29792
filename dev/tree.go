package dev

import (
	"context"

	"ufo/ninep"
	"ufo/proc"
)

// newTree returns a device of nodes that belong to owner, the host owner.
// Permission goes by the process that calls.
func newTree(owner string, root *ninep.Node) *ninep.Tree {
	t := ninep.NewTree(owner, root)
	t.Who = who
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

// text returns a file whose contents f makes.
func text(name string, f func() string) *ninep.Node {
	return &ninep.Node{Name: name, Read: func(context.Context) ([]byte, error) {
		return []byte(f()), nil
	}}
}

// copyAt copies to p the part of text that begins at off.
func copyAt(p, text []byte, off int64) int {
	if off >= int64(len(text)) {
		return 0
	}
	return copy(p, text[off:])
}
