package dev

// The console device: consoles, clocks, and what a process wants to know of
// itself and of its node.
//
//	#c/cons        the console: reads lines, or keys in raw mode; prints
//	#c/consctl     takes rawon rawoff holdon holdoff; closing it ends both
//	#c/bintime     nanoseconds, ticks, ticks a second, nanoseconds since booting,
//	               of 8 bytes each; sets the time
//	#c/config      the configuration of the kernel
//	#c/cputime     six times of the calling process
//	#c/drivers     the devices it may attach; takes chdev, which forbids them
//	#c/hostdomain  authentication domain
//	#c/hostowner   who owns the node
//	#c/kmesg       the last 16 KB that were printed
//	#c/kprint      what is printed from now on; one reader
//	#c/null        nothing, and takes anything
//	#c/osversion   2000
//	#c/pgrpid #c/pid #c/ppid   numbers of the calling process
//	#c/random      random bytes
//	#c/reboot      takes reboot and halt
//	#c/swap        memory of the program this kernel is part of
//	#c/sysname     name of the node
//	#c/sysstat     counts, a line each: processor, …, system calls, …, load, idle
//	#c/time        seconds, nanoseconds, ticks, ticks a second; sets the time
//	#c/user        who the calling process is; takes none
//	#c/winsize     rows and columns of the terminal; a second read waits for others
//	#c/zero        zeros
//
// A node can have more consoles: '#c1' has the same files, and cons, consctl and
// winsize of another terminal.
//
//	% cat '#c/sysname'
//	n1
//	% echo 'chdev & ced' >'#c/drivers'
//
// This file is the tree; console.go is cons and consctl, winsize.go winsize,
// clock.go the time, kmesg.go what was printed.

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// A Terminal is what stands behind a console: it prints, and it reads lines
// or keys. Editing a cooked line is the terminal's business.
type Terminal interface {
	// Read reads what was typed. Cooked, it returns a line with its
	// newline, or what there is of it when ^D was typed after it; 0 is ^D
	// on an empty line, or the end of the terminal. Raw, it returns the
	// keys as they come. A line longer than p is returned in pieces.
	// It returns ErrIntr when ctx is done, and ErrHungup when the
	// terminal has gone. There is one Read at a time.
	Read(ctx context.Context, p []byte) (int, error)

	// Write prints p.
	Write(ctx context.Context, p []byte) (int, error)

	// SetRaw turns line editing off or on.
	SetRaw(on bool)

	// SetNote says whom to tell of keys that mean a note: f is called with
	// "interrupt" for ^C, with "hangup" when the terminal goes away. f does
	// not block.
	SetNote(f func(note string))
}

// A Sizer is a Terminal that can tell how large it is.
type Sizer interface {
	Terminal

	// Size returns how many rows and columns there are, 0 and 0 if that is
	// not known, and a channel that is closed when it changes; nil if it
	// never will.
	Size() (rows, cols int, changed <-chan struct{})
}

// A ConsConfig says what is in #c.
type ConsConfig struct {
	Host    Host
	Sysname string          // name of the node
	Domain  string          // authentication domain
	Version string          // what osversion reads; "": 2000, for 9P2000
	Text    string          // what config reads
	Drivers func() []string // the kernel's devices: "#c cons"; nil: none

	Clock   func() time.Time  // nil: time.Now
	SetTime func(t time.Time) // sets the clock; nil: it cannot be set
	Seed    *[32]byte         // of random; nil: the host's random numbers

	// Reboot does what was written to reboot, "halt" or "reboot", for the
	// host owner. It does not wait. Nil: nobody may.
	Reboot func(words []string) error

	// Procs are the kernel's processes, for sysstat. Nil: none.
	Procs func() *proc.Table
}

// A Cons is the device #c.
type Cons struct {
	cfg    ConsConfig
	shared []*ninep.Node // files that all consoles have
	kmesg  kmesg

	randmu sync.Mutex        // guards rand
	rand   *mathrand.ChaCha8 // nil: the host's

	mu       sync.Mutex // guards what follows
	sysname  string
	domain   string
	taken    bool       // console 0 has a terminal
	consoles []*console // by number; nil where there is none
}

