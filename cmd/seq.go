package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"ufo/proc"
)

// seq - print sequences of numbers
//
// Seq prints a sequence of numbers, one per line, from first (default 1) to
// as near last as possible, in increments of incr (default 1). The numbers
// are interpreted as floating point.
//
// Normally integer values are printed as decimal integers. The options are
//
//	-f format  Use the format, %g, %e or %f with a width and precision and
//	           text around it, for printing each (floating point) number.
//	           The default is %g, which shows 6 digits.
//	-w         Equalize the widths of all numbers by padding with leading
//	           zeros as necessary. Not effective with option -f, nor with
//	           numbers in exponential notation.
//
// # EXAMPLES
//
// Print 0 0.05 0.1 (on separate lines).
//
//	seq 0 .05 .1
//
// Print 0.00 0.05 0.10.
//
//	seq -w 0 .05 .1
func seqMain(p *proc.Proc) error {
	arg := argbegin(p, "[-w] [-f format] [first [incr]] last")
	format, equal := "", false
	for len(arg.args) > 0 && !isnumber(arg.args[0]) {
		ok := false
		for c := range arg.flags() {
			ok = true
			switch c {
			case 'w':
				equal = true
			case 'f':
				format = arg.eargf()
			default:
				arg.usage()
			}
			if arg.word == "" {
				break // a negative number may follow
			}
		}
		if !ok {
			arg.usage()
		}
	}
	if len(arg.args) < 1 || len(arg.args) > 3 {
		arg.usage()
	}
	s, ok := newsequence(arg.args)
	if !ok {
		arg.usage()
	}
	if s.incr == 0 {
		return fatal(p, "zero increment")
	}
	switch {
	case format != "":
		if format, ok = numberformat(format); !ok {
			arg.usage()
		}
	case equal:
		format = s.equal(p)
	default:
		format = "%.6g"
	}
	out := stdout(p)
	defer flush(p, out)
	s.each(func(v float64) bool {
		_, err := fmt.Fprintf(out, strings.TrimSuffix(format, "\n")+"\n", v)
		return err == nil
	})
	return nil
}

// isnumber reports whether an argument is a number rather than a flag.
func isnumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// numberformat returns a format for fmt that prints one floating-point number
// as C's does: six digits are the default of %g, too.
func numberformat(format string) (string, bool) {
	s := strings.ReplaceAll(format, "%%", "\x00")
	head, spec, ok := strings.Cut(s, "%")
	width := spec[:len(spec)-len(strings.TrimLeft(spec, "+-# 0123456789."))]
	spec = spec[len(width):]
	if !ok || spec == "" || !strings.Contains("efgEG", spec[:1]) || strings.Contains(spec, "%") {
		return "", false
	}
	if !strings.Contains(width, ".") {
		width += ".6"
	}
	return strings.ReplaceAll(head+"%"+width+spec, "\x00", "%%"), true
}

// A sequence is the numbers from first to last.
type sequence struct{ first, incr, last float64 }

// newsequence reads [first [incr]] last.
func newsequence(args []string) (s sequence, ok bool) {
	var num [3]float64
	for i, arg := range args {
		v, err := strconv.ParseFloat(arg, 64)
		if err != nil {
			return s, false
		}
		num[i] = v
	}
	s = sequence{first: 1, incr: 1, last: num[len(args)-1]}
	if len(args) > 1 {
		s.first = num[0]
	}
	if len(args) > 2 {
		s.incr = num[1]
	}
	return s, true
}

// each calls f for each number until it returns false. The numbers come from
// additions, as in the manual's loop: their errors add up.
func (s sequence) each(f func(float64) bool) {
	for v := s.first; s.incr > 0 && v <= s.last || s.incr < 0 && v >= s.last; v += s.incr {
		if !f(v) {
			return
		}
	}
}

// equal returns the format in which all numbers have the same width.
func (s sequence) equal(p *proc.Proc) string {
	width, prec, exp, n := 0, 0, false, 0
	s.each(func(v float64) bool {
		text := fmt.Sprintf("%.6g", v)
		exp = strings.Contains(text, "e")
		if n++; n%1000 == 0 {
			p.Sleep(0) // it may take long: let notes in
		}
		whole, frac, _ := strings.Cut(text, ".")
		width, prec = max(width, len(whole)), max(prec, len(frac))
		return !exp
	})
	if exp {
		return "%.6g"
	}
	if prec > 0 {
		width += prec + 1
	}
	return fmt.Sprintf("%%0%d.%df", width, prec)
}
