package cmd

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"ufo/proc"
)

// An argv is a command's arguments while its flags are taken from them, by
// the rules of Plan 9's ARGBEGIN: flags are letters, may be combined, and end before "-",
// before a word that does not begin with "-", and after "--".
//
//	arg := argbegin(p, "[-n] [-o file] [file ...]")
//	for c := range arg.flags() {
//		switch c {
//		case 'n':
//			nflag = true
//		case 'o':
//			out = arg.eargf()
//		default:
//			arg.usage()
//		}
//	}
//	// arg.args is the rest
type argv struct {
	p        *proc.Proc
	synopsis string
	args     []string // what has not been taken
	word     string   // the rest of the word whose flags are being taken
}

// argbegin starts on p's arguments. The synopsis says what the command takes,
// without its name; a command with several forms has a line for each. It must
// be a string constant in the call: the manual page is made from it.
func argbegin(p *proc.Proc, synopsis string) *argv {
	arg := &argv{p: p, synopsis: synopsis}
	if len(p.Args) > 0 {
		arg.args = p.Args[1:]
	}
	return arg
}

// flags yields the flags in order.
func (arg *argv) flags() iter.Seq[rune] {
	return func(yield func(rune) bool) {
		for len(arg.args) > 0 && len(arg.args[0]) > 1 && arg.args[0][0] == '-' {
			arg.word, arg.args = arg.args[0][1:], arg.args[1:]
			if arg.word == "-" {
				arg.word = ""
				return
			}
			for arg.word != "" {
				c, n := utf8.DecodeRuneInString(arg.word)
				arg.word = arg.word[n:]
				if !yield(c) {
					return
				}
			}
		}
	}
}

// noflags is for a command that has none: any flag is a usage error.
func (arg *argv) noflags() {
	for range arg.flags() {
		arg.usage()
	}
}

// argf returns the argument of the flag just yielded: the rest of its word
// or, if that is empty, the next word. ok is false if there is none.
func (arg *argv) argf() (s string, ok bool) {
	if arg.word != "" {
		s, arg.word = arg.word, ""
		return s, true
	}
	if len(arg.args) == 0 {
		return "", false
	}
	s, arg.args = arg.args[0], arg.args[1:]
	return s, true
}

// eargf is argf for a flag that must have an argument.
func (arg *argv) eargf() string {
	s, ok := arg.argf()
	if !ok {
		arg.usage()
	}
	return s
}

// usage prints how the command is used and exits. It does not return:
// deferred functions run.
func (arg *argv) usage() {
	name := argv0(arg.p)
	form := strings.ReplaceAll(arg.synopsis, "\n", "\n       "+name+" ")
	fmt.Fprintf(arg.p.Stderr(), "usage: %s\n", strings.TrimSpace(name+" "+form))
	arg.p.Exits("usage")
}

// argv0 returns the name a command goes by in its messages: what follows
// /bin/, so that /bin/ndb/query is ndb/query.
func argv0(p *proc.Proc) string {
	if len(p.Args) == 0 {
		return "?"
	}
	if _, name, ok := strings.Cut(p.Args[0], "/bin/"); ok {
		return name
	}
	return p.Args[0]
}

// warn prints "cat: " and the message on descriptor 2. One write, so that the
// lines of commands that share a console do not mix.
func warn(p *proc.Proc, format string, a ...any) {
	fmt.Fprintf(p.Stderr(), "%s: %s\n", argv0(p), fmt.Sprintf(format, a...))
}

// fatal is Plan 9's sysfatal: it prints like warn, and returns the message as the
// error, for the command to return as its exit status.
func fatal(p *proc.Proc, format string, a ...any) error {
	msg := fmt.Sprintf(format, a...)
	warn(p, "%s", msg)
	return errors.New(msg)
}

// status returns the exit status s as an error: nil for "".
func status(s string) error {
	if s == "" {
		return nil
	}
	return errors.New(s)
}
