package cmd

import (
	"errors"
	"fmt"
	"path"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// init - initialize machine upon booting
//
// Init sets up the environment and the name space of the machine's user, from
// /lib/namespace, and runs what makes the machine what it is: on a cpu server
// /rc/bin/cpurc, on a terminal /rc/bin/termrc. Then it starts a shell on the
// console: on a cpu server again and again; on a terminal it is a login rc(1),
// and init exits when that does.
//
//	-c  be a cpu server
//	-t  be a terminal
//	-m  only start the shell
//
// Otherwise $service says which. If there is a command, that is run instead of
// the shell.
//
// When the file server of the root is dead the shell starts all the same, in a
// name space with the devices and with the commands that are in the kernel:
// the one that /boot/namespace describes. Then /boot/cpurc is run, not the
// others.
//
// # FILES
//
//	/lib/namespace
//	/boot/namespace
//	/rc/bin/cpurc
//	/rc/bin/termrc
//
// # SEE ALSO
//
// rc(1), namespace(6), boot(8), cpurc(8)
func initMain(p *proc.Proc) error {
	setenvs(p)
	service := getenv(p, "service")
	manual := false
	arg := argbegin(p, "[-ctm] [command ...]")
	for c := range arg.flags() {
		switch c {
		case 'c':
			service = "cpu"
		case 't':
			service = "terminal"
		case 'm':
			manual = true
		default:
			arg.usage()
		}
	}
	setenv(p, "service", service)
	rooted := userNamespace(p)
	script := "/rc/bin/termrc"
	switch {
	case !rooted:
		script = "/boot/cpurc"
	case service == "cpu":
		script = "/rc/bin/cpurc"
	}
	if !manual {
		run(p, "/bin/rc", script)
	}
	cmd := []string{"/bin/rc", "-l"}
	if len(arg.args) > 0 {
		cmd = arg.args
	}
	for {
		err := run(p, cmd...)
		if service != "cpu" {
			return err
		}
		// A console that is gone must not keep us busy.
		p.Sleep(time.Second)
	}
}

// run executes a program in a process of its own, and returns its exit status.
// Notes, which are for the program, do not disturb.
func run(p *proc.Proc, args ...string) error {
	p.Notify(func(*proc.Proc, string) bool { return true })
	defer p.Notify(nil)
	pid, err := p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG, func(c *proc.Proc) error {
		argv := append([]string{path.Base(args[0])}, args[1:]...)
		return fatal(c, "%v", c.Exec(args[0], argv))
	})
	if err != nil {
		warn(p, "%v", err)
		return err
	}
	for {
		w, err := p.Wait()
		switch {
		case err != nil && !errors.Is(err, ninep.ErrIntr):
			return err
		case err == nil && w.Pid == pid:
			if w.Msg != "" {
				fmt.Fprintf(p.Stderr(), "init: %s: %s\n", args[len(args)-1], w.Msg)
			}
			return status(w.Msg)
		}
	}
}
