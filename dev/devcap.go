package dev

// The capability device: how a process becomes one of another user.
//
//	#¤/capuse    takes a capability, ken@glenda@key: a process of ken's that
//	             writes it is one of glenda's from then on; glenda@key is good
//	             for a process of any user
//	#¤/caphash   takes the hash of a capability that is to be good once, for a
//	             minute, from a process of the host owner: 20 bytes; and behind
//	             them, if he says so, the name of who is to use it
//
// The hash is HMAC-SHA1 of what stands before the last @, by the key behind it. The
// name is only for counting: without it all are of one user.
// Once the host owner has removed caphash there is none until the node is
// booted again, and no way to become another user but those already handed
// out, and none.
//
//	% rm '#¤/caphash'

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"slices"
	"strings"
	"sync"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// What becomes of capabilities that nobody uses: they expire, and when there are
// too many the oldest goes of who has most. So nobody who logs in again and again,
// or has others do so, takes those of anybody else.
const (
	capLife = time.Minute
	maxCaps = 256
)

// maxCap is the length of a capability, or of a hash and a name, and one byte.
const maxCap = 1024

const errCapUser ninep.Error = "capability must match user"

// A Cap is the device #¤.
type Cap struct {
	owner string
	tree  *ninep.Tree

	mu      sync.Mutex // guards what follows
	caps    []*capHash // oldest first
	removed bool       // caphash
}

// A capHash is a capability that can be used.
type capHash struct {
	hash   [sha1.Size]byte
	user   string // whom it is counted for
	expire *time.Timer
}

// NewCap returns the device #¤.
func NewCap(h Host) *Cap {
	c := &Cap{owner: h.Owner}
	use := &ninep.Node{Name: "capuse", Perm: 0222, Write: c.use}
	hash := &ninep.Node{Name: "caphash", Perm: 0200, Write: c.add, Remove: c.remove}
	c.tree = newTree(h, &ninep.Node{
		Perm: ninep.DMDIR | 0755, Children: []*ninep.Node{use},
		List: func(context.Context) ([]*ninep.Node, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.removed {
				return nil, nil
			}
			return []*ninep.Node{hash}, nil
		},
	})
	return c
}

// Attach returns the root.
func (c *Cap) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return c.tree.Attach(ctx, user, spec)
}

// remove removes caphash. It stays removed.
func (c *Cap) remove(context.Context, string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removed = true
	return nil
}

// add makes a capability good. That the file was opened by the host owner is not
// enough: whoever got hold of the descriptor may not.
func (c *Cap) add(ctx context.Context, p []byte) error {
	if who(ctx, c.owner) != c.owner {
		return ninep.ErrPerm
	}
	switch {
	case len(p) < sha1.Size:
		return ninep.ErrShort
	case len(p) >= maxCap:
		return ninep.ErrTooBig
	}
	n := &capHash{hash: [sha1.Size]byte(p), user: string(p[sha1.Size:])}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.removed {
		return ninep.ErrPerm
	}
	c.caps = append(c.caps, n)
	n.expire = time.AfterFunc(capLife, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if i := slices.Index(c.caps, n); i >= 0 {
			c.drop(i)
		}
	})
	if len(c.caps) > maxCaps {
		c.drop(c.crowding())
	}
	return nil
}

// crowding returns the oldest capability of the user who has most. The caller holds mu.
func (c *Cap) crowding() int {
	most, has := 0, make(map[string]int)
	for _, n := range c.caps {
		has[n.user]++
		most = max(most, has[n.user])
	}
	return slices.IndexFunc(c.caps, func(n *capHash) bool { return has[n.user] == most })
}

// drop forgets a capability. The caller holds mu.
func (c *Cap) drop(i int) {
	c.caps[i].expire.Stop()
	c.caps = slices.Delete(c.caps, i, i+1)
}

// take uses a capability up, and reports whether it was good. How long that takes
// does not tell what those that are good look like.
func (c *Cap) take(hash []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.caps, func(n *capHash) bool { return hmac.Equal(n.hash[:], hash) })
	if i >= 0 {
		c.drop(i)
	}
	return i >= 0
}

// use makes the calling process one of the user that a capability names. A wrong
// one is not told in full: its key may be a misspelled good one.
func (c *Cap) use(ctx context.Context, p []byte) error {
	up := proc.Up(ctx)
	if up == nil {
		return ninep.ErrPerm
	}
	if len(p) >= maxCap {
		return ninep.ErrTooBig
	}
	p, _, _ = bytes.Cut(p, []byte{0})
	at := bytes.LastIndexByte(p, '@')
	if at < 0 {
		return ninep.ErrShort
	}
	users, key := string(p[:at]), p[at+1:]
	from, to, both := strings.Cut(users, "@")
	if !both {
		to = from
	} else if from != up.User() {
		return errCapUser
	}
	h := hmac.New(sha1.New, key)
	h.Write([]byte(users))
	if to == "" || !c.take(h.Sum(nil)) {
		return ninep.Error("invalid capability " + users)
	}
	up.SetUser(to)
	return nil
}
