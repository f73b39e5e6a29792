package hostexec

import (
	"errors"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"ufo/ninep"
)

type signal = syscall.Signal

const sigKill = syscall.SIGKILL

// notes are the notes of Plan 9 that have a signal of their own, and what a
// process died of that one of these signals ended: see notify(2).
var notes = []struct {
	sig  signal
	note string
}{
	{syscall.SIGINT, "interrupt"},
	{syscall.SIGHUP, "hangup"},
	{syscall.SIGALRM, "alarm"},
	{syscall.SIGKILL, "kill"},
	{syscall.SIGTERM, "kill"},
	{syscall.SIGPIPE, "sys: write on closed pipe"},
	{syscall.SIGSEGV, "sys: trap: fault"},
	{syscall.SIGBUS, "sys: trap: bus error"},
	{syscall.SIGILL, "sys: trap: invalid opcode"},
	{syscall.SIGTRAP, "sys: breakpoint"},
	{syscall.SIGFPE, "sys: fp: exception"},
	{syscall.SIGABRT, "abort"},
}

// signalNamed returns the signal with a name as kill(1) takes it, SIGINT or
// INT, a number, or the note that stands for it.
func signalNamed(name string) (signal, bool) {
	for _, n := range notes {
		if n.note == name {
			return n.sig, true
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 && n < 65 {
		return signal(n), true
	}
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	sig := unix.SignalNum(name)
	return sig, sig != 0
}

// exitStatus returns the exit status that Plan 9 has for how a process of the
// host ended: "" for success, a number, or the note that it died of.
func exitStatus(ws syscall.WaitStatus) string {
	switch {
	case ws.Signaled():
		for _, n := range notes {
			if n.sig == ws.Signal() {
				return n.note
			}
		}
		return "signal: " + unix.SignalName(ws.Signal())
	case ws.ExitStatus() == 0:
		return ""
	}
	return strconv.Itoa(ws.ExitStatus())
}

// hostError returns an error of the host in Plan 9's words, without the names
// that the host has put around it.
func hostError(err error) error {
	var errno syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOEXEC):
		return ninep.ErrBadExec
	case errors.Is(err, syscall.ENOTDIR):
		return ninep.ErrNotDir
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return ninep.ErrNoFD
	case errors.Is(err, syscall.EAGAIN):
		return ninep.ErrNoProcs
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.EIO), errors.Is(err, fs.ErrClosed):
		return ninep.ErrHungup
	case errors.Is(err, exec.ErrNotFound):
		return ninep.ErrNotExist
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return ninep.ErrorOf(err)
	case errors.As(err, &errno):
		return ninep.Error(errno.Error())
	}
	return ninep.ErrorOf(err)
}

// The signals for stop and start of proc(3).
const (
	sigStop = syscall.SIGSTOP
	sigCont = syscall.SIGCONT
)

// signalFor returns the signal for a note: SIGTERM if none stands for it.
func signalFor(note string) signal {
	for _, n := range notes {
		if n.note == note {
			return n.sig
		}
	}
	return syscall.SIGTERM
}
