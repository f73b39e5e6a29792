package cmd

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"

	"ufo/proc"
)

// primes - generate large primes
//
// Primes prints the prime numbers from start to finish, which are less than
// 2^53; without finish, without end. Without start it is read from the
// standard input.
//
// # SEE ALSO
//
// factor(1)
func primesMain(p *proc.Proc) error {
	arg := argbegin(p, "[start [finish]]")
	arg.noflags()
	start, finish := int64(0), int64(1<<53)
	ok := true
	switch len(arg.args) {
	case 0:
		var err error
		if start, ok, err = readStart(input(p, 0)); err != nil {
			return fatal(p, "read error: %v", err)
		}
	case 2:
		if finish, ok = wholeNumber(arg.args[1]); !ok {
			break
		}
		fallthrough
	case 1:
		start, ok = wholeNumber(arg.args[0])
	default:
		arg.usage()
	}
	if !ok {
		io.WriteString(p.Stderr(), "limits exceeded\n")
		return status("limits")
	}
	out := stdout(p)
	defer flush(p, out)
	for n := max(start, 2); n <= finish; n += sieveSize {
		if !printPrimes(out, n, min(finish, n+sieveSize-1)) {
			break
		}
		p.Sleep(0) // let notes in
	}
	return nil
}

// readStart reads the first line that is not empty.
func readStart(in *bufio.Reader) (n int64, ok bool, err error) {
	for {
		line, err := readline(in)
		if err == io.EOF {
			return 0, true, nil
		}
		if err != nil || strings.Trim(string(line), "\n") != "" {
			n, ok = wholeNumber(string(line))
			return n, ok, err
		}
	}
}

// sieveSize is how many numbers are looked at at once.
const sieveSize = 1 << 15

// printPrimes prints the primes from lo to hi, which is at most sieveSize
// numbers; false if they cannot be written.
func printPrimes(out *bufio.Writer, lo, hi int64) bool {
	var composite [sieveSize]bool
	root := int64(math.Sqrt(float64(hi))) + 1
	for d := int64(2); d <= root; d += 1 + d&1 {
		for m := max(d*d, (lo+d-1)/d*d); m <= hi; m += d {
			composite[m-lo] = true
		}
	}
	for n := lo; n <= hi; n++ {
		if !composite[n-lo] {
			if _, err := out.WriteString(strconv.FormatInt(n, 10) + "\n"); err != nil {
				return false
			}
		}
	}
	return true
}
