package hostnet

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ufo/cmd"
	"ufo/dev"
	"ufo/hosted/hostfs"
	"ufo/hosted/post"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ns"
	"ufo/proc"
)

// TestIP uses the wire through #I.
func TestIP(t *testing.T) {
	out, _ := lab(t)
	srv := dev.NewIP(dev.Host{Owner: "glenda"}, out, "")
	if err := ninetest.TestServer(t.Context(), srv); err != nil {
		t.Error(err)
	}
	if err := ninetest.TestWire(t.Context(), srv); err != nil {
		t.Errorf("over a wire: %v", err)
	}
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	open := func(name string) ninep.File {
		f, err := ninep.OpenFile(t.Context(), root, name, ninep.ORDWR)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	say := func(f ninep.File, msg string) string {
		_, err := f.Write(t.Context(), []byte(msg), 0)
		return text(err)
	}
	ask := func(question string) string {
		dns := open("dns")
		if err := say(dns, question); err != "" {
			return err
		}
		buf := make([]byte, 100)
		n, err := dns.Read(t.Context(), buf, 0)
		return string(buf[:n]) + text(err)
	}
	ctl := open("tcp/clone")
	if err := say(ctl, "announce 127.0.0.1!0"); err != "" {
		t.Fatal(err)
	}
	local, err := ninep.ReadFile(t.Context(), root, "tcp/0/local")
	if err != nil {
		t.Fatal(err)
	}
	call := open("tcp/clone")
	for _, row := range []struct{ name, got, want string }{
		{"call", say(call, "connect "+strings.TrimSpace(string(local))), ""},
		{"localhost", ask("localhost ip"), "localhost ip 127.0.0.1"},
		{"no name", ask("ip"), "dns: bad query: want name ip or name ipv6"},
		{"mail", ask("localhost mx"), "dns: bad query: want name ip or name ipv6"},
		{"address as a name", ask("127.0.0.1 ipv6"), "dns: resource does not exist"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
}

// TestNode boots a node that is joined to the host: it mounts a file server of
// the host's network by name, and copies a file from there, and a page of a web
// server, to a folder of the host.
func TestNode(t *testing.T) {
	out, _ := lab(t)
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/ndb", []byte("tcp=9fs port=564\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := hostfs.New("glenda", []hostfs.Dir{{Path: dir, Write: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	addr := serve(t, ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.Text("f", "from the host\n")}}))
	_, port, _ := net.SplitHostPort(addr)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat(r.URL.Path, 10000))
	}))
	defer web.Close()
	_, webport, _ := net.SplitHostPort(web.Listener.Addr().String())
	k, err := kernel.New(t.Context(), kernel.Config{
		Name: "n1", Builtins: cmd.Names(), Loaders: []proc.Loader{cmd.Loader()}, Boot: cmd.BootFiles(),
		Wire: out, Devices: map[rune]ninep.Server{'U': files},
	})
	if err != nil {
		t.Fatal(err)
	}
	script := "ndb/cs -f /mnt/ndb; srv tcp!localhost!" + port + " h /n; cat /n/f >/mnt/out; cat /dev/drivers >/mnt/drivers" +
		"; hget http://localhost:" + webport + "/page >/mnt/page >[2=1]; ndb/dns -f /mnt/ndb; echo localhost | ndb/dnsquery >/mnt/names"
	p, err := k.Procs().Start(t.Context(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.OWRITE} {
			if _, err := p.Open("#c/cons", mode); err != nil {
				return err
			}
		}
		for _, b := range [][2]string{{"#c", "/dev"}, {"#d", "/fd"}, {"#e", "/env"}, {"#s", "/srv"}, {"#I", "/net"},
			{"/ufo/bin", "/bin"}, {"#U" + dir, "/mnt"}} {
			if err := p.Bind(b[0], b[1], ns.MREPL|ns.MCREATE); err != nil {
				return err
			}
		}
		return p.Exec("/bin/rc", []string{"rc", "-c", script})
	})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	got, err := os.ReadFile(dir + "/out")
	if err != nil || string(got) != "from the host\n" {
		t.Errorf("%q, %v\n%s", got, err, k.Kmesg())
	}
	drivers, err := os.ReadFile(dir + "/drivers")
	if err != nil || !strings.Contains(string(drivers), "#U hostfs\n") {
		t.Errorf("%q, %v", drivers, err)
	}
	if page, err := os.ReadFile(dir + "/page"); err != nil || string(page) != strings.Repeat("/page", 10000) {
		t.Errorf("%.100q, %v", page, err)
	}
	if names, err := os.ReadFile(dir + "/names"); err != nil || !strings.Contains(string(names), "localhost ip\t127.0.0.1\n") {
		t.Errorf("%q, %v", names, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := k.Halt(ctx); err != nil {
		t.Error(err)
	}
}

// serve serves files at a free port of the host, until the test ends.
func serve(t *testing.T, srv ninep.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		post.ServeListener(ctx, l, srv, &post.Options{Grace: -1, Log: func(msg string) { t.Error(msg) }})
	})
	t.Cleanup(func() {
		cancel()
		all.Wait()
	})
	return l.Addr().String()
}
