// Package hoc is the language of hoc(1): a calculator with floating point
// numbers, functions and procedures.
//
// Each line is parsed to a tree of Go functions and done at once. Variables
// are dynamic: a call puts the values of the names of its arguments aside, and
// brings them back at its end.
package hoc

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An Input is something to be interpreted.
type Input struct {
	Name string // for messages; "" for the standard input
	R    io.Reader
	Skip func() // skips what has not been read, after an error
}

// A Hoc is the state of the language.
type Hoc struct {
	// Next returns the next input; io.EOF after the last one.
	Next func() (Input, error)
	Warn func(msg string) // tells of an error
	Poll func()           // is called now and then, so that notes come in

	out    *bufio.Writer
	in     Input
	r      *bufio.Reader
	line   int
	names  map[string]*symbol
	frames []frame // of calls
	steps  int
}

// A symbol is a variable, a function or a procedure.
type symbol struct {
	name    string
	value   float64
	defined bool      // it has a value
	def     *function // nil: a variable
	saved   []symbol  // what calls have put aside
}

// A function is a function, or a procedure.
type function struct {
	proc    bool
	formals []*symbol
	body    stmt
}

// New returns an interpreter that prints to out. Its fields are to be set
// before Run.
func New(out io.Writer) *Hoc {
	h := &Hoc{out: bufio.NewWriter(out), names: make(map[string]*symbol)}
	for name, value := range constants {
		h.names[name] = &symbol{name: name, value: value, defined: true}
	}
	return h
}

// failure is a panic that ends what is being done; Run recovers it.
type failure string

// Run interprets all inputs.
func (h *Hoc) Run() error {
	for h.more() {
		for h.command() {
		}
	}
	return h.out.Flush()
}

// more begins with the next input.
func (h *Hoc) more() bool {
	in, err := h.Next()
	if err != nil {
		return false
	}
	h.in, h.r, h.line = in, bufio.NewReader(in.R), 1
	return true
}

// command reads a line and does it; false at the end of the input.
func (h *Hoc) command() (ok bool) {
	defer func() {
		if why, failed := recover().(failure); failed {
			h.fail(string(why))
			ok = true
		}
	}()
	p := &parser{h: h}
	s := p.command()
	if s == nil {
		return false
	}
	h.step()
	s(h)
	return true
}

// fail tells of an error and skips the rest of the input.
func (h *Hoc) fail(why string) {
	h.out.Flush()
	if h.in.Name != "" {
		why += " in " + h.in.Name
	}
	h.Warn(fmt.Sprintf("%s near line %d", why, h.line))
	h.r.Discard(h.r.Buffered())
	if h.in.Skip != nil {
		h.in.Skip()
	}
	for _, s := range h.names {
		if len(s.saved) > 0 {
			s.value, s.defined, s.def = s.saved[0].value, s.saved[0].defined, s.saved[0].def
			s.saved = nil
		}
	}
	h.frames = nil
}

// step is called in loops and calls.
func (h *Hoc) step() {
	if h.steps++; h.steps%1024 == 0 && h.Poll != nil {
		h.Poll()
	}
}

// lookup returns the symbol of a name.
func (h *Hoc) lookup(name string) *symbol {
	s := h.names[name]
	if s == nil {
		s = &symbol{name: name}
		h.names[name] = s
	}
	return s
}

// getc returns the next byte of the input, or -1.
func (h *Hoc) getc() int {
	if h.r.Buffered() == 0 {
		h.out.Flush()
	}
	c, err := h.r.ReadByte()
	if err != nil {
		return -1
	}
	return int(c)
}

// ungetc makes it the next again.
func (h *Hoc) ungetc(c int) {
	if c >= 0 {
		h.r.UnreadByte()
	}
}

// number reads a number that begins with c.
func (h *Hoc) number(c int) (float64, bool) {
	var b []byte
	point, exp := false, false
	for ; ; c = h.getc() {
		last := byte(0)
		if len(b) > 0 {
			last = b[len(b)-1]
		}
		switch {
		case c >= '0' && c <= '9':
		case c == '.' && !point && !exp:
			point = true
		case (c == 'e' || c == 'E') && !exp && strings.Trim(string(b), "+-.") != "":
			exp = true
		case (c == '+' || c == '-') && (last == 0 || last == 'e' || last == 'E'):
		default:
			h.ungetc(c)
			x, err := strconv.ParseFloat(string(b), 64)
			return x, err == nil || x != 0
		}
		b = append(b, byte(c))
	}
}

// read is the function read: it gives s a value from the input.
func (h *Hoc) read(s *symbol) float64 {
	for {
		c := h.getc()
		switch {
		case c == ' ' || c == '\t' || c == '\n':
		case c < 0:
			if !h.more() {
				s.value, s.defined = 0, true
				return 0
			}
		case strings.IndexByte("+-.0123456789", byte(c)) < 0:
			panic(failure("non-number read into " + s.name))
		default:
			x, _ := h.number(c)
			s.value, s.defined = x, true
			return 1
		}
	}
}

// format returns a number as hoc prints it.
func format(x float64) string {
	return strconv.FormatFloat(x, 'g', 12, 64)
}
