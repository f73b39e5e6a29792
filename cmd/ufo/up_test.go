package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ufo/hosted/hostexec"
)

// asProgram makes the test binary be ufo: a grid needs a process of its own
// to be killed, and signals, and its standard input.
const asProgram = "UFO_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	hostexec.Shim()
	if os.Getenv(asProgram) != "" {
		main()
	}
	if os.Getenv(asServer) != "" {
		serveStdio()
	}
	os.Exit(m.Run())
}

// program returns ufo with arguments, to be run.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// want runs ufo with input, and compares what it prints, both its outputs
// together, with a regular expression.
func want(t *testing.T, input string, status int, output string, args ...string) {
	t.Helper()
	c := program(t, args...)
	c.Stdin = strings.NewReader(input)
	b, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := c.ProcessState.ExitCode(); got != status || !regexp.MustCompile("^(?s:"+output+")$").Match(b) {
		t.Errorf("ufo %s: status %d, printed:\n%s\nwant %d and:\n%s", strings.Join(args, " "), got, b, status, output)
	}
}

func TestCommand(t *testing.T) {
	t.Setenv("UFO_STATE", t.TempDir())
	want(t, "", 0, "hi\n", "-mem", "-c", "echo hi")
	want(t, "", 0, "term\n", "up", "-mem", "-c", "echo `{cat /dev/sysname}")
	want(t, "", 3, "", "-mem", "-c", "exit 3")
	want(t, "", 1, "", "-mem", "-c", "exit 'not found'")
	want(t, "one\ntwo\n", 0, "two\n", "-mem", "-c", "tail -1")
	want(t, "echo from a script\n", 0, "term% from a script\nterm% ", "-mem")
	want(t, "", 0, "", "-mem", "-c", "")
}

// A host that offers no folder is good enough for what keeps nothing.
func TestNoFolder(t *testing.T) {
	for _, name := range []string{"UFO_STATE", "XDG_STATE_HOME", "HOME"} {
		t.Setenv(name, "")
	}
	want(t, "", 0, "hi\n", "up", "-mem", "-c", "echo hi")
	want(t, "", 1, "ufo: no folder for state: .*UFO_STATE\n", "up", "-c", "echo hi")
}

func TestFilesStay(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	want(t, "", 0, "", "-c", "echo kept >/usr/glenda/x")
	want(t, "", 0, "kept\n", "-c", "cat /usr/glenda/x")
	want(t, "", 1, "cat: can't open .*", "-mem", "-c", "cat /usr/glenda/x")
	want(t, "", 1, "cat: can't open .*", "-fresh", "-c", "cat /usr/glenda/x")
	if _, err := os.Stat(filepath.Join(dir, "one", "fs.disk.old")); err != nil {
		t.Errorf("the files of the time before: %v", err)
	}
}

// What is written into the grid's own network database holds at the next boot,
// unless that would be the last.
func TestOwnTopology(t *testing.T) {
	t.Setenv("UFO_STATE", t.TempDir())
	want(t, "", 0, "", "up", "-c", "echo 'sys=n5 ip=10.9.0.5 role=cpu' >>/lib/ndb/local")
	want(t, "", 0, "/n/n5\n.*n5 .* up .*", "up", "-c", "ls -d /n/n5; cat /mnt/grid/status")
	want(t, "", 0, "", "up", "-c", "echo 'sys=n6 ip=10.9' >>/lib/ndb/local")
	want(t, "", 0, "ufo: /lib/ndb/local:[0-9]+: sys=n6: .*\n1\n", "up", "-c", "grep -c n6 /lib/ndb/local.bad; ! grep n6 /lib/ndb/local")
	want(t, "", 0, "term\n", "-c", "cat /mnt/grid/nodes/*/status | grep name | sed 's/.* //'")
}

