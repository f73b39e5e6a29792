package cmd

import (
	"errors"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// A nsbuilder builds a name space by the operations in namespace(6) files.
// As in Plan 9 an operation that fails is passed over, because a file is made
// for many machines and not all of them have everything.
type nsbuilder struct {
	p     *proc.Proc
	debug func(format string, a ...any) // told about failures; may be nil
	depth int                           // of files that include files
	rpc   *authrpc                      // to show servers who the user is; nil: there is no factotum
	root  int                           // the file by which that was shown to the server of the root
	shown bool                          // there is such a file
	moved bool                          // to a working directory in the new name space
}

// newns builds a name space from scratch with the operations in file, for
// p's user, and sets $user and $home. Descriptors stay open, the working
// directory does not. The file is read in the old name space. See auth(2).
func newns(p *proc.Proc, file string, debug func(string, ...any)) error {
	b := nsbuilder{p: p, debug: debug}
	if err := b.open(); err == nil {
		defer b.close()
	}
	return b.newns(file)
}

// rootSrv is the server of the root.
const rootSrv = "/srv/boot"

// open opens what is needed to show servers who the user is. There may be none.
func (b *nsbuilder) open() (err error) {
	b.rpc, err = openRPC(b.p)
	return err
}

// close closes what open opened, and what was shown to the server of the root.
func (b *nsbuilder) close() {
	b.rpc.close()
	if b.shown {
		b.p.Close(b.root)
	}
}

// newns is the function newns.
func (b *nsbuilder) newns(file string) error {
	p := b.p
	text, err := p.ReadFile(file)
	if err != nil {
		return err
	}
	if err := p.Rfork(proc.RFENVG | proc.RFCNAMEG); err != nil {
		return err
	}
	// A clean name space has no /env yet.
	setenv(p, "user", p.User())
	setenv(p, "home", "/usr/"+p.User())
	b.run(string(text))
	if !b.moved {
		p.Chdir("/")
	}
	return nil
}

// addns applies the operations in file to the name space p has.
func addns(p *proc.Proc, file string, debug func(string, ...any)) error {
	text, err := p.ReadFile(file)
	if err != nil {
		return err
	}
	b := nsbuilder{p: p, debug: debug}
	if err := b.open(); err == nil {
		defer b.close()
	}
	b.run(string(text))
	return nil
}

// setenv sets an environment variable, also where nothing is bound to /env.
func setenv(p *proc.Proc, name, val string) error {
	return p.WriteFile("#e/"+name, []byte(val))
}

// getenv is its counterpart: "" for a variable that is not set.
func getenv(p *proc.Proc, name string) string {
	b, _ := p.ReadFile("#e/" + name)
	return strings.TrimRight(string(b), "\x00")
}

// run carries out the operations in text.
func (b *nsbuilder) run(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words := b.words(line)
		if err := b.op(words); err != nil && b.debug != nil {
			b.debug("%s: %v", strings.Join(words, " "), err)
		}
	}
}

// words cuts a line into words, with the environment variables in them
// replaced: $name ends at a /, a $ or the end of the word. What stands in
// quotes, as ns(1) prints it, stands for itself.
func (b *nsbuilder) words(line string) []string {
	var words []string
	var word strings.Builder
	for in := false; line != ""; {
		switch c := line[0]; {
		case c == ' ' || c == '\t':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
			line = line[1:]
			continue
		case c == '\'':
			var text string
			text, line = unquote(line)
			word.WriteString(text)
		case c == '$':
			end := strings.IndexAny(line[1:], "/$ \t'") + 1
			if end == 0 {
				end = len(line)
			}
			word.WriteString(getenv(b.p, line[1:end]))
			line = line[end:]
		default:
			word.WriteByte(c)
			line = line[1:]
		}
		in = true
	}
	return append(words, word.String())
}

// unquote returns the quoted text at the beginning of s, and what follows it.
// Two quotes in it are one.
func unquote(s string) (text, rest string) {
	var b strings.Builder
	for {
		part, after, _ := strings.Cut(s[1:], "'")
		b.WriteString(part)
		if !strings.HasPrefix(after, "'") {
			return b.String(), after
		}
		b.WriteByte('\'')
		s = after
	}
}

// errSyntax is for a line that namespace(6) does not know.
var errSyntax = errors.New("not a name space operation")

// op carries out one operation.
func (b *nsbuilder) op(words []string) error {
	name, args := words[0], words[1:]
	var f bindflags
	var letters string
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		letters += args[0][1:]
		args = args[1:]
	}
	if name == "chdev" {
		return b.chdev(letters, args)
	}
	for _, c := range letters {
		if !f.take(c, "abcCq") && (c != 'n' || name != "mount") {
			return errSyntax
		}
	}
	n := len(args)
	switch {
	case name == "bind" && n == 2:
		return b.p.Bind(args[0], args[1], f.flag)
	case name == "mount" && (n == 2 || n == 3):
		m := mounting{flag: f.flag, spec: append(args, "")[2]}
		if args[0] == rootSrv && m.spec == "" && b.shown {
			return b.mountAgain(args[1], f.flag)
		}
		if b.rpc != nil && !strings.Contains(letters, "n") {
			m.prove = b.prove
		}
		return m.mount(b.p, args[0], args[1])
	case name == "unmount" && n == 1:
		return b.p.Unmount("", args[0])
	case name == "unmount" && n == 2:
		return b.p.Unmount(args[0], args[1])
	case name == "cd" && n == 1:
		err := b.p.Chdir(args[0])
		b.moved = b.moved || err == nil && strings.HasPrefix(args[0], "/")
		return err
	case name == "clear" && n == 0:
		return b.p.Rfork(proc.RFCNAMEG)
	case name == "." && n == 1:
		return b.include(args[0])
	}
	return errSyntax
}

