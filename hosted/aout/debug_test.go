package aout_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/proc"
)

// looper is a program that loops, and behind that would exit with what is at the
// beginning of its data.
func looper() (program []byte, behind uint64) {
	var c code
	c.touch(dataAddr, 1)
	c.emit(0xeb, 0xfe) // jmp to itself
	behind = c.at()
	c.call(sysExits, dataAddr)
	return c.program(0x2000), behind
}

// A debugged is a process and its files in /proc.
type debugged struct {
	*proc.Proc
	t   *testing.T
	dir string
}

// debug starts a program.
func debug(t *testing.T, p *proc.Proc, name string) debugged {
	pid, err := p.Fork(proc.RFFDG, func(p *proc.Proc) error { return p.Exec(name, []string{name}) })
	if err != nil {
		t.Fatal(err)
	}
	d := debugged{p, t, "/proc/" + strconv.Itoa(pid) + "/"}
	for b := []byte(nil); len(b) == 0 || b[0] != 1; { // until it loops
		b, _ = d.peek("mem", dataAddr, 1)
	}
	return d
}

// ctl writes a message.
func (d debugged) ctl(msg string) {
	fd, err := d.Open(d.dir+"ctl", ninep.OWRITE)
	if err == nil {
		_, err = d.Write(fd, []byte(msg))
		d.Close(fd)
	}
	if err != nil {
		d.t.Errorf("%s: %v", msg, err)
	}
}

// poke writes into a file.
func (d debugged) poke(file string, off int64, b []byte) error {
	fd, err := d.Open(d.dir+file, ninep.OWRITE)
	if err != nil {
		return err
	}
	defer d.Close(fd)
	_, err = d.Pwrite(fd, b, off)
	return err
}

// peek reads n bytes of a file.
func (d debugged) peek(file string, off int64, n int) ([]byte, error) {
	fd, err := d.Open(d.dir+file, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer d.Close(fd)
	b := make([]byte, n)
	n, err = d.Pread(fd, b, off)
	return b[:n], err
}

// pc returns where the process is, which must have stopped.
func (d debugged) pc() uint64 {
	regs, err := d.peek("regs", 0, 1000)
	if err != nil || len(regs) != 184 {
		d.t.Fatal(len(regs), err)
	}
	return binary.LittleEndian.Uint64(regs[144:])
}

// status waits for a child and returns its status.
func (d debugged) status() string {
	w, err := d.Wait()
	if err != nil {
		d.t.Fatal(err)
	}
	_, status, _ := strings.Cut(w.Msg, ": ")
	return status
}

// TestDebug stops a process, looks at it and changes it.
func TestDebug(t *testing.T) { each(t, testDebug) }

func testDebug(t *testing.T) {
	program, behind := looper()
	newMachine(t).do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/loop", program); err != nil {
			return err
		}
		d := debug(t, p, "/tmp/loop")
		if err := d.poke("mem", dataAddr, []byte("x")); err == nil || !strings.HasSuffix(err.Error(), string(ninep.ErrBadCtl)) {
			t.Errorf("write to who runs: %v", err)
		}
		if _, err := d.peek("regs", 0, 8); err == nil || !strings.HasSuffix(err.Error(), "no saved registers") {
			t.Errorf("registers of who runs: %v", err)
		}
		d.ctl("stop")
		if pc := d.pc(); pc != behind-2 {
			t.Errorf("at %#x, not in the loop before %#x", pc, behind)
		}
		if _, err := d.peek("mem", 0x1000, 8); err == nil || !strings.HasSuffix(err.Error(), string(ninep.ErrBadArg)) {
			t.Errorf("read nowhere: %v", err)
		}
		ip := binary.LittleEndian.AppendUint64(nil, behind)
		if err := d.poke("mem", dataAddr, []byte("changed\x00")); err != nil {
			t.Error(err)
		}
		if err := d.poke("regs", 144, ip); err != nil {
			t.Error(err)
		}
		d.ctl("start")
		if got := d.status(); got != "changed" {
			t.Errorf("status %q", got)
		}
		breakpoint(t, p, behind-2)
		return private(t, p)
	})
}

// TestStartSyscall stops a process at the beginning and the end of each of its calls,
// where it stays while somebody takes a picture of it.
func TestStartSyscall(t *testing.T) { each(t, testStartSyscall) }

