package rc

import (
	"io"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// A redir is a redirection in effect. Redirections are carried out only in
// the process that will be the program, so that the shell's own descriptors
// need never be put back; until then they are a list, which forked shells
// share.
type redir struct {
	op       redirKind
	from, to int
	next     *redir // the one around this
}

// A redirKind says what is to be done.
type redirKind byte

const (
	redirOpen  redirKind = iota // make to a copy of from, and close from
	redirDup                    // make to a copy of from
	redirClose                  // close to
)

// carryOut carries out redirections in p, the outermost first.
func carryOut(p *proc.Proc, r *redir) {
	if r == nil {
		return
	}
	carryOut(p, r.next)
	switch {
	case r.op == redirClose:
		p.Close(r.to)
	case r.from != r.to:
		p.Dup(r.from, r.to)
		if r.op == redirOpen {
			p.Close(r.from)
		}
	}
}

// mapFD returns what a program would find as descriptor fd, -1 for nothing.
func (sh *shell) mapFD(fd int) int {
	for r := sh.redirs; r != nil; r = r.next {
		if r.to == fd {
			if r.op == redirClose {
				return -1
			}
			fd = r.from
		}
	}
	return fd
}

// redirected runs body with one more redirection, whose file is closed
// afterwards.
func (sh *shell) redirected(r redir, body command, m how) error {
	old, gen := sh.redirs, sh.fdgen
	r.next = old
	sh.redirs = &r
	err := sh.run(body, m)
	if sh.fdgen == gen { // else rfork F closed everything
		sh.redirs = old
		if r.op == redirOpen {
			sh.p.Close(r.from)
		}
	}
	return err
}

// openFile opens the file of a redirection.
func (sh *shell) openFile(c *redirect) (fd int, err error) {
	if c.op == opHere {
		return sh.hereFile(c.here)
	}
	files, err := sh.word(nil, c.file, aimNames)
	if err != nil {
		return -1, err
	}
	op := c.op.String()
	switch len(files) {
	case 0:
		return -1, sh.fail(op + " requires file")
	case 1:
	default:
		return -1, sh.fail(op + " requires singleton")
	}
	file, can := files[0], "open"
	switch c.op {
	case opRead:
		fd, err = sh.p.Open(file, ninep.OREAD)
	case opReadWrite:
		fd, err = sh.p.Open(file, ninep.ORDWR)
	case opWrite:
		can = "create"
		fd, err = sh.p.Create(file, ninep.OWRITE, 0666)
	case opAppend:
		if fd, err = sh.p.Open(file, ninep.OWRITE); err != nil {
			fd, err = sh.p.Create(file, ninep.OWRITE, 0666)
		}
		if err == nil {
			sh.p.Seek(fd, 0, io.SeekEnd)
		}
	}
	if err != nil {
		return -1, sh.fail2(op+" can't "+can+": "+file, err)
	}
	return fd, nil
}

// hereFile returns a descriptor from which a here document can be read: a
// pipe, with a process that writes it, so that no file system is needed.
func (sh *shell) hereFile(h *heredoc) (fd int, err error) {
	text := h.text
	if !h.quoted {
		text = sh.substitute(text)
	}
	rd, wr, err := sh.p.Pipe()
	if err != nil {
		return -1, sh.fail2("can't get pipe", err)
	}
	_, err = sh.p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOWAIT, func(p *proc.Proc) error {
		p.Notify(nil)
		p.Close(rd)
		p.FD(wr).Write([]byte(text))
		return nil
	})
	sh.p.Close(wr)
	if err != nil {
		sh.p.Close(rd)
		return -1, sh.fail2("try again", err)
	}
	return rd, nil
}

// substitute replaces the variables in the text of a here document.
func (sh *shell) substitute(text string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, "$")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		if strings.HasPrefix(after, "$") {
			b.WriteByte('$')
			text = after[1:]
			continue
		}
		n := 0
		for n < len(after) && idChar(int(after[n])) {
			n++
		}
		b.WriteString(strings.Join(sh.value(after[:n]), " "))
		text = strings.TrimPrefix(after[n:], "^")
	}
}
