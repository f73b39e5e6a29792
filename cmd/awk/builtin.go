package awk

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A mathcall is a function of numbers, or one that returns a number.
type mathcall struct {
	fn   token
	args []expr // at least one
}

func (e *mathcall) num(m *machine) float64 {
	if e.fn == tLength {
		return m.length(e.args[0])
	}
	f := m.builtin(e.fn, e.args)
	used := 1
	if e.fn == tAtan2 {
		used = 2
	}
	if len(e.args) > used {
		m.warn("warning: function has too many arguments")
		for _, a := range e.args[used:] {
			a.val(m)
		}
	}
	return f
}

func (m *machine) builtin(fn token, args []expr) float64 {
	x := args[0]
	switch fn {
	case tSqrt:
		return m.checked(math.Sqrt(x.num(m)), "sqrt")
	case tExp:
		return m.checked(math.Exp(x.num(m)), "exp")
	case tLog:
		return m.checked(math.Log(x.num(m)), "log")
	case tInt:
		return math.Trunc(x.num(m))
	case tSin:
		return math.Sin(x.num(m))
	case tCos:
		return math.Cos(x.num(m))
	case tAtan2:
		if len(args) < 2 {
			m.warn("atan2 requires two arguments; returning 1.0")
			return 1
		}
		y := x.num(m)
		return math.Atan2(y, args[1].num(m))
	case tRand:
		x.val(m)
		for {
			if f := m.random.Float64(); f > 0 {
				return f
			}
		}
	case tSrand:
		return m.srand(x)
	case tSystem:
		return m.system(x.str(m))
	case tFflush:
		if isrecord(x) {
			return m.fflush("")
		}
		return m.fflush(x.str(m))
	}
	return m.closefile(x.str(m))
}

// isrecord reports whether e is $0, which stands where no argument is.
func isrecord(e expr) bool {
	d, ok := e.(*dollar)
	return ok && d.of == nil && d.n == 0
}

// srand seeds rand with x, or with the time if that is $0, and returns the seed
// before.
func (m *machine) srand(x expr) float64 {
	before := m.seed
	if isrecord(x) {
		m.seed = float64(m.p.Now().Unix())
	} else {
		m.seed = x.num(m)
	}
	m.random = rand.New(rand.NewPCG(math.Float64bits(m.seed), 0))
	return before
}

// length returns how many characters a string has, or elements an array.
func (m *machine) length(e expr) float64 {
	if n, ok := e.(name); ok {
		if s := n.slot(m); s.arr != nil {
			return float64(s.arr.n)
		}
	}
	return float64(utf8.RuneCountInString(e.str(m)))
}

// A convert is a function of a string, or of a number, that returns a string.
type convert struct {
	fn token
	e  expr
}

func (e *convert) str(m *machine) string {
	switch e.fn {
	case tToupper:
		return mapping(e.e.str(m), unicode.ToUpper)
	case tTolower:
		return mapping(e.e.str(m), unicode.ToLower)
	}
	return string(rune(min(max(integer(e.e.num(m)), -1), utf8.MaxRune+1)))
}

// mapping returns s with f done to each character. What is no UTF-8 stays.
func mapping(s string, f func(rune) rune) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError {
			b.WriteString(s[i : i+size])
		} else {
			b.WriteRune(f(r))
		}
		i += size
	}
	return b.String()
}

// A substring is substr(s, from, n); n may be nil.
type substring struct{ s, from, n expr }

func (e *substring) str(m *machine) string {
	s := e.s.str(m)
	from := integer(e.from.num(m))
	n := len(s)
	if e.n != nil {
		n = integer(e.n.num(m))
	}
	s = s[skip(s, from-1):]
	if n >= len(s) {
		return s
	}
	return s[:skip(s, n)]
}

// A position is index(s, t).
type position struct{ s, t expr }

func (e *position) num(m *machine) float64 {
	s := e.s.str(m)
	i := strings.Index(s, e.t.str(m))
	if i < 0 || s == "" {
		return 0
	}
	return float64(utf8.RuneCountInString(s[:i]) + 1)
}

