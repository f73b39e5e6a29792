package cmd

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"ufo/proc"
)

// factor - factor a number
//
// Factor prints the number and its prime factors, each as often as it divides
// the number. The number must be positive and less than 2^53 (about 9e15). If
// there is none, factor reads numbers from the standard input, one to a line,
// up to the first that is not positive.
//
// It takes a time proportional to the square root of the number.
//
// # SEE ALSO
//
// primes(1)
func factorMain(p *proc.Proc) error {
	arg := argbegin(p, "[number ...]")
	arg.noflags()
	out := stdout(p)
	defer flush(p, out)
	for _, word := range arg.args {
		n, ok := wholeNumber(word)
		if !ok {
			out.Flush()
			return fatal(p, "%s: not a number below 2^53", word)
		}
		factor(p, out, n)
	}
	if len(arg.args) > 0 {
		return nil
	}
	for in := input(p, 0); ; out.Flush() {
		line, err := readline(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fatal(p, "read error: %v", err)
		}
		n, ok := wholeNumber(string(line))
		if !ok || n == 0 {
			return nil
		}
		factor(p, out, n)
	}
}

// wholeNumber returns the number a word begins with, without what is behind a
// point; 0 if it is none. Ok is false if it is negative or too large.
func wholeNumber(word string) (n int64, ok bool) {
	word = strings.TrimSpace(word)
	end := 0
	for end < len(word) && strings.IndexByte("+-.0123456789eE", word[end]) >= 0 {
		end++
	}
	x, _ := strconv.ParseFloat(word[:end], 64)
	return int64(x), x >= 0 && x < 1<<53 && !math.IsNaN(x)
}

// factor prints n and its factors.
func factor(p *proc.Proc, out *bufio.Writer, n int64) {
	fmt.Fprintf(out, "%d\n", n)
	if n == 0 {
		return
	}
	divide := func(d int64) {
		for n%d == 0 {
			fmt.Fprintf(out, "     %d\n", d)
			n /= d
		}
	}
	divide(2)
	for d := int64(3); d*d <= n; d += 2 {
		divide(d)
		if d&0xfffff == 1 {
			p.Sleep(0) // let notes in
		}
	}
	if n > 1 {
		fmt.Fprintf(out, "     %d\n", n)
	}
	out.WriteByte('\n')
}
