package cmd

import (
	"strings"

	"ufo/proc"
)

// basename - strip file name affixes
//
// Basename deletes any prefix ending in slash (/) and the suffix, if present
// in string, from string, and prints the result on the standard output.
//
// The -d option instead prints the directory component, that is, string up
// to but not including the final slash. If the string contains no slash, a
// period and newline are printed.
//
// # SEE ALSO
//
// cleanname(1), pwd(1)
func basenameMain(p *proc.Proc) error {
	// Only a first argument -d is a flag: the string may begin with "-".
	arg := argbegin(p, "[-d] string [suffix]")
	args, dflag := arg.args, false
	if len(args) > 0 && args[0] == "-d" {
		args, dflag = args[1:], true
	}
	if len(args) < 1 || len(args) > 2 {
		arg.usage()
	}
	s := args[0]
	slash := strings.LastIndexByte(s, '/')
	switch {
	case dflag && slash < 0:
		s = "."
	case dflag:
		s = s[:slash]
	default:
		s = s[slash+1:]
		if len(args) == 2 {
			s = strings.TrimSuffix(s, args[1])
		}
	}
	return puts(p, s+"\n")
}
