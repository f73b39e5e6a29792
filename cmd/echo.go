package cmd

import (
	"strings"

	"ufo/proc"
)

// echo - print arguments
//
// Echo writes its arguments separated by blanks and terminated by a newline
// on the standard output. Option -n suppresses the newline.
//
// # DIAGNOSTICS
//
// If echo draws an error while writing to standard output, the exit status
// is "write error". Otherwise the exit status is empty.
func echoMain(p *proc.Proc) error {
	// Only a first argument -n is a flag: everything else is to be printed.
	args, end := argbegin(p, "[-n] [arg ...]").args, "\n"
	if len(args) > 0 && args[0] == "-n" {
		args, end = args[1:], ""
	}
	return puts(p, strings.Join(args, " ")+end)
}
