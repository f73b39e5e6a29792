package dev_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/proc"
)

// dirOf returns the directory of a process.
func dirOf(p *proc.Proc) string { return "#p/" + strconv.Itoa(p.Getpid()) }

// sleeper starts a process that sleeps until it is told to do otherwise.
func (m *machine) sleeper(user string) *proc.Proc {
	return m.start(user, func(p *proc.Proc) error { return p.Sleep(time.Hour) })
}

func TestProcReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		p := m.sleeper("ken")
		time.Sleep(1500 * time.Millisecond)
		m.run("ken", func(x user) {
			dir := dirOf(p)
			for _, c := range []struct{ name, file, want string }{
				{"processes", "#p", "1 2"},
				{"files", dir, "args ctl fd note noteid notepg ns ppid proc segment status text wait"},
			} {
				same(t, c.name, x.ls(c.file), c.want)
			}
			for _, c := range []struct{ name, file, want string }{
				{"arguments", "args", "test 'two words'"},
				{"pid", "ctl", "          1 "},
				{"directory and no files", "fd", "/\n"},
				{"no note", "note", ""},
				{"note group", "noteid", "          1 "},
				{"no reading", "notepg", "permission denied"},
				{"name space", "ns", "cd /\n"},
				{"no parent", "ppid", "          0 "},
				{"no segments", "segment", ""},
				{"no program file", "text", "file does not exist"},
				{"no children", "wait", "no living children"},
				{"no file", "mem", "file does not exist"},
				{"status", "status", fmt.Sprintf("%-27s %-27s %-11s %11d %11d %11d %11d %11d %11d %11d %11d %11d\n",
					"test", "ken", "Sleep", 0, 0, 1500, 0, 0, 0, 0, 10, 10)},
			} {
				got := x.cat(dir + "/" + c.file)
				same(t, c.name, got, c.want)
			}
			same(t, "title", x.echo("busy", dir+"/args"), "")
			same(t, "title", x.cat(dir+"/args"), "test [busy]")
			for _, name := range []string{"0", "01", "x", "99"} {
				same(t, name, x.cat("#p/"+name), "file does not exist")
			}
		})
	})
}

func TestProcFds(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		x.open("#c/null", ninep.ORDWR)
		x.open("#c/zero", ninep.OREAD)
		x.p.Read(1, make([]byte, 100))
		lines := strings.Split(x.cat(dirOf(x.p)+"/fd"), "\n")
		var got []string
		for _, l := range lines[1:3] {
			f := strings.Fields(l)
			got = append(got, f[0], f[1], f[2], f[8], f[9])
		}
		same(t, "descriptors", strings.Join(got, " "), "0 rw c 0 #c/null 1 r c 100 #c/zero")
	})
}

func TestProcNotes(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	p := m.sleeper("ken")
	m.run("rob", func(x user) {
		same(t, "another user", x.echo("stop it", dirOf(p)+"/note"), "permission denied")
		same(t, "another user's group", x.echo("stop it", dirOf(p)+"/notepg"), "permission denied")
	})
	m.run("ken", func(x user) {
		same(t, "too long", x.echo(strings.Repeat("x", 200), dirOf(p)+"/note"), "read or write too large")
		same(t, "note", x.echo("stop it", dirOf(p)+"/note"), "")
		<-p.Done()
		same(t, "status", p.Info().Status, "stop it")
		same(t, "gone", x.echo("again", dirOf(p)+"/note"), "file does not exist")
	})
}

func TestProcNotepg(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		var kids []*proc.Proc
		for range 2 {
			pid, err := x.p.Fork(0, func(p *proc.Proc) error { return p.Sleep(time.Hour) })
			if err != nil {
				t.Fatal(err)
			}
			kids = append(kids, m.procs.Find(pid))
		}
		alone := m.sleeper("ken")
		same(t, "group", x.echo("hangup", dirOf(kids[0])+"/notepg"), "") // but not the writer
		for range kids {
			w, err := x.p.Wait()
			if err != nil || !strings.HasSuffix(w.Msg, ": hangup") {
				t.Errorf("child: %+v, %v", w, err)
			}
		}
		same(t, "another group", alone.Info().Status, "")
		same(t, "joins", x.echo(strconv.Itoa(x.p.Getpid()), dirOf(alone)+"/noteid"), "")
		same(t, "joined", x.cat(dirOf(alone)+"/noteid"), number(x.p.Getpid()))
		same(t, "no such group", x.echo("77", dirOf(alone)+"/noteid"), "permission denied")
		same(t, "no group", x.echo("0", dirOf(alone)+"/noteid"), "bad arg in system call")
	})
}

