package cmd

import (
	"math"
	"strconv"
	"strings"
	"time"

	"ufo/proc"
)

// sleep - suspend execution for an interval
//
// Sleep suspends execution for time seconds. Time may be floating-point.
//
// # EXAMPLES
//
// Execute a command 100 seconds hence.
//
//	{sleep 100; command}&
//
// Repeat a command every 30 seconds.
//
//	while (){
//		command
//		sleep 30
//	}
//
// # SEE ALSO
//
// sleep(2)
func sleepMain(p *proc.Proc) error {
	arg := argbegin(p, "time")
	if len(arg.args) != 1 {
		arg.usage()
	}
	// "1." and ".5" are numbers here; "Inf" and hexadecimal floats are not.
	sec, err := strconv.ParseFloat(arg.args[0], 64)
	if err != nil || strings.Trim(arg.args[0], "0123456789.") != "" {
		arg.usage()
	}
	return p.Sleep(time.Duration(min(sec*1e9, math.MaxInt64/2)))
}
