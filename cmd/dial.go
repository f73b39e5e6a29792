package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// This file is dial(2): calls are made and answered through the files of
// /net, with addresses translated by the connection server, ndb(8).
//
//	conn, err := dial(p, "tcp!n1!564")   // or "n1!9fs", "/net.alt/tcp!n1!9fs"
//	p.Write(conn.fd, msg)
//	conn.close(p)
//
//	a, err := announce(p, "tcp!*!7")
//	c, err := a.listen(p)                // waits for a call
//	c.accept(p)                          // c.fd is open now

// A conn is a connection, or an announcement, as the process sees it.
type conn struct {
	dir string // line directory: /net/tcp/3
	ctl int    // descriptor of its ctl file; the connection lasts while it is open
	fd  int    // descriptor of its data file, or -1
}

// close closes the descriptors.
func (c conn) close(p *proc.Proc) {
	p.Close(c.ctl)
	if c.fd >= 0 {
		p.Close(c.fd)
	}
}

// netmkaddr returns addr with the network and the service it lacks.
func netmkaddr(addr, net, service string) string {
	if net == "" {
		net = "net"
	}
	switch strings.Count(addr, "!") {
	case 0:
		addr = net + "!" + addr
	case 1:
	default:
		return addr
	}
	if service == "" {
		return addr
	}
	return addr + "!" + service
}

// netdir cuts the network directory off a dial string:
// /net.alt and tcp!n1!564 for /net.alt/tcp!n1!564; dir is "" if there is none.
func netdir(addr string) (dir, rest string) {
	if !strings.HasPrefix(addr, "/") && !strings.HasPrefix(addr, "#") {
		return "", addr
	}
	net, _, _ := strings.Cut(addr, "!")
	i := strings.LastIndexByte(net, '/')
	if i <= 0 {
		return "", addr
	}
	return addr[:i], addr[i+1:]
}

// A recipe is what the connection server makes of an address: which clone
// file to open, below the network directory, and what to write to it.
type recipe struct{ clone, addr string }

// translate asks the connection server of netdir how to reach addr, which
// has the form net!host!service. Without a server the address stands for itself.
func translate(p *proc.Proc, netdir, addr string) ([]recipe, error) {
	fd, err := p.Open(netdir+"/cs", ninep.ORDWR)
	if err != nil {
		net, rest, ok := strings.Cut(addr, "!")
		if !ok {
			return nil, fmt.Errorf("bad dial string: %s", addr)
		}
		return []recipe{{net + "/clone", rest}}, nil
	}
	defer p.Close(fd)
	replies, err := askcs(p, fd, addr)
	var list []recipe
	for _, r := range replies {
		clone, rest, _ := strings.Cut(r, " ")
		// The server may live in another name space: only what follows
		// its own network directory counts.
		if below, ok := strings.CutPrefix(clone, "/"); ok {
			_, clone, _ = strings.Cut(below, "/")
		}
		list = append(list, recipe{clone, rest})
	}
	return list, err
}

// askcs writes text to the connection server open as fd and returns what it
// answers.
func askcs(p *proc.Proc, fd int, text string) ([]string, error) {
	if _, err := p.Write(fd, []byte(text)); err != nil {
		return nil, err
	}
	if _, err := p.Seek(fd, 0, 0); err != nil {
		return nil, err
	}
	var replies []string
	b := make([]byte, 8192)
	for {
		n, err := p.Read(fd, b)
		if n == 0 || err != nil {
			return replies, err
		}
		replies = append(replies, string(b[:n]))
	}
}

// dial calls addr: net!host!service, or host!service or host for any network
// that leads there. A network directory other than /net may come first.
func dial(p *proc.Proc, addr string) (conn, error) {
	netdir, rest := netdir(addr)
	if netdir != "" {
		return dialNet(p, netdir, rest)
	}
	c, err := dialNet(p, "/net", rest)
	if err == nil || errors.Is(err, ninep.ErrIntr) || errors.Is(err, ninep.ErrConRefused) {
		return c, err
	}
	c, alt := dialNet(p, "/net.alt", rest)
	if alt == nil || !errors.Is(alt, ninep.ErrNotExist) && !errors.Is(alt, errNoAddress) {
		return c, alt
	}
	return c, err // as if there were no other network
}

