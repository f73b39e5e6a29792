package hostfs

import (
	"os"
	"os/user"
	"strconv"
	"sync"
)

// maxUsers bounds the names that are remembered.
const maxUsers = 4096

// users are the names of the host's users and groups. The files of the user
// who runs this program belong to the owner.
type users struct {
	owner string
	self  uint32

	mu     sync.Mutex // guards the maps
	user   map[uint32]string
	groups map[uint32]string
}

func newUsers(owner string) *users {
	return &users{
		owner: owner, self: uint32(os.Geteuid()),
		user: map[uint32]string{}, groups: map[uint32]string{},
	}
}

// uid returns the name of a user, or his number if he has none.
func (u *users) uid(id uint32) string {
	if id == u.self {
		return u.owner
	}
	return u.lookup(u.user, id, func(id string) string {
		if found, err := user.LookupId(id); err == nil {
			return found.Username
		}
		return ""
	})
}

// gid returns the name of a group, or its number if it has none.
func (u *users) gid(id uint32) string {
	return u.lookup(u.groups, id, func(id string) string {
		if found, err := user.LookupGroupId(id); err == nil {
			return found.Name
		}
		return ""
	})
}

// lookup asks the host for each number once.
func (u *users) lookup(known map[uint32]string, id uint32, ask func(id string) string) string {
	u.mu.Lock()
	name := known[id]
	u.mu.Unlock()
	if name != "" {
		return name
	}
	number := strconv.FormatUint(uint64(id), 10)
	if name = ask(number); name == "" {
		name = number
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(known) >= maxUsers {
		clear(known)
	}
	known[id] = name
	return name
}
