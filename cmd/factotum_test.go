package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"ufo/auth"
	"ufo/cmd"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A guarded is a Server that wants to know who its users are, as bootes.
type guarded struct {
	ninep.Server
	keys auth.Keyring
}

func (g *guarded) Attach(context.Context, string, string) (ninep.File, error) {
	return nil, ninep.ErrPerm
}

func (g *guarded) Auth(ctx context.Context, _, _ string) (ninep.File, error) {
	conv, err := auth.Start(ctx, auth.Config{Proto: "p9any", Role: "server", Keys: g.keys})
	return &afile{conv: conv}, err
}

func (g *guarded) AttachAuth(ctx context.Context, f ninep.File, user, spec string) (ninep.File, error) {
	a, _ := ninep.As[*afile](f)
	if a == nil || a.conv.Info() == nil || a.conv.Info().Suid != user {
		return nil, ninep.ErrPerm
	}
	return g.Server.Attach(ctx, user, spec)
}

// An afile is a file of authentication, of which any number of bytes may be read and
// written at a time.
type afile struct {
	ninep.Plain
	mu      sync.Mutex // guards what follows
	conv    auth.Conv
	out, in []byte
}

func (f *afile) Qid() ninep.Qid { return ninep.Qid{Type: ninep.QTAUTH} }

func (f *afile) Stat(context.Context) (ninep.Dir, error) {
	return ninep.Dir{Mode: ninep.DMAUTH | 0666, Qid: f.Qid(), Name: "auth"}, nil
}

func (f *afile) Clone(context.Context) (ninep.File, error) { return nil, ninep.ErrPerm }

