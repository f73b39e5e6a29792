package cmd

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// testNdb is the network database of a test's node.
const testNdb = `ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0
	auth=n1 fs=n1
sys=n1 ip=10.9.0.1
	role=fs
sys=n2 ip=10.9.0.2 dom=n2.lab
	role=cpu
	role=venti
sys=two ip=10.9.0.3 ip=10.9.0.4
tcp=9fs port=564
tcp=exec port=512 restricted
udp=dns port=53
`

// onNode runs main as a process of a node, whose name space is that of a
// console without a file server with an empty /tmp and testNdb, in simulated
// time. It checks that nothing is left of either.
func onNode(t *testing.T, main proc.Main) {
	t.Helper()
	onWire(t, nil, main)
}

// onWire is onNode for a node that is plugged in at the wire that plug returns,
// if it is not nil: then the network is in /net.
func onWire(t *testing.T, plug func(t *testing.T) dev.Wire, main proc.Main) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var wire dev.Wire
		if plug != nil {
			wire = plug(t)
		}
		devs := make(map[rune]*ninetest.StrictServer)
		k, err := kernel.New(t.Context(), kernel.Config{
			Name: "n2", Builtins: Names(), Loaders: []proc.Loader{Loader()}, Boot: BootFiles(),
			Wire: wire,
			Posts: map[string]ninep.Server{
				"files": ramfs.New("glenda", time.Now, 64<<20),
				"out":   ramfs.New("glenda", time.Now, 0),
			},
			Wrap: func(letter rune, srv ninep.Server) ninep.Server {
				devs[letter] = ninetest.Strict(srv)
				return devs[letter]
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := k.Procs().Start(t.Context(), "glenda", []string{"test"}, func(p *proc.Proc) error {
			for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.OWRITE} {
				p.Open("#c/cons", mode)
			}
			bareNamespace(p)
			nsb := nsbuilder{p: p}
			nsb.run("mount -c /srv/files /root\nbind -ac /root /\nbind -c /root /tmp\ncd /tmp\n")
			makedirs(p, "/tmp/lib/ndb", 0o777)
			p.WriteFile("/tmp/lib/ndb/local", []byte(testNdb))
			if wire != nil {
				nsb.run("bind -a '#I' /net\n")
				if out := rcOutput(p, "ndb/cs"); out != "" {
					t.Error(out)
				}
			}
			return main(p)
		})
		if err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := k.Halt(ctx); err != nil {
			t.Error(err)
		}
		synctest.Wait() // calls that were under way end a little later
		for letter, dev := range devs {
			if err := dev.Check(); err != nil {
				t.Errorf("#%c: %v", letter, err)
			}
		}
		if text := k.Kmesg(); strings.Contains(text, "sys: trap") {
			t.Error(text)
		}
	})
}

// rcRows runs each row's commands by rc on a node of its own.
func rcRows(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			onNode(t, func(p *proc.Proc) error {
				if got := rcOutput(p, r.cmd); got != r.want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", r.cmd, got, r.want)
				}
				return nil
			})
		})
	}
}

// rcOutput runs commands by rc and returns what they print on descriptors 1
// and 2, and the exit status. It goes to a file: servers that the commands
// start may keep the descriptors.
func rcOutput(p *proc.Proc, cmds string) string {
	if err := mountfile(p, "/srv/out", "/mnt", ns.MREPL|ns.MCREATE, false, ""); err != nil {
		return err.Error()
	}
	fd, err := p.Create("/mnt/out", ninep.ORDWR, 0o666)
	if err != nil {
		return err.Error()
	}
	defer p.Close(fd)
	p.Unmount("", "/mnt")
	p.Fork(proc.RFFDG|proc.RFREND, func(c *proc.Proc) error {
		c.Dup(fd, 1)
		c.Dup(fd, 2)
		c.Close(fd)
		return c.Exec("/bin/rc", []string{"rc", "-c", cmds})
	})
	w, err := p.Wait()
	if err != nil {
		return err.Error()
	}
	b := make([]byte, 1<<16)
	n, _ := p.Pread(fd, b, 0)
	out := string(b[:n])
	if _, status, ok := strings.Cut(w.Msg, ": "); ok {
		out += "status: " + status + "\n"
	}
	return out
}
