package hostexec

import "syscall"

// procAttr returns how processes are started: without the terminal of this
// program, as leaders of a session and thus of a group, and so that they do
// not outlive this program.
func procAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