// dialTime is how long commands wait for a machine to answer a call.
const dialTime = 10 * time.Second

// within runs f, which makes system calls of p, and interrupts it after d: it
// uses p's alarm and note handler.
func within(p *proc.Proc, d time.Duration, f func() error) error {
	late := false
	p.Notify(func(_ *proc.Proc, note string) bool {
		late = note == "alarm"
		return late
	})
	p.Alarm(d)
	err := f()
	p.Alarm(0)
	p.Sleep(0) // takes an alarm that came when f was done
	p.Notify(nil)
	if late && err != nil {
		err = ninep.ErrTimedOut
	}
	return err
}

// dialNet tries the ways to addr that a network directory knows, in order.
func dialNet(p *proc.Proc, netdir, addr string) (conn, error) {
	if !strings.Contains(addr, "!") {
		addr = "net!" + addr
	}
	list, err := translate(p, netdir, addr)
	if err != nil {
		return conn{}, err
	}
	err = errNoAddress
	for _, r := range list {
		var c conn
		if c, err = call(p, netdir, r, "connect"); err != nil {
			if errors.Is(err, ninep.ErrIntr) {
				break
			}
			continue
		}
		if c.fd, err = p.Open(c.dir+"/data", ninep.ORDWR); err == nil {
			return c, nil
		}
		p.Close(c.ctl)
	}
	return conn{}, err
}

// call opens a clone file and writes "verb addr" to its line's ctl file.
func call(p *proc.Proc, netdir string, r recipe, verb string) (conn, error) {
	name := netdir + "/" + r.clone
	ctl, err := p.Open(name, ninep.ORDWR)
	if err != nil {
		return conn{}, err
	}
	line, err := readnum(p, ctl)
	if err == nil {
		_, err = p.Write(ctl, []byte(verb+" "+r.addr))
	}
	if err != nil {
		p.Close(ctl)
		return conn{}, err
	}
	return conn{dir: strings.TrimSuffix(name, "clone") + line, ctl: ctl, fd: -1}, nil
}

// readnum reads the number of a line from its ctl or listen file.
func readnum(p *proc.Proc, fd int) (string, error) {
	var b [32]byte
	n, err := p.Read(fd, b[:])
	if err == nil && n == 0 {
		err = ninep.ErrHungup
	}
	return strings.TrimSpace(string(b[:n])), err
}

// announce makes addr, as in tcp!*!564, an address at which p can be called.
func announce(p *proc.Proc, addr string) (conn, error) {
	netdir, rest := netdir(addr)
	if netdir == "" {
		netdir = "/net"
	}
	if !strings.Contains(rest, "!") {
		return conn{}, fmt.Errorf("bad dial string: %s", addr)
	}
	list, err := translate(p, netdir, rest)
	if err != nil {
		return conn{}, err
	}
	if len(list) == 0 {
		return conn{}, errNoAddress
	}
	return call(p, netdir, list[0], "announce")
}

// listen waits for a call to the announced address.
func (a conn) listen(p *proc.Proc) (conn, error) {
	ctl, err := p.Open(a.dir+"/listen", ninep.ORDWR)
	if err != nil {
		return conn{}, err
	}
	line, err := readnum(p, ctl)
	if err != nil {
		p.Close(ctl)
		return conn{}, err
	}
	return conn{dir: a.dir[:strings.LastIndexByte(a.dir, '/')+1] + line, ctl: ctl, fd: -1}, nil
}

// accept takes the call and opens its data file.
func (c *conn) accept(p *proc.Proc) error {
	// A network that needs no accept refuses it.
	p.Write(c.ctl, []byte("accept "+c.dir[strings.LastIndexByte(c.dir, '/')+1:]))
	fd, err := p.Open(c.dir+"/data", ninep.ORDWR)
	if err != nil {
		return err
	}
	c.fd = fd
	return nil
}

// reject refuses the call, and says why where the network can.
func (c conn) reject(p *proc.Proc, cause string) {
	p.Write(c.ctl, []byte("reject "+c.dir[strings.LastIndexByte(c.dir, '/')+1:]+" "+cause))
}

// remote returns the address at the other end, "" if it is not known.
func (c conn) remote(p *proc.Proc) string {
	b, _ := p.ReadFile(c.dir + "/remote")
	return strings.TrimSpace(string(b))
}
