package cmd

import (
	"fmt"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
)

// This file is how explain tells of the network database: what the connection
// server has for a name, and where that stands in the files.

// entries prints the entries of the network database that the host, the
// service and the network come from, as the connection server has them.
func (c *callee) entries() {
	if _, err := c.e.p.Stat(c.dir + "/cs"); err != nil {
		return
	}
	within(c.e.p, dialTime, c.readFiles)
	host, ip := c.host, ""
	if attr, ok := strings.CutPrefix(host, "$"); ok {
		host = c.closest(attr)
	}
	switch host {
	case "":
	case "*":
		c.line("ndb", "* is any address of this machine, for who announces")
	default:
		ip = c.hostEntry(host)
	}
	if c.serv != "" {
		c.serviceEntry()
	} else {
		c.line("ndb", "no service is named: an address is net!host!service")
	}
	if c.e.verbose && ip != "" {
		c.entry("ipnet=" + field(c.query("ipinfo ip="+ip+" ipnet"), "ipnet"))
	}
}

// closest prints the entry in which $attr is found, that of this machine or of
// its network, and returns its value; "" if there is none.
func (c *callee) closest(attr string) string {
	val := field(c.query("ipinfo "+attr), attr)
	if val == "" {
		c.line("ndb", "nothing about $%s: this machine and its networks have no %s", attr, attr)
		return ""
	}
	name, _ := c.e.p.ReadFile("/dev/sysname")
	if !c.entry("sys=" + string(name) + " " + attr + "=*") {
		c.entry("ipnet=" + field(c.query("ipinfo ipnet"), "ipnet") + " " + attr + "=*")
	}
	c.line("ndb", "$%s is %s", attr, val)
	return val
}

// hostEntry prints the entry of a host and returns its address.
func (c *callee) hostEntry(host string) string {
	for _, attr := range []string{"sys", "dom", "ip"} {
		if query := attr + "=" + host; c.entry(query) {
			return field(c.query(query), "ip")
		}
	}
	c.nothing("a system "+host, ndb.IPAttr(host), host)
	return host
}

// serviceEntry prints the entry of the service.
func (c *callee) serviceEntry() {
	attr, val, other := c.proto(), c.serv, "port"
	if strings.Trim(val, "0123456789") == "" {
		attr, other = other, attr
	}
	if !c.entry(attr + "=" + val + " " + other + "=*") {
		c.nothing("a service "+val+" of "+c.proto(), attr, val)
	}
}

// proto returns the protocol: tcp for net, which leaves it open.
func (c *callee) proto() string {
	if c.net == "net" {
		return "tcp"
	}
	return c.net
}

// readFiles reads the files of the database, to know where entries stand.
func (c *callee) readFiles() error {
	db, err := ndb.Open("/lib/ndb/local", c.e.p.ReadFile)
	if err != nil {
		return err
	}
	c.files = db
	name := c.dir + "/ndb"
	if text, err := c.e.p.ReadFile(name); err == nil {
		if first, err := ndb.Parse(name, string(text)); err == nil {
			db.Tuples = append(first.Tuples, db.Tuples...)
		}
	}
	return nil
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

// entry prints the entry that answers a query, after the file and the line
// where it begins; false if there is none. The connection server reads files
// once: what they have may be something else by now.
func (c *callee) entry(query string) bool {
	reply := c.query(query)
	if reply == "" {
		return false
	}
	if c.files == nil {
		c.line("ndb", "%s", reply)
		return true
	}
	for _, t := range c.files.Tuples {
		if t.String() == reply {
			c.line("ndb", "%s: %s", place(t), reply)
			return true
		}
	}
	c.line("ndb", "%s, which no file has now: %s", reply, c.refresh())
	return true
}

// nothing says that there is no entry: perhaps the files have one by now.
func (c *callee) nothing(what, attr, val string) {
	if c.files != nil {
		if found := c.files.Search(attr, val); len(found) > 0 {
			c.line("ndb", "nothing about %s, but %s has it now: %s", what, place(found[0]), c.refresh())
			return
		}
	}
	c.line("ndb", "nothing about %s", what)
}

// refresh is the command that makes the connection server read the files again.
func (c *callee) refresh() string { return "echo refresh >" + c.dir + "/cs" }

// place returns where an entry begins.
func place(t *ndb.Tuple) string { return fmt.Sprintf("%s:%d", t.File, t.Lines[0].Num) }

// field returns the value of an attribute in the text of an entry.
func field(text, attr string) string {
	for _, w := range strings.Fields(text) {
		if a, v, _ := strings.Cut(w, "="); a == attr {
			return v
		}
	}
	return ""
}
