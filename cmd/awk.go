package cmd

import (
	"strings"

	"ufo/cmd/awk"
	"ufo/proc"
)

// awk - pattern scanning and processing language
//
// Awk reads the named files, or the standard input, record by record, and does
// for each what the program says. A file called - is the standard input; one
// of the form var=value is none, but an assignment that is made when it would
// have been opened. The program is the first argument or, with -f, what the
// files progfile have, one after the other.
//
//	-F fs          begin with FS=fs; t stands for a tab
//	-f progfile    take the program from progfile; there may be several
//	-v var=value   assign before the program begins
//	-safe          run no commands, open no files but the arguments, and
//	               leave ENVIRON empty
//	-mf n, -mr n   ignored: there may be as many fields, as long a record
//	-d             print the version
//	--             end the options
//
// A program is a sequence of
//
//	pattern { action }
//	function name(parameters) { action }
//
// separated by newlines or semicolons. Without a pattern the action is for each
// record; without an action the record is printed. A pattern is an expression, in
// which /re/ alone is a match of the whole record; or two of them with a comma
// between, for all records from one that matches the first to one that matches
// the second. The actions of BEGIN and END run before the first record and after
// the last, when $0 is empty.
//
// An action is a sequence of statements, ended by newlines, semicolons or right
// braces:
//
//	if (e) statement [else statement]
//	while (e) statement
//	do statement while (e)
//	for (e; e; e) statement
//	for (var in array) statement
//	{ statement ... }
//	break, continue
//	next               go on with the next record
//	nextfile           go on with the next file
//	exit [e]           run END, or leave it; a string is the exit status,
//	                   a number that is not 0 gives "error"
//	return [e]
//	delete array[e]
//	delete array
//	print [list] [> file | >> file | "|" command]
//	printf format [, list] [> file | >> file | "|" command]
//	e
//
// An empty list is $0. A newline may follow { && || , do else and the parenthesis
// of if, for and while; elsewhere a \ before it joins the lines. A # begins a
// comment.
//
// A record ends with the character RS or, if that is empty, with empty lines. Its
// fields $1, $2, ... $NF are what blanks, tabs and newlines separate, if FS is a
// blank; each character, if it is empty; what the character FS or a newline
// separates; or what the regular expression FS does. An FS that is assigned is for
// the next record. $0 is the record. To assign to a field makes $0 anew, with OFS
// between, and those that were not there empty; to assign to $0 makes the fields
// anew. An NF that is assigned counts when $0 is made next.
//
// From what binds tightest:
//
//	$                   field
//	++ --               before or after a variable, element or field
//	^ **                power, to the right
//	! + -               of one operand
//	* / %
//	+ -
//	(nothing)           concatenation
//	< <= == != >= > ~ !~ in
//	&&
//	||
//	?:
//	= += -= *= /= %= ^= to the right
//
// In the list of print, a comparison with < <= == != >= or > needs parentheses.
//
// A value is a number or a string. Fields, arguments, elements that split makes and
// the environment are both when they look like a number; and so is a string
// that was used as one. Two numbers are compared as such, all else as strings. What
// was never assigned is 0 and "". A number that is no integer becomes a string by
// CONVFMT, in print by OFMT. A string as a condition is true if it is not empty.
//
// Strings stand between ", with the escapes \" \\ \a \b \f \n \r \t \v, \ooo and
// \xhh for bytes. Regular expressions are those of regexp(6), with the same
// escapes, but characters; where one is wanted a string is as good.
//
// An array has strings as subscripts; several are joined by SUBSEP. (i,j) in a tells
// whether an element is there.
//
// Parameters of functions are passed by value, arrays by reference; those that
// the call has no argument for are variables of the function. All other variables
// are global. Between the name and the parenthesis of a call there is no blank.
//
//	getline             make $0 the next record: 1, or 0 at the end, or -1
//	                    for an error; sets NF, NR and FNR
//	getline var         make var the next record; sets NR and FNR
//	getline [var] <file from a file; NR and FNR stay
//	cmd | getline [var] from what a command prints; so do they
//	close(name)         close the file or command of that name: the status
//	                    of a command as of system; -1 if there is none
//	fflush(name)        write what print has left for it; without a name,
//	                    for all
//	system(cmd)         run a command of rc: 0, or 1 if it failed
//	length(x)           characters of a string, elements of an array
//	substr(s, m, n)     n characters of s from the mth, or all
//	index(s, t)         where in s t begins, or 0
//	match(s, re)        where in s re matches, or 0; sets RSTART, RLENGTH
//	split(s, a, fs)     make a[1], a[2], ... what fs separates in s, as FS
//	                    does if it is not given: how many
//	sub(re, t, var)     put t in the place of the first match in var or
//	                    $0; & in it is the match, \& an ampersand
//	gsub(re, t, var)    the same for all matches: how many
//	sprintf(format, list)
//	tolower(s)
//	toupper(s)
//	utf(n)              the character of number n
//	atan2(y, x)  cos(x)  exp(x)  int(x)  log(x)  sin(x)  sqrt(x)
//	rand()              between 0 and 1
//	srand(n)            begin rand anew from n or the time: the n before
//
// A function of one argument without parentheses is that of $0.
//
// The conversions of printf are d i o x X u c s e E f g G and %%, with the flags - +
// # 0 and blank, a width and a precision, which may be *. Both count characters.
// %c is the byte of a number or the first character of a string.
//
// Output is written before awk reads, runs a command or ends. The names /dev/stdin,
// /dev/stdout and /dev/stderr are awk's own descriptors. A name means the same
// open file wherever it stands, until that is closed.
//
//	ARGC, ARGV      the arguments, which the program may change
//	CONVFMT, OFMT   "%.6g"
//	ENVIRON         the environment
//	FILENAME        the current file
//	FNR, NR         the number of the record in it, and of all
//	FS, OFS         what separates fields: " "
//	NF              how many fields there are
//	RS, ORS         what ends records: "\n"
//	RSTART, RLENGTH where match has found something
//	SUBSEP          "\034"
//
// # EXAMPLES
//
// Print lines longer than 72 characters.
//
//	awk 'length > 72'
//
// Print two fields in the other order.
//
//	awk '{ print $2, $1 }'
//
// Count the words of a text.
//
//	awk '{ for (i = 1; i <= NF; i++) n[$i]++ }
//	END { for (w in n) print n[w], w | "sort -nr" }'
//
// The status of each process that is called rc.
//
//	ps | awk '$NF == "rc" { print $2, $6 }'
//
// # SEE ALSO
//
// grep(1), rc(1), sed(1), regexp(6)
//
// A. V. Aho, B. W. Kernighan, P. J. Weinberger, The AWK Programming Language,
// Addison-Wesley, 1988
//
// # DIAGNOSTICS
//
// The exit status is "syntax error" for a program that cannot be read, and FATAL
// for one that cannot go on.
//
// # BUGS
//
// A record may have 16 megabytes, a string that the program makes 64; $4194304 is the
// last field that can be assigned.
//
// To make sure that x is taken for a number add 0 to it; for a string, concatenate
// "".
//
// Of RS only the first character counts.
//
// An unknown conversion of printf is printed, with its argument.
func awkMain(p *proc.Proc) error {
	arg := argbegin(p, "[-F fs] [-d] [-mf n] [-mr n] [-safe] [-v var=value] [-f progfile | prog] [file ...]")
	if len(arg.args) == 0 {
		arg.usage()
	}
	o := awkoptions{p: p}
	if err := o.read(arg); err != nil {
		return err
	}
	if o.sources == nil {
		if len(arg.args) == 0 {
			warn(p, "no program given")
			return status("FATAL")
		}
		o.sources = []awk.Source{{Text: arg.args[0]}}
		arg.args = arg.args[1:]
	}
	prog, err := awk.Parse(o.sources, regcompAwk, o.safe)
	if err != nil {
		warn(p, "%v", err)
		return status("syntax error")
	}
	return prog.Run(p, append([]string{argv0(p)}, arg.args...), o.assignments)
}