func (f *afile) Read(ctx context.Context, p []byte, _ int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.out) == 0 {
		b, err := f.conv.Read(ctx)
		if err != nil {
			return 0, err
		}
		f.out = bytes.Clone(b)
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

func (f *afile) Write(ctx context.Context, p []byte, _ int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.in = append(f.in, p...)
	var short auth.Short
	if err := f.conv.Write(ctx, f.in); err == nil {
		f.in = nil
	} else if !errors.As(err, &short) {
		return 0, err
	}
	return len(p), nil
}

// realm has an authentication server of the domain lab at n1, and a file server of
// bootes's, that wants to know who one is, as the service 9fs. The password of a user
// is secret.
func realm(t *testing.T, l *lab) { realmOf(t, l, "secret") }

// realmOf is realm with another password.
func realmOf(t *testing.T, l *lab, password string) {
	key := auth.PassKey(password)
	as := &auth.Server{Key: func(_ context.Context, user string) *auth.Key {
		if user != "glenda" && user != "ken" && user != "bootes" {
			return nil
		}
		return key
	}}
	l.announce(t, "tcp!*!567", func(c io.ReadWriter) { as.Serve(t.Context(), c) })
	files := &guarded{
		Server: ninep.NewTree("bootes", &ninep.Node{Children: []*ninep.Node{ninep.Text("f", "hello\n")}}),
		keys:   auth.Keys{{Proto: "dp9ik", Dom: "lab", User: "bootes", Key: *key}},
	}
	l.announce(t, "tcp!*!564", func(c io.ReadWriter) {
		ninep.Serve(context.Background(), c.(io.ReadWriteCloser), files, nil)
	})
}

// What rows begin with: the network database has the authentication server, and
// cs knows; factotum has the right key; the server is mounted.
const (
	addNdb    = "{echo 'authdom=lab auth=n1'; echo 'tcp=ticket port=567'} >>/lib/ndb/local\n"
	inNdb     = addNdb + "echo -n refresh >/net/cs\n"
	goodKey   = "echo 'key proto=dp9ik dom=lab user=glenda !password=secret' >/mnt/factotum/ctl\n"
	bootesKey = "echo 'key proto=dp9ik dom=lab user=bootes !password=secret' >/mnt/factotum/ctl\n"
	spaces    = "{echo 'bind #/ /\nbind #s /srv\nbind #c /dev\nbind /ufo/bin /bin\n"
	mountCall = "srv tcp!n1!564 x; mount /srv/x /n; cat /n/f"
)

// hangup564 hangs up the connections to the file server.
const hangup564 = "for(i in /net/tcp/[0-9]*) if(grep -s '!564$' $i/remote) echo hangup >$i/ctl"

// TestMountAuth mounts a server that wants to know who one is.
func TestMountAuth(t *testing.T) {
	netRows(t, realm, []netrow{
		{"by the database", inNdb + "auth/factotum\n" + goodKey + mountCall, "hello\n"},
		{"by an address", "auth/factotum -a tcp!n1!567\n" + goodKey + mountCall, "hello\n"},
		{"a database that is asked later", "auth/factotum\n" + inNdb + goodKey + mountCall, "hello\n"},
		{"by srv", inNdb + "auth/factotum\n" + goodKey + "srv tcp!n1!564 x /n; cat /n/f", "hello\n"},
		{"with a key that is asked for", inNdb + "auth/factotum\n" + goodKey + "srv tcp!n1!564 x; mount -k 'user=glenda dom=lab' /srv/x /n; cat /n/f", "hello\n"},
		{"by srv -r, and again when the connection has ended", inNdb + "auth/factotum\n" + goodKey + "srv -r tcp!n1!564 x /n; cat /n/f; " + hangup564 + "; cat /n/f; {cat; " + hangup564 + "; cat} </n/f",
			"hello\nhello\nhello\n"},
		{"by srv -r, when the key is gone", inNdb + "auth/factotum\n" + goodKey + "srv -r tcp!n1!564 x /n; cat /n/f; echo 'delkey proto=dp9ik' >/mnt/factotum/ctl; " + hangup564 + "; cat /n/f",
			"hello\ncat: can't open /n/f: '/n/f' /: auth_proxy: needkey !password? dom=lab proto=dp9ik user?: permission denied\nstatus: can't open /n/f: '/n/f' /: auth_proxy: needkey !password? dom=lab proto=dp9ik user?: permission denied\n"},
		{"srv -nr", inNdb + "auth/factotum\n" + goodKey + "srv -nr tcp!n1!564 x /n", "srv: tcp!n1!564: mount /n: permission denied\nstatus: tcp!n1!564: mount /n: permission denied\n"},
		{"in a new name space", inNdb + "auth/factotum\n" + goodKey + "srv tcp!n1!564 x\n" + spaces + "mount /srv/x /n'} >/tmp/ns; auth/newns -n /tmp/ns cat /n/f", "hello\n"},
		{"in a new name space, with -n", inNdb + "auth/factotum\n" + goodKey + "srv tcp!n1!564 x\n" + spaces + "mount -n /srv/x /n'} >/tmp/ns; auth/newns -d -n /tmp/ns cat /dev/null",
			"auth/newns: mount -n /srv/x /n: mount /n: permission denied\n"},
		{"in a new name space, without a key", inNdb + "auth/factotum\nsrv tcp!n1!564 x\n" + spaces + "mount /srv/x /n'} >/tmp/ns; auth/newns -d -n /tmp/ns cat /dev/null",
			"auth/newns: mount /srv/x /n: mount /n: auth_proxy: needkey !password? dom=lab proto=dp9ik user?: permission denied\n"},
		{"added to the name space", inNdb + "auth/factotum\n" + goodKey + "srv tcp!n1!564 x; echo 'mount /srv/x /n' >/tmp/ns; auth/newns -a -n /tmp/ns cat /n/f", "hello\n"},
		{"srv -n", inNdb + "auth/factotum\n" + goodKey + "srv -n tcp!n1!564 x /n", "srv: tcp!n1!564: mount /n: permission denied\nstatus: tcp!n1!564: mount /n: permission denied\n"},
		{"mount -n", inNdb + "auth/factotum\n" + goodKey + "srv tcp!n1!564 x; mount -n /srv/x /n", "mount: mount /n: permission denied\nstatus: mount\n"},
		{"no factotum", "srv tcp!n1!564 x; mount /srv/x /n", "mount: mount /n: opening /mnt/factotum/rpc: '/mnt/factotum' file does not exist: permission denied\nstatus: mount\n"},
		{"the server of another address", "auth/factotum -a tcp!n1!568\n" + goodKey + "srv tcp!n1!564 x; mount /srv/x /n",
			"mount: mount /n: auth_proxy: authentication server of lab: tcp!n1!568: connection refused: proto=dp9ik dom=lab user=glenda: permission denied\nstatus: mount\n"},
		{"a domain that nobody knows", "auth/factotum\n" + goodKey + "srv tcp!n1!564 x; mount /srv/x /n",
			"mount: mount /n: auth_proxy: authentication server of lab: net!p9auth.lab!ticket: cs: can't translate service: proto=dp9ik dom=lab user=glenda: permission denied\nstatus: mount\n"},
		{"a wrong password, and nobody to be asked", inNdb + "auth/factotum\necho 'key proto=dp9ik dom=lab user=glenda !password=wrong' >/mnt/factotum/ctl\nsrv -r tcp!n1!564 x /n",
			"srv: tcp!n1!564: mount /n: auth_proxy: bad key: proto=dp9ik dom=lab user=glenda: refused by net!n1!ticket: permission denied\nstatus: tcp!n1!564: mount /n: auth_proxy: bad key: proto=dp9ik dom=lab user=glenda: refused by net!n1!ticket: permission denied\n"},
		{"of a server", inNdb + "echo -n cpu >'#ec/service'\nauth/factotum -S\necho 'key proto=dp9ik dom=lab user=glenda !password=wrong' >/mnt/factotum/ctl\nsrv tcp!n1!564 x; mount /srv/x /n",
			"mount: mount /n: auth_proxy: bad key: proto=dp9ik dom=lab user=glenda: refused by net!n1!ticket: permission denied\nstatus: mount\n"},
	})
}

// TestRedialStranger speaks 9P on the file in /srv of a srv -r, where who is named
// need not be who speaks.
func TestRedialStranger(t *testing.T) {
	cmd.OnWire(t, new(lab).plug(realm), func(p *proc.Proc) error {
		if got := cmd.RcOutput(p, inNdb+"auth/factotum\n"+goodKey+"srv -r tcp!n1!564 x"); got != "" {
			t.Fatal(got)
		}
		for range 2 { // it is no different when somebody has mounted it
			client := cmd.Speak9P(t, p, "/srv/x")
			if _, err := client.Attach(p.Context(), "glenda", ""); err == nil || ninep.ErrorOf(err) != ninep.ErrPerm {
				t.Errorf("a stranger attaches: %v", err)
			}
			client.Close()
			p.Fork(proc.RFFDG, func(k *proc.Proc) error {
				k.SetUser("ken")
				err := cmd.AttachSaid(k, "/srv/x", "glenda", func(ninep.File) error { return nil })
				if err == nil || ninep.ErrorOf(err) != ninep.ErrPerm {
					t.Errorf("ken attaches as glenda, as his exportfs could: %v", err)
				}
				return nil
			})
			p.Wait()
			if got := cmd.RcOutput(p, "mount /srv/x /n; cat /n/f"); got != "hello\n" {
				t.Errorf("the user mounts it: %s", got)
			}
		}
		return nil
	})
}

// TestAuthdial calls authentication servers without a connection server.
func TestAuthdial(t *testing.T) {
	for _, c := range []struct{ name, setup, want string }{
		{"the database itself", "echo 'authdom=lab auth=n1' >>/lib/ndb/local; auth/factotum\n", "hello\n"},
		{"a connection server that is posted later", addNdb + "auth/factotum; ndb/cs\n", "hello\n"},
		{"what the kernel was told", "echo -n 10.9.0.1 >'#ec/auth'; echo -n lab >'#ec/authdom'; auth/factotum\n", "hello\n"},
		{"what it was told of another domain", "echo -n 10.9.0.1 >'#ec/auth'; echo -n home >'#ec/authdom'; auth/factotum\n", "mount: mount /n: auth_proxy: authentication server of lab: net!p9auth.lab!ticket: bad ip address syntax: proto=dp9ik dom=lab user=glenda: permission denied\n" +
			"cat: can't open /n/f: '/n/f' file does not exist\nstatus: can't open /n/f: '/n/f' file does not exist\n"},
		{"nobody to ask", "auth/factotum\n", "mount: mount /n: auth_proxy: authentication server of lab: net!p9auth.lab!ticket: bad ip address syntax: proto=dp9ik dom=lab user=glenda: permission denied\n" +
			"cat: can't open /n/f: '/n/f' file does not exist\nstatus: can't open /n/f: '/n/f' file does not exist\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd.OnWire(t, new(lab).plug(realm), func(p *proc.Proc) error {
				p.Unmount("/srv/cs", "/net")
				p.Remove("/srv/cs")
				got := cmd.RcOutput(p, c.setup+goodKey+"srv tcp!10.9.0.1!564 x; mount /srv/x /n; cat /n/f")
				if got != c.want {
					t.Errorf("%s: %s", c.name, got)
				}
				return nil
			})
		})
	}
}

