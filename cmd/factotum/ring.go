package factotum

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ufo/auth"
)

// maxKeys is how many keys there can be.
const maxKeys = 1024

// A key is one that factotum has.
type key struct {
	proto   *proto
	attrs   attrs         // that anybody may see; proto is the first
	secrets []secret      // of dp9ik and p9sk1 only the names
	shared  *auth.Userkey // of dp9ik and p9sk1
	proven  bool          // an authentication server has taken it for right
}

// Format prints what anybody may see of a key, whatever it is asked for.
func (k *key) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.line()) }

// line returns the key as ctl shows it.
func (k *key) line() string {
	line := "key " + k.attrs.String()
	for _, s := range k.secrets {
		line += fmt.Sprint(" ", s)
	}
	return line
}

// wipe overwrites what is secret.
func (k *key) wipe() {
	wipe(k.secrets)
	if k.shared != nil {
		k.shared.Key.Zero()
	}
}

// share makes the key of dp9ik or p9sk1 from its attributes, and overwrites what it
// is made from.
func (k *key) share() error {
	defer wipe(k.secrets)
	u := &auth.Userkey{Proto: k.proto.name, Role: k.attrs.val("role"), Dom: k.attrs.val("dom"), User: k.attrs.val("user")}
	switch {
	case len(u.User) >= auth.NameLen || len(u.Dom) >= auth.DomLen:
		return auth.ErrName
	case u.User == "" || u.Dom == "" || strings.ContainsFunc(u.User+u.Dom, func(r rune) bool { return r <= ' ' || r == '@' }):
		return auth.ErrArg
	}
	part := u.Key.AES[:]
	if k.proto.name == "p9sk1" {
		part = u.Key.DES[:]
	}
	if digits := find(k.secrets, "!hex"); digits != nil {
		if len(digits) != hex.EncodedLen(len(part)) {
			return errMalformed
		}
		if _, err := hex.Decode(part, digits); err != nil {
			return errMalformed
		}
	} else if password := find(k.secrets, "!password"); password != nil {
		made := auth.PassKey(string(password))
		if k.proto.name == "p9sk1" {
			u.Key.DES = made.DES
		} else {
			u.Key.AES = made.AES
		}
		made.Zero()
	} else {
		return errNoData
	}
	k.shared = u
	return nil
}

// find returns the value of a secret, nil if there is none.
func find(list []secret, name string) []byte {
	for _, s := range list {
		if s.name == name {
			return s.val
		}
	}
	return nil
}

// newKey makes a key for a protocol of what ctl was told. The secrets are copied.
func newKey(p *proto, public attrs, secrets []secret) (*key, error) {
	k := &key{proto: p, attrs: append(attrs{{name: "proto", val: p.name}}, public...)}
	for _, s := range secrets {
		k.secrets = append(k.secrets, secret{s.name, slices.Clone(s.val)})
	}
	if p.needs == nil {
		k.wipe()
		return nil, fmt.Errorf("proto %s doesn't take keys", p.name)
	}
	for _, need := range p.needs {
		if !(attrs{{name: need, query: true}}).fits(k.attrs, k.secrets) {
			k.wipe()
			return nil, fmt.Errorf("no %s attribute", need)
		}
	}
	if p.shared {
		if err := k.share(); err != nil {
			k.wipe()
			return nil, err
		}
	}
	return k, nil
}

// A ring has the keys, those added first at the beginning.
type ring struct {
	mu   sync.Mutex // guards keys and what is in them
	keys []*key
}

// add adds a key, in the place of one with the same attributes.
func (r *ring) add(k *key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, old := range r.keys {
		if k.attrs.fits(old.attrs, nil) && old.attrs.fits(k.attrs, nil) {
			r.keys[i] = k
			old.wipe()
			return nil
		}
	}
	if len(r.keys) >= maxKeys {
		k.wipe()
		return errManyKeys
	}
	r.keys = append(r.keys, k)
	return nil
}

// remove removes the keys that a pattern fits, and overwrites them.
func (r *ring) remove(pat attrs) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = slices.DeleteFunc(r.keys, func(k *key) bool {
		if !pat.fits(k.attrs, k.secrets) {
			return false
		}
		k.wipe()
		n++
		return true
	})
	return n
}

// mine reports whether a user may use a key. Owner is factotum's.
func (k *key) mine(user, owner string) bool {
	return user == owner || k.attrs.is("owner", user) || k.attrs.is("owner", "*")
}

// list returns the lines of the keys that a user may use.
func (r *ring) list(user, owner string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, k := range r.keys {
		if k.mine(user, owner) {
			b.WriteString(k.line() + "\n")
		}
	}
	return b.String()
}

// disable marks a key that was wrong, unless it has been right before.
func (r *ring) disable(k *key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, is := k.attrs.get("disabled"); !is && !k.proven {
		k.attrs = append(k.attrs, attr{name: "disabled", val: "by.factotum"})
	}
}

// prove remembers that a key was right.
func (r *ring) prove(k *key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k.proven = true
}
