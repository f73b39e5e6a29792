package dev

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// A state of a conversation. It goes through them once: what is over is not
// used again, its number is, by another conv.
type state int

const (
	fresh       state = iota
	dialing           // connect is under way
	listening         // announced
	established       // connected or accepted
	ended             // the other side has ended, and we have read it
	broken            // the other side has hung up
	over              // hung up here, or it never came to be
)

// String returns the word that netstat(1) shows.
func (s state) String() string {
	return [...]string{"Closed", "Syn_sent", "Listen", "Established", "Close_wait", "Closed", "Closed"}[s]
}

// A conv is a conversation.
type conv struct {
	pr  *proto
	num int
	dir *ninep.Node
	ctl *ninep.Node

	in, out atomic.Int64 // bytes

	mu     sync.Mutex // guards what follows
	inuse  int        // how many of its files are open
	owner  string
	perm   ninep.Perm
	state  state
	local  string             // address of an announcement, or what bind wrote
	cancel context.CancelFunc // ends a dial under way
	lis    Listener           // while listening
	conn   Conn               // since established
	why    string             // what err reads

	headers bool      // wanted: see useHeaders
	grams   Datagrams // nil before there are some
}

// makeNodes makes the files.
func (c *conv) makeNodes() {
	shared := func(i int, n *ninep.Node) *ninep.Node {
		n.Path = c.pr.path(c.num, i)
		n.Stat = c.stat
		n.Wstat = c.wstat
		if n.Open == nil {
			n.Open, n.Close = c.open, c.close
		}
		return n
	}
	public := func(i int, name string, f func() string) *ninep.Node {
		n := ninep.TextFunc(name, f)
		n.Path, n.Stat = c.pr.path(c.num, i), c.ownedBy
		return n
	}
	c.ctl = shared(2, &ninep.Node{Name: "ctl", Write: c.control,
		Read: func(context.Context) ([]byte, error) { return []byte(strconv.Itoa(c.num)), nil }})
	c.dir = &ninep.Node{Name: strconv.Itoa(c.num), Path: c.pr.path(c.num, 1), Stat: c.ownedBy, Children: []*ninep.Node{
		c.ctl,
		shared(3, &ninep.Node{Name: "data", ReadAt: c.read, WriteAt: c.write}),
		shared(4, &ninep.Node{Name: "err", Read: func(context.Context) ([]byte, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			return []byte(c.why), nil
		}}),
		shared(5, &ninep.Node{Name: "listen", Open: c.listen}),
		public(6, "local", func() string { l, _ := c.addrs(); return l }),
		public(7, "remote", func() string { _, r := c.addrs(); return r }),
		public(8, "status", c.status),
	}}
}

// ownedBy puts the owner into an entry.
func (c *conv) ownedBy(d *ninep.Dir) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d.UID, d.MUID, d.GID = c.owner, c.owner, c.pr.owner
}

// stat puts owner and permissions into an entry.
func (c *conv) stat(d *ninep.Dir) {
	c.ownedBy(d)
	c.mu.Lock()
	defer c.mu.Unlock()
	d.Mode = c.perm
}

// wstat changes owner and permissions, for the owner and the host owner.
func (c *conv) wstat(_ context.Context, user string, d ninep.Dir) error {
	want := ninep.NullDir
	want.UID, want.Mode = d.UID, d.Mode
	c.mu.Lock()
	defer c.mu.Unlock()
	if d != want || user != c.owner && user != c.pr.owner {
		return ninep.ErrPerm
	}
	if d.UID != "" {
		if d.UID != user && user != c.pr.owner {
			return ninep.ErrPerm
		}
		c.owner = d.UID
	}
	if d.Mode != ninep.NullDir.Mode {
		c.perm = d.Mode & 0666
	}
	return nil
}

// is reports whether the conversation is in state s.
func (c *conv) is(s state) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == s
}

// open counts one more open file.
func (c *conv) open(context.Context, string, ninep.Mode) (*ninep.Node, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inuse == 0 {
		return nil, ninep.ErrShutdown
	}
	c.inuse++
	return nil, nil
}

// close counts one open file less; the last ends the conversation.
func (c *conv) close() {
	c.mu.Lock()
	c.inuse--
	last := c.inuse == 0
	c.mu.Unlock()
	if last {
		c.hangup()
		c.pr.free(c)
	}
}

// hangup ends the conversation on this side.
func (c *conv) hangup() {
	c.mu.Lock()
	was, conn, lis, cancel := c.state, c.conn, c.lis, c.cancel
	c.state = over
	c.mu.Unlock()
	if was == over {
		return
	}
	if cancel != nil {
		cancel()
	}
	if lis != nil {
		lis.Close()
	}
	if conn != nil {
		conn.Close()
	}
}