// TestUserpasswd has passwords checked by factotum.
func TestUserpasswd(t *testing.T) {
	cmd.OnWire(t, new(lab).plug(realm), func(p *proc.Proc) error {
		if _, err := cmd.AuthUserpasswd(p, "glenda", "secret"); !errors.Is(err, ninep.ErrNotExist) {
			t.Errorf("without factotum: %v", err)
		}
		cmd.RcOutput(p, inNdb+"auth/factotum")
		if _, err := cmd.AuthUserpasswd(p, "glenda", "secret"); err == nil || err.Error() != "needkey dom? proto=dp9ik user?" {
			t.Errorf("without a key: %v", err)
		}
		if err := p.WriteFile("/mnt/factotum/ctl", []byte("key proto=dp9ik dom=lab user=bootes !password=secret")); err != nil {
			t.Error(err)
		}
		for _, c := range []struct{ name, user, password, want string }{
			{"right", "ken", "secret", ""},
			{"one's own", "glenda", "secret", ""},
			{"wrong", "glenda", "Secret", "bad key"},
			{"nobody's", "rob", "secret", "bad key"},
			{"too long", strings.Repeat("x", 30), "secret", "user id too long"},
		} {
			info, err := cmd.AuthUserpasswd(p, c.user, c.password)
			if c.want != "" {
				if err == nil || !strings.HasPrefix(err.Error(), c.want) {
					t.Errorf("%s: %v", c.name, err)
				}
				continue
			}
			if err != nil || info.Suid != c.user {
				t.Fatalf("%s: %v, %v", c.name, info, err)
			}
			become(t, p, info, c.user)
		}
		if err := cmd.AuthChuid(p, &auth.Info{Suid: "ken"}); err == nil || err.Error() != "no capability" {
			t.Errorf("without a capability: %v", err)
		}
		if err := cmd.AuthChuid(p, &auth.Info{Cap: "glenda@ken@x"}); err == nil || !strings.Contains(err.Error(), "invalid capability") {
			t.Errorf("with one that is made up: %v", err)
		}
		return nil
	})
}

