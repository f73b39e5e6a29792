package test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ufo/hosted/fuse"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// Programs of others that speak 9P, where they are installed. Those that are
// modules of Go have a module of their own, test/peers; Linux's own client
// has TestV9fs. None of Debian's 9base speaks 9P: it has Plan 9's filters and
// editors, and neither 9p, 9pserve nor srv.

var peers = flag.Bool("peers", false, "ask the programs of others that take a minute, too")

// needPeers skips what takes long unless it is asked for.
func needPeers(t *testing.T) {
	t.Helper()
	if !*peers {
		t.Skip("takes a minute: go test ./test -run " + t.Name() + " -peers")
	}
}

// peerTime is how long a program of others may take to answer.
const peerTime = 10 * time.Second

// peer returns the path of a program, or skips.
func peer(t *testing.T, name, where string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: %s", name, where)
	}
	return path
}

// A spoken connection is one to a program that speaks 9P on its standard input
// and output.
type spoken struct {
	io.Reader
	io.WriteCloser
	cmd *exec.Cmd
}

func (s *spoken) Close() error {
	s.WriteCloser.Close()
	late := time.AfterFunc(peerTime, func() { s.cmd.Process.Kill() })
	defer late.Stop()
	return s.cmd.Wait()
}

// speak starts a program that speaks 9P.
func speak(name string, args ...string) (io.ReadWriteCloser, error) {
	cmd := exec.Command(name, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &spoken{out, in, cmd}, cmd.Start()
}

// Diod serves 9P2000.L and nothing else: our client says so. And its own clients
// are not taken in by our server.
func TestDiod(t *testing.T) {
	diod := peer(t, "diod", "Debian has it")
	dir := t.TempDir()
	conn, err := speak(diod, "-f", "-n", "-L", "stderr", "-e", dir, "-r", "0", "-w", "1")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), peerTime)
	defer cancel()
	if _, err := ninep.NewClient(ctx, conn, nil); !errors.Is(err, ninep.ErrVersion) || !strings.Contains(err.Error(), "9P2000.L") {
		t.Errorf("our client says: %v", err)
	}

	socket := filepath.Join(dir, "9p")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = ninep.Serve(t.Context(), conn, ramfs.New("glenda", time.Now, 0), nil)
		}
		served <- err
	}()
	out, err := exec.CommandContext(ctx, peer(t, "diodls", "Debian has it"), "-s", socket, "/").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(out), "error negotiating protocol") {
		t.Errorf("its client says: %v, %s", err, out)
	}
	if err := <-served; err != nil {
		t.Errorf("our server says: %v", err)
	}
}

// u9fsFails are the checks that u9fs fails, and why.
var u9fsFails = map[string]string{
	"version/needed":             "it takes requests before Tversion",
	"version/earlier":            "it answers any version with 9P2000",
	"version/unknown-no-session": "and goes on as if that were agreed upon",
	"version/again-fids":         "Tversion leaves the fids as they are",
	"version/again-reuse":        "so their numbers are taken",
	"version/again-rclose":       "and their files open",
	"attach/unknown-afid":        "without authentication it does not look at afid",
	"attach/afid-file":           "the same",
	"attach/refused-free":        "the same: the attach that should be refused is not",
	"auth/refused-unknown":       "the same",
	"walk/slash":                 "a name goes to the host as it is, with slashes",
	"walk/escape":                "and with dot-dot: it leads out of the tree",
	"create/slash":               "the same",
	"wstat/name-slash":           "the same",
	"qid/recreated":              "a qid is made of the inode, which the host uses again",
	"open/directory-remove":      "it opens a directory with ORCLOSE",
	"dir/rewind":                 "the entry that did not fit before comes first",
	"stat/root":                  "the root's name is empty",
	"wstat/name-exists":          "it renames as the host does, over what is there",
	"wstat/owner":                "it does not know the user, and says nothing",
	"wstat/modifier":             "it does not look at what cannot be changed",
	"wstat/qid-path":             "the same",
	"wstat/qid-version":          "the same",
	"wstat/qid-type":             "the same",
	"wstat/all-or-nothing":       "it does one part after the other",
	"wstat/all-or-nothing-name":  "the same",
	"malformed/nul-attach":       "a string ends at its first NUL",
	"malformed/nul-create":       "the same",
	"read/beyond":                "an offset of more than 2 GB is negative to the host",
	"tree/files":                 "a directory has the length that the host gives it",
	"malformed/text":             "it waits for what text announces as a length",
}

// TestU9fs asks u9fs, the file server for Unix by Plan 9's authors: with our
// client, with the checks, and through a mount.
func TestU9fs(t *testing.T) {
	needPeers(t)
	u9fs := peer(t, "u9fs", "it is to be compiled from plan9port's or 9front's sources; Debian has none")
	dir := t.TempDir()
	users(t, dir)
	dial := func(context.Context) (io.ReadWriteCloser, error) {
		return speak(u9fs, "-a", "none", "-u", hostUser(t), "-l", filepath.Join(dir, "log"), dir)
	}
	t.Run("client", func(t *testing.T) {
		c := dialPeer(t, dial)
		root, err := c.Attach(t.Context(), hostUser(t), "")
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		want := strings.Repeat("both ways\n", 500)
		if err := ninep.WriteFile(t.Context(), root, "f", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "f")); string(b) != want {
			t.Errorf("the host has %d bytes: %v", len(b), err)
		}
		if b, err := ninep.ReadFile(t.Context(), root, "f"); string(b) != want {
			t.Errorf("it gives %d bytes: %v", len(b), err)
		}
	})
	t.Run("checks", func(t *testing.T) {
		wantFails(t, ninetest.Suite{Dial: dial, User: hostUser(t), Limit: 2 * time.Second}, u9fsFails)
	})
	t.Run("mount", func(t *testing.T) {
		at := mountTree(t, dialPeer(t, dial), fuse.Options{})
		out, err := hostRun(t.Context(), os.Environ(), "/bin/sh", "-ec", `
			cd "$0"; mkdir d; seq 1000 >d/a; cp d/a d/b; mv d/b d/c; cmp d/a d/c; ls d; rm -r d; ls -d d || true`, at)
		if want := "a\nc\nls: cannot access 'd': No such file or directory"; out != want || err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
}

// users puts who is who on the host into a folder: a server that makes it its root looks
// there.
func users(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"etc/passwd", "etc/group"} {
		text, err := os.ReadFile("/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// hostUser returns who one is on the host.
func hostUser(t *testing.T) string {
	out, err := exec.Command("id", "-un").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// dialPeer returns a client of a server of others until the test ends.
func dialPeer(t *testing.T, dial func(context.Context) (io.ReadWriteCloser, error)) *ninep.Client {
	t.Helper()
	conn, err := dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ninep.NewClient(t.Context(), conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// wantFails wants a server of others to fail the checks that it is known to, and
// no others.
func wantFails(t *testing.T, s ninetest.Suite, known map[string]string) {
	t.Helper()
	checks := 0
	err := s.Run(t.Context(), func(r ninetest.Result) {
		checks++
		if _, ok := known[r.Name]; ok != (r.Status == ninetest.Failed) {
			t.Errorf("%s: %s %s\n\t%s", r.Name, r.Status, r.Saw, strings.Join(r.Transcript, "\n\t"))
		}
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("of %d checks it fails %d, for reasons that are known", checks, len(known))
}
