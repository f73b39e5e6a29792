package hostexec_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"ufo/hosted/hostexec"
	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// TestMain lets the test binary be what the tests run: see the functions in
// roles.
func TestMain(m *testing.M) {
	hostexec.Shim()
	if role, ok := roles[os.Getenv("HOSTEXEC_TEST_ROLE")]; ok {
		role()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var roles = map[string]func(){
	"victim": victim,
}

// readPid returns the number in a file of the host, 0 if there is none.
func readPid(name string) int {
	b, _ := os.ReadFile(name)
	n, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return n
}

// victim is a program with a command that waits to be killed.
func victim() {
	c := hostexec.NewCmd(hostexec.Config{Owner: "glenda", Allowed: anything})
	x := &talker{t: &testing.B{}, ctx: context.Background(), srv: ninetest.Strict(c)}
	x.ctl = x.open("clone", ninep.ORDWR)
	x.num = x.read(x.ctl)
	fmt.Println(x.family())
	select {}
}

// When the program is killed its commands go with it, and their children.
func TestOrphans(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "HOSTEXEC_TEST_ROLE=victim")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var shell, child int
	_, err = fmt.Fscanf(out, "[%d %d]", &shell, &child)
	cmd.Process.Kill()
	cmd.Wait()
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the end of the shell", func() bool { return !alive(shell) })
	until(t, "the end of its child", func() bool { return !alive(child) })
}
