package main

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ufo/hosted/hostexec"
	"ufo/hosted/vm"
)

// TestRunScript runs scripts of the host in nodes: in one that is booted for
// that, and in a grid that runs.
func TestRunScript(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("a.rc", "#!/bin/rc\necho on $sysname with $#* words: $*\ncat\nexit 4\n")(t, dir)
	write("its own.rc", "echo no magic\ncat '/n/host/its own.rc' | sed 1q\n")(t, dir)
	a, own := filepath.Join(dir, "a.rc"), filepath.Join(dir, "its own.rc")
	if err := os.Chmod(a, 0755); err != nil {
		t.Fatal(err)
	}
	run := func(node string, more ...string) {
		t.Helper()
		args := append([]string{"run"}, more...)
		want(t, "typed\n", 4, "on "+node+" with 3 words: -x it's &\ntyped\n", append(args, a, "-x", "it's", "&")...)
		want(t, "", 0, "no magic\necho no magic\n", append(args, own)...)
		want(t, "", 1, "ufo: stat .*none: no such file.*", append(args, filepath.Join(dir, "none"))...)
		want(t, "", 1, "ufo: run "+dir+": no Go files in this folder\n", append(args, dir)...)
	}
	run("term")
	want(t, "", 1, "ufo: no grid is running.*", "run", "-n", "n2", a)
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	run("term")
	run("n3", "-n", "n3")
	want(t, "", 1, "ufo: n9: no such node.*", "run", "-n", "n9", a)
	want(t, "", 0, "", "kill", "n2")
	want(t, "", 1, "ufo: n2 is dead: ufo start n2 boots it\n", "run", "-n", "n2", a)
	want(t, "", 1, "ufo: post: /srv/boot of n2: .*: ufo start n2 boots it\n", "post", "n2", "boot", filepath.Join(dir, "boot"))
	many := strings.Fields(strings.Repeat("and ", 20000))
	want(t, "", 4, "on n3 with 20000 words: and .* and\n", append([]string{"run", "-n", "n3", a}, many...)...)
	want(t, "ls /srv\n", 0, "n3% /srv/boot\n/srv/clone\n/srv/cs\n/srv/dns\n/srv/factotum\n/srv/grid\n/srv/slashmnt\n/srv/slashn\nn3% ", "con", "n3")
}

// TestRunLeavesNothing looks what a grid still has of a program when the run has
// ended.
func TestRunLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("a.rc", "test -e /srv/run*\n")(t, dir)
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	g, err := dialControl(t.Context(), "four")
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	for range 50 {
		if _, stderr, status := ufo("run", "-n", "n3", filepath.Join(dir, "a.rc")); status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		if left, err := g.list(t.Context(), "host/run"); len(left) != 1 || err != nil {
			t.Fatalf("left: %q, %v", left, err)
		}
	}
}

// TestTwoRuns runs two programs at the same time: each in a node of its own, which
// is no grid, so that the first's end is not the other's.
func TestTwoRuns(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("x.rc", "echo begins\ncat\necho ends\n")(t, dir)
	x := filepath.Join(dir, "x.rc")
	first, second := begin(t, "run", x), begin(t, "run", x)
	first.line("begins")
	second.line("begins")
	want(t, "", 1, "ufo: no grid is running.*", "ps")
	first.in.Close()
	first.line("ends")
	first.end(0)
	second.in.Write([]byte("typed\n"))
	second.line("typed")
	second.in.Close()
	second.line("ends")
	second.end(0)
}

