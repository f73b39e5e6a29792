package factotum

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ufo/auth"
)

// A proto is a protocol.
type proto struct {
	name   string
	needs  []string // attributes that its keys must have; nil: it has none
	shared bool     // its keys are shared with an authentication server
	begin  func(ctx context.Context, p *proto, c *chooser) (auth.Conv, error)
}

// protos are all of them.
var protos = []*proto{
	{name: "apop", needs: []string{"!password"}, begin: beginResponse},
	{name: "chap", needs: []string{"!password"}, begin: beginResponse},
	{name: "cram", needs: []string{"!password"}, begin: beginResponse},
	{name: "dp9ik", needs: []string{"user", "dom"}, shared: true, begin: beginShared},
	{name: "httpdigest", needs: []string{"user", "realm", "!password"}, begin: beginResponse},
	{name: "p9any", begin: beginShared},
	{name: "p9sk1", needs: []string{"user", "dom"}, shared: true, begin: beginShared},
	{name: "pass", needs: []string{"user", "!password"}, begin: beginPass},
}

// findProto returns the protocol called name, nil for none.
func findProto(name string) *proto {
	i := slices.IndexFunc(protos, func(p *proto) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return protos[i]
}

// protos are those that may be used.
func (f *Factotum) protos() []*proto {
	return slices.DeleteFunc(slices.Clone(protos), func(p *proto) bool { return p.name == "p9sk1" && !f.cfg.Legacy })
}

// protoList is what proto reads.
func (f *Factotum) protoList() string {
	var b strings.Builder
	for _, p := range f.protos() {
		b.WriteString(p.name + "\n")
	}
	return b.String()
}

// prompt returns what a key of the protocol must have, as a pattern.
func (p *proto) prompt() attrs {
	var list attrs
	for _, need := range p.needs {
		list = append(list, attr{name: need, query: true})
	}
	return list
}

// role returns what a conversation is to be.
func (c *chooser) role() (string, error) {
	role, has := c.attrs.get("role")
	switch {
	case !has:
		return "", fmt.Errorf("role not specified")
	case role != "client" && role != "server" && role != "login":
		return "", fmt.Errorf("unknown role %s", quote(role))
	}
	return role, nil
}

// beginShared begins a conversation of Plan 9's own protocols.
func beginShared(ctx context.Context, p *proto, c *chooser) (auth.Conv, error) {
	role, err := c.role()
	if err != nil {
		return nil, err
	}
	cfg := auth.Config{
		Proto: p.name, Role: role, Dom: c.attrs.val("dom"), User: c.attrs.val("user"), Sysuser: c.user,
		Keys: c, Legacy: c.f.cfg.Legacy, Own: c.f.cfg.Server && p.name == "p9any", Dial: c.dial,
	}
	if role != "login" {
		return auth.Start(ctx, cfg)
	}
	if !p.shared {
		return nil, fmt.Errorf("unknown role %s", role)
	}
	cfg.Role = "server"
	server, err := auth.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &login{state: state{phase: "SNeedUser"}, cfg: cfg, dom: c.tried.Dom, c: c, server: server}, nil
}
