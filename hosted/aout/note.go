package aout

import (
	"encoding/binary"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// errLen is the room for a note, and for an error string: ERRMAX.
const errLen = 128

// maxNotes is how many notes may wait while the handler runs.
const maxNotes = 5

// What noted takes.
const (
	ncont = 0
	ndflt = 1
	nsave = 2
	nrstr = 3
)

// setNotify makes the function at an address the handler of notes.
func (t *task) setNotify(handler uint64) {
	if t.notify = handler; handler == 0 {
		t.p.Notify(nil)
		return
	}
	t.p.Notify(t.note)
}

// note keeps a note until the system call that it interrupted has its result: that
// is when the program's handler gets it. One of the kernel says where it came.
func (t *task) note(_ *proc.Proc, note string) bool {
	if strings.HasPrefix(note, "sys:") && !strings.Contains(note, " pc=") {
		note = fmt.Sprintf("%s pc=%#x", note, t.regs.IP)
	}
	if len(t.notes) < maxNotes {
		t.notes = append(t.notes, note)
	}
	return true
}

// deliver makes the program go on in its handler, if there is a note: it gets a
// frame with the registers and the text. A program that has no room for it ends.
func (t *task) deliver() error {
	if len(t.notes) == 0 || t.notified {
		return nil
	}
	note := t.notes[0]
	t.notes = t.notes[1:]
	fp, err := t.space.FP()
	if err != nil {
		return err
	}
	word := uint64(t.word)
	sp := t.regs.SP - 256 // functions may use what is below the stack pointer
	ureg := (sp - uint64(t.uregLen())) &^ (word - 1)
	text := ureg - word - errLen
	sp = text - 3*word
	if _, ok := t.image.room(sp, t.regs.SP-sp); !ok {
		t.suicide("sys: no room on the stack for a note")
	}
	t.putUreg(ureg)
	t.putWord(ureg-word, t.ureg)
	t.putString(text, errLen, note)
	t.putWord(sp, 0)
	t.putWord(sp+word, ureg)
	t.putWord(sp+2*word, text)
	t.notified, t.ureg, t.last, t.fp = true, ureg, note, fp
	t.regs.SP, t.regs.IP = sp, t.notify
	if !t.narrow { // a 386 has no arguments in registers
		t.regs.BP = ureg
	}
	return nil
}

// noted ends the handler, as its argument says.
func (t *task) noted(how uint64) error {
	if !t.notified && how != nrstr || t.ureg == 0 {
		return ninep.ErrBadArg
	}
	if how != ncont && how != nsave && how != nrstr {
		t.p.Exits(t.last)
	}
	t.notified = false
	ureg, word := t.ureg, uint64(t.word)
	if !t.getUreg(ureg) {
		t.suicide("sys: bad ureg in noted")
	}
	if how == nsave {
		sp := ureg - 4*word - errLen
		t.putWord(sp, 0)
		t.putWord(sp+word, ureg)
		t.regs.SP = sp
		if !t.narrow {
			t.regs.BP = ureg
		}
		return nil
	}
	t.ureg = t.getWord(ureg - word)
	return t.space.SetFP(t.fp)
}

// uregLen is the length of a Ureg: the registers in the order of ureg.h.
func (k *kind) uregLen() int {
	if k.word == 8 {
		return 184
	}
	return 19 * 4
}

// registers returns the registers that a Ureg has, by their place in it, in words.
func (t *task) registers() map[int]*uint64 {
	r := &t.regs
	if t.narrow {
		return map[int]*uint64{
			0: &r.DI, 1: &r.SI, 2: &r.BP, 4: &r.BX, 5: &r.DX, 6: &r.CX, 7: &r.AX,
			14: &r.IP, 16: &r.Flags, 17: &r.SP,
		}
	}
	return map[int]*uint64{
		0: &r.AX, 1: &r.BX, 2: &r.CX, 3: &r.DX, 4: &r.SI, 5: &r.DI, 6: &r.BP,
		7: &r.R8, 8: &r.R9, 9: &r.R10, 10: &r.R11, 11: &r.R12, 12: &r.R13, 13: &r.R14, 14: &r.R15,
		18: &r.IP, 20: &r.Flags, 21: &r.SP,
	}
}

// putUreg writes the registers to memory.
func (t *task) putUreg(addr uint64) {
	copy(t.room(addr, uint64(t.uregLen())), t.getRegs())
}

// getUreg takes them back, false if they are not in memory.
func (t *task) getUreg(addr uint64) bool {
	b, ok := t.image.bytes(addr-uint64(t.word), uint64(t.uregLen()+t.word))
	if ok {
		t.setRegs(b[t.word:])
	}
	return ok
}

// putString writes a string of at most n bytes with its NUL.
func (t *task) putString(addr, n uint64, s string) {
	b := t.room(addr, n)
	k := copy(b[:n-1], s)
	b[k] = 0
}

// putInt32 writes an int of C.
func (t *task) putInt32(addr uint64, v int32) {
	binary.LittleEndian.PutUint32(t.room(addr, 4), uint32(v))
}
