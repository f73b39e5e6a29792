package grid

import (
	"context"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A vouched is the file tree of the node that has it. Users of other nodes prove who
// they are to the service that exports it; those of this node are known to its kernel.
// Only the host owner's processes, of which that service is one, may attach as somebody
// else. Who writes messages to /srv/boot could say any name, and is none.
type vouched struct {
	ninep.Server
	owner string // of the node
}

// Attach returns the root for a user.
func (v *vouched) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	up := proc.Up(ctx) // nil: the host
	if user != "none" && (ns.Said(ctx) || up != nil && up.User() != user && up.User() != v.owner) {
		return nil, ninep.ErrPerm
	}
	return v.Server.Attach(ctx, user, spec)
}

// Prompt is that of the tree itself.
func (v *vouched) Prompt(call ninep.MsgType) bool { return ninep.Prompt(v.Server, call) }
