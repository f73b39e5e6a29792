package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"ufo/proc"
)

// kill - print commands to kill processes
//
// Kill prints rc(1) commands that post the note "kill" to all processes called
// name that belong to you. To execute them, pipe them into rc.
//
// Slay(1) does the same with the ctl file, which is surer.
//
// # EXAMPLES
//
//	kill sleep | rc
//
// # FILES
//
//	/proc/*/note
//
// # SEE ALSO
//
// broke(1), ps(1), slay(1), stop(1), notify(2), proc(3)
func killMain(p *proc.Proc) error {
	arg := argbegin(p, "name ...")
	arg.noflags()
	return printNamed(p, "@{echo kill>/proc/%[1]d/note} # %[2]s\n", arg.args)
}

// slay - print commands to kill processes for sure
//
// Slay prints rc(1) commands that kill all processes called name that belong
// to you, by a write to their ctl files: they do not get a chance to heed it.
//
// # SEE ALSO
//
// kill(1), proc(3)
func slayMain(p *proc.Proc) error {
	arg := argbegin(p, "name ...")
	arg.noflags()
	return printNamed(p, "@{echo kill>/proc/%[1]d/ctl} # %[2]s\n", arg.args)
}

// stop - print commands to stop processes
//
// Stop prints rc(1) commands that stop all processes called name that belong
// to you, before their next system call. Start(1) lets them go on.
//
// # SEE ALSO
//
// kill(1), start(1), proc(3)
func stopMain(p *proc.Proc) error {
	arg := argbegin(p, "name")
	arg.noflags()
	return printNamed(p, "echo stop>/proc/%[1]d/ctl\n", arg.args)
}

// start - print commands to start stopped processes
//
// Start prints rc(1) commands that let stopped processes called name that
// belong to you go on.
//
// # SEE ALSO
//
// kill(1), stop(1), proc(3)
func startMain(p *proc.Proc) error {
	arg := argbegin(p, "name")
	arg.noflags()
	return printCommands(p, "echo start>/proc/%[1]d/ctl\n", func(st process) bool {
		return slices.Contains(arg.args, st.text) && st.user == p.User() && st.state == "Stopped"
	})
}

// broke - print commands to kill broken processes
//
// Broke prints rc(1) commands that clear away the processes of user, by
// default you, that died of an error and linger in state Broken for a
// debugger to look at.
//
// # SEE ALSO
//
// kill(1), ps(1), proc(3)
func brokeMain(p *proc.Proc) error {
	arg := argbegin(p, "[user]")
	arg.noflags()
	user := p.User()
	if len(arg.args) > 0 {
		user = arg.args[0]
	}
	return printCommands(p, "echo kill>/proc/%[1]d/ctl # %[2]s\n", func(st process) bool {
		return st.state == "Broken" && st.user == user
	})
}

// printNamed prints a line for each process of the user that has one of the
// names, in the order of these.
func printNamed(p *proc.Proc, format string, names []string) error {
	for _, name := range names {
		err := printCommands(p, format, func(st process) bool {
			return st.text == name && st.user == p.User()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// printCommands prints a line, with pid or pid and name, for each process that
// matches.
func printCommands(p *proc.Proc, format string, match func(st process) bool) error {
	list, err := processes(p)
	if err != nil {
		return fatal(p, "/proc: %v", err)
	}
	for _, st := range list {
		if match(st) {
			fmt.Fprintf(p.Stdout(), format, st.pid, st.text)
		}
	}
	return nil
}

// A process is a process as /proc shows it.
type process struct {
	pid int
	procstatus
}

// processes returns the processes in /proc by pid.
func processes(p *proc.Proc) ([]process, error) {
	dirs, err := readdir(p, "/proc")
	if err != nil {
		return nil, err
	}
	var list []process
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name)
		if err != nil {
			continue
		}
		text, err := p.ReadFile("/proc/" + d.Name + "/status")
		if err != nil {
			continue // it is gone
		}
		if st, ok := parseStatus(string(text)); ok {
			list = append(list, process{pid, st})
		}
	}
	slices.SortFunc(list, func(a, b process) int { return cmp.Compare(a.pid, b.pid) })
	return list, nil
}
