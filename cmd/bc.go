package cmd

import (
	"io"

	"ufo/cmd/calc"
	"ufo/ninep"
	"ufo/proc"
)

// bc - arbitrary-precision arithmetic language
//
// Bc interprets a language that looks like C and calculates with numbers of
// any length, with up to 99 digits behind the point. It reads the files, if any
// are given, and then the standard input. The options are
//
//	-l  Read the mathematical library first.
//	-s  Print values only where print says so.
//
// In what follows L is a letter from a to z, E an expression and S a
// statement. Comments are enclosed in /* and */. A newline, or a semicolon,
// ends a statement.
//
// Operands are
//
//	L                   a variable
//	L[E]                an element of an array; an index is below 2048
//	ibase obase         the bases of numbers read and printed
//	scale               the scale
//	1.50 FF             a number; its digits are 0 to 9 and A to F
//	(E)
//	sqrt(E)             the square root
//	length(E)           how many digits a number has
//	scale(E)            how many of them are behind the point
//	L(E, ..., E)        a call of a function
//	.                   the value printed last
//
// Operators, those that bind most first, are
//
//	++ --               before or behind a variable, an element, or one of
//	                    ibase, obase and scale
//	^                   power, from the right
//	* / %
//	+ -                 the latter also with one operand: -2^2 is -4
//	= += -= *= /= %= ^=
//	== != <= >= < >     only in if, while and for
//
// Statements are
//
//	E                   the value is printed, if this is not in a function
//	                    or braces, and not an assignment
//	print E             it is printed wherever this is
//	"text"              print the text, which may have newlines
//	{ S; ...; S }
//	if (E) S
//	while (E) S
//	for (E; E; E) S
//	break               leave a while or for
//	quit                end bc, as soon as this is read
//
// and nothing at all. A function is defined by
//
//	define L(L, ..., L) {
//		auto L, ..., L
//		S; ...; S
//		return E
//	}
//
// where the brace is followed by a newline. Arguments are passed by value.
// Arguments, and variables that auto names, are put aside during the call; all
// others are the program's. An array, as argument or in auto, is a letter and
// empty brackets: L[]. A letter may be a variable, an array and a function at
// the same time.
//
// The scale of results is what dc(1) says.
//
// The functions of the library are
//
//	s(x) c(x)           sine and cosine
//	e(x) l(x)           exponential and logarithm
//	a(x)                arctangent
//	j(n, x)             Bessel function of integer order n
//
// It sets the scale to 50.
//
// # EXAMPLES
//
// Print an approximation of the exponential of 1 to 10. (That in the library
// is better.)
//
//	scale = 20
//	define e(x) {
//		auto a, b, c, i, s
//		a = 1
//		b = 1
//		s = 1
//		for(i=1; 1; i++) {
//			a *= x
//			b *= i
//			c = a/b
//			if(c == 0) return s
//			s += c
//		}
//	}
//	for(i=1; i<=10; i++) print e(i)
//
// # FILES
//
// /sys/lib/bclib, the mathematical library
//
// # SEE ALSO
//
// dc(1), hoc(1)
//
// # BUGS
//
// There is no &&, || or !, and no else. A for must have all three expressions.
//
// There is no option -c, which prints a program of dc(1): bc does not use that.
//
// Digits cut off a negative number round it down if they are an even count.
func bcMain(p *proc.Proc) error {
	arg := argbegin(p, "[-ls] [file ...]")
	var prog calc.Program
	var names []string
	for c := range arg.flags() {
		switch c {
		case 'l':
			names = []string{"/sys/lib/bclib"}
		case 's':
			prog.Silent = true
		default:
			arg.usage()
		}
	}
	names = append(append(names, arg.args...), "")
	var failed error
	prog.Open = func() (io.Reader, string, error) {
		if len(names) == 0 || failed != nil {
			return nil, "", io.EOF
		}
		name := names[0]
		names = names[1:]
		if name == "" {
			return p.Stdin(), "stdin", nil
		}
		fd, err := p.Open(name, ninep.OREAD)
		if err != nil {
			failed = fatal(p, "can't open %s: %v", name, err)
			return nil, "", failed
		}
		return p.FD(fd), name, nil
	}
	if err := calculated(p, calc.Bc(newCalculator(p), prog)); err != nil {
		return err
	}
	return failed
}
