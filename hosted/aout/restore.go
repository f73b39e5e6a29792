package aout

import (
	"slices"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// restore gives a thawed process the groups that it does not share: environment,
// name space, and its directory.
func (w *thawing) restore(k *proc.Proc, sp *snapProc, first bool) {
	if first || sp.Apart&proc.RFENVG != 0 {
		for _, v := range k.Env().List() {
			k.Env().Remove(v.Name)
		}
		for _, v := range sp.Env {
			k.Env().Set(v.Name, v.Value)
		}
	}
	if first || sp.Apart&proc.RFNAMEG != 0 {
		w.names(k, sp.NS)
	}
	if !first && w.Procs[sp.Parent].Dot == sp.Dot {
		return
	}
	if err := k.Chdir(sp.Dot); err != nil {
		w.say(k, "the directory is not %s: %v", sp.Dot, err)
	}
}

// names makes a name space like another of which NS was the text. What is in the
// process's already stays; the terminal is where the process is now.
func (w *thawing) names(k *proc.Proc, text string) {
	now, err := k.NS()
	if err != nil {
		w.say(k, "%v", err)
		return
	}
	have := strings.Split(now, "\n")
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		words := ninep.Fields(line)
		if len(words) < 3 || slices.Contains(have, line) || isConsole(words[len(words)-2]) {
			continue
		}
		if err := operate(k, words); err != nil {
			w.say(k, "%s: %v", line, err)
		}
	}
}

// isConsole reports whether a name is that of a terminal's device.
func isConsole(name string) bool {
	rest, ok := strings.CutPrefix(name, "#c")
	return ok && rest != "" && rest[0] >= '0' && rest[0] <= '9'
}

// operate carries out a line of what NS gives.
func operate(k *proc.Proc, words []string) error {
	name, args, flag := words[0], words[1:], ns.MREPL
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-"); args = args[1:] {
		for _, c := range args[0][1:] {
			flag |= map[rune]int{'a': ns.MAFTER, 'b': ns.MBEFORE, 'c': ns.MCREATE, 'C': ns.MCACHE}[c] // 0 for others
		}
	}
	switch {
	case name == "bind" && len(args) == 2:
		return k.Bind(args[0], args[1], flag)
	case name == "mount" && (len(args) == 2 || len(args) == 3):
		fd, err := k.Open(args[0], ninep.ORDWR)
		if err != nil {
			return err
		}
		defer k.Close(fd)
		return k.Mount(fd, -1, args[1], flag, append(args, "")[2])
	}
	return ninep.ErrBadArg
}

// files gives a process the open files. The first three that cannot be opened by
// name, pipes and terminals, are those of who thaws it; it has no others.
func (w *thawing) files(k *proc.Proc, t *task, list []snapFile) {
	files := make(map[int]proc.OpenFile)
	defer func() { // a note may end the process before it has them
		for _, f := range files {
			f.C.Close()
		}
	}()
	for _, f := range list {
		f.Name = t.path(f.Name)
		c, err := w.open(k, f, files)
		if err != nil && (!isConsole(f.Name) || f.Fd > 2) {
			w.say(k, "file %d is not %s: %v", f.Fd, f.Name, err)
		}
		if err != nil && f.Fd <= 2 {
			c, err = k.FdChan(f.Fd)
		}
		if err != nil {
			continue
		}
		if twice, ok := files[f.Fd]; ok {
			twice.C.Close()
		}
		files[f.Fd] = proc.OpenFile{C: c, Cexec: f.Cexec}
	}
	k.SetFiles(files)
	files = nil
}

// Why files are not opened again: one has no name in a name space, and what a
// conversation is called is another's elsewhere.
const (
	errNoName       = ninep.Error("it has no name")
	errConversation = ninep.Error("it was a conversation, and has ended")
)

// isConversation reports whether a file is of a conversation of the device #I.
func (f snapFile) isConversation() bool {
	last := f.Name[strings.LastIndexByte(f.Name, '/')+1:]
	return f.Type == 'I' && slices.Contains([]string{"clone", "ctl", "data", "listen", "err"}, last)
}

// open opens a file again; the others are those before it.
func (w *thawing) open(k *proc.Proc, f snapFile, others map[int]proc.OpenFile) (*ns.Chan, error) {
	if first, ok := others[f.Dup]; ok {
		return first.C.Incref(), nil
	}
	if f.Type == '|' || isConsole(f.Name) {
		return nil, errNoName
	}
	if f.isConversation() {
		return nil, errConversation
	}
	fd, err := k.Open(f.Name, f.Mode&^(ninep.OTRUNC|ninep.OCEXEC))
	if err != nil {
		return nil, err
	}
	defer k.Close(fd)
	if f.Offset != 0 {
		if _, err = k.Seek(fd, f.Offset, 0); err == ninep.ErrDirSeek {
			err = skip(k, fd, f.Offset)
		}
		if err != nil {
			return nil, err
		}
	}
	return k.FdChan(fd)
}

// skip reads n bytes of a directory, which cannot be sought: entries that were read
// already, if they are still the same.
func skip(k *proc.Proc, fd int, n int64) error {
	for buf := make([]byte, 64<<10); n > 0; {
		got, err := k.Read(fd, buf[:min(n, int64(len(buf)))])
		if err != nil {
			return err
		}
		if got == 0 {
			return ninep.ErrDirSeek
		}
		n -= int64(got)
	}
	return nil
}

// A thawed program knows the numbers that its processes had, and they keep what
// they find of themselves on their stacks and in #c/pid: Go's, for one, compares it
// with those of its threads, to which it posts notes when it ends.

// path returns a file's name as it is now.
func (t *task) path(name string) string {
	if len(t.was) == 0 {
		return name
	}
	return renumber(name, func(pid int) int {
		if now := t.was[pid]; now != 0 {
			return now
		}
		return pid
	})
}

// renumber changes the number of a process in a file's name.
func renumber(name string, f func(pid int) int) string {
	for _, dir := range []string{"/proc/", "#p/"} {
		rest, ok := strings.CutPrefix(name, dir)
		elem, file, _ := strings.Cut(rest, "/")
		if pid, err := strconv.Atoi(elem); ok && err == nil {
			return dir + strconv.Itoa(f(pid)) + "/" + file
		}
	}
	return name
}

// known returns the number by which the program knows a process.
func (t *task) known(pid int) int {
	for old, now := range t.was {
		if now == pid {
			return old
		}
	}
	return pid
}
