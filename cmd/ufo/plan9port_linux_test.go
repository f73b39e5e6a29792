package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ufo/rootfs"
)

// A port is plan9port as one user of the host has it: programs, and a name space
// with a factotum.
type port struct {
	t   *testing.T
	bin string   // the folder of its programs
	env []string // of each
}

// plan9port returns the folder of the programs of plan9port, which is at $PLAN9, or
// skips.
func plan9port(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(os.Getenv("PLAN9"), "bin")
	for _, name := range []string{"9p", "9pserve", "factotum"} {
		if _, err := exec.LookPath(filepath.Join(bin, name)); os.Getenv("PLAN9") == "" || err != nil {
			t.Skipf("plan9port's %s is not installed: PLAN9= says where plan9port was compiled", name)
		}
	}
	return bin
}

// newPort returns a plan9port with a factotum that has a key, and knows where a
// domain's authentication server is.
func newPort(t *testing.T, bin, key, ndb string) *port {
	t.Helper()
	root, space := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "ndb"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "ndb/local"), []byte(ndb), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &port{t: t, bin: bin, env: append(os.Environ(), "PLAN9="+root, "NAMESPACE="+space, "PATH="+bin+":"+os.Getenv("PATH"))}
	t.Cleanup(func() { killOf("NAMESPACE=" + space) })
	p.does("", "factotum", "-n") // serves in the background from then on
	p.does(key, "9p", "write", "factotum/ctl")
	return p
}

// run runs a program without a terminal, where it could ask for another password.
func (p *port) run(in, name string, args ...string) (string, error) {
	p.t.Helper()
	c := exec.CommandContext(p.t.Context(), filepath.Join(p.bin, name), args...)
	c.Env, c.Stdin, c.SysProcAttr = p.env, strings.NewReader(in), &syscall.SysProcAttr{Setsid: true}
	// What stays in the background has its descriptors: a pipe would be waited for.
	out, err := os.Create(filepath.Join(p.t.TempDir(), "out"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer out.Close()
	c.Stdout, c.Stderr = out, out
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	b, rerr := os.ReadFile(out.Name())
	if rerr != nil {
		p.t.Fatal(rerr)
	}
	return string(b), err
}

// does runs a program that has to end well.
func (p *port) does(in, name string, args ...string) {
	p.t.Helper()
	if out, err := p.run(in, name, args...); err != nil {
		p.t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

// killOf ends the processes with a setting in their environment.
func killOf(setting string) {
	names, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && bytes.Contains(append(b, 0), []byte(setting+"\x00")) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

// TestPlan9port has plan9port's 9p and factotum attach to the file server of a grid
// by p9sk1, which knows nothing better, where the network database allows that.
// They attach as the user of the host who runs them, whatever keys there are.
func TestPlan9port(t *testing.T) {
	bin := plan9port(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	base, err := rootfs.ReadFile("/lib/ndb/local")
	if err != nil {
		t.Fatal(err)
	}
	own := "usr/" + me.Username + "/note"
	type row struct{ name, password, in, args, want string }
	for _, c := range []struct {
		name, topology string
		rows           []row
	}{
		{"on", strings.Replace(string(base), "authdom=lab.local", "authdom=lab.local authproto=p9sk1", 1), []row{
			{"reads", "", "", "read lib/namespace", "^# The first name space of a user"},
			{"makes a file of his", "", "", "create " + own, "^$"},
			{"writes it", "", "by 9p\n", "write " + own, "^$"},
			{"reads it", "", "", "read " + own, "^by 9p\n$"},
			{"whose it is", "", "", "stat " + own, "^'note' '" + me.Username + "' "},
			{"reads what is another's", "", "", "read adm/keys", "permission denied"},
			{"writes what is another's", "", "no\n", "write usr/glenda/lib/profile", "permission denied"},
			{"with a wrong password", "a guess", "", "read lib/namespace", "9p: mount: not authenticated\n$"},
		}},
		{"off", string(base), []row{
			{"reads", "", "", "read lib/namespace", "9p: mount: not authenticated\n$"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("UFO_STATE", dir)
			lab := filepath.Join(dir, "lab.ndb")
			if err := os.WriteFile(lab, []byte(c.topology), 0o600); err != nil {
				t.Fatal(err)
			}
			ports := freePorts(t, 2)
			out, err := program(t, "up", "-d", "-mem", "-users", me.Username, "-host", "publish=n1!564->"+ports[0], "-host", "publish=n1!567->"+ports[1], lab).CombinedOutput()
			t.Cleanup(func() { ufo("down", "-g", "lab") })
			m := regexp.MustCompile("the password of .* is (.*)\n").FindStringSubmatch(string(out))
			if err != nil || m == nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, r := range c.rows {
				t.Run(r.name, func(t *testing.T) {
					password := m[1]
					if r.password != "" {
						password = r.password
					}
					key := "key proto=p9sk1 dom=lab.local user=" + me.Username + " !password='" + password + "'"
					p := newPort(t, bin, key, "authdom=lab.local auth=tcp!127.0.0.1!"+ports[1]+"\n")
					out, _ := p.run(r.in, "9p", append([]string{"-a", "tcp!127.0.0.1!" + ports[0]}, strings.Fields(r.args)...)...)
					if !regexp.MustCompile(r.want).MatchString(out) {
						t.Errorf("%q", out)
					}
				})
			}
		})
	}
}
