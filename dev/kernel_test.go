package dev_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A machine is the devices of a kernel with processes.
type machine struct {
	t     *testing.T
	cons  *dev.Cons
	srv   *dev.Srv
	devs  map[rune]ninep.Server
	procs *proc.Table
}

// newMachine puts the devices together; glenda is the host owner.
func newMachine(t *testing.T, cfg dev.ConsConfig) *machine {
	links, wire, _ := wireOf(t)
	m := &machine{t: t, srv: dev.NewSrv(glenda)}
	cfg.Host, cfg.Sysname = dev.Host{Owner: "glenda", Booted: time.Now()}, "n1"
	cfg.Procs = func() *proc.Table { return m.procs }
	m.cons = dev.NewCons(cfg)
	m.devs = dev.Config{
		Host: cfg.Host, Root: dev.RootConfig{Builtins: []string{"cat"}},
		Env:  map[string]string{"cputype": "amd64"},
		Cons: m.cons, Srv: m.srv, Procs: cfg.Procs,
		Wire: wire, Links: links,
	}.Servers()
	m.procs = proc.NewTable(proc.Config{Devs: ns.NewDevtab(m.devs), Clock: cfg.Clock, Log: m.cons.Log})
	t.Cleanup(func() {
		if err := m.procs.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		m.srv.Close()
	})
	return m
}

// start starts a process of a user.
func (m *machine) start(user string, main proc.Main) *proc.Proc {
	m.t.Helper()
	p, err := m.procs.Start(context.Background(), user, []string{"test", "two words"}, main)
	if err != nil {
		m.t.Fatal(err)
	}
	return p
}

// run runs a process of a user to its end.
func (m *machine) run(name string, main func(x user)) {
	m.t.Helper()
	<-m.start(name, func(p *proc.Proc) error {
		main(user{m.t, p})
		return nil
	}).Done()
}

// A user is a process that a test acts as.
type user struct {
	t *testing.T
	p *proc.Proc
}

// cat returns what a file reads, or the text of the error.
func (x user) cat(name string) string {
	b, err := x.p.ReadFile(name)
	if err != nil {
		return bare(err)
	}
	return string(b)
}

// echo opens a file and writes it; "" or the text of the error.
func (x user) echo(text, name string) string {
	fd, err := x.p.Open(name, ninep.OWRITE)
	if err != nil {
		return bare(err)
	}
	defer x.p.Close(fd)
	if _, err := x.p.Write(fd, []byte(text)); err != nil {
		return bare(err)
	}
	return ""
}

// open opens a file, which must work.
func (x user) open(name string, mode ninep.Mode) int {
	x.t.Helper()
	fd, err := x.p.Open(name, mode)
	if err != nil {
		x.t.Fatal(err)
	}
	return fd
}

// create makes a file, which must work.
func (x user) create(name string, mode ninep.Mode, perm ninep.Perm) int {
	x.t.Helper()
	fd, err := x.p.Create(name, mode, perm)
	if err != nil {
		x.t.Fatal(err)
	}
	return fd
}

// ls returns the names in a directory.
func (x user) ls(name string) string {
	fd, err := x.p.Open(name, ninep.OREAD)
	if err != nil {
		return bare(err)
	}
	defer x.p.Close(fd)
	var names []string
	for {
		dirs, err := x.p.ReadDir(fd)
		if err != nil {
			return bare(err)
		}
		if len(dirs) == 0 {
			return strings.Join(names, " ")
		}
		for _, d := range dirs {
			names = append(names, d.Name)
		}
	}
}

// bare returns the text of an error without the name.
func bare(err error) string {
	text := err.Error()
	if rest, ok := strings.CutPrefix(text, "'"); ok {
		if _, after, ok := strings.Cut(rest, "' "); ok {
			return after
		}
	}
	return text
}
