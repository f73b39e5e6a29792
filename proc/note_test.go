package proc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// Everything that waits ends on a note.
func TestInterrupt(t *testing.T) {
	var sem int32
	for _, row := range []struct {
		name string
		wait func(p *proc.Proc) error
	}{
		{"sleep", func(p *proc.Proc) error { return p.Sleep(100 * time.Hour) }},
		{"read", func(p *proc.Proc) error {
			_, b, err := p.Pipe()
			must(t, err)
			_, err = p.Read(b, make([]byte, 1))
			return err
		}},
		{"rendezvous", func(p *proc.Proc) error { _, err := p.Rendezvous(1, 2); return err }},
		{"semacquire", func(p *proc.Proc) error { _, err := p.Semacquire(&sem, true); return err }},
		{"wait", func(p *proc.Proc) error {
			p.Fork(proc.RFNOTEG, func(p *proc.Proc) error { return p.Sleep(50 * time.Minute) })
			_, err := p.Wait()
			return err
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			run(t, nil, func(p *proc.Proc) error {
				var heard []string
				pid, _ := p.Fork(0, func(p *proc.Proc) error {
					p.Notify(func(p *proc.Proc, note string) bool {
						heard = append(heard, note)
						return note == "interrupt"
					})
					if err := row.wait(p); err != ninep.ErrIntr {
						t.Error("the call returned ", err)
					}
					row.wait(p)
					return errors.New("survived")
				})
				p.Sleep(time.Second)
				must(t, p.Postnote(pid, "interrupt"))
				p.Sleep(time.Second)
				must(t, p.Postnote(pid, "hangup"))
				w, err := p.Wait()
				must(t, err)
				if !strings.HasSuffix(w.Msg, ": hangup") || strings.Join(heard, " ") != "interrupt hangup" || w.Time[2] != 2*time.Second {
					t.Error(w, heard)
				}
				return nil
			})
		})
	}
}

// A note that comes between two calls of a program of OnInterrupt ends the next
// one, if that would wait: only then is the program told.
func TestInterruptBefore(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		kicks, heard := 0, 0
		p.OnInterrupt(func() { kicks++ })
		p.Notify(func(*proc.Proc, string) bool { heard++; return true })
		must(t, p.Post("interrupt"))
		if err := p.Sleep(100 * time.Hour); err != ninep.ErrIntr || kicks != 1 || heard != 1 {
			t.Errorf("%v, %d kicks, heard %d times", err, kicks, heard)
		}
		start := time.Now()
		must(t, p.Sleep(time.Second))
		if time.Since(start) != time.Second {
			t.Error("the note ended the next call too")
		}
		return nil
	})
}

func TestAlarm(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		start := time.Now()
		got := ""
		p.Notify(func(p *proc.Proc, note string) bool { got = note; return true })
		p.Alarm(3 * time.Second)
		p.Alarm(5 * time.Second)
		if err := p.Sleep(time.Minute); err != ninep.ErrIntr || got != "alarm" || time.Since(start) != 5*time.Second {
			t.Error(err, got, time.Since(start))
		}
		p.Alarm(time.Second)
		if left := p.Alarm(0); left != time.Second {
			t.Error(left)
		}
		return p.Sleep(time.Minute)
	})
}

func TestClosedPipe(t *testing.T) {
	// A pipeline that ends so is no fault, of which the log would tell.
	log := func(text string) { t.Error("logged: ", text) }
	runLog(t, nil, log, func(p *proc.Proc) error {
		a, b, err := p.Pipe()
		must(t, err)
		p.Close(b)
		p.Fork(proc.RFFDG, func(p *proc.Proc) error {
			defer func() {
				if !p.Ended() {
					t.Error("not ended by the note")
				}
			}()
			p.Write(a, []byte("x"))
			return nil
		})
		w, _ := p.Wait()
		if !strings.Contains(w.Msg, "sys: write on closed pipe") {
			t.Error(w.Msg)
		}
		return nil
	})
}

func TestStopStart(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		n := 0
		pid, _ := p.Fork(0, func(p *proc.Proc) error {
			for n < 10 {
				n++
				p.Sleep(time.Second)
			}
			return nil
		})
		kid := p.Table().Find(pid)
		p.Sleep(2500 * time.Millisecond)
		kid.Stop()
		p.Sleep(time.Minute)
		if n != 3 || kid.Info().State != "Stopped" {
			t.Error(n, kid.Info().State)
		}
		must(t, kid.Go())
		p.Wait()
		if n != 10 {
			t.Error(n)
		}
		if kid.Go() == nil {
			t.Error("started what was not stopped")
		}
		return nil
	})
}

