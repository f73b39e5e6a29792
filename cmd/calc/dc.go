package calc

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// A dc does commands on a machine.
type dc struct {
	*Machine
	in    *bufio.Reader
	regs  [256][]Value // each a stack
	macro []*macro     // being executed, the innermost last
	done  bool
}

// A macro is text being executed.
type macro struct {
	text []byte
	at   int
}

// Dc does the commands of in, on m, until they end. Unless there is more to
// read in has been read to its end.
func Dc(m *Machine, in io.Reader) (err error) {
	d := &dc{Machine: m, in: bufio.NewReader(in)}
	defer catch(&err)
	for !d.done {
		if d.macro == nil && d.in.Buffered() == 0 {
			d.out.Flush()
		}
		if c := d.get(); c >= 0 {
			d.step()
			d.command(byte(c))
		}
	}
	return d.out.Flush()
}

// get returns the next byte of the commands, or -1 at the end of all.
func (d *dc) get() int {
	for n := len(d.macro); n > 0; n = len(d.macro) {
		if m := d.macro[n-1]; m.at < len(m.text) {
			m.at++
			return int(m.text[m.at-1])
		}
		d.macro = d.macro[:n-1]
	}
	c, err := d.in.ReadByte()
	if err != nil {
		d.done = true
		return -1
	}
	return int(c)
}

// unget makes the byte just read the next again.
func (d *dc) unget() {
	if n := len(d.macro); n > 0 {
		d.macro[n-1].at--
	} else if !d.done {
		d.in.UnreadByte()
	}
}

// register reads the name of one.
func (d *dc) register() int {
	c := d.get()
	if c != '<' {
		return c & 0xff
	}
	n := 0
	for c = d.get(); c != '>' && c >= 0; c = d.get() {
		n = (n*10 + c - '0') & 0xff
	}
	return n
}

// command does the command c.
func (d *dc) command(c byte) {
	switch {
	case c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c == '.' || c == '_':
		if c != '_' {
			d.unget()
		}
		d.push(d.literal(c == '_'))
	case c == ' ' || c == '\n':
	case d.calculate(c) || d.stacks(c) || d.control(c):
	default:
		fmt.Fprintf(d.out, "%o is unimplemented\n", c)
	}
}

// literal reads a number.
func (d *dc) literal(negative bool) Value {
	var b strings.Builder
	if negative {
		b.WriteByte('_')
	}
	for point := false; ; {
		c := d.get()
		switch {
		case c == '\\':
			d.get()
			continue
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c == '.' && !point:
			point = point || c == '.'
			b.WriteByte(byte(c))
			continue
		case c >= 0:
			d.unget()
		}
		return parse(b.String(), d.ibase)
	}
}

// calculate does the commands about numbers; false if c is none.
func (d *dc) calculate(c byte) bool {
	switch c {
	case '+':
		d.add()
	case '-':
		d.sub()
	case '*':
		d.mul()
	case '/':
		d.div()
	case '%':
		d.rem()
	case '^':
		d.pow()
	case 'v':
		d.sqrt()
	case 'Z':
		d.length()
	case 'X':
		d.fraction()
	case 'k':
		d.setScale()
	case 'i':
		d.setBase(&d.ibase)
	case 'o':
		d.setBase(&d.obase)
	case 'K':
		d.push(integer(d.k))
	case 'I':
		d.push(Value{n: d.ibase})
	case 'O':
		d.push(Value{n: d.obase})
	default:
		return false
	}
	return true
}

// stacks does those about the stack and the registers.
func (d *dc) stacks(c byte) bool {
	n := len(d.stack)
	switch c {
	case 'z':
		d.push(integer(n))
	case 'c':
		d.stack = nil
	case 'p', 'd', 'f':
		switch {
		case n == 0:
			d.say("empty stack")
		case c == 'p':
			d.print(d.stack[n-1])
		case c == 'd':
			d.push(d.stack[n-1])
		default:
			for i := n - 1; i >= 0; i-- {
				d.print(d.stack[i])
			}
		}
	case 'P':
		if v, ok := d.pop(); ok {
			text, _, _ := bytes.Cut(v.bytes(), []byte{0})
			d.out.Write(text)
		}
	case 's', 'S':
		d.save(c == 'S')
	case 'l':
		d.load()
	case 'L':
		r := &d.regs[d.register()]
		if len(*r) == 0 {
			d.say("L?")
			break
		}
		v := (*r)[len(*r)-1]
		*r = (*r)[:len(*r)-1]
		if v.array != nil {
			v = integer(0)
		}
		d.push(v)
	case ':', ';':
		d.element(c == ':')
	default:
		return false
	}
	return true
}

