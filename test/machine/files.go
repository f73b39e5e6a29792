//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// A command is what the machine is for, as it finds it in the file jobName.
type command struct {
	Dir       string
	Args, Env []string
}

const jobName = "/job"

// pack writes the file from which the machine's kernel makes its files, an archive
// of the form newc of cpio. Its first program, init, is this one.
func pack(name string, with, args []string) (err error) {
	c := command{Args: args, Env: os.Environ()}
	if c.Dir, err = os.Getwd(); err != nil {
		return err
	}
	program, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	if c.Args[0], err = filepath.Abs(program); err != nil {
		return err
	}
	job, err := json.Marshal(c)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	a := archive{w: bufio.NewWriterSize(f, 1<<20), has: make(map[string]bool)}
	for _, dir := range []string{"/dev", "/proc", "/sys", "/tmp"} {
		a.dir(dir)
	}
	a.copy("/init", self)
	a.add(jobName, modeFile, job)
	for _, name := range append([]string{c.Args[0], c.Dir}, with...) {
		a.tree(name)
	}
	a.add("TRAILER!!!", 0, nil)
	if a.err == nil {
		a.err = a.w.Flush()
	}
	return a.err
}

// Modes of files in an archive.
const (
	modeFile = 0o100755
	modeDir  = 0o040777
	modeLink = 0o120777
)

// An archive is being written.
type archive struct {
	w   *bufio.Writer
	has map[string]bool // folders
	ino int
	err error // the first
}

// tree adds a file, or a folder and all that is in it, and the folders above.
func (a *archive) tree(name string) {
	name, err := filepath.Abs(name)
	if err != nil {
		a.fail(err)
		return
	}
	a.dir(filepath.Dir(name))
	a.fail(filepath.WalkDir(name, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			a.dir(name)
		case d.Type() == fs.ModeSymlink:
			to, err := os.Readlink(name)
			a.fail(err)
			a.add(name, modeLink, []byte(to))
		case d.Type() == 0:
			a.copy(name, name)
		}
		return a.err
	}))
}

// dir adds a folder and those above.
func (a *archive) dir(name string) {
	if name == "/" || a.has[name] {
		return
	}
	a.dir(filepath.Dir(name))
	a.has[name] = true
	a.add(name, modeDir, nil)
}

// copy adds a file with what another has.
func (a *archive) copy(name, from string) {
	b, err := os.ReadFile(from)
	a.fail(err)
	a.add(name, modeFile, b)
}

// add adds a file.
func (a *archive) add(name string, mode int, b []byte) {
	a.ino++
	fields := []int{a.ino, mode, 0, 0, 1, 0, len(b), 0, 0, 0, 0, len(name) + 1, 0}
	head := "070701"
	for _, v := range fields {
		head += fmt.Sprintf("%08x", v)
	}
	head += name + "\x00"
	for _, part := range [][]byte{[]byte(head), b} {
		_, err := a.w.Write(part)
		a.fail(err)
		_, err = io.WriteString(a.w, "\x00\x00\x00"[:-len(part)&3])
		a.fail(err)
	}
}

func (a *archive) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}
