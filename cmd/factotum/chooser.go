package factotum

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ufo/auth"
)

// A chooser finds the keys for a conversation, with which it begins and ends. It is
// the auth.Keyring of those that package auth has, and calls their authentication
// servers.
type chooser struct {
	f     *Factotum
	user  string // who asks
	attrs attrs  // of start
	seq   int

	offer bool          // keys are only to be told of: they need no confirmation
	asked map[*key]bool // what was answered when a key had to be confirmed
	wait  *key          // to be confirmed before the call is made again

	copies map[*auth.Userkey]*key // made for package auth
	tried  *auth.Userkey          // the last of them
	server string                 // address of the authentication server, "" as long as none was called
	misses error                  // of the first pattern that nothing fits
}

// errWait ends a call that has to wait for a confirmation: as after any
// *auth.NeedKey, it can be made again.
var errWait = &auth.NeedKey{Template: "confirmation"}

// find calls take with the first key, or for an offer with all, that fit a pattern
// and that user may use. If there is none, the error may be an *auth.NeedKey, which
// wants more, too.
func (c *chooser) find(pat attrs, user string, more attrs, take func(k *key)) error {
	c.f.ring.mu.Lock()
	matches, found, err := c.search(pat, user, take)
	off := c.disabled(pat, user)
	c.f.ring.mu.Unlock()
	if err != nil || found {
		return err
	}
	all := append(pat[:len(pat):len(pat)], more...).clean()
	c.f.note("%d: no key matches %v", c.seq, all)
	role, _ := all.get("role")
	if matches == 0 && c.f.cfg.asks(role) && user == c.f.cfg.Owner && all.asks() {
		need := &auth.NeedKey{Template: template(all)}
		if off != nil {
			return &wrongKey{need, fmt.Errorf("key is disabled: %v", off)}
		}
		return need
	}
	err = fmt.Errorf("no key matches %v", all)
	if c.misses == nil {
		c.misses = err
	}
	return err
}

// search is find among the keys there are. It tells how many fit, whether they may
// be used or not. The caller has the ring's mu.
func (c *chooser) search(pat attrs, user string, take func(k *key)) (matches int, found bool, err error) {
	for _, k := range c.f.ring.keys {
		if _, disabled := k.attrs.get("disabled"); disabled || !pat.fits(k.attrs, k.secrets) || !k.mine(user, c.f.cfg.Owner) {
			continue
		}
		matches++
		if _, confirm := k.attrs.get("confirm"); confirm && !c.offer {
			yes, asked := c.asked[k]
			if !asked {
				c.wait = k
				return matches, false, errWait
			}
			if !yes {
				continue
			}
		}
		take(k)
		found = true
		if !c.offer {
			break
		}
	}
	return matches, found, nil
}

// disabled returns the attributes of a key that would fit a pattern, and that user may use,
// if it were not disabled; nil if there is none. The caller has the ring's mu.
func (c *chooser) disabled(pat attrs, user string) attrs {
	for _, k := range c.f.ring.keys {
		if _, off := k.attrs.get("disabled"); off && pat.without("disabled").fits(k.attrs, k.secrets) && k.mine(user, c.f.cfg.Owner) {
			return k.attrs
		}
	}
	return nil
}

// template returns what a new key must have.
func template(pat attrs) string {
	list := pat.without("role", "disabled")
	slices.SortStableFunc(list, func(a, b attr) int { return strings.Compare(a.name, b.name) })
	return list.String()
}

// confirm asks whether the key may be used that a call waits for. Closed is that
// there is nobody to ask; the error is that of a flush.
func (c *chooser) confirm(ctx context.Context) (closed bool, err error) {
	k := c.wait
	c.f.ring.mu.Lock()
	question := k.attrs.String()
	c.f.ring.mu.Unlock()
	answer, ok, err := c.f.confirm.ask(ctx, question)
	if err != nil || !ok {
		return err == nil, err
	}
	c.f.note("%d: confirm %s: %s", c.seq, question, answer.val("answer"))
	c.asked[k] = answer.is("answer", "yes")
	return false, nil
}

