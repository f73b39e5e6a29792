package factotum

import (
	"bytes"
	"cmp"
	"context"
	"fmt"

	"ufo/ninep"
)

// maxLine is how long a message may be.
const maxLine = 8192

// ctlFile is ctl: everybody may read which keys he may use, the owner may add and
// delete keys.
func (f *Factotum) ctlFile() *ninep.Node {
	n := &ninep.Node{Name: "ctl", Perm: 0644}
	n.Open = func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		open := *n
		open.Read = func(context.Context) ([]byte, error) { return []byte(f.ring.list(user, f.cfg.Owner)), nil }
		open.Write = func(_ context.Context, p []byte) error { return f.Ctl(p) }
		return &open, nil
	}
	return n
}

// Ctl does what a line written to ctl says. It keeps nothing of it.
//
//	key attr=value ...     adds a key, one for each proto
//	delkey attr=value ...  deletes the keys that fit
//	debug                  logs each step, or no more
func (f *Factotum) Ctl(line []byte) error {
	line, rest, _ := bytes.Cut(line, []byte("\n"))
	if len(rest) > 0 {
		return errMultiline
	}
	if len(line) > maxLine {
		return ninep.ErrTooBig
	}
	if len(line) == 0 || line[0] == '#' {
		return nil
	}
	verb, arg, _ := bytes.Cut(line, []byte(" "))
	switch string(verb) {
	case "key":
		return f.addKey(arg)
	case "delkey":
		return f.deleteKeys(arg)
	case "debug":
		f.mu.Lock()
		defer f.mu.Unlock()
		f.chat = !f.chat
		return nil
	}
	return errVerb
}

// addKey adds the keys that a line describes. The error is that of the last
// protocol that has one.
func (f *Factotum) addKey(line []byte) error {
	public, secrets := parse(line)
	defer wipe(secrets)
	if public.asks() {
		return errQuery
	}
	if _, nameless := public.get(""); nameless {
		return ninep.ErrBadArg
	}
	err, added := error(nil), false
	for _, a := range public {
		if a.name == "proto" {
			err, added = cmp.Or(f.addOne(a.val, public.without("proto"), secrets), err), true
		}
	}
	if !added {
		return errNoProtos
	}
	return err
}

// addOne adds a key for one protocol.
func (f *Factotum) addOne(name string, public attrs, secrets []secret) error {
	p := findProto(name)
	if p == nil {
		return fmt.Errorf("unknown proto %s", name)
	}
	k, err := newKey(p, public, secrets)
	if err != nil {
		return err
	}
	return f.ring.add(k)
}

// deleteKeys deletes the keys that a line describes.
func (f *Factotum) deleteKeys(line []byte) error {
	pat, err := parsePattern(line)
	if err != nil {
		return err
	}
	if f.ring.remove(pat) == 0 {
		return errNoKeys
	}
	return nil
}
