package aout_test

import (
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"ufo/hosted/aout"
	"ufo/ninep"
	"ufo/proc"
)

var (
	randomFor  = flag.Duration("random", 3*time.Second, "how long TestRandom makes programs")
	randomSeed = flag.Uint64("seed", 0, "of the first program of TestRandom; 0: another one each time")
)

// words are the strings that random programs have.
var words = []string{
	"", ".", "..", "/", "/tmp", "/tmp/a", "/tmp/random", "/dev/null", "/dev/zero", "/dev/cons", "/dev/pid",
	"/proc", "/srv", "/srv/x", "/env/x", "/fd/0", "/fd/1ctl", "#p", "#|", "#s", "#c/time", "/bin/echo",
	"memory", "shared", "9P2000", "none\n", "a b c", "sys: x", "/tmp/a/b", "#",
}

// A random makes programs of system calls that are as random as their arguments.
type random struct {
	*rand.Rand
	c    code
	data []byte
	at   []uint64 // of the words
}

func newRandom(seed uint64) *random {
	r := &random{Rand: rand.New(rand.NewPCG(seed, 1))}
	for _, w := range words {
		r.at = append(r.at, dataAddr+uint64(len(r.data)))
		r.data = append(append(r.data, w...), 0)
	}
	for len(r.data)%8 != 0 {
		r.data = append(r.data, 0)
	}
	for range 8 { // arguments for exec
		r.data = binary.LittleEndian.AppendUint64(r.data, r.at[r.IntN(len(r.at))])
	}
	r.data = append(r.data, make([]byte, 8)...)
	return r
}

// arg returns an argument: a small number, an address of something or of nothing.
func (r *random) arg() uint64 {
	switch r.IntN(12) {
	case 0, 1, 2:
		return uint64(r.IntN(12))
	case 3, 4, 5:
		return r.at[r.IntN(len(r.at))]
	case 6:
		return dataAddr + uint64(r.IntN(1<<17))
	case 7:
		return uint64(1) << r.IntN(64)
	case 8:
		return 0x7ffffffff000 - uint64(r.IntN(1<<13))
	case 9:
		return -uint64(r.IntN(3))
	case 10:
		return textAddr + uint64(r.IntN(1<<13))
	}
	return r.Uint64()
}

// random returns the program of a seed.
func (r *random) program() []byte {
	r.c.call(sysRfork, proc.RFNAMEG|proc.RFENVG)
	r.c.handler(func() { r.c.call(sysNoted, 0) })
	for range 100 + r.IntN(200) {
		nr := uint32(r.IntN(54))
		var args []uint64
		for range 5 {
			args = append(args, r.arg())
		}
		switch nr {
		case sysExits:
			if r.IntN(10) > 0 {
				continue
			}
		case sysSleep:
			args[0] = uint64(r.IntN(3))
		case sysRfork:
			args[0] = uint64(r.IntN(1 << 15))
			if r.IntN(2) == 0 {
				args[0] = proc.RFPROC | uint64(r.IntN(2))*proc.RFMEM | proc.RFFDG
			}
		}
		r.c.call(nr, args...)
	}
	r.c.call(sysExits, 0)
	return r.c.program(1<<17, r.data...)
}

// TestRandom runs random programs. The kernel has to outlive them, and to get back
// all they had.
func TestRandom(t *testing.T) {
	seed := *randomSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	n := 0
	for start := time.Now(); time.Since(start) < *randomFor && !t.Failed(); {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			for range 10 {
				runRandom(t, newRandom(seed).program())
				seed++
				n++
			}
		})
	}
	t.Log(n, "programs")
}

// runRandom runs a program in a machine of its own. Notes end what it waits for;
// when there have been enough, it is killed.
func runRandom(t *testing.T, program []byte) {
	m := newLimited(t, aout.Limits{Process: 32 << 20, Node: 64 << 20}, 8)
	m.do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/random", program); err != nil {
			return err
		}
		pid, err := p.Fork(proc.RFFDG|proc.RFNOTEG|proc.RFNAMEG, func(p *proc.Proc) error {
			p.Open("/dev/null", ninep.OREAD)
			p.Open("/dev/null", ninep.OWRITE)
			p.Open("/dev/null", ninep.OWRITE)
			return p.Exec("/tmp/random", []string{"random"})
		})
		if err != nil {
			return err
		}
		child := p.Table().Find(pid)
		notes := time.NewTicker(5 * time.Millisecond)
		defer notes.Stop()
		for i := 0; child != nil; i++ {
			select {
			case <-child.Done():
				child = nil
			case <-notes.C:
				if child.Post("interrupt"); i > 40 {
					child.Kill()
				}
			}
		}
		return nil
	})
}
