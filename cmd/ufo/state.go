package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stateRoot returns the folder that the grids' folders are in: $UFO_STATE, or
// where this host keeps the state of programs.
func stateRoot() (string, error) {
	if dir := os.Getenv("UFO_STATE"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "ufo"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder for state: %w: set UFO_STATE", err)
	}
	return filepath.Join(home, ".local", "state", "ufo"), nil
}

// A state is the folder of one grid.
type state struct {
	name string
	dir  string   // "": this host has none to offer
	lock *os.File // held; nil if it is not ours
}

// openState returns the folder of a grid, without locking it.
func openState(name string) (*state, error) {
	root, err := stateRoot()
	if err != nil {
		return nil, err
	}
	return &state{name: name, dir: filepath.Join(root, name)}, nil
}

func (s *state) file(name string) string { return filepath.Join(s.dir, name) }

// errRunning is that the lock is held by somebody else.
var errRunning = errors.New("is running already")

// acquire makes the folder and locks it. The lock is the host's: when its
// holder dies, however, it is free.
func (s *state) acquire() error {
	if s.dir == "" {
		return errors.New("no folder for state: set UFO_STATE")
	}
	if err := os.MkdirAll(s.dir, 0700); err != nil {
		return fmt.Errorf("state folder: %w: set UFO_STATE to a folder that can be written", err)
	}
	f, err := os.OpenFile(s.file("lock"), os.O_RDWR|os.O_CREATE, 0600)
	if err != nil {
		return fmt.Errorf("state folder: %w: set UFO_STATE to a folder that can be written", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if err == syscall.EWOULDBLOCK {
			return fmt.Errorf("grid %s %w (process %d): ufo con sits at it, ufo down ends it", s.name, errRunning, s.pid())
		}
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	f.Truncate(0)
	f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	s.lock = f
	return nil
}

// release gives up the lock, and what must not be found without it.
func (s *state) release() {
	if s.lock == nil {
		return
	}
	os.Remove(s.socket())
	s.lock.Truncate(0)
	s.lock.Close()
	s.lock = nil
}

// running reports whether somebody holds the lock.
func (s *state) running() bool {
	f, err := os.Open(s.file("lock"))
	if err != nil {
		return false
	}
	defer f.Close() // which gives up a lock we got
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == syscall.EWOULDBLOCK
}

// wait waits until nobody holds the lock, at most for d.
func (s *state) wait(d time.Duration) bool {
	f, err := os.Open(s.file("lock"))
	if err != nil {
		return true
	}
	free := make(chan bool, 1)
	go func() { // ends when the lock is free, or with the program
		err := syscall.EINTR
		for err == syscall.EINTR {
			err, _ = syscall.Flock(int(f.Fd()), syscall.LOCK_SH).(syscall.Errno)
		}
		f.Close() // gives it up again, before anybody is told that it is free
		free <- true
	}()
	select {
	case <-free:
		return true
	case <-time.After(d):
		return false
	}
}

// pid returns the process that holds the lock, or 0.
func (s *state) pid() int {
	b, _ := os.ReadFile(s.file("lock"))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

// maxSocket is the longest name that a socket can have on all hosts.
const maxSocket = 100

// socket returns the name of the control socket. It is in the folder, or, if
// that has too long a name, in one of our own among the temporary files.
func (s *state) socket() string {
	if name := s.file("ctl"); len(name) <= maxSocket {
		return name
	}
	h := fnv.New64a()
	h.Write([]byte(s.dir))
	return filepath.Join(socketDir(), fmt.Sprintf("%x", h.Sum64()))
}

func socketDir() string {
	return filepath.Join(os.TempDir(), "ufo-"+strconv.Itoa(os.Getuid()))
}

// listen makes the control socket. One that is there is of a grid that was
// killed, since we have the lock.
func (s *state) listen() (net.Listener, error) {
	name := s.socket()
	if filepath.Dir(name) == socketDir() {
		if err := privateDir(socketDir()); err != nil {
			return nil, err
		}
	}
	os.Remove(name)
	// The folder is ours alone, so that nobody is faster than Chmod.
	l, err := net.Listen("unix", name)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(name, 0600); err != nil {
		l.Close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return l, nil
}

// privateDir makes a folder that only we can use, or finds that it is so.
func privateDir(dir string) error {
	if err := os.Mkdir(dir, 0700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(st.Uid) != os.Getuid() || info.Mode().Perm() != 0700 {
		return fmt.Errorf("%s: not a folder of yours with mode 0700: set TMPDIR to another place", dir)
	}
	return nil
}

// runningGrids returns the names of the grids that run.
func runningGrids() ([]string, error) {
	root, err := stateRoot()
	if err != nil {
		return nil, err
	}
	list, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range list {
		if s := (state{name: e.Name(), dir: filepath.Join(root, e.Name())}); e.IsDir() && s.running() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// theGrid returns the folder of the running grid that a verb is for.
func theGrid(name string) (*state, error) {
	names, err := runningGrids()
	if err != nil {
		return nil, err
	}
	switch {
	case name != "" && slices.Contains(names, name):
		return openState(name)
	case name != "":
		return nil, fmt.Errorf("grid %s is not running: start it with: ufo up %s", name, name)
	case len(names) == 0:
		return nil, errors.New("no grid is running: start one with: ufo up")
	case len(names) > 1:
		return nil, fmt.Errorf("several grids are running, choose with -g: %s", strings.Join(names, " "))
	}
	return openState(names[0])
}
