package aout

import (
	"slices"
	"unicode/utf8"

	"ufo/ninep"
)

func open(t *task, a args) (uint64, error) {
	fd, err := t.p.Open(a.name(0), a.mode(1))
	return uint64(fd), err
}

func create(t *task, a args) (uint64, error) {
	fd, err := t.p.Create(a.name(0), a.mode(1), ninep.Perm(uint32(a.int(2))))
	return uint64(fd), err
}

func closefd(t *task, a args) (uint64, error) { return 0, t.p.Close(a.int(0)) }

func dup(t *task, a args) (uint64, error) {
	fd, err := t.p.Dup(a.int(0), a.int(1))
	return uint64(fd), err
}

// pipe writes two ints.
func pipe(t *task, a args) (uint64, error) {
	at := a.even(0)
	t.room(at, 8)
	r, w, err := t.p.Pipe()
	if err == nil {
		t.putInt32(at, int32(r))
		t.putInt32(at+4, int32(w))
	}
	return 0, err
}

func read(t *task, a args) (uint64, error) {
	b := a.room(1, 2)
	n, err := t.p.Read(a.int(0), b)
	return uint64(n), err
}

func write(t *task, a args) (uint64, error) {
	b := a.buf(1, 2)
	n, err := t.p.Write(a.int(0), b)
	return uint64(n), err
}

// pread and pwrite use the descriptor's own offset if theirs is -1.
func pread(t *task, a args) (uint64, error) {
	off := a.long(3)
	if off == -1 {
		return read(t, a)
	}
	b := a.room(1, 2)
	read := t.p.Pread
	if t.mayTell(len(b), off) {
		read = t.readTime
	}
	n, err := read(a.int(0), b, off)
	return uint64(n), err
}

func pwrite(t *task, a args) (uint64, error) {
	off := a.long(3)
	if off == -1 {
		return write(t, a)
	}
	b := a.buf(1, 2)
	n, err := t.p.Pwrite(a.int(0), b, off)
	return uint64(n), err
}

// seek writes the offset where its first argument points to.
func seek(t *task, a args) (uint64, error) {
	t.room(a.even(0), 8)
	whence := 3
	if t.narrow {
		whence = 4
	}
	at, err := t.p.Seek(a.int(1), a.long(2), a.int(whence))
	if err == nil {
		putLong(t.room(a.ptr(0), 8), at)
	}
	return 0, err
}

func oseek(t *task, a args) (uint64, error) {
	at, err := t.p.Seek(a.int(0), int64(a.int(1)), a.int(2))
	return uint64(at), err
}

func stat(t *task, a args) (uint64, error) {
	d, err := t.p.Stat(a.name(0))
	if err != nil {
		return 0, err
	}
	return putDir(d, a)
}

func fstat(t *task, a args) (uint64, error) {
	d, err := t.p.Fstat(a.int(0))
	if err != nil {
		return 0, err
	}
	return putDir(d, a)
}

// putDir writes a directory entry to the buffer of the second and third argument.
// If that is too short it tells how long the entry is, in its first two bytes.
func putDir(d ninep.Dir, a args) (uint64, error) {
	b := a.room(1, 2)
	entry, err := ninep.AppendDir(nil, d)
	if err != nil {
		return 0, err
	}
	if len(b) < 2 {
		return 0, ninep.ErrShortStat
	}
	if len(b) < len(entry) {
		return uint64(copy(b, entry[:2])), nil
	}
	return uint64(copy(b, entry)), nil
}

func wstat(t *task, a args) (uint64, error) {
	d, n, err := getDir(a)
	if err == nil {
		err = t.p.Wstat(a.name(0), d)
	}
	return n, err
}

func fwstat(t *task, a args) (uint64, error) {
	d, n, err := getDir(a)
	if err == nil {
		err = t.p.Fwstat(a.int(0), d)
	}
	return n, err
}

// getDir returns the directory entry in that buffer, and its length.
func getDir(a args) (d ninep.Dir, n uint64, err error) {
	b := a.buf(1, 2)
	b = slices.Clone(b[:min(len(b), maxName+2)]) // others may change it
	d, rest, err := ninep.UnmarshalDir(b)
	if err != nil {
		return d, 0, ninep.ErrBadStat
	}
	return d, uint64(len(b) - len(rest)), nil
}

func chdir(t *task, a args) (uint64, error) { return 0, t.p.Chdir(a.name(0)) }

func remove(t *task, a args) (uint64, error) { return 0, t.p.Remove(a.name(0)) }

func bind(t *task, a args) (uint64, error) {
	return 1, t.p.Bind(a.name(0), a.name(1), a.int(2))
}

func mount(t *task, a args) (uint64, error) {
	afd := max(a.int(1), -1) // what is negative means none
	return 1, t.p.Mount(a.int(0), afd, a.name(2), a.int(3), a.str(4))
}

// unmount takes two names, of which the first may be no pointer.
func unmount(t *task, a args) (uint64, error) {
	name := ""
	if a.ptr(0) != 0 {
		if name = a.name(0); name == "" { // which would be all of them
			return 0, ninep.Error("empty file name")
		}
	}
	return 0, t.p.Unmount(name, a.name(1))
}

func fd2path(t *task, a args) (uint64, error) {
	b := a.room(1, 2)
	name, err := t.p.Fd2path(a.int(0))
	if err != nil {
		return 0, err
	}
	cstring(b, name)
	return 0, nil
}

// cstring puts what fits of a string in a buffer, with a NUL: whole runes. It
// returns how long that is.
func cstring(b []byte, s string) int {
	if len(b) == 0 {
		return 0
	}
	n := min(len(s), len(b)-1)
	for n < len(s) && n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	b[copy(b, s[:n])] = 0
	return n
}