// save is s, and S.
func (d *dc) save(push bool) {
	if len(d.stack) == 0 {
		d.say(map[bool]string{true: "save: args", false: "save:args"}[push])
		return
	}
	r := &d.regs[d.register()]
	v, _ := d.take()
	if push || len(*r) == 0 {
		if len(*r) == maxStack {
			d.say("symbol table overflow")
			return
		}
		*r = append(*r, v)
	} else {
		(*r)[len(*r)-1] = v
	}
}

// load is l.
func (d *dc) load() {
	if r := d.regs[d.register()]; len(r) > 0 {
		d.push(r[len(r)-1])
	} else {
		d.push(integer(0))
	}
}

// element is : and ;, which set and get an element of an array.
func (d *dc) element(set bool) {
	i, ok := d.index()
	if !ok {
		return
	}
	r := &d.regs[d.register()]
	if !set {
		v := integer(0)
		if len(*r) > 0 {
			if e, ok := (*r)[len(*r)-1].array[i]; ok {
				v = e
			}
		}
		d.push(v)
		return
	}
	v, ok := d.pop()
	if !ok {
		return
	}
	if len(*r) == 0 {
		*r = append(*r, Value{})
	}
	top := &(*r)[len(*r)-1]
	if top.array == nil {
		*top = Value{array: map[int]Value{}}
	}
	top.array[i] = v
}

// control does those about commands.
func (d *dc) control(c byte) bool {
	switch c {
	case '[':
		d.push(Value{text: d.bracket()})
	case 'x':
		d.execute()
	case '<', '>', '=':
		d.compare(c, false)
	case '!':
		d.bang()
	case '?':
		d.ask()
	case 'q':
		d.leave(2)
	case 'Q':
		d.quitLevels()
	default:
		return false
	}
	return true
}

// ask is ?. The first byte belongs to the line, even if it is a newline.
func (d *dc) ask() {
	c, err := d.in.ReadByte()
	line := []byte{c}
	if err == nil {
		var rest []byte
		rest, err = d.in.ReadBytes('\n')
		line = append(line, rest...)
	}
	if err != nil {
		d.done = true
		return
	}
	d.begin(line)
}

// bracket reads a text.
func (d *dc) bracket() string {
	var b strings.Builder
	for depth := 0; ; {
		c := d.get()
		switch {
		case c < 0 || c == ']' && depth == 0:
			return b.String()
		case c == '[':
			depth++
		case c == ']':
			depth--
		}
		b.WriteByte(byte(c))
	}
}

// begin begins to execute text. A macro that has nothing left to do is
// forgotten first, so that one may go on by executing itself for ever.
func (d *dc) begin(text []byte) {
	if n := len(d.macro); n > 0 && d.macro[n-1].at == len(d.macro[n-1].text) {
		d.macro = d.macro[:n-1]
	}
	if len(d.macro) == maxDepth {
		d.say("nesting depth")
		return
	}
	d.macro = append(d.macro, &macro{text: text})
}

// execute is x.
func (d *dc) execute() {
	if v, ok := d.pop(); ok {
		d.begin(v.bytes())
	}
}

// compare is <, > and =, which execute a register if the stack is so; not
// says if it shall not be so.
func (d *dc) compare(c byte, not bool) {
	if !d.sub() {
		d.execute()
		return
	}
	v, _ := d.take()
	sign := v.n.Sign()
	holds := c == '<' && sign > 0 || c == '>' && sign < 0 || c == '=' && sign == 0
	if holds == not {
		d.register()
		return
	}
	d.load()
	d.execute()
}

// bang is !, a command for the shell or a comparison that shall not hold.
func (d *dc) bang() {
	c := d.get()
	if c == '<' || c == '>' || c == '=' {
		d.compare(byte(c), true)
		return
	}
	var line []byte
	for ; c != '\n' && c >= 0; c = d.get() {
		line = append(line, byte(c))
	}
	if d.Sys != nil {
		d.out.Flush()
		d.Sys(string(line))
	}
	d.say("!")
}

// quitLevels is Q.
func (d *dc) quitLevels() {
	v, ok := d.pop()
	if !ok {
		return
	}
	switch n := v.number(); {
	case n.Sign() < 0:
		d.say("neg Q")
	case n.Cmp(big.NewInt(100)) >= 0:
		d.say("Q?")
	default:
		for range n.Int64() {
			if len(d.macro) == 0 {
				d.say("readstk?")
				continue
			}
			d.macro = d.macro[:len(d.macro)-1]
		}
	}
}

// leave is q: it leaves n macros, or the program.
func (d *dc) leave(n int) {
	if len(d.macro) < n {
		d.done = true
		return
	}
	d.macro = d.macro[:len(d.macro)-n]
}