// Find is a method of an auth.Keyring. To be a server, and to speak for others,
// everybody may use the keys of factotum's owner.
func (c *chooser) Find(_ context.Context, q auth.Query) ([]*auth.Userkey, error) {
	pat := c.attrs.without("proto", "role", "dom")
	user, more := c.f.cfg.Owner, attrs(nil)
	switch q.Role {
	case "client":
		user, more = c.user, attrs{{name: "!password", query: true}}
	case "speakfor":
		pat = pat.without("user")
	}
	pat = append(attrs{{name: "proto", val: q.Proto}, {name: "role", val: q.Role}, {name: "dom", val: q.Dom, query: q.Dom == ""}}, pat...)
	var found []*auth.Userkey
	err := c.find(append(pat, attr{name: "user", query: true}).clean(), user, more, func(k *key) {
		found = append(found, c.copy(k))
	})
	var need *auth.NeedKey
	if errors.As(err, &need) && c.wait == nil && q.Role == "server" && c.attrs.is("proto", "p9any") {
		return nil, auth.ErrNegotiate // it is the other side that wants it
	}
	return found, err
}

// copy returns what package auth is told of a key, without the key itself for an
// offer. The caller has the ring's mu.
func (c *chooser) copy(k *key) *auth.Userkey {
	u := &auth.Userkey{Proto: k.shared.Proto, Role: k.shared.Role, Dom: k.shared.Dom, User: k.shared.User}
	if !c.offer {
		u.Key = k.shared.Key
		c.copies[u], c.tried = k, u
	}
	return u
}

// dial calls the authentication server of a domain.
func (c *chooser) dial(ctx context.Context, dom string) (io.ReadWriteCloser, error) {
	if c.f.cfg.Dial == nil {
		return nil, fmt.Errorf("no authentication server for %s", dom)
	}
	conn, addr, err := c.f.cfg.Dial(ctx, dom)
	c.server = addr
	if err != nil {
		c.f.note("%d: authentication server of %s: %v", c.seq, dom, err)
		return nil, fmt.Errorf("authentication server of %s: %w", dom, err)
	}
	return conn, nil
}

// explain adds to the error of a conversation what is known of it: the key that was
// tried, and the server that was asked.
func (c *chooser) explain(err error) error {
	var refused auth.Refusal
	if errors.As(err, &refused) {
		err = fmt.Errorf("auth server %s: %w", c.server, err)
	}
	if errors.Is(err, auth.ErrNegotiate) && c.misses != nil {
		return fmt.Errorf("%w: %w", err, c.misses)
	}
	if c.tried == nil || c.server == "" {
		return err
	}
	key := attrs{{name: "proto", val: c.tried.Proto}, {name: "dom", val: c.tried.Dom}, {name: "user", val: c.tried.User}}
	if errors.Is(err, auth.ErrBadKey) {
		return fmt.Errorf("%w: %v: refused by %s", err, key, c.server)
	}
	return fmt.Errorf("%w: %v", err, key)
}

// bad disables the key that an authentication server did not know. It reports
// whether there can be another.
func (c *chooser) bad(e *auth.BadKey) bool {
	k := c.copies[e.Key]
	if k == nil || e.Query.Role == "speakfor" || !c.f.cfg.asks(e.Query.Role) {
		return false
	}
	c.f.ring.disable(k)
	return true
}

// proved remembers that the key which was tried is right.
func (c *chooser) proved() {
	if k := c.copies[c.tried]; k != nil {
		c.f.ring.prove(k)
	}
}

// close overwrites the copies of keys.
func (c *chooser) close() {
	for u := range c.copies {
		u.Key.Zero()
	}
	clear(c.copies)
	clear(c.asked)
	c.tried, c.wait = nil, nil
}

// A wrongKey is the error of a key that was tried and is bad, or is disabled, when there
// can be another.
type wrongKey struct {
	need *auth.NeedKey // what that must be like
	why  error
}

func (e *wrongKey) Error() string {
	return "badkey " + e.need.Template + "\n" + strings.ReplaceAll(e.why.Error(), "\n", " ")
}

// Unwrap returns the NeedKey: the same call can be made again.
func (e *wrongKey) Unwrap() error { return e.need }

// another returns what a key must be like to be tried in the place of a bad one, and why.
func (c *chooser) another(e *auth.BadKey, why error) error {
	pat := c.attrs.with(attr{name: "proto", val: e.Query.Proto}, attr{name: "dom", val: e.Query.Dom})
	pat = append(pat, attr{name: "user", query: true}, attr{name: "!password", query: true}).clean()
	if c.user != c.f.cfg.Owner {
		return why
	}
	return &wrongKey{&auth.NeedKey{Template: template(pat)}, why}
}

// describe returns the attributes of the conversation, with those of the protocol
// and domain that were agreed on.
func (c *chooser) describe() attrs {
	if c.tried == nil {
		return c.attrs
	}
	return c.attrs.with(attr{name: "proto", val: c.tried.Proto}, attr{name: "dom", val: c.tried.Dom})
}
