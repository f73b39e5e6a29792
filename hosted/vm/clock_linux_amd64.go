package vm

import (
	"math/bits"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Clock answers a call by which programs read the time, where they make it: the
// stub adds what the processor's counter has counted since a system call was
// answered, for a while. All programs that see the same clock have the same Clock,
// so that what they are told never goes backwards, from one to the other neither.
//
// What is read are Times, most significant byte first, all of them or the first.
// The call is number 50, with a descriptor, a buffer, its length and an offset of 0
// on the stack, which is all that this package knows of Plan 9.
//
// It believes a clock only if that is the host's: nobody gets the counter for one
// that is simulated.
type Clock struct {
	steady func() bool // immutable; tests have others

	mu     sync.Mutex // guards what follows
	users  int
	mem    *Memory // nil before there was a user
	extent Extent  // of the page that stubs have; no length: there are no users
	line   line    // as in the page
	floor  Times   // nothing later has been told, nor will be by line
	first  sample  // to compare the counter with; zero: none
	scale  uint64  // what it had to say; 0: nothing yet
}

// Times are nanoseconds: of the host's wall clock; of a clock that nobody sets; a
// constant; and again of a clock that nobody sets.
type Times [4]uint64

// A Clocked is a Space that answers by a Clock.
type Clocked interface {
	// UseClock has it do so for the descriptor whose number, and 1, is in the
	// word; 0: for none. The word is there until Close.
	UseClock(c *Clock) (*atomic.Uint32, error)
}

// A line is what times are told by, from the moment on when the counter was since,
// for a span: scale says how many nanoseconds it counts in 1<<32.
type line struct {
	since, span, scale uint64
	times              Times
}

// A clockPage is a line for stubs: seq is odd while it changes.
type clockPage struct {
	seq atomic.Uint32
	line
}

// A sample is a moment, on the counter and on a clock.
type sample struct{ counter, ticks uint64 }

const (
	clockAddr = contextAddr + contextLen // where stubs have the page
	clockCall = 50

	clockSpan   = 100 * time.Millisecond // how long a line is good
	clockExact  = 20 * time.Microsecond  // a call that took longer tells no time
	clockEnough = 20 * time.Millisecond  // between samples
	clockOld    = 10 * time.Second       // when the first is replaced
)

// NewClock returns a Clock for spaces of one Memory.
func NewClock() *Clock { return &Clock{steady: sync.OnceValue(steadyCounter)} }

// counter reads the processor's counter, TSC.
func counter() uint64

func cpuid(leaf uint32) (eax, edx uint32)

// steadyCounter reports whether the counter counts alike at all times and on all
// processors: they say the one, and the host uses it then if it believes the other.
func steadyCounter() bool {
	const most, power, invariant = 0x80000000, 0x80000007, 1 << 8
	if eax, _ := cpuid(most); eax < power {
		return false
	}
	if _, edx := cpuid(power); edx&invariant == 0 {
		return false
	}
	source, _ := os.ReadFile("/sys/devices/system/clocksource/clocksource0/current_clocksource")
	name := strings.TrimSpace(string(source))
	return name != "hpet" && name != "acpi_pm" && name != "jiffies"
}

// at returns the times of a moment.
func (l *line) at(counter uint64) Times {
	hi, lo := bits.Mul64(counter-l.since, l.scale)
	n := hi<<32 | lo>>32
	return Times{l.times[0] + n, l.times[1] + n, l.times[2], l.times[3] + n}
}

// hostTime is what the host's clock says: not package time's, which tests simulate.
func hostTime() (ns uint64) {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_REALTIME, &ts) != nil {
		return 0
	}
	return uint64(ts.Nano())
}

