package cmd

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"ufo/proc"
)

// tput - measure read throughput
//
// Tput reads the standard input to its end, and prints on the standard error,
// each second, how many bytes there were a second since it began.
//
//	-b  read buflen bytes at a time; by default 8192
//	-p  copy what is read to the standard output
//
// # EXAMPLES
//
// How fast is the wire?
//
//	cat /n/n2/dev/zero | tput
//
// # SEE ALSO
//
// cat(1), time(1), iostats(4)
func tputMain(p *proc.Proc) error {
	size, copying := 8192, false
	arg := argbegin(p, "[-p] [-b buflen]")
	for c := range arg.flags() {
		switch c {
		case 'b':
			n, err := strconv.Atoi(arg.eargf())
			if err != nil || n < 1 || n > maxline {
				arg.usage()
			}
			size = n
		case 'p':
			copying = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		arg.usage()
	}
	var count atomic.Int64
	clock, err := p.Fork(proc.RFFDG|proc.RFREND, func(k *proc.Proc) error {
		return tellSpeed(k, &count)
	})
	if err != nil {
		return fatal(p, "fork: %v", err)
	}
	defer p.Postnote(clock, "kill") // also when a note ends p
	b := make([]byte, size)
	for {
		n, err := p.Read(0, b)
		if err != nil {
			return fatal(p, "error reading: %v", err)
		}
		if n == 0 {
			return nil
		}
		count.Add(int64(n))
		if copying {
			if err := writeall(p, 1, b[:n]); err != nil {
				return fatal(p, "error writing: %v", err)
			}
		}
	}
}

// tellSpeed prints, each second, how much of count there was a second.
func tellSpeed(k *proc.Proc, count *atomic.Int64) error {
	for sec := int64(1); ; sec++ {
		if err := k.Sleep(time.Second); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(k.Stderr(), speed(float64(count.Load())/float64(sec))); err != nil {
			return err
		}
	}
}

// speed returns bytes a second in a unit in which that is short.
func speed(f float64) string {
	switch {
	case f >= 1<<30:
		return fmt.Sprintf("%.2f GB/s", f/(1<<30))
	case f >= 1<<20:
		return fmt.Sprintf("%.2f MB/s", f/(1<<20))
	case f >= 1<<10:
		return fmt.Sprintf("%.2f KB/s", f/(1<<10))
	}
	return fmt.Sprintf("%.2f B/s", f)
}
