//go:build linux

package fuse

import (
	"context"
	"fmt"
	"testing"

	"ufo/kernel"
	"ufo/ns"
	"ufo/proc"
)

// TestKernel shows the name space of a process to the host.
func TestKernel(t *testing.T) {
	need(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	k, err := kernel.New(ctx, kernel.Config{Name: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	ready, leave := make(chan *proc.Proc), make(chan bool)
	p, err := k.Procs().Start(ctx, "glenda", []string{"init"}, func(p *proc.Proc) error {
		for _, b := range [][2]string{{"#c", "/dev"}, {"#p", "/proc"}, {"#e", "/env"}, {"#|", "/tmp"}} {
			if err := p.Bind(b[0], b[1], ns.MREPL|ns.MCREATE); err != nil {
				return err
			}
		}
		ready <- p
		<-leave
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	up := <-ready
	dir, m := mountAt(t, up.View().Export("/"), Options{Context: up.Context()})
	pid := up.Getpid()
	for _, tt := range []struct{ name, script, want string }{
		{"a device", "cat dev/sysname; echo; [ $(cat dev/time | wc -c) = $(stat -c %s dev/time) ] && echo true", "n1\ntrue"},
		{"a process", fmt.Sprintf("cut -c1-4 proc/%d/status; [ $(stat -c %%s proc/%[1]d/status) = $(cat proc/%[1]d/status | wc -c) ] && echo true", pid), "init\ntrue"},
		{"who calls", "cat dev/pid", fmt.Sprintf("%11d ", pid)},
		{"a variable", "echo -n value > env/x; cat env/x; rm env/x; ls env", "value"},
		{"a mount point is what is mounted", "[ $(ls dev | wc -l) -gt 10 ] && cd dev && cd ../dev && ls sysname", "sysname"},
		{"a pipe", "exec 3<> tmp/data1; (echo one; sleep 0.1; echo two) > tmp/data & head -n 1 <&3; cat <&3", "one\ntwo"},
		{"a process that reads a pipe is killed", "timeout -s KILL 0.1 cat tmp/data; echo $?", "Killed\n137"},
	} {
		t.Run(tt.name, func(t *testing.T) { wants(t, sh(t, dir, tt.script), tt.want) })
	}
	// What the kernel mounts is seen at once, also by who stands there.
	if err := up.Bind("#c", "/mnt", ns.MREPL); err != nil {
		t.Error(err)
	}
	wants(t, sh(t, dir, "cd mnt; cat sysname"), "n1")
	if err := m.Unmount(); err != nil {
		t.Error(err)
	}
	close(leave)
	<-p.Done()
	if err := k.Halt(ctx); err != nil {
		t.Error(err)
	}
}