// A grid of a terminal and its file server is two nodes, too.
func TestTwoNodes(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("two.ndb", "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0 fs=n1\nsys=n1 ip=10.9.0.1 role=fs\nsys=home ip=10.9.0.7 role=terminal\n")(t, dir)
	want(t, "exit\n", 0, ".*\n2 nodes, .*  ls /n/n1  .*", "up", "-mem", filepath.Join(dir, "two.ndb"))
}

func TestBackground(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	s := &state{name: "four", dir: filepath.Join(dir, "four")}
	want(t, "", 0, "(n1.* up .*){1}(.* up .*){4}5 nodes, .*", "up", "-d")
	want(t, "", 0, "(.* up .*){5}", "ps")
	want(t, "", 1, "ufo: grid four is running already .*", "up")
	want(t, "", 1, "ufo: grid four is running already .*", "up", "-d")
	want(t, "echo written on n2 >/usr/glenda/x\n", 0, "n2% n2% ", "con", "n2")
	want(t, "", 0, "", "cut", "n1", "n2")
	want(t, "", 0, "", "link", "term", "n1", "delay=1ms", "loss=0.5%")
	want(t, "", 0, ".*\nn1-n2 +cut\nn1-term +delay 1ms, loss 0.5%\n", "ps")
	want(t, "", 0, "", "heal", "n2", "n1")
	want(t, "", 0, "", "link", "term", "n1", "delay=0s", "loss=0%")
	want(t, "", 0, "delay 0s\n.*to n1 packets [0-9]+ .*", "link", "term", "n1")
	want(t, "", 0, "", "kill", "n3")
	want(t, "", 0, ".*n3 .* dead.*", "ps")
	want(t, "", 0, "", "start", "n3")
	want(t, "", 1, "ufo: start n3: it is running: ufo kill n3 switches it off\n", "start", "n3")
	want(t, "", 0, "(.* up .*){5}", "ps")
	want(t, "", 1, "ufo: n9: no such node.*", "con", "n9")
	want(t, "", 0, "unix!.* ok, 0 failed, .*\n", "check", "unix!"+s.socket())

	// Killed, it leaves a socket and the files, and boots again.
	if err := syscall.Kill(s.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Minute)
	want(t, "", 1, "ufo: no grid is running.*", "ps")
	want(t, "", 0, "written on n2\n", "up", "-c", "cat /usr/glenda/x")

	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	want(t, "", 0, "", "down")
	want(t, "", 1, "ufo: no grid is running.*", "down")
	if files, _ := filepath.Glob(filepath.Join(dir, "four", "*")); len(files) != 9 { // fs.disk history lock log, and five nvrams
		t.Errorf("left in the folder: %q", files)
	}
}

// A signal ends the program in order.
func TestSignals(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		c := program(t, "-c", "echo here; sleep 1000")
		out, err := c.StdoutPipe()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		out.Read(make([]byte, 10))
		c.Process.Signal(sig)
		c.Wait()
		if got := c.ProcessState.ExitCode(); got != 128+int(sig) {
			t.Errorf("%v: status %d", sig, got)
		}
		if s := (&state{name: "one", dir: filepath.Join(dir, "one")}); s.running() || s.pid() != 0 {
			t.Errorf("%v: not ended in order", sig)
		}
	}
	c := program(t, "-c", "fn sigint { echo caught }; echo here; sleep 1000; echo after")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	out.Read(b)
	// An interrupt that comes when rc has decided to start sleep and has not
	// done it yet is for rc alone, which waits: so there are more of them.
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	said := make(chan bool)
	go func() {
		out.Read(b)
		close(said)
	}()
	for waiting := true; waiting; {
		c.Process.Signal(os.Interrupt)
		select {
		case <-said:
			waiting = false
		case <-again.C:
		}
	}
	c.Process.Signal(syscall.SIGTERM)
	c.Wait()
	if !strings.HasPrefix(string(b), "caught\n") {
		t.Errorf("^C: printed %q, %v", b, c.ProcessState)
	}
}
