package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A leftover is something that a grid left on the host when it died. To clear
// it away twice does no harm.
type leftover struct {
	what  string
	clear func() error
}

// A mountTable is how mounts of dead grids are found and cleared. The zero
// value finds none.
type mountTable struct {
	table string // file with the host's mounts, in the form of Linux's mountinfo
	dead  func(dir string) bool
	clear func(dir string) error
}

// leftovers returns what is left of grids that run no more.
func (d *doctor) leftovers() []leftover {
	var all []leftover
	known, busy := map[string]bool{}, map[string]bool{} // sockets of our grids; mounts of those that run
	if root, err := stateRoot(); err == nil {
		list, _ := os.ReadDir(root)
		for _, e := range list {
			s := &state{name: e.Name(), dir: filepath.Join(root, e.Name())}
			known[s.socket()] = true
			if !s.running() {
				all = append(all, d.leftoversOf(s)...)
				continue
			}
			for _, dir := range readLines(s.file(mountList)) {
				busy[dir] = true
			}
		}
	}
	for _, dir := range d.deadMounts() {
		if !busy[dir] {
			all = append(all, leftover{"mount " + dir, func() error { return d.unmount(dir) }})
		}
	}
	return append(all, deadSockets(known)...)
}

// mountList is the file in a grid's folder with the folders of the host where
// it has mounted something, one a line.
const mountList = "mounts"

// leftoversOf returns what a grid left in its folder.
func (d *doctor) leftoversOf(s *state) []leftover {
	var all []leftover
	if _, err := os.Stat(s.file("lock")); err != nil {
		return nil // not the folder of a grid
	}
	for name, kind := range map[string]fs.FileMode{s.socket(): fs.ModeSocket, s.file("fs.disk.new"): 0, s.file(mountList): 0} {
		if info, err := os.Lstat(name); err == nil && info.Mode().Type() == kind {
			all = append(all, leftover{name, func() error { return s.idle(func() error { return d.remove(name) }) }})
		}
	}
	slices.SortFunc(all, func(a, b leftover) int { return strings.Compare(a.what, b.what) })
	if pid := s.pid(); pid != 0 {
		what := fmt.Sprintf("%s of process %d", s.file("lock"), pid)
		all = append(all, leftover{what, func() error { return s.idle(func() error { return nil }) }})
	}
	return all
}

// idle does something while nobody can start the grid. When it returns, the
// lock is empty.
func (s *state) idle(f func() error) error {
	if err := s.acquire(); errors.Is(err, errRunning) {
		return nil // again: what is there is its own
	} else if err != nil {
		return err
	}
	defer s.release()
	return f()
}

// remove removes a file of a dead grid; of its list of mounts first those that
// nobody serves.
func (d *doctor) remove(name string) error {
	if filepath.Base(name) == mountList && d.dead != nil {
		for _, dir := range readLines(name) {
			if err := d.unmount(dir); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// unmount takes away all dead mounts at dir.
func (d *doctor) unmount(dir string) error {
	for range 10 { // one may hide another
		if !d.dead(dir) {
			break
		}
		if err := d.clear(dir); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return nil
}

// deadMounts returns where the host has mounts of ours that nobody serves.
func (d *doctor) deadMounts() []string {
	if d.dead == nil {
		return nil
	}
	var dirs []string
	for _, line := range readLines(d.table) {
		before, after, _ := strings.Cut(line, " - ")
		where, what := strings.Fields(before), strings.Fields(after)
		if len(where) < 5 || len(what) < 2 || !strings.HasPrefix(what[0], "fuse") || !strings.HasPrefix(what[1], "ufo:") {
			continue
		}
		dir := unescape(where[4])
		if !slices.Contains(dirs, dir) && d.dead(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// unescape undoes the escapes of the table of mounts: a backslash and three
// octal digits.
func unescape(s string) string {
	for _, c := range " \t\n\\" {
		s = strings.ReplaceAll(s, fmt.Sprintf("\\%03o", c), string(c))
	}
	return s
}

// readLines returns the lines of a file, none if it cannot be read.
func readLines(name string) []string {
	b, _ := os.ReadFile(name)
	return strings.FieldsFunc(string(b), func(c rune) bool { return c == '\n' })
}

// deadSockets returns the sockets among the temporary files that nobody listens
// on: those of grids with another state folder. One that has just been made may
// not be listened on yet.
func deadSockets(known map[string]bool) []leftover {
	const young = time.Minute
	var all []leftover
	list, _ := os.ReadDir(socketDir())
	for _, e := range list {
		name := filepath.Join(socketDir(), e.Name())
		info, err := e.Info()
		if err != nil || known[name] || e.Type() != fs.ModeSocket || time.Since(info.ModTime()) < young {
			continue
		}
		c, err := net.Dial("unix", name)
		if err == nil {
			c.Close()
		} else if errors.Is(err, syscall.ECONNREFUSED) {
			all = append(all, leftover{name, func() error { return os.Remove(name) }})
		}
	}
	return all
}
