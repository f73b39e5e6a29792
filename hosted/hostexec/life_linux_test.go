package hostexec_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ufo/hosted/hostexec"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// running reports whether a process of the host has the word among its
// arguments.
func running(word string) bool {
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && bytes.Contains(b, []byte("\x00"+word+"\x00")) {
			return true
		}
	}
	return false
}

// A process that is killed takes its program along, and what that has started.
func TestProgramKilled(t *testing.T) {
	w := newWorld(t, nil)
	word := fmt.Sprintf("orphan-%d", os.Getpid())
	w.do(func(p *proc.Proc) error {
		s := w.begin(p, "family", word)
		s.line(p)
		if !running(word) {
			t.Error("it does not run")
		}
		if err := p.WriteFile(fmt.Sprintf("/proc/%d/ctl", s.pid), []byte("kill")); err != nil {
			t.Error(err)
		}
		if m, err := p.Wait(); err != nil || !strings.HasSuffix(m.Msg, ": Killed") {
			t.Error(m, err)
		}
		return nil
	})
	if running(word) {
		t.Error("a child is left")
	}
}

// Stop and start of proc(3) stop and start the program.
func TestProgramStopped(t *testing.T) {
	w := newWorld(t, nil)
	w.do(func(p *proc.Proc) error {
		word := fmt.Sprintf("tick-%d", os.Getpid())
		s := w.begin(p, "tick", word)
		s.line(p)
		ctl := fmt.Sprintf("/proc/%d/ctl", s.pid)
		if err := p.WriteFile(ctl, []byte("stop")); err != nil {
			t.Error(err)
		}
		if state := p.Table().Find(s.pid).Info().State; state != "Stopped" {
			t.Error(state)
		}
		until(t, "it stops", func() bool { return stopped(word) })
		if err := p.WriteFile(ctl, []byte("start")); err != nil {
			t.Error(err)
		}
		until(t, "it goes on", func() bool { return !stopped(word) })
		p.Postnote(s.pid, "kill")
		p.Wait()
		return nil
	})
}

// stopped reports whether the process of the host with this argument is.
func stopped(word string) bool {
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && string(b) == "/mnt/prog\x00tick\x00"+word+"\x00" {
			stat, _ := os.ReadFile(filepath.Dir(name) + "/stat")
			return bytes.Contains(stat, []byte(") T "))
		}
	}
	return false
}

// What runs goes when the program ufo is killed.
func TestProgramOrphans(t *testing.T) {
	need(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	word := fmt.Sprintf("widow-%d", os.Getpid())
	c := exec.Command(exe, "-test.run", "^TestHelper$")
	c.Env = append(os.Environ(), "HOSTEXEC_TEST_WORD="+word)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" || !running(word) {
		t.Errorf("%q %v", line, err)
	}
	c.Process.Kill()
	c.Wait()
	until(t, "the end of all", func() bool { return !running(word) })
}

// TestHelper is not a test but what TestProgramOrphans kills.
func TestHelper(t *testing.T) {
	word := os.Getenv("HOSTEXEC_TEST_WORD")
	if word == "" {
		t.Skip("started by another test only")
	}
	w := newWorld(t, nil)
	w.do(func(p *proc.Proc) error {
		s := w.begin(p, "family", word)
		fmt.Print(s.line(p))
		p.Wait()
		return nil
	})
}

// BenchmarkProgram starts a program that does nothing and waits for its end.
func BenchmarkProgram(b *testing.B) {
	need(b)
	l := &hostexec.Loader{}
	k, err := kernel.New(b.Context(), kernel.Config{Name: "n1", Loaders: []proc.Loader{l}})
	if err != nil {
		b.Fatal(err)
	}
	text, err := build()
	if err != nil {
		b.Skip(err)
	}
	mem := ramfs.New("glenda", time.Now, 0)
	p, err := k.Procs().Start(b.Context(), "glenda", []string{"bench"}, func(p *proc.Proc) error {
		fd, _, err := p.ServerFd("mem", mem)
		if err == nil {
			err = p.Mount(fd, -1, "/mnt", ns.MREPL|ns.MCREATE, "")
		}
		if err == nil {
			err = p.Chdir("/mnt")
		}
		if err != nil {
			return err
		}
		fd, err = p.Create("prog", ninep.OWRITE, 0o777)
		if err == nil {
			_, err = p.FD(fd).Write(text)
			p.Close(fd)
		}
		for b.Loop() && err == nil {
			if _, err = p.Fork(proc.RFFDG|proc.RFREND, func(k *proc.Proc) error { return k.Exec("/mnt/prog", []string{"prog", "true"}) }); err != nil {
				break
			}
			var m *proc.Waitmsg
			if m, err = p.Wait(); err == nil && m.Msg != "" {
				err = errors.New(m.Msg)
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	<-p.Done()
	if status := p.Info().Status; status != "" {
		b.Error(status)
	}
	k.Halt(b.Context())
}