// NewCons returns the device #c. Without a terminal whoever reads cons waits
// for one, and what is printed goes to kmesg only.
func NewCons(cfg ConsConfig) *Cons {
	c := &Cons{cfg: cfg, sysname: cfg.Sysname, domain: cfg.Domain}
	if cfg.Clock == nil {
		c.cfg.Clock = time.Now
	}
	if cfg.Version == "" {
		c.cfg.Version = "2000"
	}
	if cfg.Seed != nil {
		c.rand = mathrand.NewChaCha8(*cfg.Seed)
	}
	c.shared = c.files()
	c.consoles = []*console{c.newConsole(&c.kmesg)}
	return c
}

// newConsole returns a console with its own tree.
func (c *Cons) newConsole(log *kmesg) *console {
	con := &console{log: log, reading: make(chan struct{}, 1)}
	con.tree = newTree(c.cfg.Host, &ninep.Node{Children: append(con.files(), c.shared...)})
	return con
}

// Add makes a console of term and returns its number, which is its
// attach specifier: 0, the kernel's own, if that has no terminal. Remove takes
// the terminal away again: on the kernel's console readers wait for another,
// of others they get the end of the file.
func (c *Cons) Add(term Terminal) (n int, remove func()) {
	con, n := c.freeConsole()
	con.set(term)
	return n, func() {
		if n == 0 {
			con.set(nil)
		} else {
			con.end()
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if n == 0 {
			c.taken = false
		} else {
			c.consoles[n] = nil
		}
	}
}

// freeConsole returns a console without terminal, and its number.
func (c *Cons) freeConsole() (*console, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.taken {
		c.taken = true
		return c.consoles[0], 0
	}
	con := c.newConsole(nil)
	n := slices.Index(c.consoles, nil)
	if n < 0 {
		n = len(c.consoles)
		c.consoles = append(c.consoles, nil)
	}
	c.consoles[n] = con
	return con, n
}

// Attach returns the root; spec is the number of a console, "" is 0.
func (c *Cons) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	n := 0
	if spec != "" {
		var err error
		if n, err = strconv.Atoi(spec); err != nil || n < 0 {
			return nil, ninep.ErrBadSpec
		}
	}
	c.mu.Lock()
	var con *console
	if n < len(c.consoles) {
		con = c.consoles[n]
	}
	c.mu.Unlock()
	if con == nil {
		return nil, ninep.ErrNoDev
	}
	return con.tree.Attach(ctx, user, "")
}

// Log prints a message of the kernel, a line: on its console, and into kmesg.
func (c *Cons) Log(text string) {
	c.mu.Lock()
	con := c.consoles[0]
	c.mu.Unlock()
	con.write(context.Background(), []byte(strings.TrimSuffix(text, "\n")+"\n"))
}

// Kmesg returns what kmesg reads.
func (c *Cons) Kmesg() string { return string(c.kmesg.last()) }

// Sysname returns the name of the node.
func (c *Cons) Sysname() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sysname
}

// files returns the files that all consoles have.
func (c *Cons) files() []*ninep.Node {
	owner := c.cfg.Host.Owner
	files := []*ninep.Node{
		c.bintime(), ninep.Text("config", c.cfg.Text), upText("cputime", 6*12, func(up *proc.Proc) string { return cputime(up) }),
		{Name: "drivers", Perm: 0666, Pure: true, Read: c.drivers, Write: chdev},
		c.variable("hostdomain", &c.domain), ninep.Text("hostowner", owner),
		c.kmesg.file(), c.kmesg.copyFile(),
		{Name: "null", Perm: 0666, Read: func(context.Context) ([]byte, error) { return nil, nil },
			Write: func(context.Context, []byte) error { return nil }},
		ninep.Text("osversion", c.cfg.Version),
		upText("pgrpid", 12, func(up *proc.Proc) string { return number(up.Info().Pgrp) }),
		upText("pid", 12, func(up *proc.Proc) string { return number(up.Self()) }),
		upText("ppid", 12, func(up *proc.Proc) string { return number(up.Getppid()) }),
		{Name: "random", Perm: 0444, ReadAt: c.random},
		{Name: "reboot", Perm: 0220, Write: c.reboot},
		ninep.TextFunc("swap", swap),
		c.variable("sysname", &c.sysname),
		{Name: "sysstat", Perm: 0664, Pure: true, Read: c.sysstat, Write: func(context.Context, []byte) error { return nil }},
		c.time(),
		{Name: "user", Perm: 0666, Pure: true, Write: becomeNone, Read: func(ctx context.Context) ([]byte, error) {
			return []byte(who(ctx, owner)), nil
		}},
		{Name: "zero", Perm: 0444, ReadAt: func(_ context.Context, p []byte, _ int64) (int, error) {
			clear(p)
			return len(p), nil
		}},
	}
	return files
}

