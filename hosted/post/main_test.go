//go:build unix

package post

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ufo/ninep"
)

// asMain makes of the test program one whose main is Main.
const asMain = "POST_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		var lit bool
		Main(ninep.NewTree("none", &ninep.Node{Children: []*ninep.Node{
			ninep.Text("f", "text"),
			{Name: "ctl", Perm: 0222, Write: ninep.Ctl{{Name: "on", Do: func(context.Context, []string) error { lit = !lit; return nil }}}.Do},
		}}), nil)
	}
	os.Exit(m.Run())
}

// TestMainFlags runs Main with flags, on standard input and output: the program
// has ended when its output does.
func TestMainFlags(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		hangup bool // or it is left to end by itself
		stderr string
	}{
		{"nothing to say", []string{"-"}, true, ""},
		{"-L", []string{"-L", "-"}, true, " glenda write /ctl 2\n"},
		{"-L -R", []string{"-L", "-R", "-"}, true, " glenda open /ctl: file system read only\n"},
		{"-D", []string{"-D", "-"}, true, "Twrite tag"},
		{"-t", []string{"-t", "50ms", "-"}, false, "connection timed out\n"},
		{"no address", nil, true, "usage: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], tt.args...)
			cmd.Env = append(os.Environ(), asMain+"=1")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			conn := struct {
				io.Reader
				io.WriteCloser
			}{out, in}
			if c, err := ninep.NewClient(t.Context(), conn, nil); err == nil {
				root, err := c.Attach(t.Context(), "glenda", "")
				if err != nil {
					t.Fatal(err)
				}
				ninep.WriteFile(t.Context(), root, "ctl", []byte("on"), 0)
				if tt.hangup {
					in.Close()
				}
				<-c.Done()
			} else if tt.args != nil {
				t.Error(err)
			}
			cmd.Wait()
			if got := stderr.String(); !strings.Contains(got, tt.stderr) || tt.stderr == "" && got != "" {
				t.Errorf("said %q, want %q", got, tt.stderr)
			}
		})
	}
}
