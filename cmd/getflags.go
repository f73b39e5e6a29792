package cmd

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"ufo/proc"
	"ufo/rc"
)

// This file is how rc scripts take their flags from their arguments.

// aux/getflags - parse the arguments of a script
//
// Getflags takes flags from its arguments as $flagfmt says, and prints commands
// of rc(1) for the script to evaluate.
//
// $flagfmt has the flags, separated by commas. A flag is a letter, perhaps a
// colon and a name, and the names of its arguments, separated by blanks.
//
// The commands set a variable for each flag: that of its name or, if it has
// none, $flagx for the flag x. It is the empty list if the flag is not there, 1
// if it takes no arguments, and else the list of its arguments, those of the
// last time if the flag comes more than once. Then $* is what is left of the
// arguments, and $status is empty, or usage if they are wrong.
//
// # EXAMPLES
//
// The beginning of a script:
//
//	flagfmt='v:verbose, n, o:output file, m from to'
//	args='name ...'
//	if(! ifs=() eval `{aux/getflags $*} || ~ $#* 0){
//		aux/usage
//		exit usage
//	}
//	if(~ $#verbose 1) echo writing to $output
//
// # SEE ALSO
//
// rc(1), usage(8)
func getflagsMain(p *proc.Proc) error {
	arg := argbegin(p, "[arg ...]") // no flags: they are the script's
	format := p.Getenv("flagfmt")
	if _, err := p.Stat("/env/flagfmt"); err != nil {
		fmt.Fprintln(p.Stderr(), "$flagfmt not set")
		return puts(p, "exit 'missing flagfmt'\n")
	}
	script, ok := getflags(parseFlagfmt(format), arg.args)
	if !ok {
		script += "status=usage\n"
	}
	return puts(p, script)
}

// aux/usage - print how a script is used
//
// Usage prints on the standard error how the script $0 is used, from $flagfmt,
// whose form is that of getflags(8), and $args, which describes its other
// arguments.
//
// # SEE ALSO
//
// rc(1), getflags(8)
func usageMain(p *proc.Proc) error {
	arg := argbegin(p, "")
	arg.noflags()
	name := p.Getenv("0")
	if name == "" {
		fmt.Fprintln(p.Stderr(), "aux/usage: $0 not set")
		return status("$0")
	}
	line := "usage: " + path.Base(name)
	letters := ""
	end := func() {
		if letters != "" {
			line += " [-" + letters + "]"
		}
		letters = ""
	}
	for _, f := range parseFlagfmt(p.Getenv("flagfmt")) {
		if len(f.args) == 0 {
			letters += string(f.letter)
			continue
		}
		end()
		line += " [-" + string(f.letter) + " " + strings.Join(f.args, " ") + "]"
	}
	end()
	fmt.Fprintf(p.Stderr(), "%s\n", strings.TrimRight(line+" "+strings.ReplaceAll(p.Getenv("args"), "\x00", " "), " "))
	return status("usage")
}

// A scriptflag is a flag that a script takes.
type scriptflag struct {
	letter rune
	name   string   // of its variable
	args   []string // names of its arguments
}

// parseFlagfmt reads a $flagfmt.
func parseFlagfmt(format string) []scriptflag {
	var flags []scriptflag
	for _, spec := range strings.Split(strings.ReplaceAll(format, "\x00", " "), ",") {
		spec = strings.TrimSpace(spec)
		if spec == "" {
			continue
		}
		letter, n := utf8.DecodeRuneInString(spec)
		f := scriptflag{letter: letter, name: "flag" + string(letter)}
		rest := spec[n:]
		if name, ok := strings.CutPrefix(rest, ":"); ok {
			i := strings.IndexFunc(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
			if i < 0 {
				i = len(name)
			}
			if rest = name[i:]; i > 0 {
				f.name = name[:i]
			}
		}
		f.args = strings.Fields(rest)
		flags = append(flags, f)
	}
	return flags
}

// getflags returns the commands that set what args say, false if these are
// wrong.
func getflags(flags []scriptflag, args []string) (script string, ok bool) {
	var b strings.Builder
	for _, f := range flags {
		fmt.Fprintf(&b, "%s=()\n", f.name)
	}
	arg := argv{args: args}
	for c := range arg.flags() {
		var f *scriptflag
		for i := range flags {
			if flags[i].letter == c {
				f = &flags[i]
				break
			}
		}
		if f == nil {
			return b.String(), false
		}
		if len(f.args) == 0 {
			fmt.Fprintf(&b, "%s=1\n", f.name)
			continue
		}
		var vals []string
		for range f.args {
			val, ok := arg.argf()
			if !ok {
				return b.String(), false
			}
			vals = append(vals, rc.Quote(val))
		}
		fmt.Fprintf(&b, "%s=(%s)\n", f.name, strings.Join(vals, " "))
	}
	var rest []string
	for _, a := range arg.args {
		rest = append(rest, rc.Quote(a))
	}
	fmt.Fprintf(&b, "*=(%s)\nstatus=''\n", strings.Join(rest, " "))
	return b.String(), true
}