// A find is match(s, p).
type find struct {
	s expr
	p matcher
}

func (e *find) num(m *machine) float64 {
	s := e.s.str(m)
	from, to := e.p.pattern(m).find(s)
	start, n := 0, 0
	if from >= 0 {
		start = utf8.RuneCountInString(s[:from]) + 1
		n = utf8.RuneCountInString(s[from:to])
	}
	m.globals[rstart].value = number(float64(start))
	m.globals[rlength].value = number(float64(n))
	return float64(start)
}

// A splitting is split(s, arr, sep); re and sep may be nil.
type splitting struct {
	s   expr
	arr name
	sep expr
	re  *pattern
}

func (e *splitting) num(m *machine) float64 {
	s := e.s.str(m)
	sep := ""
	switch {
	case e.sep != nil:
		sep = e.sep.str(m)
	case e.re == nil:
		sep = m.global(fs)
	}
	return float64(m.splitarray(s, m.array(e.arr.slot(m)), sep, e.re))
}

// A sprintf is sprintf(args).
type sprintf struct{ args []expr }

func (e *sprintf) str(m *machine) string {
	form := e.args[0].str(m)
	var few [128]byte
	return string(m.format(few[:0], form, e.args[1:]))
}

// A substitution is sub(p, repl, lv), or gsub.
type substitution struct {
	global bool
	p      matcher
	repl   expr
	lv     lvalue
}

func (e *substitution) num(m *machine) float64 {
	at := e.lv.place(m)
	s := m.str(m.get(at))
	p := e.p.pattern(m)
	repl := e.repl.str(m)
	var n int
	if e.global {
		s, n = m.replaceAll(p, s, repl)
	} else {
		s, n = p.replace(s, repl)
	}
	if n > 0 {
		m.set(at, text(m.bounded(s)))
	}
	return float64(n)
}

// replace replaces the first match in s.
func (p *pattern) replace(s, repl string) (string, int) {
	from, to := p.find(s)
	if from < 0 {
		return s, 0
	}
	return s[:from] + string(expand(nil, repl, s[from:to])) + s[to:], 1
}

// replaceAll replaces all matches in s, and says how many there were. One that is
// empty does not count when another has just ended.
func (m *machine) replaceAll(p *pattern, s, repl string) (string, int) {
	b := m.buf[:0]
	n, end := 0, 0
	fixed := !strings.ContainsAny(repl, `\&`)
	p.walk(s, func(from, to int) bool {
		if from == to && from == end && n > 0 {
			return true
		}
		n++
		b = append(b, s[end:from]...)
		if fixed {
			b = append(b, repl...)
		} else {
			b = expand(b, repl, s[from:to])
		}
		end = to
		return len(b) <= maxstring
	})
	if n == 0 {
		return s, 0
	}
	return m.taken(append(b, s[end:]...)), n
}

// expand appends what repl puts in the place of a match: & is that, \& an
// ampersand, \\& a backslash and the match, \\\& a backslash and an ampersand.
// Before anything else a backslash is one.
func expand(b []byte, repl, match string) []byte {
	for {
		i := strings.IndexAny(repl, `\&`)
		if i < 0 {
			return append(b, repl...)
		}
		b = append(b, repl[:i]...)
		repl = repl[i:]
		n := 1
		switch {
		case repl[0] == '&':
			b = append(b, match...)
		case strings.HasPrefix(repl, `\\\&`):
			b, n = append(b, `\&`...), 4
		case strings.HasPrefix(repl, `\\&`):
			b, n = append(append(b, '\\'), match...), 3
		case strings.HasPrefix(repl, `\\`):
			b, n = append(b, `\\`...), 2
		case strings.HasPrefix(repl, `\&`):
			b, n = append(b, '&'), 2
		default:
			b = append(b, '\\')
		}
		repl = repl[n:]
	}
}
