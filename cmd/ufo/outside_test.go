package main

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ufo/auth"
	"ufo/grid"
	"ufo/ninep"
)

// freePorts returns ports of this machine that nobody listens on.
func freePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports
}

// TestOutside has a client on the host, which knows a password and two published
// ports, attach to the file server of a grid.
func TestOutside(t *testing.T) {
	t.Setenv("UFO_STATE", t.TempDir())
	ports := freePorts(t, 2)
	fs, ticket := "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	out, err := program(t, "up", "-d", "-mem", "-users", "ken", "-host", "publish=n1!564->"+ports[0], "-host", "publish=n1!567->"+ports[1]).CombinedOutput()
	t.Cleanup(func() { ufo("down", "-g", "four") })
	m := regexp.MustCompile("the password of ken is (.*)\n").FindStringSubmatch(string(out))
	if err != nil || m == nil || !strings.Contains(string(out), "can use port 564 of n1 when he has shown who he is") {
		t.Fatalf("%v: %s", err, out)
	}
	for _, c := range []struct{ name, user, who, password, proto, err string }{
		{"ken", "ken", "ken", m[1], "dp9ik", ""},
		{"the wrong password", "ken", "ken", "wrong", "dp9ik", "bad key"},
		{"as the owner", "glenda", "ken", m[1], "dp9ik", "auth uname mismatch"},
		{"nobody's account", "rob", "rob", m[1], "dp9ik", "bad key"},
		{"p9sk1, which is off", "ken", "ken", m[1], "p9sk1", "negotiation failed"},
		{"no key", "ken", "", "", "", "not authenticated"},
		{"none", "none", "", "", "", ""},
	} {
		err := outside(t, fs, ticket, c.user, c.who, c.password, c.proto)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %s", c.name, err, c.err)
		}
	}
}

// TestOutsideLegacy is TestOutside for a client that only knows p9sk1, with a grid whose
// network database wants that.
func TestOutsideLegacy(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	four, _ := grid.Builtin("four")
	file := filepath.Join(dir, "lab.ndb")
	os.WriteFile(file, []byte(strings.Replace(four, "authdom=lab.local", "authdom=lab.local authproto=p9sk1", 1)), 0666)
	ports := freePorts(t, 2)
	fs, ticket := "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	out, err := program(t, "up", "-d", "-mem", "-users", "ken", "-host", "publish=n1!564->"+ports[0], "-host", "publish=n1!567->"+ports[1], file).CombinedOutput()
	t.Cleanup(func() { ufo("down", "-g", "lab") })
	m := regexp.MustCompile("the password of ken is (.*)\n").FindStringSubmatch(string(out))
	if err != nil || m == nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, proto := range []string{"p9sk1", "dp9ik"} {
		if err := outside(t, fs, ticket, "ken", "ken", m[1], proto); err != nil {
			t.Errorf("%s: %v", proto, err)
		}
		if err := outside(t, fs, ticket, "ken", "ken", "wrong", proto); err == nil {
			t.Errorf("%s: in with a wrong password", proto)
		}
	}
}

// outside attaches as user, after it was shown that one is who. It reads a file.
func outside(t *testing.T, fs, ticket, user, who, password, proto string) error {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := net.Dial("tcp", fs)
	if err != nil {
		return err
	}
	c, err := ninep.NewClient(ctx, conn, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	var root ninep.File
	if who == "" {
		root, err = c.Attach(ctx, user, "")
	} else {
		root, err = shown(ctx, c, ticket, user, who, password, proto)
	}
	if err != nil {
		return err
	}
	defer root.Close()
	_, err = ninep.ReadFile(ctx, root, "usr/ken/lib/profile")
	return err
}

// shown attaches with authentication.
func shown(ctx context.Context, c *ninep.Client, ticket, user, who, password, proto string) (ninep.File, error) {
	f, err := c.Auth(ctx, user, "")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	conv, err := auth.Start(ctx, auth.Config{
		Proto: "p9any", Role: "client", Legacy: proto == "p9sk1",
		Keys: auth.Keys{{Proto: proto, Dom: "lab.local", User: who, Key: *auth.PassKey(password)}},
		Dial: func(context.Context, string) (io.ReadWriteCloser, error) { return net.Dial("tcp", ticket) },
	})
	if err != nil {
		return nil, err
	}
	defer conv.Close()
	if _, err := auth.Proxy(ctx, &stream{ctx, f}, conv); err != nil {
		return nil, err
	}
	return c.AttachAuth(ctx, f, user, "")
}

// A stream is an open File as a stream of bytes.
type stream struct {
	ctx context.Context
	f   ninep.File
}

func (s *stream) Read(p []byte) (int, error) { return s.f.Read(s.ctx, p, 0) }

func (s *stream) Write(p []byte) (int, error) { return s.f.Write(s.ctx, p, 0) }

// TestPublishNoKey publishes a service that would ask, if its node had a key.
func TestPublishNoKey(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	file := filepath.Join(dir, "lab.ndb")
	os.WriteFile(file, []byte("sys=term ip=10.9.0.9\n\trole=fs role=terminal\n"), 0666)
	grant := "publish=term!564->" + freePorts(t, 1)[0]
	want(t, "", 1, "ufo: publish=term!564->127.0.0.1:.*: term has no key to find out who calls: add noauth if everybody may\n", "up", "-host", grant, "-c", "", file)
	want(t, "", 0, "ufo: .* can use port 564 of term without saying who he is\nyes\n", "up", "-host", grant+" noauth", "-c", "echo yes", file)
}
