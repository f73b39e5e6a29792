package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"ufo/proc"
)

// memory - show how much memory is in use
//
// Memory prints the memory that the program has of which this node is a part,
// with all other nodes of the grid in it, and how much of it is in use, as
// /dev/swap tells.
//
// # FILES
//
//	/dev/swap
//
// # SEE ALSO
//
// ps(1), stats(1), cons(3)
//
// # BUGS
//
// What a node uses, or a process, is not known.
func memoryMain(p *proc.Proc) error {
	arg := argbegin(p, "")
	arg.noflags()
	if len(arg.args) > 0 {
		arg.usage()
	}
	m, err := readswap(p)
	if err != nil {
		return fatal(p, "%v", err)
	}
	return puts(p, fmt.Sprintf("%-15s%s\n%-15s%s\n\n%-15s%s\n",
		"total", human(m.total), "total user", human(m.user), "used  user", human(m.used)))
}

// A swapinfo is what /dev/swap tells, in bytes.
type swapinfo struct{ total, used, user uint64 }

// readswap reads /dev/swap.
func readswap(p *proc.Proc) (m swapinfo, err error) {
	text, err := p.ReadFile("/dev/swap")
	if err != nil {
		return m, err
	}
	page := uint64(1)
	for line := range strings.Lines(string(text)) {
		val, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		used, all, _ := strings.Cut(val, "/")
		n, _ := strconv.ParseUint(used, 10, 64)
		switch what {
		case "memory":
			m.total = n
		case "pagesize":
			page = n
		case "user":
			m.used = n * page
			n, _ = strconv.ParseUint(all, 10, 64)
			m.user = n * page
		}
	}
	return m, nil
}

// human returns a number of bytes in a unit in which it is short.
func human(n uint64) string {
	switch f := float64(n); {
	case n >= 1e9:
		return fmt.Sprintf("%.3g GB", f/(1<<30))
	case n >= 1e6:
		return fmt.Sprintf("%.3g MB", f/(1<<20))
	case n >= 1e3:
		return fmt.Sprintf("%.3g KB", f/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