// TestRunPlan9 runs a program made for Plan 9, which needs no grant.
func TestRunPlan9(t *testing.T) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("src/main.go", hostProgramText)(t, dir)
	write("src/go.mod", "module hello\n")(t, dir)
	sh(t, "cd "+dir+"/src && GOOS=plan9 go build -o ../hello .")
	hello := filepath.Join(dir, "hello")
	for _, name := range append(vm.PlatformNames(), "") {
		want(t, "typed\n", 5, "term \\[/n/host/hello a -b\\]\ntyped\n", "run", "-platform", name, hello, "a", "-b")
	}
	want(t, "", 1, "ufo: no platform \"none\": there are trap, ptrace\n", "run", "-platform", "none", hello)
	inside := "bind '#U" + dir + "' /n/h; /n/h/hello"
	want(t, "", 5, "term \\[/n/h/hello\\]\n", "-mem", "-platform", "trap", "-host", "hostfs="+dir, "-c", inside)
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	want(t, "typed\n", 5, "n2 \\[/n/host/hello\\]\ntyped\n", "run", "-n", "n2", hello)
	want(t, "", 2, "ufo: run: -platform: the grid that runs has its own\n.*", "run", "-platform", "trap", hello)
}

// TestRunPackage builds what it runs.
func TestRunPackage(t *testing.T) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("src/main.go", hostProgramText)(t, dir)
	write("src/go.mod", "module hello\n")(t, dir)
	write("bad/main.go", "package main\n\nfunc main() { nothing }\n")(t, dir)
	write("lib/lib.go", "package lib\n")(t, dir)
	write("lib/go.mod", "module lib\n")(t, dir)
	src := filepath.Join(dir, "src")
	want(t, "typed\n", 5, "term \\[/n/built/src a -b\\]\ntyped\n", "run", src, "a", "-b")
	want(t, "", 5, "term \\[/n/built/main\\]\n", "run", filepath.Join(src, "main.go"))
	want(t, "", 1, ".*main.go:3:15: undefined: nothing\n", "run", filepath.Join(dir, "bad", "main.go"))
	want(t, "", 1, "ufo: run .*lib: not a program: its package is not main\n", "run", filepath.Join(dir, "lib"))
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	want(t, "typed\n", 5, "n2 \\[/n/built/src\\]\ntyped\n", "run", "-n", "n2", src)
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "ufo*", "src")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	t.Setenv("PATH", "")
	want(t, "", 1, "ufo: there is no go .*\n", "run", src)
}

