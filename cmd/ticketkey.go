package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ufo/auth"
	"ufo/ninep"
	"ufo/proc"
)

// This file is how auth/debug and explain find out whether a key is good: they have
// a ticket asked for with it, and play themselves the server for which that is. No
// password is needed, and no key leaves factotum.

// A ticketkey is a key with which one gets tickets of an authentication server.
type ticketkey struct {
	line             string // as factotum's ctl shows it, without the word key
	proto, dom, user string
	role             string // the only one that it is for; "": any
	disabled         string // by whom; "": it is not
	pattern          string // only this key fits
}

// String returns whose key it is.
func (k *ticketkey) String() string { return k.user + "@" + k.dom }

// ticketKeys returns the keys of dp9ik and p9sk1 that factotum has for the user.
func ticketKeys(p *proc.Proc) ([]*ticketkey, error) {
	b, err := p.ReadFile(factotumCtl)
	if err != nil {
		return nil, err
	}
	var keys []*ticketkey
	for line := range strings.Lines(string(b)) {
		if k := parseTicketkey(line); k != nil {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// parseTicketkey returns the key that a line of ctl shows, nil if it is another's.
func parseTicketkey(line string) *ticketkey {
	line, is := strings.CutPrefix(strings.TrimSpace(line), "key ")
	if !is {
		return nil
	}
	k := &ticketkey{line: line}
	fields := map[string]*string{"proto": &k.proto, "dom": &k.dom, "user": &k.user, "role": &k.role, "disabled": &k.disabled}
	for _, w := range ninep.Fields(line) {
		name, val, has := strings.Cut(w, "=")
		if to := fields[name]; to != nil {
			*to = val
		}
		if name == "disabled" && val == "" {
			k.disabled = "by hand"
		}
		if has && !slices.Contains([]string{"proto", "dom", "user", "role", "disabled"}, name) {
			k.pattern += " " + quoteAttr(w)
		}
	}
	k.pattern = fmt.Sprintf("proto=%s dom=%s user=%s%s", quoteAttr(k.proto), quoteAttr(k.dom), quoteAttr(k.user), k.pattern)
	if k.proto != "dp9ik" && k.proto != "p9sk1" || k.dom == "" || k.user == "" {
		return nil
	}
	return k
}

// try has factotum get a ticket with the key. The error is auth.ErrBadKey if the
// authentication server has another key, or none.
func (k *ticketkey) try(p *proc.Proc) error {
	r, err := openRPC(p)
	if err != nil {
		return err
	}
	defer r.close()
	if _, _, err := r.call("start", []byte("role=client "+k.pattern)); err != nil {
		return err
	}
	step := func(verb string, b []byte) ([]byte, error) {
		reply, data, err := r.call(verb, b)
		switch {
		case err != nil && strings.HasPrefix(err.Error(), auth.ErrBadKey.Error()), reply == "badkey":
			return nil, auth.ErrBadKey
		case reply == "needkey":
			return nil, fmt.Errorf("needkey %s", data)
		case err == nil && reply != "ok":
			err = auth.ErrProtocol
		}
		return data, err
	}
	return k.request(p.Context(),
		func() ([]byte, error) { return step("read", nil) },
		func(b []byte) error { _, err := step("write", b); return err })
}

// tryNvram gets a ticket with the machine's own key.
func (k *ticketkey) tryNvram(ctx context.Context, d *authdialer, key *auth.Key) error {
	var failed error
	client, err := auth.Start(ctx, auth.Config{
		Proto: k.proto, Role: "client", Legacy: true,
		Keys: auth.Keys{{Proto: k.proto, Dom: k.dom, User: k.user, Key: *key}},
		Dial: d.dialer(&failed),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	err = k.request(ctx,
		func() ([]byte, error) { return client.Read(ctx) },
		func(b []byte) error { return client.Write(ctx, b) })
	return errors.Join(failed, err)
}

// request gives the client at the other end of read and write what a server of the
// key's user would say, until it has a ticket, or not. The server's half of that
// nobody can open.
func (k *ticketkey) request(ctx context.Context, read func() ([]byte, error), write func([]byte) error) error {
	nobodys := auth.Userkey{Proto: k.proto, Dom: k.dom, User: k.user}
	rand.Read(nobodys.Key.AES[:])
	rand.Read(nobodys.Key.DES[:])
	server, err := auth.Start(ctx, auth.Config{Proto: k.proto, Role: "server", Legacy: true, Keys: auth.Keys{&nobodys}})
	if err != nil {
		return err
	}
	defer server.Close()
	challenge, err := read()
	if err == nil {
		err = server.Write(ctx, challenge)
	}
	if err != nil {
		return err
	}
	ask, err := server.Read(ctx)
	if err == nil {
		err = write(ask)
	}
	return err
}
