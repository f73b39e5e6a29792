package rc

import (
	"slices"

	"ufo/ninep"
	"ufo/proc"
)

// run runs a command. It returns nil when the next one may run: whether this
// one succeeded is in $status.
func (sh *shell) run(c command, m how) error {
	if sh.pending > 0 {
		if err := sh.trap(); err != nil {
			return err
		}
	}
	if c == nil {
		return nil
	}
	if sh.flags['r'] {
		sh.trace(c)
	}
	sh.how = m
	switch c := c.(type) {
	case *sequence:
		return sh.sequence(c, m)
	case *brace:
		return sh.run(c.body, m)
	case *simple:
		sh.line = c.pos()
		return sh.checked(sh.simple(c, m), m)
	case *match:
		sh.line = c.pos()
		return sh.checked(sh.match(c), m)
	case *subshell:
		return sh.checked(sh.subshell(c, m), m)
	case *andOr:
		if err := sh.run(c.left, 0); err != nil || sh.ok() == c.or {
			return err
		}
		return sh.run(c.right, m)
	case *bang:
		if err := sh.run(c.body, m&^tail); err != nil {
			return err
		}
		if sh.ok() {
			sh.setStatus("false")
		} else {
			sh.setStatus("")
		}
		return nil
	case *ifCmd:
		return sh.ifCmd(c, m)
	case *ifNot:
		if sh.ifNot {
			return sh.run(c.body, m)
		}
		return nil
	case *pipe:
		return sh.pipe(c, m)
	case *async:
		return sh.async(c, m)
	case *forCmd:
		return sh.forCmd(c, m)
	case *while:
		return sh.while(c, m)
	case *switchCmd:
		return sh.switchCmd(c, m)
	case *fn:
		return sh.define(c, m)
	case *assign:
		return sh.assign(c, m)
	case *redirect:
		sh.line = c.line
		fd, err := sh.openFile(c)
		if err != nil {
			return err
		}
		return sh.redirected(redir{op: redirOpen, from: fd, to: c.fd}, func() error { return sh.run(c.body, m) })
	case *dup:
		op := redirDup
		if c.from < 0 {
			op = redirClose
		}
		return sh.redirected(redir{op: op, from: c.from, to: c.fd}, func() error { return sh.run(c.body, m) })
	}
	panic("rc: unknown command")
}

// checked ends the shell after a command that failed, if flag e is in force.
func (sh *shell) checked(err error, m how) error {
	if err == nil && m&checkE != 0 && !sh.ok() {
		return sh.quit()
	}
	return err
}

// poll lets notes in once in a while, where commands could go on for ever
// without a system call.
func (sh *shell) poll() error {
	if sh.steps++; sh.steps%64 == 0 {
		sh.p.Sleep(0)
	}
	if sh.pending > 0 {
		return sh.trap()
	}
	return nil
}

// sequence runs commands one after the other. The last is in the position of
// the whole, and so is an if that only its `if not' follows.
func (sh *shell) sequence(c *sequence, m how) error {
	last := len(c.list) - 1
	for last > 0 {
		if _, ok := c.list[last].(*ifNot); !ok {
			break
		}
		last--
	}
	for i, cmd := range c.list {
		cm := m
		if i < last {
			cm &^= tail
		}
		if err := sh.run(cmd, cm); err != nil {
			return err
		}
	}
	return nil
}

func (sh *shell) ifCmd(c *ifCmd, m how) error {
	if err := sh.run(c.cond, 0); err != nil {
		return err
	}
	sh.ifNot = true
	if !sh.ok() {
		return nil
	}
	err := sh.run(c.body, m)
	sh.ifNot = false
	return err
}

func (sh *shell) while(c *while, m how) error {
	for {
		if c.cond == nil {
			sh.setStatus("")
		}
		if err := sh.run(c.cond, 0); err != nil || !sh.ok() {
			return err
		}
		if err := sh.run(c.body, m&^tail); err != nil {
			return err
		}
		if err := sh.poll(); err != nil {
			return err
		}
	}
}

func (sh *shell) forCmd(c *forCmd, m how) error {
	sh.line = c.pos()
	values := sh.get("*")
	if c.in {
		var err error
		if values, err = sh.words(nil, c.list, aimNames); err != nil {
			return err
		}
	}
	name, err := sh.varName(c.name, "local variable name must be singleton")
	if err != nil {
		return err
	}
	outer := sh.local
	sh.push(name, nil)
	defer sh.pop(outer)
	for i := range values {
		sh.set(name, values[i:i+1:i+1])
		if err := sh.run(c.body, m&^tail); err != nil {
			return err
		}
		if err := sh.poll(); err != nil {
			return err
		}
	}
	return nil
}

