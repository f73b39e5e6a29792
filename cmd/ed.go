package cmd

import (
	"bufio"

	"ufo/ninep"
	"ufo/proc"
)

// ed - text editor
//
// Ed is the standard text editor.
//
// If a file is named it is read into the buffer, as by an e command. With the
// argument - the counts of e, r and w are not printed, nor the ! that confirms a
// ! command. The option -o is for the end of a pipe: everything but what w
// writes goes to the standard error, and /fd/1 is the file remembered.
//
// Ed works on a copy of the file, the buffer; nothing happens to the file
// before a w command. A command is up to two addresses of lines, a letter, and
// what that letter wants. There is one command on a line. Commands that add
// text go on, in input mode, until a line that is a single period.
//
// One line is current, called dot: in general the last one a command has
// touched. Addresses are made like this, with regular expressions as in
// regexp(6):
//
//	.          the current line
//	$          the last line
//	n          the n-th line
//	'x         the line marked x by a k command, a lower case letter
//	/re/       the next line that matches; the search goes round the end
//	?re?       the previous line that matches; it goes round the beginning
//	a+n a-n    n lines after or before address a; + may be left out, as
//	           may n, which is 1 then. Without a they count from dot
//	a+/re/     the next match after a: 0/re/ is the first one. a-/re/ is
//	           the previous one
//
// A ^ is a -. An empty expression is the last one used. The delimiter, or
// another special character, stands for itself after a backslash.
//
// Addresses are separated by a comma, or by a semicolon, which makes the one
// before it dot. A missing first address is 1, a missing second $. In the list
// of commands, what they take when no address is given is in parentheses.
//
//	(.)a       Append the text that follows after the line, which may be
//	           0. Dot is the last line of the text.
//	(.,.)b     Browse: print a page. b- prints the page before; a number
//	           sets the lines of a page, 20 at first; p, n or l set how
//	           they are printed.
//	(.,.)c     Change: delete the lines and take text in their place.
//	(.,.)d     Delete the lines. Dot is the line after them.
//	e file     Edit: empty the buffer, read the file, print how many
//	           characters it has, and remember its name.
//	E file     Edit, though the buffer is changed.
//	f file     Remember the name, if one is given, and print it.
//	(1,$)g/re/commands
//	           Global. Mark each line that matches, then do the commands
//	           with each of them as dot. Several commands take a line
//	           each, of which all but the last end in a backslash. The
//	           period after text may be left out at the end. Without
//	           commands the lines are printed.
//	(.)i       Insert text before the line.
//	(.,.+1)j   Join the lines to one.
//	(.)kx      Mark the line with the letter x.
//	(.,.)l     List: a tab is \t, a backspace \b, a backslash \\, and what
//	           is not printable ASCII \x and its number in hexadecimal.
//	           Long lines are folded; a blank at the end is followed by
//	           \n.
//	(.,.)ma    Move the lines to after the address a.
//	(.,.)n     Print with line numbers.
//	(.,.)p     Print. P is the same.
//	q          Quit. If the buffer has changed since the last w, q or e
//	           this is an error, once. So it is with e.
//	Q          Quit, whatever happened.
//	($)r file  Read the file after the line.
//	(.,.)sn/re/replacement/
//	(.,.)sn/re/replacement/g
//	           Substitute the n-th match in each line, the first without
//	           n; with g the following ones too. In the replacement & is
//	           what matched, and \1 to \8 what matched the parenthesized
//	           parts; a backslash takes the meaning of what follows it,
//	           and a newline after one splits the line. Without the last
//	           delimiter the line is printed.
//	(.,.)ta    Copy the lines to after the address a.
//	(.)u       Undo the last substitution made in this line.
//	(1,$)v/re/commands
//	           Global, for the lines that do not match.
//	(1,$)w file
//	           Write the lines to the file; wq quits after it. The name
//	           is remembered if there was none.
//	(1,$)W file
//	           Append them to the file.
//	($)=       Print the number of the line.
//	!command   Let rc(1) do the rest of the line.
//	(.+1)newline
//	           Print the line.
//
// A p, l or n after a command that does no input or output prints dot.
//
// After a command that failed, and printed a ?, the rest of its line is left out,
// and so are all that follow if they are in a file.
//
// An interrupt prints a ? and goes back to the commands; text already typed
// stays.
//
// # FILES
//
// ed.hup, where the buffer is saved at a hangup
//
// # SEE ALSO
//
// sed(1), regexp(6)
//
// # DIAGNOSTICS
//
// ?name for a file that cannot be used, ? for any other error.
//
// # BUGS
//
// The buffer is in memory. Nothing is dropped when a file is read: NULs and
// bytes that are no UTF stay as they are. A last line without a newline gets
// one, and that is told.
func edMain(p *proc.Proc) error {
	arg := argbegin(p, "[-] [-o] [file]")
	e := &ed{p: p, in: input(p, 0), verbose: true, page: 20}
	oflag := false
	for c := range arg.flags() {
		if c != 'o' {
			arg.usage()
		}
		oflag, e.verbose = true, false
	}
	if len(arg.args) > 0 && arg.args[0] == "-" {
		e.verbose, arg.args = false, arg.args[1:]
	}
	e.out = stdout(p)
	switch {
	case oflag:
		e.out = bufio.NewWriterSize(p.Stderr(), 8192)
		e.saved, e.list = "/fd/1", []unit{'a'}
	case len(arg.args) > 0:
		e.saved, e.list = arg.args[0], []unit{'r'}
	}
	p.Notify(e.note)
	e.clear()
	e.run()
	return nil
}

