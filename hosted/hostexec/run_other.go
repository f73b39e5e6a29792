//go:build !linux

package hostexec

import (
	"errors"
	"io"
	"os"
	"path"
	"runtime"
	"syscall"
)

// magics are what programs of this host begin with: Mach-O, of 32 and 64 bits
// and for several processors.
var magics = []string{"\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"}

// Shim returns at once: only on Linux is there something to prepare.
func Shim() {}

// start starts a copy of the program, which sees the host's tree.
//
// BUG: it builds, but nobody has tried it on macOS.
func (e executable) start(s *session) (*program, error) {
	name, err := e.copy(s)
	if err != nil {
		return nil, hostError(err)
	}
	cmd, err := spec{path: name, args: s.p.Args, env: environ(s.p), pty: s.tty, errPipe: s.errPipe, rows: s.rows, cols: s.cols}.start(new(guard))
	if err != nil {
		os.Remove(name)
		return nil, hostError(err)
	}
	status := func() string {
		if ws, ok := cmd.cmd.ProcessState.Sys().(syscall.WaitStatus); ok {
			return exitStatus(ws)
		}
		return "unknown"
	}
	return &program{command: cmd, signal: cmd.signal, status: status, close: func() {
		cmd.close()
		cmd.guard.dismiss()
		os.Remove(name)
	}}, nil
}

// copy copies the program to a file of the host, and returns its name.
func (e executable) copy(s *session) (name string, err error) {
	exe := s.p.Exe()
	if exe == nil {
		return "", errors.New("no program")
	}
	defer exe.Close()
	f, err := os.CreateTemp("", "ufo-"+path.Base(e.name))
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, io.NewSectionReader(chanReader{s.ctx, exe}, 0, 1<<62))
	if err = errors.Join(err, f.Chmod(0o700), f.Close()); err != nil {
		os.Remove(f.Name())
	}
	return f.Name(), err
}

// Available returns an error: programs run in the host's tree.
func Available() error {
	return errors.New("on " + runtime.GOOS + " programs of the host do not see the name space")
}
