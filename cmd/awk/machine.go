// Package awk is the language of awk(1).
//
// Parse reads a program into a tree whose nodes evaluate themselves: an expression
// as a value, a number, a string or a condition, whichever is asked for. Variables
// have places from the beginning. Program.Run gives the tree a machine, which
// has the variables, the files and the current record; fields are made when one
// is asked for, and strings become numbers when they must.
package awk

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// The variables that mean something to awk, by their place among the globals.
const (
	nf = iota
	nr
	fnr
	fs
	rs
	ofs
	ors
	ofmt
	convfmt
	subsep
	rstart
	rlength
	filename
	argc
	argv
	environ
	nspecial
)

// specials are their names, and what they are at first.
var specials = [nspecial]struct {
	name string
	v    value
}{
	nf:       {"NF", number(0)},
	nr:       {"NR", number(0)},
	fnr:      {"FNR", number(0)},
	fs:       {"FS", text(" ")},
	rs:       {"RS", text("\n")},
	ofs:      {"OFS", text(" ")},
	ors:      {"ORS", text("\n")},
	ofmt:     {"OFMT", text("%.6g")},
	convfmt:  {"CONVFMT", text("%.6g")},
	subsep:   {"SUBSEP", text("\034")},
	rstart:   {"RSTART", number(0)},
	rlength:  {"RLENGTH", number(0)},
	filename: {"FILENAME", text("")},
	argc:     {"ARGC", number(0)},
	argv:     {"ARGV", none()},
	environ:  {"ENVIRON", none()},
}

// A slot is a variable: a value or, if arr is not nil, an array.
type slot struct {
	value
	arr *array
	// of is the variable that was passed as a parameter before it was anything:
	// if this becomes an array, so does that.
	of *slot
}

// A machine is a program while it runs.
type machine struct {
	p       *proc.Proc
	prog    *Program
	globals []slot
	inrange []bool // which range patterns have begun, by rule

	frame  []slot // parameters of the function that runs
	frames frames
	depth  int   // of functions that have not returned
	ret    value // of the last return

	line     line
	splitter string // FS when the current record was read
	nothing  value  // a field that is not there

	begun bool    // the first file has been looked for
	argno int     // the argument that is read or comes next
	in    *reader // what it is, nil if it is not open
	stdin *reader

	stdout *writer
	files  []*file
	ended  map[int]float64 // statuses of commands nobody has waited for

	patterns map[string]*pattern
	key      []byte // a buffer for subscripts
	buf      []byte // one for strings that are made piece by piece

	converting bool // a number is converted by CONVFMT or OFMT

	random *rand.Rand
	seed   float64
	lineno int // of the program
	ending bool
	status string
	ticks  int
	limit  int // of ticks, for tests; 0 is none
}

// Run runs the program as process p, with args as ARGV: the name it goes by, and
// its arguments. The assignments are made first. The error is the exit
// status. It may also leave through p.Exits.
func (prog *Program) Run(p *proc.Proc, args, assignments []string) error {
	m := newMachine(prog, p, args)
	defer m.drain()
	for _, a := range assignments {
		m.assign(a)
	}
	m.run()
	if m.status == "" {
		return nil
	}
	return errors.New(m.status)
}

func newMachine(prog *Program, p *proc.Proc, args []string) *machine {
	m := &machine{
		p: p, prog: prog, globals: make([]slot, len(prog.globals)), inrange: make([]bool, len(prog.rules)),
		argno: 1, splitter: " ", stdin: &reader{fd: 0, name: "<stdin>"}, stdout: &writer{fd: 1, name: "/dev/stdout"},
		ended: map[int]float64{}, patterns: map[string]*pattern{}, seed: 1,
	}
	m.line.rec, m.line.built = text(""), true
	m.random = rand.New(rand.NewPCG(1, 0))
	m.files = []*file{
		{name: "/dev/stdin", mode: reading, in: m.stdin},
		{name: "/dev/stdout", mode: writing, out: m.stdout},
		{name: "/dev/stderr", mode: writing, out: &writer{fd: 2, name: "/dev/stderr"}},
	}
	for i, g := range prog.globals {
		m.globals[i].value = none()
		if i < nspecial {
			m.globals[i].value = specials[i].v
		}
		if g.array {
			m.globals[i].arr = newArray()
		}
	}
	m.globals[argc].value = number(float64(len(args)))
	for i, a := range args {
		m.globals[argv].arr.get(m.numstr(float64(i))).value = outside(a)
	}
	if prog.environ && !prog.safe {
		m.getenv(m.globals[environ].arr)
	}
	return m
}

// getenv makes the environment an array. Functions of rc are no variables.
func (m *machine) getenv(a *array) {
	fd, err := m.p.Open("/env", ninep.OREAD)
	if err != nil {
		return
	}
	defer m.p.Close(fd)
	for {
		dirs, err := m.p.ReadDir(fd)
		if err != nil || len(dirs) == 0 {
			return
		}
		for _, d := range dirs {
			if !strings.HasPrefix(d.Name, "fn#") {
				a.get(d.Name).value = outside(m.p.Getenv(d.Name))
			}
		}
	}
}

