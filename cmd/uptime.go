package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// uptime - show how long the system has been running
//
// Uptime prints the name of the system, and for how many days, hours, minutes
// and seconds it is up.
//
// # EXAMPLES
//
// That of all nodes:
//
//	for(n in /n/*) @{rfork n; bind $n/dev /dev; uptime}
//
// # FILES
//
//	/dev/sysname
//	/dev/time
//
// # SEE ALSO
//
// date(1), stats(1), cons(3)
func uptimeMain(p *proc.Proc) error {
	arg := argbegin(p, "")
	arg.noflags()
	if len(arg.args) > 0 {
		arg.usage()
	}
	name, err := p.ReadFile("/dev/sysname")
	if err != nil {
		return fatal(p, "%v", err)
	}
	text, err := p.ReadFile("/dev/time")
	if err != nil {
		return fatal(p, "%v", err)
	}
	sec, err := upSeconds(string(text))
	if err != nil {
		return fatal(p, "/dev/time: %v", err)
	}
	return puts(p, fmt.Sprintf("%s up %d days, %02d:%02d:%02d\n",
		strings.TrimSpace(string(name)), sec/86400, sec/3600%24, sec/60%60, sec%60))
}

// upSeconds returns the seconds since the system began from the text of
// /dev/time: its ticks, and how many there are in a second.
func upSeconds(text string) (uint64, error) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return 0, ninep.ErrIO
	}
	ticks, err := strconv.ParseUint(f[2], 10, 64)
	if err != nil {
		return 0, err
	}
	hz, err := strconv.ParseUint(f[3], 10, 64)
	if err != nil || hz == 0 {
		return 0, ninep.ErrIO
	}
	return ticks / hz, nil
}
