package ns

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"ufo/ninep"
)

// A Devtab is the set of #-devices of a kernel, by their letters. It also
// gives out the numbers that tell trees and mounts apart.
type Devtab struct {
	devs   map[rune]ninep.Server
	mounts atomic.Uint64 // ids of mounts
	trees  atomic.Uint32 // numbers of mounted trees

	mu  sync.Mutex        // guards ids
	ids map[string]uint32 // numbers of device trees, by letter and specifier
}

// NewDevtab returns a Devtab of the given devices.
func NewDevtab(devs map[rune]ninep.Server) *Devtab {
	return &Devtab{devs: devs, ids: make(map[string]uint32)}
}

// Letters returns the letters of the devices, sorted.
func (d *Devtab) Letters() []rune {
	var letters []rune
	for r := range d.devs {
		letters = append(letters, r)
	}
	slices.Sort(letters)
	return letters
}

// Server returns the device with the letter, nil for none.
func (d *Devtab) Server(letter rune) ninep.Server { return d.devs[letter] }

func (d *Devtab) nextID() uint64 { return d.mounts.Add(1) }

// Attach returns the root of a device's tree: what the name "#" + letter +
// spec stands for.
func (d *Devtab) Attach(ctx context.Context, user string, letter rune, spec string) (*Chan, error) {
	srv := d.devs[letter]
	if srv == nil {
		return nil, ninep.ErrBadSharp
	}
	f, err := srv.Attach(ctx, user, spec)
	if err != nil {
		return nil, err
	}
	name := "#" + string(letter) + spec
	return newChan(f, letter, d.id(letter, spec), newRootPath(name)), nil
}

// Root returns a Chan for the root of a name space: the device #/, under the
// name "/".
func (d *Devtab) Root(ctx context.Context, user string) (*Chan, error) {
	c, err := d.Attach(ctx, user, '/', "")
	if err != nil {
		return nil, err
	}
	c.path.root = "/"
	return c, nil
}

// id returns the number of a device's tree: 0 for the one without specifier,
// and for others the same each time.
func (d *Devtab) id(letter rune, spec string) uint32 {
	if spec == "" {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	name := string(letter) + spec
	n, ok := d.ids[name]
	if !ok {
		n = uint32(len(d.ids)) + 1
		d.ids[name] = n
	}
	return n
}

// splitSharp cuts a name that starts with # into the device's letter, the
// attach specifier and what is walked from there. The device / has no
// specifiers, so that both "#/boot" and "#//boot" name its file boot.
func splitSharp(name string) (letter rune, spec, rest string) {
	letter, n := utf8.DecodeRuneInString(name[1:])
	rest = name[1+n:]
	if i := strings.IndexByte(rest, '/'); i >= 0 && letter != '/' {
		return letter, rest[:i], rest[i:]
	}
	if letter != '/' {
		return letter, rest, ""
	}
	return letter, "", rest
}
