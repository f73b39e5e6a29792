package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/ns"
)

// This file is how explain tells about an address: it goes the way of dial(2),
// asking the connection server on the way where its answers are from.

// A callee is an address to be called, and what is known of it.
type callee struct {
	e    *explainer
	dir  string // network directory
	net  string
	host string
	serv string
	ips  []string // addresses that were tried
	port string
	from string // address of the end here

	files *ndb.DB // the network database as its files have it now; nil: they cannot be read
}

// line prints one line: what it is about, and what there is to say.
func (c *callee) line(about, format string, a ...any) {
	c.e.printf("%-8s %s\n", about, fmt.Sprintf(format, a...))
}

// dial explains an address.
func (e *explainer) dial(addr string) error {
	c := &callee{e: e}
	dir, rest := netdir(addr)
	c.dir = dir
	if dir == "" {
		c.dir = "/net"
	}
	f := strings.SplitN(rest, "!", 3)
	c.net, c.host = f[0], f[1]
	if len(f) > 2 {
		c.serv, _, _ = strings.Cut(f[2], "!")
	}
	c.line("ask", "%s", c.server())
	list, err := translate(e.p, c.dir, rest)
	c.entries()
	if err != nil {
		c.line("refused", "%s", bareError(err))
		return err
	}
	err = errNoAddress
	for i, r := range list {
		c.line("answer", "%d of %d: open %s/%s, write connect %s", i+1, len(list), c.dir, r.clone, r.addr)
	}
	for _, r := range list {
		if err = c.try(r); err == nil {
			break
		}
	}
	c.there(err)
	return err
}

// server says who translates addresses.
func (c *callee) server() string {
	name := c.dir + "/cs"
	from, err := c.e.from(name)
	if err != nil {
		return fmt.Sprintf("nobody: %s: %s; the address stands for itself", name, bareError(err))
	}
	return from
}

// from returns a name and what serves the file.
func (e *explainer) from(name string) (string, error) {
	steps, err := e.p.Explain(name, ns.ToStat)
	if err != nil {
		return "", err
	}
	last := steps[len(steps)-1]
	if t := e.trees(steps).find(last.Tree); t != nil {
		return fmt.Sprintf("%s, %s", name, t.from()), nil
	}
	return name + ", device #" + string(last.Tree.Type), nil
}

// try makes one call, and hangs up.
func (c *callee) try(r recipe) error {
	ip, port, _ := strings.Cut(r.addr, "!")
	c.port, _, _ = strings.Cut(port, "!")
	c.ips = append(c.ips, ip)
	var line conn
	local := ""
	err := within(c.e.p, dialTime, func() (err error) {
		line, err = call(c.e.p, c.dir, r, "connect")
		if err == nil {
			b, _ := c.e.p.ReadFile(line.dir + "/local")
			local = strings.TrimSpace(string(b))
		}
		return err
	})
	if err != nil {
		c.line("call", "%s: %s", r.addr, bareError(err))
		return err
	}
	if c.proto() == "udp" {
		c.line("call", "%s: ready to send, from %s; udp itself calls nobody", r.addr, local)
	} else {
		c.line("call", "%s: connected, from %s", r.addr, local)
	}
	c.from = local
	line.close(c.e.p)
	return nil
}

// there says what is known of the link, of the machine and of who listens
// there, each machine once.
func (c *callee) there(err error) {
	for _, ip := range c.ips {
		host := hostName(c.e.p, ip)
		link, state := c.e.link(host)
		if link != "" {
			c.line("link", "%s: %s", host, link)
		}
		if state != "" {
			c.line("machine", "%s: %s", host, state)
		}
		if errors.Is(err, ninep.ErrTimedOut) {
			continue // nor would it tell who listens
		}
		within(c.e.p, dialTime, func() error { return c.listeners(host) })
		c.refusals(host)
	}
}

// refusals prints what the log of a service that wants to know who calls has last of
// another call from here, if it can be read here: the caller is told nothing.
func (c *callee) refusals(host string) {
	name := map[string]string{"17019": "rcpu", "17020": "rcpu"}[c.port]
	if name == "" {
		return
	}
	b, _ := c.e.p.ReadFile("/sys/log/" + name)
	ip, _, _ := strings.Cut(c.from, "!")
	last := ""
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, host+" ") && strings.Contains(line, " "+ip+"!") && !strings.Contains(line, " "+c.from+" ") {
			last = strings.TrimSpace(line)
		}
	}
	if last != "" {
		c.line("log", "/sys/log/%s: %s", name, last)
	}
}

// listeners says who listens on the port that was called, or if nobody does,
// on which ports of the machine there is somebody.
func (c *callee) listeners(host string) error {
	n := netstat{p: c.e.p, net: "/n/" + host + "/net", names: true}
	proto := c.proto()
	dirs, err := readdir(c.e.p, n.net+"/"+proto)
	if err != nil {
		return err
	}
	var others []string
	for _, d := range dirs {
		dir := n.net + "/" + proto + "/" + d.Name
		if !d.IsDir() || !n.awaits(dir) {
			continue
		}
		_, port := n.addr(dir + "/local")
		if port == c.port {
			c.line("listens", "%s at %s!%s, user %s%s", host, proto, port, d.UID, c.listener(host, proto, port))
			return nil
		}
		others = append(others, port)
	}
	slices.SortFunc(others, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) // as numbers
	text := ""
	if len(others) > 0 {
		text = "; there is somebody at " + strings.Join(others, " ")
	}
	c.line("listens", "nobody at %s!%s of %s%s", proto, c.port, host, text)
	return nil
}

// awaits reports whether a conversation waits for whoever calls: one of udp,
// which knows no calls, has no other end.
func (n *netstat) awaits(dir string) bool {
	status, err := n.p.ReadFile(dir + "/status")
	state := strings.Fields(string(status))
	if err != nil || len(state) == 0 {
		return false
	}
	_, port := n.addr(dir + "/remote")
	return state[0] == "Listen" || state[0] == "Open" && port == "0"
}

// listener returns the processes of a machine whose arguments speak of a port.
func (c *callee) listener(host, proto, port string) string {
	speaks := regexp.MustCompile(`\b(net|` + regexp.QuoteMeta(proto) + `)!.*!` + regexp.QuoteMeta(port) + `\b`)
	dirs, _ := readdir(c.e.p, "/n/"+host+"/proc")
	text := ""
	for _, d := range dirs {
		args, _ := c.e.p.ReadFile("/n/" + host + "/proc/" + d.Name + "/args")
		if speaks.Match(args) && !strings.HasPrefix(string(args), "explain ") {
			text += fmt.Sprintf("; process %s, %s", d.Name, args)
		}
	}
	return text
}
