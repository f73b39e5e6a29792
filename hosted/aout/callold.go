package aout

import (
	"encoding/binary"
	"fmt"

	"ufo/ninep"
)

// The system calls of Plan 9's earlier editions, as far as 9front still has them:
// programs of that time make them.

func oldErrstr(t *task, a args) (uint64, error) {
	t.swapErrstr(t.room(a.ptr(0), 64))
	return 0, nil
}

// oldFsession has nothing to agree on.
func oldFsession(t *task, a args) (uint64, error) {
	b := a.room(1, 2)
	if len(b) == 0 {
		return 0, ninep.ErrBadArg
	}
	b[0] = 0
	return 0, nil
}

func oldMount(t *task, a args) (uint64, error) {
	return 1, t.p.Mount(a.int(0), -1, a.name(1), a.int(2), a.str(3))
}

func oldStat(t *task, a args) (uint64, error) {
	b := t.room(a.ptr(1), oldDirLen)
	d, err := t.p.Stat(a.name(0))
	if err == nil {
		putOldDir(b, d)
	}
	return 0, err
}

func oldFstat(t *task, a args) (uint64, error) {
	b := t.room(a.ptr(1), oldDirLen)
	d, err := t.p.Fstat(a.int(0))
	if err == nil {
		putOldDir(b, d)
	}
	return 0, err
}

func oldWstat(*task, args) (uint64, error) {
	return 0, ninep.Error("old wstat system call - recompile")
}

func oldFwstat(*task, args) (uint64, error) {
	return 0, ninep.Error("old fwstat system call - recompile")
}

// Lengths of a directory entry then, of each of the three names that it begins
// with, and of what wait told: numbers of 12 bytes, and a text.
const (
	oldDirLen  = 116
	oldNameLen = 28
	oldWaitLen = 4*12 + 64
)

// putOldDir writes a directory entry.
func putOldDir(b []byte, d ninep.Dir) {
	clear(b)
	for i, s := range []string{d.Name, d.UID, d.GID} {
		copy(b[oldNameLen*i:oldNameLen*(i+1)], s)
	}
	qid := uint32(d.Qid.Path) &^ uint32(ninep.DMDIR)
	if d.Qid.IsDir() {
		qid |= uint32(ninep.DMDIR)
	}
	for i, v := range []uint32{qid, d.Qid.Vers, uint32(d.Mode), d.Atime, d.Mtime} {
		binary.LittleEndian.PutUint32(b[3*oldNameLen+4*i:], v)
	}
	b = b[3*oldNameLen+5*4:]
	binary.LittleEndian.PutUint64(b, uint64(d.Length))
	binary.LittleEndian.PutUint16(b[8:], d.Type)
	binary.LittleEndian.PutUint16(b[10:], uint16(d.Dev))
}

// oldWait returns the number of the child that has ended; the text about it may be
// unwanted.
func oldWait(t *task, a args) (uint64, error) {
	var b []byte
	if at := a.even(0); at != 0 {
		b = t.pin(at, oldWaitLen)
		t.room(at, oldWaitLen)
	}
	w, err := t.p.Wait()
	if err != nil {
		return 0, err
	}
	pid := t.known(w.Pid)
	if b != nil {
		clear(b)
		copy(b, fmt.Sprintf("%11d ", pid))
		for i, d := range w.Time {
			copy(b[12*(i+1):], fmt.Sprintf("%11d ", d.Milliseconds()))
		}
		cstring(b[4*12:], w.Msg)
	}
	return uint64(pid), nil
}
