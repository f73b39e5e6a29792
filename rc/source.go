package rc

import (
	"errors"
	"strings"

	"ufo/ninep"
)

// A source is where commands are read from, line by line or as a whole.
type source struct {
	lex         *lexer
	whole       bool // parse all before any of it runs
	quiet       bool // flags e and v do not count
	interactive bool // print prompts, and go on after errors
}

// source runs all commands of s, which come from file.
func (sh *shell) source(file string, s source, m how) error {
	return sh.nested(file, func() error { return sh.commands(s, m) })
}

// commands runs all commands of a source.
func (sh *shell) commands(s source, m how) error {
	p := &parser{lex: s.lex}
	if s.whole {
		s.lex.keep = sh.echoes(s)
		c, err := p.text()
		sh.echo(s.lex)
		if err != nil {
			sh.syntaxError(err)
			return nil
		}
		return sh.runLine(s, c, m)
	}
	for {
		c, ok, err := sh.readLine(s, p)
		if sh.interrupted && s.interactive {
			sh.print("\n")
			s.lex.reset()
			if err := sh.trap(); err != nil && err != stopAbort {
				return err
			}
			continue
		}
		if err != nil {
			if !sh.interrupted {
				sh.syntaxError(err)
			}
			if s.interactive && !s.lex.atEOF {
				continue
			}
			return nil
		}
		if !ok {
			return nil
		}
		err = sh.runLine(s, c, 0)
		if err == stopAbort && s.interactive {
			err = nil
		}
		if err != nil {
			return err
		}
	}
}

// readLine parses the next line.
func (sh *shell) readLine(s source, p *parser) (command, bool, error) {
	if sh.flags['s'] && !sh.ok() {
		sh.print("status=" + quoteList(sh.status) + "\n")
	}
	if s.interactive {
		prompt := sh.first("prompt", "% ")
		s.lex.more = func() {
			sh.print(prompt)
			prompt = "\t"
			if val := sh.get("prompt"); len(val) > 1 {
				prompt = val[1]
			}
		}
	}
	sh.interrupted = false
	s.lex.keep = sh.echoes(s)
	c, ok, err := p.line()
	sh.echo(s.lex)
	return c, ok, err
}

// echoes reports whether what is read shall be printed.
func (sh *shell) echoes(s source) bool {
	return sh.flags['v'] && !s.quiet || sh.flags['V']
}

// echo prints what was read, if that was kept.
func (sh *shell) echo(l *lexer) {
	if len(l.echo) > 0 {
		sh.print(string(l.echo))
		l.echo = nil
	}
}

// syntaxError reports that a source does not parse.
func (sh *shell) syntaxError(err error) {
	sh.print(err.Error() + "\n")
	var syntax *Error
	if errors.As(err, &syntax) {
		sh.setStatus(syntax.Msg)
	}
}

// runLine runs what was parsed.
func (sh *shell) runLine(s source, c command, m how) error {
	if sh.flags['e'] && !s.quiet {
		m |= checkE
	}
	return sh.closingPipes(func() error {
		if err := sh.run(c, m); err != nil {
			return err
		}
		return sh.poll()
	})
}

// dot runs the commands in a file, with $* and $0 for it. The local variables
// around it are not seen by it.
func (sh *shell) dot(args []string, m how) error {
	s := source{whole: sh.flags['b']}
	args = args[1:]
	for len(args) > 0 && args[0] != "" && args[0][0] == '-' {
		letters := args[0][1:]
		args = args[1:]
		if strings.HasPrefix(letters, "-") {
			break
		}
		for _, r := range letters {
			switch r {
			case 'b':
				s.whole = true
			case 'i':
				s.interactive = true
			case 'q':
				s.quiet = true
			default:
				args = nil
			}
		}
	}
	if len(args) == 0 {
		return sh.fail("Usage: . [-biq] file [arg ...]")
	}
	fd, file, err := sh.openSource(args[0])
	if err != nil {
		if s.quiet {
			return nil
		}
		return sh.fail2(". can't open: "+args[0], err)
	}
	if s.interactive {
		s.whole = false
	}
	outer := sh.local
	sh.local = nil
	defer func() {
		sh.pop(nil)
		sh.local = outer
	}()
	sh.push("*", args[1:])
	sh.push("0", args[:1])
	s.lex = newLexer(file, sh.reader(fd))
	return sh.redirected(redir{op: redirOwn, from: fd, to: fd}, func() error { return sh.source(file, s, m) })
}

// openSource opens a file of commands, which programs do not inherit.
func (sh *shell) openSource(name string) (fd int, file string, err error) {
	for _, dir := range sh.searchPath(name, "path") {
		file = makePath(dir, name)
		if fd, err = sh.p.Open(file, ninep.OREAD|ninep.OCEXEC); err == nil {
			return fd, file, nil
		}
	}
	return -1, "", err
}

// readSize is how much is read at a time: many shells wait at a prompt for most
// of their lives, and each has its buffers.
const readSize = 2048

// reader returns a function that reads from a descriptor, for a lexer.
func (sh *shell) reader(fd int) func() []byte {
	buf := make([]byte, readSize)
	return func() []byte {
		n, err := sh.p.Read(fd, buf)
		if err != nil {
			return nil
		}
		return buf[:n]
	}
}