// Hang is inherited: a program is stopped before it does anything although
// its shell forks and then execs.
func TestHang(t *testing.T) {
	progs := testLoader{"prog": func(p *proc.Proc) error { return p.Sleep(time.Second) }}
	run(t, progs, func(p *proc.Proc) error {
		p.Hang(true)
		pid, err := p.Fork(0, func(p *proc.Proc) error { return p.Exec("/prog", []string{"prog"}) })
		must(t, err)
		p.Sleep(time.Minute)
		kid := p.Table().Find(pid)
		if kid == nil || kid.Info().State != "Stopped" {
			t.Fatal("it runs")
		}
		must(t, kid.Go())
		_, err = p.Wait()
		return err
	})
}

// A process that is killed while it execs says so: its parent must not take
// that for success.
func TestKillInExec(t *testing.T) {
	progs := testLoader{"prog": func(p *proc.Proc) error { return p.Sleep(time.Second) }}
	run(t, progs, func(p *proc.Proc) error {
		p.Fork(0, func(p *proc.Proc) error {
			defer p.Kill() // between the two programs
			return p.Exec("/prog", []string{"prog"})
		})
		w, err := p.Wait()
		must(t, err)
		if !strings.HasSuffix(w.Msg, ": Killed") {
			t.Errorf("%q", w.Msg)
		}
		return nil
	})
}

// A kill is not a note: no handler can help, and a stopped process dies too.
func TestKill(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		for _, stop := range []bool{false, true} {
			pid, _ := p.Fork(0, func(p *proc.Proc) error {
				p.Notify(func(*proc.Proc, string) bool { return true })
				return p.Sleep(30 * time.Minute)
			})
			kid := p.Table().Find(pid)
			p.Sleep(time.Second)
			if stop {
				kid.Stop()
			}
			kid.Kill()
			w, _ := p.Wait()
			if !strings.HasSuffix(w.Msg, ": Killed") || w.Time[2] > time.Minute {
				t.Error(w)
			}
		}
		return nil
	})
}

// A note ends one call. Those that wait for the handler, or come while it
// runs, do not keep it from making others.
func TestHandlerCalls(t *testing.T) {
	for _, row := range []struct {
		name  string
		posts [3]string // at 0, 1 and 3 seconds, separated by blanks
		want  string
	}{
		{"one", [3]string{"a", "", ""}, "a1<nil> a2<nil>"},
		{"two at once", [3]string{"a b", "", ""}, "a1<nil> a2<nil> b1<nil> b2<nil>"},
		{"one meanwhile", [3]string{"a", "b", ""}, "a1interrupted a2<nil> b1<nil> b2<nil>"},
		{"two meanwhile", [3]string{"a", "b", "c"}, "a1interrupted a2interrupted b1<nil> b2<nil> c1<nil> c2<nil>"},
	} {
		t.Run(row.name, func(t *testing.T) {
			run(t, nil, func(p *proc.Proc) error {
				var heard []string
				pid, err := p.Fork(0, func(p *proc.Proc) error {
					p.Notify(func(p *proc.Proc, note string) bool {
						for _, call := range []string{"1", "2"} {
							heard = append(heard, note+call+fmt.Sprint(p.Sleep(5*time.Second)))
						}
						return true
					})
					p.Sleep(30 * time.Minute)
					return nil
				})
				must(t, err)
				p.Sleep(time.Second)
				for i, notes := range row.posts {
					for _, note := range strings.Fields(notes) {
						must(t, p.Postnote(pid, note))
					}
					p.Sleep(time.Duration(i+1) * time.Second)
				}
				p.Wait()
				if got := strings.Join(heard, " "); got != row.want {
					t.Errorf("%s, want %s", got, row.want)
				}
				return nil
			})
		})
	}
}

// A handler can be stopped as well.
func TestStopHandler(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		pid, err := p.Fork(0, func(p *proc.Proc) error {
			p.Notify(func(p *proc.Proc, note string) bool { p.Sleep(time.Second); p.Sleep(time.Second); return true })
			p.Sleep(30 * time.Minute)
			return nil
		})
		must(t, err)
		kid := p.Table().Find(pid)
		p.Sleep(time.Second)
		must(t, kid.Post("a"))
		p.Sleep(time.Second / 2)
		kid.Stop()
		p.Sleep(time.Minute)
		if s := kid.Info().State; s != "Stopped" {
			t.Error(s)
		}
		must(t, kid.Go())
		w, err := p.Wait()
		must(t, err)
		if w.Time[2] != 62500*time.Millisecond {
			t.Error(w.Time[2])
		}
		return nil
	})
}

