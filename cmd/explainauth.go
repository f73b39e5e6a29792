package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ufo/auth"
)

// This file is how explain tells about keys: it goes the way to a ticket that
// factotum goes, from the key by the network database to the authentication server.

// auth explains the way to a ticket with each key that the user's factotum has for a
// domain; if that is empty, for any.
func (e *explainer) auth(dom string) error {
	c := &callee{e: e, dir: "/net"}
	within(e.p, dialTime, c.readFiles)
	agent, err := e.from(factotumCtl)
	if err != nil {
		c.refused("nobody has keys here: auth/factotum starts an agent", "%v", err)
		return err
	}
	c.line("keys", "%s", agent)
	keys, err := ticketKeys(e.p)
	if err != nil {
		c.refused("", "%v", err)
		return err
	}
	var last error
	tried := 0
	for _, k := range keys {
		if dom != "" && k.dom != dom {
			continue
		}
		if tried++; tried > 1 {
			e.printf("\n")
		}
		if err := c.ticket(k); err != nil {
			last = err
		}
	}
	if tried == 0 {
		return c.noKey(dom)
	}
	return last
}

// refused prints who refuses what, and why.
func (c *callee) refused(why, format string, a ...any) {
	c.line("refused", format, a...)
	if why != "" {
		c.line("", "%s", why)
	}
}

// ticket explains what comes of a key.
func (c *callee) ticket(k *ticketkey) error {
	c.line("key", "%s", k.line)
	if k.role != "" && k.role != "client" {
		c.line("ticket", "none: the key is for role=%s alone", k.role)
		return nil
	}
	if k.disabled != "" {
		err := fmt.Errorf("key is disabled %s", k.disabled)
		why := ""
		if k.disabled == "by.factotum" {
			why = "the authentication server did not know it: a key with the right password takes its place"
		}
		c.refused(why, "factotum: %v", err)
		return err
	}
	server := c.authServer(k.dom)
	if err := c.e.dial(server); err != nil {
		return err
	}
	switch err := k.try(c.e.p); {
	case err == nil:
		c.line("ticket", "%v: got one, and the key opens it", k)
		return nil
	case errors.Is(err, auth.ErrBadKey):
		err = fmt.Errorf("auth server and you do not agree on key for %v", k)
		c.refused("there the password is another one, or "+k.user+" has no account that can be used: only its log says which", "%s: %v", server, err)
		c.logged(k.user)
		return err
	default:
		c.refused("", "factotum: %v", err)
		return err
	}
}

// authServer prints the entry of a domain's authentication server, and returns its
// address.
func (c *callee) authServer(dom string) string {
	if !c.entry("authdom="+dom+" auth=*") && !c.entry("dom="+dom+" auth=*") {
		c.nothing("an authentication domain "+dom, "authdom", dom)
	}
	d := &authdialer{view: c.e.p.View}
	ctx := c.e.p.Context()
	server := netmkaddr(d.servers(ctx, dom)[0], "", "ticket")
	if len(d.query(ctx, "authdom", dom))+len(d.query(ctx, "dom", dom)) == 0 {
		c.line("server", "of %s: nobody knows; %s is tried", dom, server)
	} else {
		c.line("server", "of %s: %s", dom, server)
	}
	return server
}

// noKey explains that there is no key for a domain; of this machine's, if that is
// empty.
func (c *callee) noKey(dom string) error {
	if dom == "" {
		if dom = field(c.query("ipinfo authdom"), "authdom"); dom == "" {
			err := errors.New("no key, and this machine has no authentication domain")
			c.refused("", "factotum: %v", err)
			return err
		}
	}
	err := fmt.Errorf("no key of dp9ik or p9sk1 for %s", dom)
	c.line("key", "%v", err)
	if err := c.e.dial(c.authServer(dom)); err != nil {
		return err
	}
	c.refused(fmt.Sprintf("to add one: auth/factotum -g 'proto=dp9ik dom=%s user? !password?'", dom), "factotum: %v", err)
	return err
}

// logTime is how long a server may take to write into its log what it has answered.
const logTime = 100 * time.Millisecond

// logged prints what the log of the authentication server has of a user's last attempt,
// if it can be read here.
func (c *callee) logged(user string) {
	const log = "/sys/log/auth"
	c.e.p.Sleep(logTime)
	b, err := c.e.p.ReadFile(log)
	if err != nil {
		return
	}
	var attempt []string
	ended := false
	for line := range strings.Lines(string(b)) {
		if !strings.Contains(line, fmt.Sprintf("%q", user)) {
			continue
		}
		if ended {
			attempt = nil
		}
		ended = strings.Contains(line, " ticket for ")
		attempt = append(attempt, strings.TrimSpace(line))
	}
	for _, line := range slices.Compact(attempt) {
		c.line("log", "%s: %s", log, line)
	}
}