func TestProcCtl(t *testing.T) {
	for _, c := range []struct{ name, msg, want string }{
		{"nothing", "", "short control request"},
		{"unknown", "frob it", `unknown control message "frob it"`},
		{"wrong number", "kill 1 2", `wrong #args in control message "kill 1 2"`},
		{"close what is not open", "close 7", "fd out of range or not open"},
		{"start what runs", "start", "bad process or channel control request"},
		{"startstop what runs", "startstop", "bad process or channel control request"},
		{"priority", "pri 5", ""},
		{"high priority", "pri 15", "permission denied"},
		{"private", "private", ""},
		{"real time", "period 10ms", "not supported by this kernel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t, dev.ConsConfig{})
			p := m.sleeper("ken")
			m.run("ken", func(x user) { same(t, c.msg, x.echo(c.msg, dirOf(p)+"/ctl"), c.want) })
		})
	}
}

func TestProcKill(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	p := m.sleeper("ken")
	m.run("rob", func(x user) { same(t, "another user", x.echo("kill", dirOf(p)+"/ctl"), "permission denied") })
	m.run("glenda", func(x user) {
		ctl := x.open(dirOf(p)+"/ctl", ninep.OWRITE)
		x.p.Write(ctl, []byte("kill"))
		<-p.Done()
		_, err := x.p.Write(ctl, []byte("kill"))
		same(t, "gone", bare(err), "process exited")
	})
}

func TestProcClose(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		ctl := x.open(dirOf(x.p)+"/ctl", ninep.OWRITE)
		for range 3 {
			x.open("#c/null", ninep.OREAD)
		}
		x.p.Write(ctl, []byte("close 2"))
		same(t, "closed", x.ls("#d"), "0 0ctl 1 1ctl 2 2ctl 3 3ctl") // 2 is the directory
		x.p.Write(ctl, []byte("closefiles"))
		same(t, "closed all", x.ls("#d"), "0 0ctl")
	})
}

func TestProcStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		p := m.start("ken", func(p *proc.Proc) error {
			for {
				p.Sleep(time.Second)
			}
		})
		m.run("ken", func(x user) {
			synctest.Wait()
			ctl, start := dirOf(p)+"/ctl", time.Now()
			state := func() string { return strings.Fields(x.cat(dirOf(p) + "/status"))[2] }
			same(t, "stop", x.echo("stop", ctl), "")
			same(t, "after its call", time.Since(start).String(), "1s")
			same(t, "state", state(), "Stopped")
			same(t, "start", x.echo("start", ctl), "")
			synctest.Wait()
			same(t, "state", state(), "Sleep")
			same(t, "stop", x.echo("stop", ctl), "")
			same(t, "to the next call", x.echo("startsyscall", ctl), "")
			same(t, "at its beginning", time.Since(start).String(), "2s")
			same(t, "to its end", x.echo("startsyscall", ctl), "")
			same(t, "at its end", time.Since(start).String(), "3s")
			same(t, "state", state(), "Stopped")
			same(t, "kill", x.echo("kill", ctl), "")
			<-p.Done()
			x.p.Notify(func(*proc.Proc, string) bool { return true })
			x.p.Alarm(time.Second)
			same(t, "note to who waits", x.echo("waitstop", dirOf(m.sleeper("ken"))+"/ctl"), "interrupted")
		})
	})
}

func TestProcWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		m.run("ken", func(x user) {
			pid, _ := x.p.Fork(0, func(p *proc.Proc) error {
				p.Sleep(2 * time.Second)
				return ninep.Error("it's over")
			})
			buf := make([]byte, 100)
			n, err := x.p.Read(x.open(dirOf(x.p)+"/wait", ninep.OREAD), buf)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "wait", string(buf[:n]), fmt.Sprintf("%d 0 0 2000 'test %d: it''s over'", pid, pid))
		})
	})
}

func TestProcNone(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	p := m.sleeper("ken")
	m.run("ken", func(x user) {
		same(t, "become none", x.echo("none", "#c/user"), "")
		same(t, "none", x.cat("#c/user"), "none")
		same(t, "looks at others", x.cat(dirOf(p)+"/status"), "permission denied")
		if got := x.cat(dirOf(x.p) + "/status"); !strings.Contains(got, " none ") {
			t.Errorf("own status: %s", got)
		}
		same(t, "becomes ken again", x.echo("ken", "#c/user"), "permission denied")
	})
}
