package hostexec

import (
	"context"
	"os"
	"strconv"
	"strings"

	"ufo/ninep"
)

// maxEnv bounds the bytes of environment that a conversation keeps.
const maxEnv = 1 << 20

// verbs are the control messages.
func (v *conv) verbs() ninep.Ctl {
	return ninep.Ctl{
		{Name: "exec", Args: "command [arg ...]", Do: v.exec},
		{Name: "dir", Args: "folder", Do: v.chdir},
		{Name: "chdir", Args: "dir", Do: v.chdirHere},
		{Name: "env", Args: "name=value", Do: v.setenv},
		{Name: "nice", Args: "[level]", Do: v.renice},
		{Name: "pty", Args: "[rows cols]", Do: v.usePty},
		{Name: "winsize", Args: "rows cols", Do: v.resize},
		{Name: "kill", Args: "[signal]", Do: v.signal},
		{Name: "killonclose", Do: v.tie},
		{Name: "detach", Do: v.untie},
	}
}

// before changes what is to be known before the command runs.
func (v *conv) before(f func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.state != open {
		return ninep.ErrInUse
	}
	return f()
}

// chdir makes the command start in a folder of the host.
func (v *conv) chdir(_ context.Context, args []string) error {
	info, err := os.Stat(args[0])
	if err != nil {
		return hostError(err)
	}
	if !info.IsDir() {
		return ninep.ErrNotDir
	}
	return v.before(func() error { v.wdir = args[0]; return nil })
}

// chdirHere makes the command start in a directory of the name space that is
// one of the host's.
func (v *conv) chdirHere(ctx context.Context, args []string) error {
	if v.dev.cfg.HostPath == nil {
		return ninep.ErrNotExist
	}
	dir, ok := v.dev.cfg.HostPath(ctx, args[0])
	if !ok {
		return ninep.ErrNotExist
	}
	return v.chdir(ctx, []string{dir})
}

// setenv sets a variable of the environment, or with the word clear forgets
// what the host would put there.
func (v *conv) setenv(_ context.Context, args []string) error {
	name, _, ok := strings.Cut(args[0], "=")
	switch {
	case args[0] == "clear":
		return v.before(func() error { v.env, v.clean = nil, true; return nil })
	case !ok || name == "" || strings.Contains(args[0], "\x00"):
		return ninep.ErrBadArg
	case v.dev.refused(name):
		return ninep.ErrPerm
	}
	return v.before(func() error {
		size := len(args[0])
		for _, e := range v.env {
			size += len(e)
		}
		if size > maxEnv {
			return ninep.ErrTooBig
		}
		v.env = append(v.env, args[0])
		return nil
	})
}

// renice makes the command run at less than normal priority.
func (v *conv) renice(_ context.Context, args []string) error {
	level := 1
	if len(args) > 0 {
		var err error
		if level, err = strconv.Atoi(args[0]); err != nil || level < 1 || level > 3 {
			return ninep.ErrBadArg
		}
	}
	return v.before(func() error { v.nice = level; return nil })
}

// usePty gives the command a terminal.
func (v *conv) usePty(_ context.Context, args []string) error {
	rows, cols := 24, 80
	if len(args) > 0 {
		var err error
		if rows, cols, err = size(args); err != nil {
			return err
		}
	}
	return v.before(func() error { v.pty, v.rows, v.cols = true, rows, cols; return nil })
}

// resize changes the size of the command's terminal.
func (v *conv) resize(_ context.Context, args []string) error {
	rows, cols, err := size(args)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.pty {
		return ninep.ErrBadCtl
	}
	v.rows, v.cols = rows, cols
	if v.run == nil {
		return nil
	}
	return v.run.resize(rows, cols)
}

// size returns the rows and columns of a terminal.
func size(args []string) (rows, cols int, err error) {
	if len(args) != 2 {
		return 0, 0, ninep.ErrCmdArgs
	}
	rows, err1 := strconv.Atoi(args[0])
	cols, err2 := strconv.Atoi(args[1])
	if err1 != nil || err2 != nil || rows < 1 || cols < 1 || rows > 0xffff || cols > 0xffff {
		return 0, 0, ninep.ErrBadArg
	}
	return rows, cols, nil
}

// signal kills the command, or sends it another signal.
func (v *conv) signal(_ context.Context, args []string) error {
	sig := sigKill
	if len(args) > 0 {
		var ok bool
		if sig, ok = signalNamed(args[0]); !ok {
			return ninep.ErrBadArg
		}
	}
	return v.kill(sig)
}

func (v *conv) tie(context.Context, []string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.killonclose = true
	return nil
}

// untie lets the command outlive the files of the conversation. It then has
// neither input nor output.
func (v *conv) untie(context.Context, []string) error {
	return v.before(func() error { v.detached = true; return nil })
}

// exec runs the command.
func (v *conv) exec(_ context.Context, args []string) error {
	path, err := v.dev.lookup(args[0])
	if err != nil {
		return err
	}
	var s spec
	err = v.before(func() error {
		v.state, v.name = starting, args[0]
		s = spec{path: path, args: args, dir: v.wdir, env: v.env, clean: v.clean,
			nice: v.nice, detached: v.detached, pty: v.pty, rows: v.rows, cols: v.cols}
		return nil
	})
	if err != nil {
		return err
	}
	if err = v.dev.begin(); err == nil {
		var run *command
		if run, err = s.start(&v.dev.guard); err == nil {
			v.started(run)
			return nil
		}
		v.dev.running.Done()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.state = open
	return hostError(err)
}

// started notes that the command runs. A goroutine waits for its end.
func (v *conv) started(run *command) {
	v.mu.Lock()
	v.state, v.run = execute, run
	v.mu.Unlock()
	go func() {
		<-run.gone
		v.mu.Lock()
		v.state = ended
		v.mu.Unlock()
		close(v.done)
		v.dev.running.Done()
	}()
	if v.dev.isClosed() { // Close has looked before there was anything to kill
		v.kill(sigKill)
	}
}