// control does a message written to ctl.
func (c *conv) control(ctx context.Context, msg []byte) error {
	f, err := control(msg)
	if err != nil {
		return err
	}
	switch f[0] {
	case "connect":
		if len(f) != 2 && len(f) != 3 {
			return ninep.Error("bad args to connect")
		}
		return c.connect(ctx, f[1])
	case "announce":
		if len(f) != 2 {
			return ninep.Error("bad args to announce")
		}
		return c.announce(ctx, f[1])
	case "bind":
		if len(f) != 2 {
			return ninep.Error("bad args to bind")
		}
		return c.bind(f[1])
	case "ttl", "tos", "ignoreadvice":
		return nil // a Wire has no use for these
	}
	switch stream := c.pr.stream(); {
	case f[0] == "hangup", stream && f[0] == "close":
		c.hangup()
		return nil
	case stream && slices.Contains([]string{"keepalive", "checksum", "tcpporthogdefense"}, f[0]):
		return nil
	case !stream && f[0] == "headers":
		return c.useHeaders()
	}
	return ninep.ErrCtlUnknown
}

// begin moves a fresh conversation to state s.
func (c *conv) begin(s state, local string, cancel context.CancelFunc) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != fresh {
		return ninep.ErrConInUse
	}
	c.state, c.local, c.cancel = s, local, cancel
	return nil
}

// arrive moves a conversation from state s to what became of it. It reports
// false if it was hung up meanwhile.
func (c *conv) arrive(s state, conn Conn, lis Listener, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = nil
	if c.state != s {
		return false
	}
	switch {
	case err != nil:
		c.state, c.why = over, err.Error()
	case conn != nil:
		c.state, c.conn = established, conn
	default:
		c.lis = lis
		c.takeDatagrams()
	}
	return true
}

// connect calls addr: "10.9.0.1!564", to which "!r" may be added.
func (c *conv) connect(ctx context.Context, addr string) error {
	host, port, err := c.address(strings.TrimSuffix(addr, "!r"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.begin(dialing, "", cancel); err != nil {
		return err
	}
	conn, err := c.pr.wire.Dial(ctx, c.pr.name+"!"+host+"!"+port)
	if !c.arrive(dialing, conn, nil, err) {
		if err == nil {
			conn.Close()
		}
		return ninep.ErrHungup
	}
	c.pr.active.Add(1)
	return err
}

// announce takes calls for addr: "564", "*!564" or "10.9.0.1!564".
func (c *conv) announce(ctx context.Context, addr string) error {
	host, port, err := c.localAddress(addr)
	if err != nil {
		return err
	}
	if err := c.begin(listening, "", nil); err != nil {
		return err
	}
	lis, err := c.pr.wire.Announce(ctx, c.pr.name+"!"+host+"!"+port)
	if !c.arrive(listening, nil, lis, err) {
		if err == nil {
			lis.Close()
		}
		return ninep.ErrHungup
	}
	return err
}

// bind remembers a local address, which is all it does.
func (c *conv) bind(addr string) error {
	host, port, err := c.localAddress(addr)
	if err != nil {
		return err
	}
	return c.begin(fresh, host+"!"+port, nil)
}

// listen waits for a call and returns the ctl of its conversation.
func (c *conv) listen(ctx context.Context, _ string, _ ninep.Mode) (*ninep.Node, error) {
	c.mu.Lock()
	lis, owner := c.lis, c.owner
	if c.state != listening || lis == nil || c.inuse == 0 {
		c.mu.Unlock()
		return nil, ninep.Error("not announced")
	}
	c.inuse++
	c.mu.Unlock()
	defer c.close()
	conn, err := lis.Accept(ctx)
	if err == ninep.ErrHungup {
		return nil, ninep.Error("listen hungup")
	}
	if err != nil {
		return nil, err
	}
	nc, err := c.pr.newConv(owner)
	if err != nil {
		conn.Close()
		return nil, err
	}
	nc.arrive(fresh, conn, nil, nil)
	c.pr.passive.Add(1)
	return nc.ctl, nil
}

// peer returns the connection, or the error of a conversation without one.
func (c *conv) peer() (Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil, ninep.ErrHungup
	}
	return c.conn, nil
}

func (c *conv) read(ctx context.Context, p []byte, _ int64) (int, error) {
	if d := c.datagrams(); d != nil {
		n, err := c.readHeader(ctx, d, p)
		return n, c.moved(&c.in, &c.pr.in, n, err)
	}
	conn, err := c.peer()
	if err != nil {
		return 0, err
	}
	n, err := conn.Read(ctx, p)
	return n, c.moved(&c.in, &c.pr.in, n, err)
}

func (c *conv) write(ctx context.Context, p []byte, _ int64) (int, error) {
	if d := c.datagrams(); d != nil {
		n, err := c.writeHeader(ctx, d, p)
		return n, c.moved(&c.out, &c.pr.out, n, err)
	}
	conn, err := c.peer()
	if err != nil {
		return 0, err
	}
	n, err := conn.Write(ctx, p)
	return n, c.moved(&c.out, &c.pr.out, n, err)
}

// moved keeps the books of a read or write and returns its error: none at
// the end of the stream.
func (c *conv) moved(bytes, calls *atomic.Int64, n int, err error) error {
	bytes.Add(int64(n))
	if err == nil {
		calls.Add(1)
		return nil
	}
	if err == ninep.ErrIntr {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == io.EOF {
		if c.state == established {
			c.state = ended
		}
		return nil
	}
	c.pr.failed.Add(1)
	if c.why == "" {
		c.why = err.Error()
	}
	if c.state == established {
		c.pr.resets.Add(1)
		c.state = broken
	}
	return err
}
