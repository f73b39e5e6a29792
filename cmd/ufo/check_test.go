package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// asServer makes of the test program a 9P server on its standard input and
// output.
const asServer = "UFO_TEST_SERVER"

// storage returns a server to check.
func storage() ninep.Server { return ramfs.New("glenda", time.Now, 0) }

// serveStdio serves on standard input and output.
func serveStdio() {
	conn := struct {
		io.Reader
		io.WriteCloser
	}{os.Stdin, os.Stdout}
	ninep.Serve(context.Background(), conn, storage(), nil)
	os.Exit(0)
}

// listen serves at a socket and returns its address.
func listen(t *testing.T, srv ninep.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "srv")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() { // ends with l
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go ninep.Serve(context.Background(), conn, srv, nil)
		}
	}()
	return "unix!" + path
}

// lying is a server of files that say they are longer than they are.
type lying struct{ ninep.Server }

func (s lying) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return ninep.NewTree("sys", &ninep.Node{Children: []*ninep.Node{{Name: "a", Length: 5, Perm: 0444, Stat: func(d *ninep.Dir) { d.UID = "" }}}}).
		Attach(ctx, user, spec)
}

func TestCheck(t *testing.T) {
	good, bad := listen(t, storage()), listen(t, lying{})
	dir := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const hello = "Tversion tag 65535 msize 8192 version \"9P2000\"\nRversion [...]\n"
	t.Setenv(asServer, "1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		out    string // at the end
		err    string // somewhere
	}{
		{"one check", []string{"-run", "^walk/partial$", good}, 0, good + ": 1 checks: 1 ok, 0 failed, 0 skipped\n", ""},
		{"each", []string{"-run", "^walk/partial$", "-v", good}, 0, "ok       walk/partial\n" + good + ": 1 checks: 1 ok, 0 failed, 0 skipped\n", ""},
		{"nothing created", []string{"-ro", "-run", "^create/file$", "-v", good}, 0,
			"skipped  create/file: nothing is to be created\n" + good + ": 1 checks: 0 ok, 0 failed, 1 skipped\n", ""},
		{"for another user", []string{"-u", "glenda", "-run", "^create/owner$", good}, 0, "1 ok, 0 failed, 0 skipped\n", ""},
		{"a command", []string{"-u", "glenda", "-run", "^(open|flush|remove)/", "--", exe}, 0, "0 failed, 0 skipped\n", ""},
		{"what fails", []string{"-run", "^stat/owners$", bad}, 1, bad + ": 1 checks: 0 ok, 1 failed, 0 skipped\n", ""},
		{"for nobody", []string{"-u", "", "-a", "x", "-run", "^attach/root$", good}, 1, "0 ok, 1 failed, 0 skipped\n", "-u is for another name"},
		{"no such check", []string{"-run", "nosuch", good}, 2, "0 checks: 0 ok, 0 failed, 0 skipped\n", "no such check: -list shows them"},
		{"a bad pattern", []string{"-run", "(", good}, 2, "", "ufo: -run (: error parsing regexp"},
		{"nobody there", []string{"unix!" + dir + "/none"}, 1, "", "no such file"},
		{"no command", []string{"--", dir + "/none"}, 1, "", "no such file"},
		{"another protocol", []string{"--", "/bin/sh", "-c", `printf '\013\000\000\000\007\377\377\005\000\000\000'; cat >/dev/null`}, 1,
			"", "ufo: /bin/sh: 9P2000.L: bad 9P version returned from server\n"},
		{"a script for nobody", []string{"-script", script("good", hello), "unix!" + dir + "/none"}, 1, "", "no such file"},
		{"no server", nil, 2, "", "ufo: check: one server: an address, or -- and a command"},
		{"two servers", []string{good, "--", exe}, 2, "", "one server"},
		{"a script", []string{"-script", script("good", hello), good}, 0, "", ""},
		{"a script that fails", []string{"-script", script("bad", hello+"Tstat tag 1 fid 7\nRstat[...]"), good}, 1,
			"Rerror tag 1 ename \"unknown fid\"\n", "line 4: got  Rerror"},
		{"no script", []string{"-script", dir + "/none", good}, 1, "", "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, stderr, status := ufo(append([]string{"check"}, tt.args...)...)
			if status != tt.status || !strings.HasSuffix(out, tt.out) || !strings.Contains(stderr, tt.err) || tt.err == "" && stderr != "" {
				t.Errorf("status %d, printed\n%s%s", status, out, stderr)
			}
		})
	}
}

// What fails is told with what the manual says and what was said.
func TestCheckTells(t *testing.T) {
	out, _, _ := ufo("check", "-run", "^stat/owners$", listen(t, lying{}))
	for _, want := range []string{
		"failed   stat/owners: \"a\" has the owner \"\" and the group \"sys\"\n\tstat(5): A file has an owner and a group.\n",
		"\t\tTversion tag 65535 msize 8192 version \"9P2000\"\n\t\tRversion",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

func TestCheckList(t *testing.T) {
	out, _, status := ufo("check", "-list", "-run", "^clunk/twice$")
	if want := "clunk/twice                  clunk(5)   A fid can be clunked once.\n"; out != want || status != 0 {
		t.Errorf("status %d, printed %q", status, out)
	}
}

// Each line of -json is a result, of each check one.
func TestCheckJSON(t *testing.T) {
	addr := listen(t, storage())
	out, stderr, status := ufo("check", "-json", "-u", "glenda", "-run", "^(walk|version|stat)/", addr)
	if status != 0 || stderr != "" {
		t.Fatalf("status %d: %s", status, stderr)
	}
	n := 0
	for line := range strings.Lines(out) {
		var r ninetest.Result
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Name == "" || r.Says == "" || r.Status == ninetest.Failed {
			t.Errorf("%v: %s", err, line)
		}
		n++
	}
	if n < 40 {
		t.Errorf("%d results", n)
	}
}