// An ed is the state of the editor. Lines are counted from 1; lines[0] stands
// for the place before the first.
type ed struct {
	p       *proc.Proc
	verbose bool
	in      *bufio.Reader
	out     *bufio.Writer

	lines   []*edline
	dot     int
	marks   [26]*edline
	changed bool
	saved   string   // the name remembered
	pending edappend // lines not yet among the others
	removed int      // how many lines were, ever

	addr1, addr2 int
	given        bool // an address was

	peek, last  unit   // read again next; read last. 0: none
	list        []unit // what a g command, or the arguments, want done
	inlist      bool   // it is being read
	print       bool   // dot, after the command
	listf, numf bool   // how
	col         int    // of the l command
	end         byte   // the last byte it printed
	page        int
	pagel       bool // b lists
	pagen       bool // b numbers

	pattern *edpattern
	rhs     []unit
	newline *edline // made by the last substitution, for u
	oldline *edline // what it was made of

	interrupted bool // a note said so
	waiting     bool // for a command of !
	rescuing    bool
}

// An edline is a line without its newline. Its address is its identity.
type edline struct {
	text   string
	global bool // a g command will do it
}

// edError is a panic that ends a command: "?" and the text are printed.
// [ed.try] recovers it.
type edError string

func (e *ed) fail() { panic(edError("")) }

// run does commands until one of them, or the end of the input, exits.
func (e *ed) run() {
	for {
		err, ok := e.try(e.commands)
		if ok {
			err, ok = e.try(e.quit)
		}
		for !ok { // a note may come while we tell of an error
			why := err
			err, ok = e.try(func() { e.tell(why) })
		}
	}
}

// try calls f; ok is false if it failed with err.
func (e *ed) try(f func()) (err edError, ok bool) {
	defer func() {
		e.commit()
		if r := recover(); r != nil {
			isError := false
			if err, isError = r.(edError); !isError {
				panic(r)
			}
		}
	}()
	f()
	return "", true
}

// tell tells of an error, when it has skipped the rest of the line, or all of
// a file of commands: what follows counts on what failed.
func (e *ed) tell(err edError) {
	if d, err := e.p.Fstat(0); err == nil && d.Length > 0 {
		e.p.Seek(0, 0, 2)
		e.in = input(e.p, 0)
	}
	e.listf, e.numf, e.print = false, false, false
	if e.inlist || len(e.list) > 0 {
		e.last = '\n'
	}
	e.list, e.inlist = nil, false
	e.peek = e.last
	for e.last != 0 {
		if c := e.get(); c == '\n' || c == edEOF {
			break
		}
	}
	e.putstring("?" + string(err))
}

// note is called when one comes. An interrupt is only remembered: it may be in
// the middle of anything; [ed.check] acts on it.
func (e *ed) note(p *proc.Proc, note string) bool {
	switch note {
	case "interrupt":
		e.interrupted = e.interrupted || !e.rescuing && !e.waiting
		return true
	case "hangup":
		if !e.rescuing {
			e.rescue()
		}
	}
	return false
}

// check ends the command if there was an interrupt.
func (e *ed) check() {
	if !e.interrupted {
		return
	}
	e.interrupted = false
	e.out.WriteByte('\n')
	e.list, e.inlist = nil, false
	e.peek, e.last = 0, '\n'
	e.fail()
}

// rescue saves the buffer and exits.
func (e *ed) rescue() {
	e.rescuing = true
	e.commit()
	if e.dol() > 0 {
		if fd, err := e.p.Create("ed.hup", ninep.OWRITE, 0o666); err == nil {
			w := bufio.NewWriter(e.p.FD(fd))
			for _, l := range e.lines[1:] {
				w.WriteString(l.text)
				w.WriteByte('\n')
			}
			w.Flush()
		}
	}
	e.p.Exits("")
}

// quit ends the editor, unless something would be lost.
func (e *ed) quit() {
	if e.verbose && e.changed && e.dol() > 0 {
		e.changed = false
		e.fail()
	}
	flush(e.p, e.out)
	e.p.Exits("")
}
