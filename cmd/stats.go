package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// stats - show the load of the system
//
// Stats prints a line of numbers each second, below a line that says what they
// are, until it is interrupted: the time of day; the load, that is how many
// processes are in no system call; system calls a second; percent of the time
// without load; the number of processes; and the memory in use by the program
// of which this node is a part.
//
//	-T  a line each secs seconds
//	-n  count lines only
//
// # EXAMPLES
//
// That of n2, for ten seconds:
//
//	@{rfork n; bind /n/n2/dev /dev; bind /n/n2/proc /proc; stats -n 10}
//
// # FILES
//
//	/dev/sysstat
//	/dev/swap
//	/proc
//
// # SEE ALSO
//
// memory(1), ps(1), uptime(1), cons(3)
//
// # BUGS
//
// There are no graphs. The load is that of the moment.
func statsMain(p *proc.Proc) error {
	every, count := 1, -1
	arg := argbegin(p, "[-T secs] [-n count]")
	for c := range arg.flags() {
		var err error
		switch c {
		case 'T':
			every, err = strconv.Atoi(arg.eargf())
		case 'n':
			count, err = strconv.Atoi(arg.eargf())
		default:
			arg.usage()
		}
		if err != nil || every < 1 {
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		arg.usage()
	}
	last, err := readload(p)
	if err != nil {
		return fatal(p, "%v", err)
	}
	if err := puts(p, "time      load  calls/s  idle  procs  memory\n"); err != nil {
		return err
	}
	for ; count != 0; count-- {
		if err := p.Sleep(time.Duration(every) * time.Second); err != nil {
			return err
		}
		now, err := readload(p)
		if err != nil {
			return fatal(p, "%v", err)
		}
		if err := puts(p, now.line(p.Now(), last, every)); err != nil {
			return err
		}
		last = now
	}
	return nil
}

// A load is what the files of the system tell at one moment.
type load struct {
	calls uint64 // system calls since the system began
	milli uint64 // load in thousandths
	idle  uint64 // percent
	procs int
	used  uint64 // bytes
}

// readload reads /dev/sysstat, a line for each processor, and what else there
// is.
func readload(p *proc.Proc) (l load, err error) {
	text, err := p.ReadFile("/dev/sysstat")
	if err != nil {
		return l, err
	}
	cpus := uint64(0)
	for line := range strings.Lines(string(text)) {
		var n [10]uint64
		f := strings.Fields(line)
		if len(f) < len(n) {
			return l, fmt.Errorf("/dev/sysstat: %w", ninep.ErrIO)
		}
		for i := range n {
			n[i], _ = strconv.ParseUint(f[i], 10, 64)
		}
		l.calls, l.milli, l.idle = l.calls+n[3], l.milli+n[7], l.idle+n[8]
		cpus++
	}
	l.idle /= max(cpus, 1)
	if dirs, err := readdir(p, "/proc"); err == nil {
		l.procs = len(dirs)
	}
	m, err := readswap(p)
	l.used = m.used
	return l, err
}

// line returns the line for a load, some seconds after the one before.
func (l load) line(now time.Time, last load, secs int) string {
	calls := uint32(l.calls-last.calls) / uint32(secs) // the counter has 32 bits
	return fmt.Sprintf("%s  %4.2f  %7d  %3d%%  %5d  %s\n",
		now.UTC().Format("15:04:05"), float64(l.milli)/1000, calls, l.idle, l.procs, human(l.used))
}