// TestRunInterrupted types ^C while a program is built: nothing is left.
func TestRunInterrupted(t *testing.T) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("src/main.go", hostProgramText)(t, dir)
	write("bin/go", "#!/bin/sh\nkill -INT $PPID\nexit 7\n")(t, dir)
	write("tmp/x", "")(t, dir)
	if err := os.Chmod(filepath.Join(dir, "bin", "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	want(t, "", 7, "", "run", filepath.Join(dir, "src"))
	if left, _ := filepath.Glob(filepath.Join(dir, "tmp", "ufo*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestRunSystem runs a program that asks for all that there is.
func TestRunSystem(t *testing.T) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	text, err := os.ReadFile("testdata/system.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	write("system.go", string(text))(t, dir)
	const all = `host term <nil>
user glenda /usr/glenda <nil>
machine true 4096 amd64 amd64
program true <nil>
text true <nil>
zone 2001-09-09 01:46:40 \+0000 GMT
random 100 <nil> <nil>
localhost \[127.0.0.1\] <nil>
term \[10.9.0.9\] <nil>
nosuch true
9fs 564 <nil>
10.9.0.9 \[term\] <nil>
interfaces \[127.0.0.1/8 10.9.0.9/32\] <nil>
ends true true
deadline true
read said <nil>
closed while it reads true
the other side EOF
closed while it listens true
refused true
asked question true <nil> <nil>
told answer <nil>
closed while it waits true
`
	want(t, "", 0, all, "run", filepath.Join(dir, "system.go"))
}

// TestGoTest tests packages for Plan 9, each in a node of its own: they see their
// own folder, and what they leave there is on the host.
func TestGoTest(t *testing.T) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("SAID", "by the host")
	write("go.mod", "module m\n")(t, dir)
	write("a/testdata/x", "some data")(t, dir)
	write("a/a_test.go", goTestText)(t, dir)
	write("b/b_test.go", "package b\n\nimport \"testing\"\n\nfunc TestB(t *testing.T) { t.Error(\"not so\") }\n")(t, dir)
	want(t, "", 0, "ok  \tm/a\t.*\n", "test", "./a")
	if b, err := os.ReadFile("a/testdata/left"); string(b) != "plan9 some data by the host" {
		t.Errorf("left: %q, %v", b, err)
	}
	want(t, "", 1, "ok  \tm/a\t.*\n--- FAIL: TestB .*not so\nFAIL\nFAIL\tm/b\t.*FAIL\n", "test", "./...")
	want(t, "", 0, "ok  \tm/a\t.*\nok  \tm/b\t.* \\[no tests to run\\]\n", "test", "-run", "TestA", "./...")
	want(t, "", 0, "ok  \tm/a\t.*coverage: .*\n", "test", "-coverprofile=c.out", "./a")
	if _, err := os.Stat("c.out"); err != nil {
		t.Error(err)
	}
	want(t, "", 1, ".*setup failed.*", "test", "./none")
	want(t, "", 0, "usage: ufo test .*example: ufo test -run Serve ./...\n", "test", "-h")
}

const goTestText = `package a

import (
	"os"
	"runtime"
	"testing"
)

func TestA(t *testing.T) {
	b, err := os.ReadFile("testdata/x")
	if err != nil {
		t.Fatal(err)
	}
	text := runtime.GOOS + " " + string(b) + " " + os.Getenv("SAID")
	if err := os.WriteFile(t.TempDir()+"/x", nil, 0o600); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile("testdata/left", []byte(text), 0o666); err != nil {
		t.Error(err)
	}
}
`

// TestDropped runs a program by its name that came into a folder of the host
// after the grid was booted.
func TestDropped(t *testing.T) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("src/main.go", hostProgramText)(t, dir)
	write("src/go.mod", "module hello\n")(t, dir)
	if err := os.Mkdir(filepath.Join(dir, "out"), 0o777); err != nil {
		t.Fatal(err)
	}
	c := program(t, "-mem", "-host", "hostfs="+dir+"/out", "-c", "bind -a '#U"+dir+"/out' /bin; echo ready; while(! test -x /bin/late) sleep 0.1; late hello")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	sh(t, "cd "+dir+"/src && GOOS=plan9 go build -o new . && mv new ../out/late")
	lines.Scan()
	if got := lines.Text(); got != "term [late hello]" {
		t.Errorf("it printed %q", got)
	}
	c.Wait()
}

// TestRunProgram runs programs of the host in the name space of a node: if it
// was asked for by the host's user, or the node is granted it.
func TestRunProgram(t *testing.T) {
	if err := hostexec.Available(); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("src/main.go", hostProgramText)(t, dir)
	write("src/go.mod", "module hello\n")(t, dir)
	sh(t, "cd "+dir+"/src && CGO_ENABLED=0 go build -o ../hello .")
	hello := filepath.Join(dir, "hello")
	want(t, "typed\n", 5, "term \\[/n/host/hello a -b\\]\ntyped\n", "run", hello, "a", "-b")
	inside := "bind '#U" + dir + "' /n/h; /n/h/hello"
	want(t, "", 5, "term \\[/n/h/hello\\]\n", "-mem", "-host", "hostfs="+dir, "-host", "exec=host", "-c", inside)
	want(t, "", 1, ".*permission denied: term is not granted exec=host: see ufo\\(8\\)\n", "-mem", "-host", "hostfs="+dir, "-c", inside)
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	want(t, "typed\n", 5, "n2 \\[/n/host/hello\\]\ntyped\n", "run", "-n", "n2", hello)
	want(t, "", 0, "n2\n", "run", "-n", "n2", "-at", "/some/where", "/bin/sh", "-c", "echo `cat /some/where/dev/sysname`")
	want(t, "", 0, "(.* )?bin .* n .*", "run", "-n", "n2", "/bin/sh", "-c", "echo `ls /` ''")
}

const hostProgramText = `package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	name, err := os.ReadFile("/dev/sysname")
	fmt.Printf("%s %v\n", name, os.Args)
	if err != nil {
		fmt.Println(err)
	}
	io.Copy(os.Stdout, os.Stdin)
	os.Exit(5)
}
`