// mountAgain mounts the root, whose server has been shown who the user is.
func (b *nsbuilder) mountAgain(old string, flag int) error {
	fd, err := b.p.Open(rootSrv, ninep.ORDWR)
	if err != nil {
		return err
	}
	defer b.p.Close(fd)
	return b.p.Mount(fd, b.root, old, flag, "")
}

// prove shows a server who the user is. Nobody is asked for a key: who sits at the
// console may be somebody else.
func (b *nsbuilder) prove(p *proc.Proc, fd int) error { return b.rpc.prove(p.FD(fd), nil, "") }

// chdev is chdev(1) in a namespace file.
func (b *nsbuilder) chdev(letters string, args []string) error {
	op := "&"
	switch {
	case strings.Contains(letters, "n"):
		op = "~"
	case letters == "r":
		op = "&~"
	case letters != "":
		return errSyntax
	}
	return chdev(b.p, op, strings.Join(args, ""))
}

// maxInclude bounds the files that include each other.
const maxInclude = 8

// include carries out the operations in another file.
func (b *nsbuilder) include(file string) error {
	if b.depth == maxInclude {
		return fmt.Errorf("%s: included too deep", file)
	}
	text, err := b.p.ReadFile(file)
	if err != nil {
		return err
	}
	b.depth++
	b.run(string(text))
	b.depth--
	return nil
}

// auth/newns - run a command in a new name space
//
// Newns builds a new name space as the file namespace, by default
// /lib/namespace, describes it, and executes cmd there, by default an
// interactive rc(1). The form of the file is namespace(6)'s. Operations that
// fail are passed over.
//
//	-a  add to a copy of the name space there is, instead of building one
//	    from scratch
//	-d  print the operations that fail
//	-n  use another namespace file
//
// # EXAMPLES
//
// Does the table of mounts say all there is to say about a name space?
//
//	ns >/tmp/n; auth/newns -n /tmp/n ns | diff /tmp/n -
//
// # FILES
//
//	/lib/namespace
//
// # SEE ALSO
//
// bind(1), ns(1), namespace(6)
func newnsMain(p *proc.Proc) error {
	add, space := false, nsoptions{file: "/lib/namespace"}
	arg := argbegin(p, "[-ad] [-n namespace] [cmd [args ...]]")
	for c := range arg.flags() {
		if c == 'a' {
			add = true
		} else {
			space.option(p, arg, c)
		}
	}
	build := newns
	if add {
		build = func(p *proc.Proc, file string, debug func(string, ...any)) error {
			p.Rfork(proc.RFNAMEG)
			return addns(p, file, debug)
		}
	}
	if err := build(p, space.file, space.debug); err != nil {
		return fatal(p, "can't build name space: %v", err)
	}
	return execshell(p, arg.args)
}

// auth/none - run a command as user none
//
// None becomes the user none, who may do next to nothing, builds a new name
// space as the file namespace, by default /lib/namespace, describes it, and
// executes cmd there, by default an interactive rc(1).
//
//	-d  print the operations that fail
//	-n  use another namespace file
//
// # EXAMPLES
//
// What would a service see?
//
//	auth/none ls /srv
//
// # FILES
//
//	/lib/namespace
//
// # SEE ALSO
//
// namespace(6), listen(8), newns(8)
func noneMain(p *proc.Proc) error {
	space := nsoptions{file: "/lib/namespace"}
	arg := argbegin(p, "[-d] [-n namespace] [cmd [args ...]]")
	for c := range arg.flags() {
		space.option(p, arg, c)
	}
	if err := becomeUser(p, "none"); err != nil {
		return fatal(p, "can't become none: %v", err)
	}
	if err := newns(p, space.file, space.debug); err != nil {
		return fatal(p, "can't build namespace: %v", err)
	}
	return execshell(p, arg.args)
}

// nsoptions are the options of programs that make a name space.
type nsoptions struct {
	file  string               // that describes it
	debug func(string, ...any) // is told of lines that fail; nil: nobody is
}

// option takes the options -d and -n.
func (o *nsoptions) option(p *proc.Proc, arg *argv, c rune) {
	switch c {
	case 'd':
		o.debug = func(format string, a ...any) { warn(p, format, a...) }
	case 'n':
		o.file = arg.eargf()
	default:
		arg.usage()
	}
}

// execshell executes a command, an interactive shell if there is none. It
// returns only with an error.
func execshell(p *proc.Proc, args []string) error {
	if len(args) == 0 {
		args = []string{"/bin/rc", "-i"}
	}
	return fatal(p, "exec: %s: %v", args[0], execpath(p, args))
}

// execpath executes args[0], looking in /bin if its name says nothing else.
// It returns only with an error.
func execpath(p *proc.Proc, args []string) error {
	name := args[0]
	err := p.Exec(name, args)
	for _, prefix := range []string{"/", "#", "./", "../"} {
		if strings.HasPrefix(name, prefix) {
			return err
		}
	}
	return p.Exec("/bin/"+name, args)
}
