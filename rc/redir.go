package rc

import (
	"io"
	"slices"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// A redir is a redirection in effect. Redirections are carried out only in
// the process that will be the program, so that the shell's own descriptors
// need never be put back; until then they are a list, which forked shells
// share.
//
// A user's numbers and the shell's are two things: in  cmd <[4]a <[5]b  the shell
// may have opened b as its descriptor 4. What a user writes, to and the from of a
// dup, are the user's; any other from is the shell's, and hidden from programs.
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
	redirOwn                    // from, which is also to, is only the shell's: close it
)

// carryOut carries out redirections in p, the outermost first. One of the shell's
// descriptors may have a number that they name, with which Plan 9's rc gives the
// program the wrong file: here it is out of the way before they begin.
func carryOut(p *proc.Proc, redirs *redir) {
	list := make([]redir, 0, 8)
	for r := redirs; r != nil; r = r.next {
		list = append(list, *r)
	}
	for i := range list {
		switch r := &list[i]; r.op {
		case redirOpen:
			r.from = redirs.away(p, r.from)
		case redirOwn:
			p.Close(r.from)
		}
	}
	for _, r := range slices.Backward(list) {
		switch {
		case r.op == redirOwn || r.from == r.to:
		case r.op == redirClose:
			p.Close(r.to)
		default:
			p.Dup(r.from, r.to)
			if r.op == redirOpen {
				p.Close(r.from)
			}
		}
	}
}

// away moves a descriptor of p that has a number which one of the redirections
// names to one that none names, and returns where it is.
func (r *redir) away(p *proc.Proc, fd int) int {
	if !r.names(fd) {
		return fd
	}
	n, _ := p.Dup(fd, -1) // -1 if there are too many
	n = r.away(p, n)      // fd is still open, so that this will be another
	p.Close(fd)
	return n
}

// names reports whether one of the redirections is of or from the user's descriptor
// fd, but for that which opened a file under just this number.
func (r *redir) names(fd int) bool {
	for ; r != nil; r = r.next {
		if r.to == fd && r.from != fd || r.op == redirDup && r.from == fd {
			return true
		}
	}
	return false
}

// mapFD returns what a program would find as descriptor fd, -1 for nothing.
func (sh *shell) mapFD(fd int) int {
	for r := sh.redirs; r != nil; r = r.next {
		switch {
		case r.to != fd:
		case r.op == redirOpen:
			return r.from
		case r.op == redirDup:
			fd = r.from
		default:
			return -1
		}
	}
	for r := sh.redirs; r != nil; r = r.next {
		if r.op != redirDup && r.from == fd {
			return -1 // the shell's
		}
	}
	return fd
}

// redirected calls f with one more redirection, whose file is closed afterwards.
func (sh *shell) redirected(r redir, f func() error) error {
	old, gen := sh.redirs, sh.fdgen
	r.next = old
	sh.redirs = &r
	err := f()
	// Not deferred: that would also be done on the way to what exec has
	// loaded, whose own descriptor of this number it would close.
	if sh.fdgen == gen { // else rfork F closed everything
		sh.redirs = old
		if r.op == redirOpen || r.op == redirOwn {
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