// A process that already leads a note group leaves it, and its children in
// it, all the same.
func TestNoteGroupAgain(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		must(t, p.Rfork(proc.RFNOTEG))
		old := p.Noteid()
		p.Fork(0, func(p *proc.Proc) error { return p.Sleep(time.Minute) })
		must(t, p.Rfork(proc.RFNOTEG))
		if p.Noteid() == old {
			t.Error("the children are in it still")
		}
		_, err := p.Wait()
		return err
	})
}

func TestNoteGroup(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		p.Notify(func(_ *proc.Proc, note string) bool { t.Error("the sender got ", note); return true })
		for i := range 4 {
			flag := 0
			if i == 3 {
				flag = proc.RFNOTEG
			}
			p.Fork(flag, func(p *proc.Proc) error { p.Notify(nil); return p.Sleep(time.Minute) })
		}
		p.Sleep(1)
		must(t, p.Postgroup(p.Noteid(), "interrupt"))
		n := 0
		for range 4 {
			if w, _ := p.Wait(); strings.HasSuffix(w.Msg, ": interrupt") {
				n++
			}
		}
		if n != 3 {
			t.Error(n)
		}
		return nil
	})
}

func TestRendezvous(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		p.Fork(0, func(p *proc.Proc) error {
			p.Sleep(time.Second)
			if v, err := p.Rendezvous("tag", "child"); v != "parent" || err != nil {
				t.Error(v, err)
			}
			return nil
		})
		if v, err := p.Rendezvous("tag", "parent"); v != "child" || err != nil {
			t.Error(v, err)
		}
		p.Wait()
		return nil
	})
}

func TestSemaphore(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		var sem int32
		in, most := 0, 0
		for range 10 {
			p.Fork(0, func(p *proc.Proc) error {
				if ok, err := p.Semacquire(&sem, true); !ok || err != nil {
					t.Error(ok, err)
				}
				in++
				most = max(most, in)
				p.Sleep(time.Second)
				in--
				p.Semrelease(&sem, 1)
				return nil
			})
		}
		p.Sleep(1)
		if ok, _ := p.Semacquire(&sem, false); ok {
			t.Error("took what is not there")
		}
		p.Semrelease(&sem, 1)
		for range 10 {
			p.Wait()
		}
		if most != 1 || sem != 1 {
			t.Error(most, sem)
		}
		return nil
	})
}

// A server that panics costs its callers an error, and can still be ended.
func TestServerPanics(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		a, b, _ := p.Pipe()
		pid, _ := p.Fork(proc.RFNOTEG, func(p *proc.Proc) error {
			oops := &ninep.Node{Name: "oops", Read: func(context.Context) ([]byte, error) { panic("oops") }}
			fd, done, err := p.ServerFd("#s/x", ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{oops}}))
			must(t, err)
			must(t, p.Mount(fd, -1, "/", ns.MAFTER, ""))
			p.Write(b, []byte("x"))
			return p.Until(done)
		})
		p.Read(a, make([]byte, 1))
		for range 2 {
			if _, err := p.ReadFile("/oops"); !errors.Is(err, ninep.ErrIO) {
				t.Error(err)
			}
		}
		p.Table().Find(pid).Kill()
		_, err := p.Wait()
		return err
	})
}

// A program that runs elsewhere is told to stop and to go on, and has stopped
// at once, though it is in a call.
func TestOnStop(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		var told []bool
		pid, _ := p.Fork(proc.RFNOTEG, func(k *proc.Proc) error {
			k.OnStop(func(stop bool) { told = append(told, stop) })
			k.Until(nil)
			return nil
		})
		p.Sleep(time.Second)
		kid := p.Table().Find(pid)
		kid.Stop()
		kid.Stop()
		must(t, kid.WaitStop(p.Context()))
		if s := kid.Info().State; s != "Stopped" {
			t.Error(s)
		}
		must(t, kid.Go())
		if err := kid.Go(); err != ninep.ErrBadCtl {
			t.Error(err)
		}
		if s := kid.Info().State; s != "Serve" || fmt.Sprint(told) != "[true false]" {
			t.Error(s, told)
		}
		kid.Stop()
		kid.Kill()
		_, err := p.Wait()
		return err
	})
}

// A note to a group reaches who is born in it meanwhile.
func TestNoteFork(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		for range 300 {
			pid, err := p.Fork(proc.RFNOTEG, func(p *proc.Proc) error {
				for {
					p.Fork(proc.RFNOWAIT, func(p *proc.Proc) error { return p.Sleep(24 * time.Hour) })
				}
			})
			must(t, err)
			p.Sleep(0)
			p.Postgroup(pid, "interrupt")
			_, err = p.Wait()
			must(t, err)
			p.Sleep(time.Second)
			if n := len(p.Table().Procs()); n != 1 {
				t.Fatalf("%d processes are left", n-1)
			}
		}
		return nil
	})
}