// TestCapsOfOthers has somebody who has logged in ask for capability after capability,
// before another uses the one of his login.
func TestCapsOfOthers(t *testing.T) {
	cmd.OnWire(t, new(lab).plug(realm), func(p *proc.Proc) error {
		cmd.RcOutput(p, inNdb+"auth/factotum\n"+bootesKey)
		info, err := cmd.AuthUserpasswd(p, "ken", "secret")
		if err != nil {
			t.Fatal(err)
		}
		fd, err := p.Open("/mnt/factotum/rpc", ninep.ORDWR)
		if err != nil {
			t.Fatal(err)
		}
		call := func(request string) {
			reply := make([]byte, 4096)
			p.Write(fd, []byte(request))
			if n, err := p.Read(fd, reply); err != nil || !bytes.HasPrefix(reply[:n], []byte("ok")) {
				t.Fatalf("%s: %s, %v", request, reply[:n], err)
			}
		}
		call("start proto=dp9ik role=login")
		call("write glenda")
		call("write secret")
		for range 300 {
			call("authinfo")
		}
		become(t, p, info, "ken")
		return nil
	})
}

// become has a process become the user that an authentication came to, once.
func become(t *testing.T, p *proc.Proc, info *auth.Info, user string) {
	if err := p.WriteFile("/lib/namespace", []byte("bind #c /dev\n")); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"", "invalid capability"} {
		p.Fork(proc.RFNAMEG|proc.RFENVG|proc.RFFDG, func(c *proc.Proc) error {
			err := cmd.AuthChuid(c, info)
			if want != "" {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: once more: %v", user, err)
				}
				return nil
			}
			b, _ := c.ReadFile("/dev/user")
			if err != nil || c.User() != user || string(b) != user {
				t.Errorf("became %s, %q, not %s: %v", c.User(), b, user, err)
			}
			return nil
		})
		p.Wait()
	}
}

