package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/ns"
)

// An authdialer calls authentication servers for a server's clients, in a name space:
// the system calls of the server's process are its own goroutine's. See authsrv(2).
type authdialer struct {
	view  func() ns.View
	addrs []string // of the servers; none: they are looked for
}

// authTime is how long an authentication server may take.
const authTime = 30 * time.Second

// dial calls an authentication server of a domain, and says where it is, also if it
// cannot be reached.
func (d *authdialer) dial(ctx context.Context, dom string) (io.ReadWriteCloser, string, error) {
	ctx, cancel := context.WithTimeout(ctx, authTime)
	servers := d.addrs
	if len(servers) == 0 {
		servers = d.servers(ctx, dom)
	}
	addr, err := "", error(errNoAddress)
	for _, s := range servers {
		addr = netmkaddr(s, "", "ticket")
		var data *ns.Chan
		if data, err = d.call(ctx, addr); err == nil {
			defer data.Close()
			return &timedConn{ns.Conn(ctx, data), cancel}, addr, nil
		}
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = ninep.ErrTimedOut
	}
	cancel()
	return nil, addr, fmt.Errorf("%s: %w", addr, err)
}

// A timedConn is a connection that ends after a while.
type timedConn struct {
	io.ReadWriteCloser
	cancel context.CancelFunc
}

func (c *timedConn) Close() error {
	c.cancel()
	return c.ReadWriteCloser.Close()
}

// servers returns the names of the servers of a domain: what the network database has
// for it, or else a name that it might have.
func (d *authdialer) servers(ctx context.Context, dom string) []string {
	for _, attr := range []string{"authdom", "dom"} {
		if servers := d.query(ctx, attr, dom); len(servers) > 0 {
			return servers
		}
	}
	return []string{"p9auth." + dom}
}

// query returns the values of auth in the entry with an attribute. Without a
// connection server it looks itself.
func (d *authdialer) query(ctx context.Context, attr, val string) []string {
	var servers []string
	replies, err := d.ask(ctx, ndb.Pair{Attr: "!" + attr, Val: val}.String()+" auth=*")
	if err == nil {
		for _, r := range replies {
			if db, err := ndb.Parse("cs", r); err == nil {
				for _, t := range db.Tuples {
					servers = append(servers, t.All("auth")...)
				}
			}
		}
		return servers
	}
	read := func(name string) ([]byte, error) { return readView(ctx, d.view(), name) }
	for _, file := range []string{"/net/ndb", "/lib/ndb/local"} {
		db, err := ndb.Open(file, read)
		if err != nil {
			continue
		}
		for _, t := range db.Search(attr, val) {
			for _, name := range t.All("auth") {
				ip, _ := db.Value("sys", name, "ip")
				servers = append(servers, cmp.Or(ip, name))
			}
		}
	}
	if len(servers) == 0 && attr == "authdom" {
		return d.configured(ctx, val)
	}
	return servers
}

// configured returns the server of a domain that the kernel was told of: a machine that
// boots has no network database yet.
func (d *authdialer) configured(ctx context.Context, dom string) []string {
	conf := func(name string) string {
		b, _ := readView(ctx, d.view(), "#ec/"+name)
		return strings.TrimRight(string(b), "\n\x00")
	}
	if server := conf("auth"); server != "" && conf("authdom") == dom {
		return []string{server}
	}
	return nil
}

// ask asks the connection server, which is mounted if it was posted later.
func (d *authdialer) ask(ctx context.Context, request string) ([]string, error) {
	v := d.view()
	cs, err := v.Open(ctx, "/net/cs", ninep.ORDWR)
	if err != nil {
		srv, serr := v.Open(ctx, "/srv/cs", ninep.ORDWR)
		if serr != nil {
			return nil, err
		}
		defer srv.Close()
		if err := v.Mount(ctx, srv, "/net", ns.MAFTER, ""); err != nil {
			return nil, err
		}
		if cs, err = v.Open(ctx, "/net/cs", ninep.ORDWR); err != nil {
			return nil, err
		}
	}
	defer cs.Close()
	return askfile(ctx, cs, request)
}

// call calls an address, and returns the data file of the connection.
func (d *authdialer) call(ctx context.Context, addr string) (*ns.Chan, error) {
	_, host, _ := strings.Cut(addr, "!")
	lines, err := d.ask(ctx, addr)
	if errors.Is(err, ninep.ErrNotExist) {
		lines, err = []string{"/net/tcp/clone " + strings.Replace(host, "!ticket", "!567", 1)}, nil
	}
	if err == nil && len(lines) == 0 {
		err = errNoAddress
	}
	for _, line := range lines {
		clone, to, _ := strings.Cut(line, " ")
		var data *ns.Chan
		if data, err = d.connect(ctx, clone, to); err == nil {
			return data, nil
		}
	}
	return nil, err
}

// connect is one way to call an address: a clone file, and what to write to it.
func (d *authdialer) connect(ctx context.Context, clone, to string) (*ns.Chan, error) {
	v := d.view()
	ctl, err := v.Open(ctx, clone, ninep.ORDWR)
	if err != nil {
		return nil, err
	}
	defer ctl.Close() // data keeps the connection
	var b [32]byte
	n, err := ctl.Read(ctx, b[:])
	if err == nil {
		_, err = ctl.WriteAt(ctx, []byte("connect "+to), 0)
	}
	if err != nil {
		return nil, err
	}
	dir := strings.TrimSuffix(clone, "clone") + strings.TrimSpace(string(b[:n]))
	return v.Open(ctx, dir+"/data", ninep.ORDWR)
}