// run runs all of the program.
func (m *machine) run() {
	m.block(m.prog.begin, "BEGIN")
	if len(m.prog.rules) > 0 || m.prog.end != nil {
		for {
			rec, ok := m.next()
			if !ok {
				break
			}
			m.setrecord(outside(rec))
			m.rules()
		}
		m.setrecord(text(""))
	}
	m.end()
}

// end runs END and closes all files.
func (m *machine) end() {
	m.ending = true
	m.block(m.prog.end, "END")
	m.closeall()
}

// block runs BEGIN or END.
func (m *machine) block(b block, name string) {
	if j := b.exec(m); j == jumpNext || j == jumpNextfile {
		m.fatal("illegal break, continue, next or nextfile from %s", name)
	}
}

// rules runs what the current record matches.
func (m *machine) rules() {
	m.tick()
	for i := range m.prog.rules {
		r := &m.prog.rules[i]
		if !m.selects(r, i) {
			continue
		}
		if j := r.action.exec(m); j != jumpNone {
			return
		}
	}
}

// selects reports whether the ith rule is for the current record.
func (m *machine) selects(r *rule, i int) bool {
	m.lineno = r.lineno
	switch {
	case r.from == nil:
		return true
	case r.to == nil:
		return r.from.truth(m)
	}
	if !m.inrange[i] && !r.from.truth(m) {
		return false
	}
	m.inrange[i] = !r.to.truth(m)
	return true
}

// exit ends the program where it stands: END is run, if that is not what runs,
// and the process exits.
func (m *machine) exit() {
	if m.ending {
		m.closeall()
	} else {
		m.end()
	}
	m.p.Exits(m.status)
}

// tickmask says at which ticks awk looks up.
const tickmask = 1<<12 - 1

// tick is called wherever a program can run forever. From time to time it makes a
// system call, so that the process can be told to end, and writes what is to be
// written.
func (m *machine) tick() {
	if m.ticks++; m.ticks&tickmask == 0 {
		m.flush()
		m.p.Sleep(0)
	}
	if m.limit > 0 && m.ticks > m.limit {
		m.p.Exits("limit")
	}
}

// global returns a variable as a string.
func (m *machine) global(i int) string {
	m.scalar(&m.globals[i], i)
	return m.str(&m.globals[i].value)
}

// scalar ends the program if s, the ith global, is an array.
func (m *machine) scalar(s *slot, i int) {
	if s.arr != nil {
		m.fatal("can't read value of %s; it's an array name.", m.prog.globals[i].name)
	}
}

// array makes s an array, if it is none, and returns it.
func (m *machine) array(s *slot) *array {
	if s.arr == nil {
		if s.of != nil && s.is&unset != 0 && s.of.is&unset != 0 {
			s.arr = m.array(s.of)
		} else {
			s.arr = newArray()
		}
	}
	return s.arr
}

// IsAssignment reports whether an argument has the form var=value.
func IsAssignment(arg string) bool {
	name, v, ok := strings.Cut(arg, "=")
	return ok && !strings.HasPrefix(v, "=") && isname(name)
}

// assign makes an assignment: var=value.
func (m *machine) assign(arg string) {
	name, v, _ := strings.Cut(arg, "=")
	if m.prog.funcs[name] != nil {
		m.fatal("can't assign to %s; it's a function.", name)
	}
	i, ok := m.prog.names[name]
	if !ok {
		return // the program does not use it
	}
	if m.globals[i].arr != nil {
		m.fatal("can't assign to %s; it's an array name.", name)
	}
	s := unescape(v)
	if strings.Contains(v, "\n") {
		m.fatal("newline in string %.20s...", v)
	}
	if i == nf {
		m.splitrecord()
	}
	m.globals[i].value = outside(s)
}

// warn prints a message, and where the program and its input are.
func (m *machine) warn(format string, a ...any) {
	m.flush()
	var b bytes.Buffer
	fmt.Fprintf(&b, "awk: %s\n", fmt.Sprintf(format, a...))
	if n := integer(m.globals[nr].num()); n > 0 {
		name := m.str(&m.globals[filename].value)
		at := integer(m.globals[fnr].num())
		if name == "" || name == "-" {
			fmt.Fprintf(&b, " input record number %d\n", at)
		} else {
			fmt.Fprintf(&b, " input record %s:%d\n", name, at)
		}
	}
	if m.lineno > 0 {
		fmt.Fprintf(&b, " source line %d\n", m.prog.line(m.lineno))
	}
	m.p.Stderr().Write(b.Bytes())
}

// fatal is warn, and ends the process.
func (m *machine) fatal(format string, a ...any) {
	m.warn(format, a...)
	m.p.Exits("FATAL")
}

// drain writes what is left when a note has ended the program. There is nobody to
// tell if it fails.
func (m *machine) drain() {
	for _, f := range m.files {
		if f != nil && f.out != nil && len(f.out.buf) > 0 {
			m.p.FD(f.out.fd).Write(f.out.buf)
		}
	}
}