// TestTwoFactotums has glenda's factotum and bootes's show each other, over a pipe,
// who they are.
func TestTwoFactotums(t *testing.T) {
	cmd.OnWire(t, new(lab).plug(realm), func(p *proc.Proc) error {
		cmd.RcOutput(p, inNdb+"auth/factotum -s glenda\n"+goodKey+"auth/factotum -s bootes\n"+bootesKey)
		for _, c := range []struct{ client, server, want string }{
			{"proto=p9any", "proto=p9any", ""},
			{"proto=dp9ik", "proto=dp9ik", ""},
			{"proto=p9any user=rob", "proto=p9any", "needkey !password? dom=lab proto=dp9ik user=rob"},
			{"proto=pass", "proto=p9any", "needkey !password? proto=pass user?"},
		} {
			ci, si, err := proven(t, p, c.client, c.server)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v: %v", c, err)
				}
				continue
			}
			if err != nil || si == nil || si.Suid != "glenda" || !bytes.Equal(ci.Secret, si.Secret) {
				t.Errorf("%v: %v, %v, %v", c, ci, si, err)
			}
		}
		return nil
	})
}

// proven authenticates over a pipe, with the factotums that are posted as glenda and
// bootes, and returns what both sides came to, and the client's error.
func proven(t *testing.T, p *proc.Proc, client, server string) (ci, si *auth.Info, err error) {
	a, b, perr := p.Pipe()
	if perr != nil {
		t.Fatal(perr)
	}
	side := func(c *proc.Proc, name string, mine, other int, params string) (*auth.Info, error) {
		c.Close(other)
		defer c.Close(mine)
		fd, err := c.Open("/srv/"+name, ninep.ORDWR)
		if err == nil {
			err = c.Mount(fd, -1, "/mnt", ns.MREPL, "")
		}
		if err != nil {
			t.Error(err)
		}
		return cmd.AuthProxy(c, mine, params)
	}
	p.Fork(proc.RFNAMEG|proc.RFFDG, func(c *proc.Proc) error {
		si, _ = side(c, "bootes", b, a, server+" role=server")
		return nil
	})
	p.Fork(proc.RFNAMEG|proc.RFFDG, func(c *proc.Proc) error {
		ci, err = side(c, "glenda", a, b, client+" role=client")
		return nil
	})
	p.Close(a)
	p.Close(b)
	p.Wait()
	p.Wait()
	return ci, si, err
}
