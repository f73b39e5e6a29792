package rc

import (
	"strconv"
	"strings"

	"ufo/proc"
)

// simple runs a function, a built-in command or a program.
func (sh *shell) simple(c *simple, m how) error {
	args, err := sh.args(make([]string, 0, len(c.args)), c.args, c.glob, aimNames)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return sh.fail("empty argument list")
	}
	if sh.flags['x'] {
		sh.print(quoteList(args) + "\n")
	}
	if f := sh.fn(args[0]); f != nil {
		return sh.call(f, args[1:], m)
	}
	if args[0] == "builtin" {
		if args = args[1:]; len(args) == 0 {
			return sh.fail("builtin: empty argument list")
		}
	}
	if b := builtin(args[0]); b != nil {
		return b(sh, args, m)
	}
	if m&tail != 0 && (sh.sub || sh.fn("sigexit") == nil) {
		return sh.exec(args)
	}
	return sh.program(args)
}

// call runs a function with args as $*.
func (sh *shell) call(f *function, args []string, m how) error {
	outer := sh.local
	sh.push("*", args)
	defer sh.pop(outer)
	return sh.nested(f.file, func() error { return sh.run(f.body, m&tail|f.checkE) })
}

// nested calls f for commands from another place in the source: a function's
// body, a file. What it opened for <{} is closed afterwards.
func (sh *shell) nested(file string, f func() error) error {
	if sh.depth >= maxCalls {
		return sh.fail("calls nested too deep")
	}
	wasFile, wasLine := sh.file, sh.line
	sh.depth++
	sh.file, sh.line = file, 0
	err := sh.closingPipes(f)
	sh.depth--
	sh.file, sh.line = wasFile, wasLine
	if err == nil {
		err = sh.poll()
	}
	return err
}

// closingPipes calls f and closes the pipes that <{} and >{} in it have left
// open.
func (sh *shell) closingPipes(f func() error) error {
	outer, gen := sh.pipes, sh.fdgen
	sh.pipes = nil
	err := f()
	if sh.fdgen == gen {
		for _, fd := range sh.pipes {
			sh.p.Close(fd)
		}
		sh.pipes = outer
	}
	return err
}

// program runs a program and waits for it.
func (sh *shell) program(args []string) error {
	sh.updateEnv()
	x := sh.executable(args)
	pid, err := sh.p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
		p.Notify(nil)
		return x.exec(p)
	})
	if err != nil {
		return sh.fail2("try again", err)
	}
	sh.addKid(pid)
	sh.passNotes(pid)
	sh.await(pid)
	return nil
}

// exec makes the shell's process the program. Notes from here on are the
// program's: one that comes before it has begun ends it.
func (sh *shell) exec(args []string) error {
	sh.updateEnv()
	x := sh.executable(args)
	if sh.pending > 0 {
		return sh.trap()
	}
	sh.p.Notify(nil)
	err := x.exec(sh.p)
	sh.p.Notify(sh.note)
	sh.setStatus(err.Error())
	return sh.quit()
}

// An executable is what a process needs to know to become a program. It is
// immutable, so that a child does not need a copy of the shell.
type executable struct {
	args   []string
	path   []string // where to look for it
	redirs *redir
	where  string // in the source, for messages
}

func (sh *shell) executable(args []string) executable {
	return executable{args, sh.searchPath(args[0], "path"), sh.redirs, sh.where()}
}

// exec makes p the program; it returns only the error if that fails.
func (x executable) exec(p *proc.Proc) error {
	carryOut(p, x.redirs)
	var err error
	for _, dir := range x.path {
		err = p.Exec(makePath(dir, x.args[0]), x.args)
	}
	p.Write(2, []byte(x.where+": "+x.args[0]+": "+err.Error()+"\n"))
	return exitError(err.Error())
}

// searchPath returns the directories in which to look for name: those in a
// variable, or "" for a name that says itself where the file is.
func (sh *shell) searchPath(name, variable string) []string {
	element, _, _ := strings.Cut(name, "/")
	if element != "" && element != "." && element != ".." && name[0] != '#' {
		if path := sh.get(variable); len(path) > 0 {
			return path
		}
	}
	return []string{""}
}

// A kid is a child that was not yet waited for.
type kid struct {
	leg  bool // the left side of a pipe: the message is wanted later
	done bool
	msg  string
}

func (sh *shell) addKid(pid int) {
	if sh.kids == nil {
		sh.kids = make(map[int]*kid)
	}
	sh.kids[pid] = new(kid)
}

// await waits for a child, whatever notes come meanwhile: who is at the
// terminal expects an interrupt to end the child, and then the prompt.
func (sh *shell) await(pid int) {
	for !sh.wait(pid) {
	}
}

// wait waits for a child, or with 0 for all, and sets $status to the child's
// message. It returns false when a note came. Of a child that is not ours, or
// was waited for, nothing is known.
func (sh *shell) wait(pid int) bool {
	for {
		k := sh.kids[pid]
		if pid != 0 && k == nil {
			return true
		}
		if k != nil && k.done {
			delete(sh.kids, pid)
			sh.setStatus(k.msg)
			return true
		}
		w, err := sh.p.Wait()
		if err != nil {
			if isIntr(err) {
				return false
			}
			delete(sh.kids, pid)
			return true
		}
		k = sh.kids[w.Pid]
		switch {
		case k == nil:
		case k.leg || w.Pid == pid:
			k.done, k.msg = true, w.Msg
		default:
			delete(sh.kids, w.Pid)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
