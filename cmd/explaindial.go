package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

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
	steps, err := c.e.p.Explain(name, ns.ToStat)
	if err != nil {
		return fmt.Sprintf("nobody: %s: %s; the address stands for itself", name, bareError(err))
	}
	last := steps[len(steps)-1]
	if t := c.e.trees(steps).find(last.Tree); t != nil {
		return fmt.Sprintf("%s, %v", name, t)
	}
	return name + ", device #" + string(last.Tree.Type)
}

// entries prints the entries of the network database that the host, the
// service and the network come from, as the connection server has them.
func (c *callee) entries() {
	if _, err := c.e.p.Stat(c.dir + "/cs"); err != nil {
		return
	}
	host := c.host
	if attr, ok := strings.CutPrefix(host, "$"); ok {
		reply := c.query("ipinfo " + attr)
		c.line("ndb", "%s is %s", host, reply)
		_, host, _ = strings.Cut(reply, "=")
	}
	host = c.hostEntry(host)
	if c.serv != "" {
		c.serviceEntry()
	}
	if net := field(c.query("ipinfo ip="+host+" ipnet"), "ipnet"); net != "" {
		c.line("ndb", "%s", c.query("ipnet="+net))
	}
}

// hostEntry prints the entry of a host and returns its address.
func (c *callee) hostEntry(host string) string {
	for _, attr := range []string{"sys", "dom", "ip"} {
		if reply := c.query(attr + "=" + host); reply != "" {
			c.line("ndb", "%s", reply)
			return field(reply, "ip")
		}
	}
	c.line("ndb", "nothing about a system %s", host)
	return host
}

// serviceEntry prints the entry of the service.
func (c *callee) serviceEntry() {
	attr, val, other := c.proto(), c.serv, "port"
	if strings.Trim(val, "0123456789") == "" {
		attr, other = other, attr
	}
	if reply := c.query(attr + "=" + val + " " + other + "=*"); reply != "" {
		c.line("ndb", "%s", reply)
	} else {
		c.line("ndb", "nothing about a service %s of %s", val, c.proto())
	}
}

// proto returns the protocol: tcp for net, which leaves it open.
func (c *callee) proto() string {
	if c.net == "net" {
		return "tcp"
	}
	return c.net
}

// query returns what the connection server answers to a general query, on one
// line; "" if that is nothing.
func (c *callee) query(text string) string {
	fd, err := c.e.p.Open(c.dir+"/cs", ninep.ORDWR)
	if err != nil {
		return ""
	}
	defer c.e.p.Close(fd)
	replies, _ := askcs(c.e.p, fd, "!"+text)
	return strings.Join(replies, " ")
}

// field returns the value of an attribute in the text of an entry.
func field(text, attr string) string {
	for _, w := range strings.Fields(text) {
		if a, v, _ := strings.Cut(w, "="); a == attr {
			return v
		}
	}
	return ""
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
	c.line("call", "%s: connected, from %s", r.addr, local)
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
		state, err := c.e.p.ReadFile(dir + "/status")
		if !d.IsDir() || err != nil || !strings.HasPrefix(string(state), "Listen") {
			continue
		}
		_, port := n.addr(dir + "/local")
		if port == c.port {
			c.line("listens", "%s at %s!%s, user %s%s", host, proto, port, d.UID, c.listener(host, port))
			return nil
		}
		others = append(others, port)
	}
	slices.SortFunc(others, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) // as numbers
	c.line("listens", "nobody at %s!%s of %s; there is somebody at %s", proto, c.port, host, strings.Join(others, " "))
	return nil
}

// listener returns the processes of a machine whose arguments speak of a port.
func (c *callee) listener(host, port string) string {
	speaks := regexp.MustCompile(`!` + regexp.QuoteMeta(port) + `\b`)
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