func testStartSyscall(t *testing.T) {
	var c code
	c.touch(dataAddr, 1)
	c.emit(0xeb, 0xfe) // jmp to itself
	loop := c.at()
	c.call(sysErrstr, dataAddr, 100)
	first := c.at()
	c.call(sysErrstr, dataAddr, 100)
	second := c.at()
	c.call(sysExits, dataAddr)
	newMachine(t).do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/loop", c.program(0x2000)); err != nil {
			return err
		}
		d := debug(t, p, "/tmp/loop")
		d.ctl("stop")
		if err := d.poke("regs", 144, binary.LittleEndian.AppendUint64(nil, loop)); err != nil {
			t.Error(err)
		}
		for i, want := range []struct {
			pc, ax uint64
		}{{first, 100}, {first, 0}, {second, 100}, {second, 0}} {
			d.ctl("startsyscall")
			ax, err := d.peek("regs", 0, 8)
			if pc := d.pc(); err != nil || pc != want.pc || binary.LittleEndian.Uint64(ax) != want.ax {
				t.Errorf("stop %d: at %#x with ax %x, %v, want %#x with %d", i, pc, ax, err, want.pc, want.ax)
			}
			_, err = d.peek("snap", 0, 100)
			d.ctl("waitstop")
			if still, again := d.peek("regs", 0, 8); err != nil || again != nil || !bytes.Equal(still, ax) {
				t.Errorf("stop %d: when it was frozen, %v: ax %x, %v", i, err, still, again)
			}
		}
		if err := d.poke("mem", dataAddr, []byte("so\x00")); err != nil {
			t.Error(err)
		}
		d.ctl("start")
		if got := d.status(); got != "so" {
			t.Errorf("status %q", got)
		}
		return nil
	})
}

// TestDebugFP changes a floating point register of a process that has stopped.
func TestDebugFP(t *testing.T) {
	var c code
	c.emit(0x48, 0xb8, 'b', 'e', 'f', 'o', 'r', 'e', 0, 0) // mov rax, "before"
	c.emit(0x66, 0x48, 0x0f, 0x6e, 0xd8)                   // movq xmm3, rax
	c.touch(dataAddr, 1)
	c.emit(0xeb, 0xfe) // jmp to itself
	behind := c.at()
	c.emit(0x66, 0x0f, 0xd6, 0x1c, 0x25, 0x00, 0x00, 0x40, 0x00) // movq [dataAddr], xmm3
	c.call(sysExits, dataAddr)
	const xmm3, length = 160 + 3*16, 832
	newMachine(t).do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/loop", c.program(0x2000)); err != nil {
			return err
		}
		d := debug(t, p, "/tmp/loop")
		if _, err := d.peek("fpregs", 0, 8); err == nil || !strings.HasSuffix(err.Error(), "no saved registers") {
			t.Errorf("registers of who runs: %v", err)
		}
		d.ctl("stop")
		b, err := d.peek("fpregs", 0, 10000)
		if err != nil || len(b) != length || string(b[xmm3:xmm3+8]) != "before\x00\x00" {
			t.Errorf("%d bytes, %q, %v", len(b), b, err)
		}
		ones := []byte{0xff, 0xff, 0xff, 0xff} // some that the processor would refuse
		for off, b := range map[int64][]byte{xmm3: []byte("later"), 24: ones, 512: ones, 520: ones, length - 4: ones} {
			if err := d.poke("fpregs", off, b); err != nil {
				t.Error(err)
			}
		}
		d.ctl("start")
		d.ctl("stop")
		if b, err = d.peek("fpregs", xmm3, 8); string(b) != "latere\x00\x00" {
			t.Errorf("%q, %v", b, err)
		}
		if err := d.poke("regs", 144, binary.LittleEndian.AppendUint64(nil, behind)); err != nil {
			t.Error(err)
		}
		d.ctl("start")
		if got := d.status(); got != "latere" {
			t.Errorf("status %q", got)
		}
		return nil
	})
}

// breakpoint puts one in the text of one of two processes.
func breakpoint(t *testing.T, p *proc.Proc, at uint64) {
	other, d := debug(t, p, "/tmp/loop"), debug(t, p, "/tmp/loop")
	for d.ctl("stop"); d.pc() != at; d.ctl("stop") {
		d.ctl("start")
	}
	if err := d.poke("mem", int64(at), []byte{0xcc}); err != nil {
		t.Error(err)
	}
	d.ctl("start")
	if got := d.status(); got != fmt.Sprintf("sys: breakpoint pc=%#x", at) {
		t.Errorf("status %q", got)
	}
	if b, err := other.peek("mem", int64(at), 2); err != nil || b[0] != 0xeb {
		t.Errorf("the other's text: %x, %v", b, err)
	}
	other.ctl("kill")
	if got := other.status(); got != "Killed" {
		t.Errorf("status %q", got)
	}
}

// private hides the memory of a process.
func private(t *testing.T, p *proc.Proc) error {
	d := debug(t, p, "/tmp/loop")
	d.ctl("stop")
	d.ctl("private")
	for _, file := range []string{"mem", "regs", "fpregs", "snap"} {
		if _, err := d.peek(file, dataAddr, 1); err == nil || !strings.HasSuffix(err.Error(), string(ninep.ErrPerm)) {
			t.Errorf("%s of who is private: %v", file, err)
		}
	}
	d.ctl("kill")
	d.status()
	return nil
}
