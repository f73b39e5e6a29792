package cmd

import (
	"errors"
	"io"

	"ufo/cmd/calc"
	"ufo/ninep"
	"ufo/proc"
)

// dc - desk calculator
//
// Dc calculates with numbers of any length. It has a stack: a number is pushed
// on it, an operator takes what it needs from there and puts the result back.
// If a file is named its commands are done before those of the standard
// input.
//
//	number     Push it. Its digits are 0 to 9 and A to F, it may have a
//	           point, and it begins with _ if it is negative.
//	+ - * / %  Take two numbers, push their sum, difference, product,
//	           quotient, or the remainder.
//	^          Raise the second number to the power of the top, which
//	           must be an integer below 10000.
//	v          Take a number, push its square root.
//	sx         Take the top and store it in the register x, which may be
//	           any character.
//	Sx         The same, but push it on the register, which is a stack.
//	lx         Push the value of the register x; 0 if there is none.
//	Lx         Take the top of the register x, and push it.
//	d          Push the top once more.
//	p          Print the top, which stays.
//	P          Take the top, and print it as text without a newline.
//	f          Print all of the stack.
//	c          Clear the stack.
//	z          Push how many values are on the stack.
//	Z          Take a number, push how many digits it has.
//	X          Take a number, push its scale.
//	[text]     Push the text.
//	x          Take the top, and do it as commands: a macro.
//	<x >x =x   Take two numbers; if the top is less than, greater than,
//	           or equal to the other, do the register x. With ! before
//	           them, if it is not.
//	q          Leave two macros, or dc if there are not so many.
//	Q          Take a number, leave so many macros.
//	k K        Take the scale from the stack, or push it.
//	i I        The same for the base of numbers read,
//	o O        and for the base of numbers printed.
//	:x ;x      Store the second value in the array x at the index that is
//	           the top, or push what is there: for bc.
//	?          Read a line from the input and do it.
//	!command   Let rc(1) do the rest of the line.
//
// The scale of a number is how many digits it has behind the point, at most
// 99. If s is the scale set by k, and a and b those of the operands, then
// results are cut to
//
//	a + b, a - b  the greater of a and b
//	a * b         a+b, but no more than the greatest of s, a and b
//	a / b         s
//	a % b         what makes dividend = divisor*quotient + remainder
//	a ^ n         a*n, but no more than the greater of s and a
//	v             the greater of s and a
//
// In a base greater than 16 each digit is printed as a decimal number.
//
// # EXAMPLES
//
// Print the first ten factorials.
//
//	[la1+dsa*pla10>y]sy
//	0sa1
//	lyx
//
// # SEE ALSO
//
// bc(1), hoc(1)
//
// # DIAGNOSTICS
//
// "x is unimplemented", where x is the octal code of the command.
//
// # BUGS
//
// Digits that are cut off a negative number round it down if they are an even
// count, and towards zero if not; and Z counts one too many in -999. Both are
// as old as dc.
//
// For Z, zero has no digits. On Plan 9 it has one if K, X, Z or z pushed it, and
// an empty text has -2.
//
// A text is 0 where a number is wanted. Lower case digits are commands.
func dcMain(p *proc.Proc) error {
	arg := argbegin(p, "[file]")
	arg.noflags()
	if len(arg.args) > 1 {
		arg.usage()
	}
	var in io.Reader = p.Stdin()
	if len(arg.args) == 1 {
		fd, err := p.Open(arg.args[0], ninep.OREAD)
		if err != nil {
			warn(p, "can't open %s: %v", arg.args[0], err)
			return status("open")
		}
		in = io.MultiReader(p.FD(fd), in)
	}
	return calculated(p, calc.Dc(newCalculator(p), in))
}

// newCalculator returns a machine that prints on the standard output.
func newCalculator(p *proc.Proc) *calc.Machine {
	m := calc.NewMachine(p.Stdout())
	m.Poll = func() { p.Sleep(0) }
	m.Sys = func(cmd string) {
		pid, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			return fatal(p, "rc: %v", p.Exec("/bin/rc", []string{"rc", "-c", cmd}))
		})
		for err == nil {
			w, werr := p.Wait()
			if err = werr; err == nil && w.Pid == pid {
				break
			}
		}
	}
	return m
}

// calculated returns the exit status of a calculator.
func calculated(p *proc.Proc, err error) error {
	switch {
	case errors.Is(err, calc.ErrSpace):
		return fatal(p, "%v", err)
	case err != nil:
		warn(p, "write error: %v", err)
		return status("write error")
	}
	return nil
}
