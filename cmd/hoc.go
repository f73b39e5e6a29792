package cmd

import (
	"io"
	"strings"

	"ufo/cmd/hoc"
	"ufo/ninep"
	"ufo/proc"
)

// hoc - interactive floating point language
//
// Hoc interprets a language for floating point arithmetic, about as large as
// Basic, with the syntax of C. The files are read in order; - is the standard
// input, as is no file. With -e the argument is read in the place of a file.
//
// The value of an expression that is a line is printed. Statements print
// nothing unless they are print.
//
// Names are of letters, digits and _. The variable _ is the value printed
// last; E, PI, PHI, GAMMA and DEG, the degrees of a radian, have values.
//
// Operators are, those that bind most first,
//
//	^
//	! - ++ --          before an operand; ++ and -- also behind one
//	* / %
//	+ -
//	> >= < <= == !=
//	&&
//	||
//	= += -= *= /= %=
//
// Functions are abs, acos, asin, atan, cos, cosh, exp, int, log, log10, sin,
// sinh, sqrt, tan and tanh. Read(x) reads a number into the variable x, and
// is 0 if there is none left, else 1.
//
// Statements are expressions, "print" with a list of expressions and of
// strings in double quotes, and, with expressions E and statements S,
//
//	if(E) S
//	if(E) S else S
//	while(E) S
//	for(E; E; E) S
//	{ S ... }
//
// A newline ends a statement; within braces it need not. A backslash before a
// newline makes a blank of it. A comment begins with # and ends with the line.
//
// Functions and procedures are
//
//	func name(arg, ...) S
//	proc name(arg, ...) S
//
// Return ends them, with a value from a function. The arguments are put aside
// during a call; all other variables are the program's.
//
// # EXAMPLES
//
//	func gcd(a, b) {
//		temp = abs(a) % abs(b)
//		if(temp == 0) return abs(b)
//		return gcd(b, temp)
//	}
//	for(i=1; i<12; i++) print gcd(i,12)
//
// # SEE ALSO
//
// bc(1), dc(1)
//
// # BUGS
//
// After an error the rest of the file is skipped; of a pipe, what has been
// read ahead.
func hocMain(p *proc.Proc) error {
	arg := argbegin(p, "[-e expression] [file ...]")
	if len(arg.args) > 0 && arg.args[0] == "-?" {
		arg.usage()
	}
	words := arg.args
	if len(words) == 0 {
		words = []string{"-"}
	}
	h := hoc.New(p.Stdout())
	h.Poll = func() { p.Sleep(0) }
	h.Warn = func(msg string) { warn(p, "%s", msg) }
	h.Next = func() (hoc.Input, error) {
		for len(words) > 0 {
			word := words[0]
			words = words[1:]
			text, isExpr := strings.CutPrefix(word, "-e")
			switch {
			case word == "-":
				return hocFile(p, "", 0), nil
			case isExpr && text == "" && len(words) == 0:
				return hoc.Input{}, fatal(p, "no argument for -e")
			case isExpr && text == "":
				text, words = words[0], words[1:]
			}
			if isExpr {
				return hoc.Input{Name: "-e", R: strings.NewReader(text + "\n")}, nil
			}
			fd, err := p.Open(word, ninep.OREAD)
			if err == nil {
				return hocFile(p, word, fd), nil
			}
			warn(p, "can't open %s: %v", word, err)
		}
		return hoc.Input{}, io.EOF
	}
	return h.Run()
}

// hocFile returns an open file as an input.
func hocFile(p *proc.Proc, name string, fd int) hoc.Input {
	return hoc.Input{Name: name, R: p.FD(fd), Skip: func() { p.Seek(fd, 0, 2) }}
}