// awkoptions are the options of awk. They are words, not letters.
type awkoptions struct {
	p           *proc.Proc
	sources     []awk.Source
	assignments []string
	safe        bool
}

const awkversion = "awk version 19990602\n"

// read takes the options. The error is the exit status.
func (o *awkoptions) read(arg *argv) error {
	for len(arg.args) > 0 && len(arg.args[0]) > 1 && arg.args[0][0] == '-' {
		word := arg.args[0]
		arg.args, arg.word = arg.args[1:], word[2:]
		switch {
		case word == "--":
			return nil
		case word == "-?":
			arg.usage()
		case word == "-safe":
			o.safe = true
		case word[1] == 'f':
			if err := o.progfile(arg); err != nil {
				return err
			}
		case word[1] == 'F':
			fs, _ := arg.argf()
			if fs == "t" {
				fs = "\t"
			}
			if fs == "" {
				warn(o.p, "field separator FS is empty")
			}
			o.assignments = append(o.assignments, "FS="+fs)
		case word[1] == 'v':
			if v := arg.eargf(); awk.IsAssignment(v) {
				o.assignments = append(o.assignments, v)
			} else {
				arg.usage()
			}
		case strings.HasPrefix(word, "-mf") || strings.HasPrefix(word, "-mr"):
			arg.word = word[3:]
			arg.eargf()
		case word[1] == 'd' || word[1] == 'V':
			if err := puts(o.p, awkversion); err != nil {
				return err
			}
			if word[1] == 'V' {
				o.p.Exits("")
			}
		default:
			warn(o.p, "unknown option %s ignored", word)
		}
	}
	return nil
}

// progfile takes the argument of -f.
func (o *awkoptions) progfile(arg *argv) error {
	name, ok := arg.argf()
	if !ok {
		warn(o.p, "no program filename")
		return status("FATAL")
	}
	var b []byte
	var err error
	if name == "-" {
		b, err = readall(input(o.p, 0))
	} else {
		b, err = o.p.ReadFile(name)
	}
	if err != nil {
		warn(o.p, "can't open file %s", name)
		return status("FATAL")
	}
	o.sources = append(o.sources, awk.Source{Name: name, Text: string(b)})
	return nil
}