// upText returns a file of numbers that say something of the calling process.
func upText(name string, length int64, f func(up *proc.Proc) string) *ninep.Node {
	return &ninep.Node{
		Name: name, Perm: 0444, Length: length,
		Read: func(ctx context.Context) ([]byte, error) {
			up := proc.Up(ctx)
			if up == nil {
				return []byte(strings.Repeat(number(0), int(length)/12)), nil
			}
			return []byte(f(up)), nil
		},
	}
}

// variable returns a file for a string that the host owner may change.
func (c *Cons) variable(name string, s *string) *ninep.Node {
	return &ninep.Node{
		Name: name, Perm: 0664, Pure: true,
		Read: func(context.Context) ([]byte, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			return []byte(*s), nil
		},
		Write: func(_ context.Context, p []byte) error {
			text := strings.TrimSuffix(string(p), "\n")
			if text == "" || len(text) >= 256 {
				return ninep.ErrBadArg
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			*s = text
			return nil
		},
	}
}

// becomeNone makes the calling process one of the user none.
func becomeNone(ctx context.Context, p []byte) error {
	up := proc.Up(ctx)
	if up == nil || string(p) != "none" {
		return ninep.ErrPerm
	}
	up.SetUser("none")
	return nil
}

// drivers lists the devices that the caller may attach.
func (c *Cons) drivers(ctx context.Context) ([]byte, error) {
	var lines []string
	if c.cfg.Drivers != nil {
		lines = c.cfg.Drivers()
	}
	if up := proc.Up(ctx); up != nil {
		lines = slices.DeleteFunc(lines, func(line string) bool {
			letter, _ := utf8.DecodeRuneInString(line[1:])
			return !up.Allowed(letter)
		})
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return []byte(b.String()), nil
}

// chdev forbids the caller's name space group the attaching of devices: "& ced"
// all but those, "&~ ced" those, "~" all.
func chdev(ctx context.Context, p []byte) error {
	up := proc.Up(ctx)
	f := ninep.Fields(string(p))
	switch {
	case up == nil || len(f) < 2 || f[0] != "chdev":
		return ninep.ErrBadArg
	case f[1] == "&" && len(f) == 3:
		up.Deny(f[2], true)
	case f[1] == "&~" && len(f) == 3:
		up.Deny(f[2], false)
	case f[1] == "~" && len(f) == 2:
		up.Deny("", true)
	default:
		return ninep.ErrBadArg
	}
	return nil
}

func (c *Cons) random(_ context.Context, p []byte, _ int64) (int, error) {
	if c.rand == nil {
		return rand.Read(p)
	}
	c.randmu.Lock()
	defer c.randmu.Unlock()
	return c.rand.Read(p)
}

func (c *Cons) reboot(_ context.Context, p []byte) error {
	f, err := control(p)
	switch {
	case err != nil:
		return err
	case f[0] != "reboot" && f[0] != "halt":
		return ctlError("unknown control message", f)
	case c.cfg.Reboot == nil:
		return ninep.ErrPerm
	}
	return c.cfg.Reboot(f)
}

// sysstat returns a line for each processor that the host gives this program:
// its number, context switches, interrupts, system calls, page faults, faults and
// purges of the translation buffer, load in milliprocessors, percent idle,
// percent in interrupts. What Go's scheduler does is not known, and 0. All system
// calls are the first processor's; the load is everyone's.
func (c *Cons) sysstat(context.Context) ([]byte, error) {
	var calls uint64
	busy := 0
	if c.cfg.Procs != nil {
		calls, busy = c.cfg.Procs().Calls()
	}
	cpus := runtime.GOMAXPROCS(0)
	idle := max(0, 100-100*busy/cpus)
	var b strings.Builder
	for cpu := range cpus {
		for _, n := range []int{cpu, 0, 0, int(uint32(calls)), 0, 0, 0, busy * 1000 / cpus, idle, 0} {
			b.WriteString(number(n))
		}
		b.WriteString("\n")
		calls = 0
	}
	return []byte(b.String()), nil
}
