package main

import (
	"os"
	"path/filepath"
	"runtime"
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
		want(t, "", 1, "ufo: run "+dir+": not a file\n", append(args, dir)...)
	}
	run("term")
	want(t, "", 1, "ufo: no grid is running.*", "run", "-n", "n2", a)
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	run("term")
	run("n3", "-n", "n3")
	want(t, "", 1, "ufo: n9: no such node.*", "run", "-n", "n9", a)
	want(t, "ls /srv\n", 0, "n3% /srv/boot\n/srv/clone\n/srv/cs\n/srv/grid\n/srv/slashmnt\n/srv/slashn\nn3% ", "con", "n3")
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
	want(t, "typed\n", 5, "term \\[/n/host/hello a -b\\]\ntyped\n", "run", hello, "a", "-b")
	inside := "bind '#U" + dir + "' /n/h; /n/h/hello"
	want(t, "", 5, "term \\[/n/h/hello\\]\n", "-mem", "-host", "hostfs="+dir, "-c", inside)
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	want(t, "typed\n", 5, "n2 \\[/n/host/hello\\]\ntyped\n", "run", "-n", "n2", hello)
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
