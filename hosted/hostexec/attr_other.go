//go:build !linux

package hostexec

import "syscall"

// procAttr returns how processes are started: without the terminal of this
// program, as leaders of a session and thus of a group. That they do not
// outlive this program is left to the guard.
func procAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