// Read reads the clock by a function, and returns what programs are told: it agrees
// with what they are told without a system call. On means that they can be.
func (c *Clock) Read(read func() (Times, error)) (t Times, on bool, err error) {
	if !c.steady() {
		t, err = read()
		return t, false, err
	}
	before := hostTime()
	t, err = read()
	now := counter()
	after := hostTime()
	if err != nil {
		return t, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := counter(); n-c.line.since < c.line.span {
		return c.line.at(n), true, nil
	}
	const close = 1000                             // the host reads its clocks in more ways than one
	if t[0]+close < before || t[0] > after+close { // not the host's
		c.first, c.scale, c.floor = sample{}, 0, Times{}
		return t, false, nil
	}
	ticks := t[1]
	t = c.floor.max(t)
	c.floor = t
	if after-before > uint64(clockExact) || !c.compare(sample{now, ticks}) {
		return t, false, nil
	}
	c.draw(now, t, t[1]-ticks)
	return t, true, nil
}

// max returns the later of each, unless a clock has been set back: the wall clock a
// little, or another so far that it is another node's.
func (t Times) max(u Times) Times {
	for i, set := range [...]time.Duration{time.Millisecond, time.Second, 0, time.Second} {
		if t[i] > u[i] && t[i]-u[i] < uint64(set) {
			u[i] = t[i]
		}
	}
	return u
}

// compare learns how fast the counter is, and reports whether it knows. The caller
// holds mu.
func (c *Clock) compare(s sample) bool {
	counted, passed := s.counter-c.first.counter, s.ticks-c.first.ticks
	if c.first == (sample{}) || s.counter < c.first.counter || s.ticks < c.first.ticks {
		c.first, c.scale = s, 0
		return false
	}
	if passed < uint64(clockEnough) {
		return c.scale != 0
	}
	if counted <= passed>>8 || counted > passed<<8 { // no counter is like that
		c.first, c.scale = s, 0
		return false
	}
	scale, _ := bits.Div64(passed>>32, passed<<32, counted)
	if c.scale != 0 && max(scale, c.scale)-min(scale, c.scale) > c.scale>>8 { // the machine slept
		c.first, c.scale = s, 0
		return false
	}
	c.scale = scale
	if passed > uint64(clockOld) {
		c.first = s
	}
	return true
}

// draw makes the line one that begins with times which are ahead of the clock: it
// is slower, until the clock has caught up. The caller holds mu.
func (c *Clock) draw(since uint64, t Times, ahead uint64) {
	const span = uint64(clockSpan)
	hi, lo := bits.Mul64(c.scale, span-min(ahead, span))
	scale, _ := bits.Div64(hi, lo, span)
	counted, _ := bits.Div64(span>>32, span<<32, c.scale)
	c.line = line{since, counted, scale, t}
	c.floor = c.line.at(since + counted)
	c.publish()
}

// publish copies the line to the page. The caller holds mu.
func (c *Clock) publish() {
	if c.users == 0 {
		return
	}
	p := c.page()
	p.seq.Add(1)
	p.line = c.line
	p.seq.Add(1)
}

// page returns the page.
func (c *Clock) page() *clockPage {
	return (*clockPage)(unsafe.Pointer(&c.mem.Bytes(c.extent.Off, PageSize)[0]))
}

// use returns the page, for one more user.
func (c *Clock) use(mem *Memory) (Extent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users == 0 {
		e, err := mem.Alloc(PageSize)
		if err == nil {
			err = mem.Populate(e.Off, PageSize)
		}
		if err != nil {
			mem.Free(e)
			return e, err
		}
		c.mem, c.extent = mem, e
	}
	c.users++
	c.publish()
	return c.extent, nil
}

// unuse is for a user that ends.
func (c *Clock) unuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users--; c.users == 0 {
		c.mem.Free(c.extent)
		c.extent = Extent{}
	}
}

// UseClock implements Clocked.
func (s *trapped) UseClock(c *Clock) (*atomic.Uint32, error) {
	if err := s.start(); err != nil {
		return nil, err
	}
	if s.clock == nil {
		e, err := c.use(s.mem)
		if err != nil {
			return nil, err
		}
		s.clock = c
		s.set(clockAddr, e, R)
	}
	return &s.stub.context().watch, nil
}
