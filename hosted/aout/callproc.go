package aout

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
	"unsafe"

	"ufo/ninep"
	"ufo/proc"
)

// milliseconds returns a time that the program gave as a number.
func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// rfork makes a process, or changes the groups of this one.
func rfork(t *task, a args) (uint64, error) {
	flag := a.int(0)
	if flag&proc.RFPROC == 0 {
		return 0, t.p.Rfork(flag)
	}
	im, err := t.image.fork(flag&proc.RFMEM != 0)
	if err != nil {
		return 0, err
	}
	fp, err := t.space.FP()
	if err != nil {
		im.close()
		return 0, err
	}
	kid := newTask(nil, im)
	kid.mem, kid.account, kid.platform, kid.calls = t.mem, t.account, t.platform, t.calls
	kid.kind, kid.regs, kid.clock = t.kind, t.regs, t.clock
	kid.notify = t.notify // it is in no handler, even if it goes on in one
	kid.was = t.was
	kid.regs.AX = 0
	group := new(share)
	if flag&proc.RFMEM != 0 {
		group = t.share
	}
	group.add(kid)
	pid, err := t.p.ForkOr(flag, func(p *proc.Proc) error {
		group.begin(kid, p)
		defer kid.end()
		catchFaults()
		kid.setNotify(kid.notify)
		kid.putPid()
		return kid.run(fp)
	}, func() {
		group.remove(kid)
		im.close()
	})
	return uint64(pid), err
}

// exec returns only if it fails: the task ends and the process goes on.
func exec(t *task, a args) (uint64, error) {
	name, argv := a.name(0), a.even(1)
	var words []string
	for room := uint64(maxArgs); ; argv += uint64(t.word) {
		at := t.getWord(argv)
		if at == 0 {
			break
		}
		word, ok := t.str(at, room)
		need := uint64(len(word) + 1 + t.word)
		if !ok || need > room {
			return 0, errNoVM
		}
		room -= need
		words = append(words, word)
	}
	t.p.Leave(t.image.legacy())
	err := t.p.Exec(name, words)
	t.p.Leave(nil)
	return 0, err
}

// maxArgs is the room for arguments and their addresses, in bytes.
const maxArgs = 4 << 20

// exits ends the process, even where its status is none.
func exits(t *task, a args) (uint64, error) {
	status := ""
	if at := a.ptr(0); at != 0 {
		if _, ok := t.image.bytes(at, 1); !ok {
			t.p.Exits("invalid exit string")
		}
		status, _ = t.str(at, errLen-1)
	}
	t.p.Exits(status)
	return 0, nil
}

// await writes what Wait returns as text: see wait(2).
func await(t *task, a args) (uint64, error) {
	b := a.room(0, 1)
	w, err := t.p.Wait()
	if err != nil {
		return 0, err
	}
	ms := func(i int) int64 { return w.Time[i].Milliseconds() }
	msg := ninep.Quote(w.Msg)
	if w.Msg == "" {
		msg = "''"
	}
	return uint64(cstring(b, fmt.Sprintf("%d %d %d %d %s", t.known(w.Pid), ms(0), ms(1), ms(2), msg))), nil
}

func sleep(t *task, a args) (uint64, error) { return 0, t.p.Sleep(t.waits(milliseconds(a.int(0)))) }

func alarm(t *task, a args) (uint64, error) {
	after := time.Duration(uint32(a.int(0))) * time.Millisecond
	return uint64(t.p.Alarm(after) / time.Millisecond), nil
}

// nsec returns the time; on a 386 it writes it where its argument points to.
func nsec(t *task, a args) (uint64, error) {
	now := t.p.Now().UnixNano()
	if !t.narrow {
		return uint64(now), nil
	}
	putLong(t.room(a.even(0), 8), now)
	return 0, nil
}

func putLong(b []byte, v int64) { binary.LittleEndian.PutUint64(b, uint64(v)) }

// errstr exchanges the error string with the one in the buffer.
func errstr(t *task, a args) (uint64, error) {
	b := a.room(0, 1)
	if len(b) == 0 {
		return 0, ninep.ErrBadArg
	}
	t.swapErrstr(b[:min(len(b), errLen)])
	return 0, nil
}

func (t *task) swapErrstr(b []byte) {
	mine := string(b)
	for i, c := range b {
		if c == 0 {
			mine = string(b[:i])
			break
		}
	}
	cstring(b, t.p.Errstr(mine))
}

func notify(t *task, a args) (uint64, error) {
	if at := a.ptr(0); at != 0 {
		t.bytes(at, 1)
	}
	t.setNotify(a.ptr(0))
	return 0, nil
}

func noted(t *task, a args) (uint64, error) {
	if err := t.noted(uint64(uint32(a.int(0)))); err != nil {
		return 0, err
	}
	return 0, restored
}

// rendezvous returns the other's value; if it is interrupted, all ones.
func rendezvous(t *task, a args) (uint64, error) {
	v, err := t.p.Rendezvous(a.ptr(0), a.ptr(1))
	if err != nil {
		return 0, err
	}
	yours, _ := v.(uint64)
	return yours, nil
}

// semaphore returns the one that the first argument points to.
func (a args) semaphore() (*int32, error) {
	at := a.even(0)
	a.t.room(at, 4)
	b := a.t.pin(at, 4)
	s := (*int32)(unsafe.Pointer(&b[0]))
	if *s < 0 {
		return nil, ninep.ErrBadArg
	}
	return s, nil
}

func semacquire(t *task, a args) (uint64, error) {
	s, err := a.semaphore()
	if err != nil {
		return 0, err
	}
	return took(t.p.Semacquire(s, a.int(1) != 0))
}

func tsemacquire(t *task, a args) (uint64, error) {
	s, err := a.semaphore()
	if err != nil {
		return 0, err
	}
	return took(t.p.Tsemacquire(s, t.waits(time.Duration(uint32(a.int(1)))*time.Millisecond)))
}

func took(ok bool, err error) (uint64, error) {
	if err != nil || !ok {
		return 0, err
	}
	return 1, nil
}

func semrelease(t *task, a args) (uint64, error) {
	s, err := a.semaphore()
	n := a.int(1)
	if err != nil || n < 0 || int64(*s)+int64(n) > math.MaxInt32 {
		return 0, ninep.ErrBadArg
	}
	return uint64(t.p.Semrelease(s, int32(n))), nil
}

func fauth(t *task, a args) (uint64, error) {
	fd, err := t.p.Fauth(a.int(0), a.str(1))
	return uint64(fd), err
}

// fversion is given the version in the buffer that takes the one agreed on.
func fversion(t *task, a args) (uint64, error) {
	b := a.room(2, 3)
	version, _, ended := strings.Cut(string(b[:min(len(b), maxName)]), "\x00")
	if !ended || a.int(1) < 0 {
		return 0, ninep.ErrBadArg
	}
	version, err := t.p.Fversion(a.int(0), version)
	if err != nil {
		return 0, err
	}
	if len(b) < len(version) {
		return 0, ninep.ErrShort
	}
	return uint64(copy(b, version)), nil
}