// assign runs a command with variables that are local to it. Without a
// command the assignments stay.
func (sh *shell) assign(c *assign, m how) error {
	body := c.body
	for a, ok := body.(*assign); ok; a, ok = body.(*assign) {
		body = a.body
	}
	wrong := "= variable name not singleton!"
	if body != nil {
		wrong = "local variable name must be singleton"
		defer sh.pop(sh.local)
	}
	for ok := true; ok; c, ok = c.body.(*assign) {
		sh.line = c.pos()
		val, err := sh.list(c.value)
		if err != nil {
			return err
		}
		name, err := sh.varName(c.name, wrong)
		if err != nil {
			return err
		}
		if body == nil {
			sh.set(name, val)
		} else {
			sh.push(name, val)
		}
	}
	if body == nil {
		return nil
	}
	return sh.run(body, m)
}

// list returns the value of a word as a list of its own.
func (sh *shell) list(w word) ([]string, error) {
	val, err := sh.word(sh.temp(), w, aimNames)
	if err != nil {
		return nil, err
	}
	defer sh.release(val)
	return slices.Clone(val), nil
}

// match sets $status to success if the subject matches a pattern.
func (sh *shell) match(c *match) error {
	patterns, err := sh.words(sh.temp(), c.patterns, aimPattern)
	if err != nil {
		return err
	}
	defer sh.release(patterns)
	subject, err := sh.one(c.subject, aimNames)
	if err != nil {
		return err
	}
	if matchesAny(subject, patterns) {
		sh.setStatus("")
	} else {
		sh.setStatus("no match")
	}
	return nil
}

func (sh *shell) switchCmd(c *switchCmd, m how) error {
	sh.line = c.pos()
	subject, err := sh.one(c.subject, aimNames)
	if err != nil {
		return err
	}
	for _, cs := range c.cases {
		sh.line = cs.pos()
		patterns, err := sh.words(sh.temp(), cs.patterns, aimPattern)
		if err != nil {
			return err
		}
		hit := matchesAny(subject, patterns)
		sh.release(patterns)
		if hit {
			return sh.run(cs.body, m)
		}
	}
	return nil
}

// define defines or deletes functions.
func (sh *shell) define(c *fn, m how) error {
	sh.line = c.pos()
	names, err := sh.words(nil, c.names, aimText)
	if err != nil {
		return err
	}
	var f *function
	if c.body != nil {
		f = &function{body: c.body, text: printCommand(c.body), file: sh.file, checkE: m & checkE}
	}
	for _, name := range names {
		sh.setFn(name, f)
	}
	return nil
}

// subshell runs a command in a process of its own and waits for it.
func (sh *shell) subshell(c *subshell, m how) error {
	pid, err := sh.start(c.body, m, 0, nil)
	if err == nil {
		sh.await(pid)
	}
	return err
}

// async starts a command in a process, and a note group, of its own, with
// nothing to read.
func (sh *shell) async(c *async, m how) error {
	pid, err := sh.start(c.body, m, proc.RFNOTEG, func(child *shell) error {
		fd, err := child.p.Open("/dev/null", ninep.OREAD)
		if err != nil {
			return child.fail2("< can't open: /dev/null", err)
		}
		child.redirs = &redir{op: redirOpen, from: fd, to: 0, next: child.redirs}
		return nil
	})
	if err == nil {
		sh.set("apid", []string{itoa(pid)})
	}
	return err
}

// pipe starts the left command, runs the right one itself, and waits. The
// status has that of both: left|right, or right alone if left succeeded.
func (sh *shell) pipe(c *pipe, m how) error {
	sh.line = c.pos()
	rd, wr, err := sh.p.Pipe()
	if err != nil {
		return sh.fail2("can't get pipe", err)
	}
	pid, err := sh.start(c.left, m, 0, func(child *shell) error {
		child.p.Close(rd)
		child.redirs = &redir{op: redirOpen, from: wr, to: c.fd, next: child.redirs}
		return nil
	})
	sh.p.Close(wr)
	if err != nil {
		sh.p.Close(rd)
		return err
	}
	sh.kids[pid].leg = true
	right := func() error { return sh.run(c.right, m&^tail) }
	if err := sh.redirected(redir{op: redirOpen, from: rd, to: c.from}, right); err != nil {
		delete(sh.kids, pid) // nobody will ask
		return err
	}
	status := sh.first("status", "")
	sh.await(pid)
	if left := sh.first("status", ""); left != "" {
		status = left + "|" + status
	}
	sh.setStatus(status)
	return nil
}
