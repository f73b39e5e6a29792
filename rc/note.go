package rc

import (
	"strings"

	"ufo/proc"
)

// Notes are counted when they come and acted upon between two commands.

// signals are the notes that rc knows, and the functions they call.
var signals = [...]struct{ note, fn string }{
	{"hangup", "sighup"},
	{"interrupt", "sigint"},
	{"quit", "sigquit"},
	{"alarm", "sigalrm"},
	{"kill", "sigkill"},
	{"sys: fp: ", "sigfpe"},
	{"term", "sigterm"},
}

const (
	nsig    = len(signals)
	sighup  = 0
	sigint  = 1
	sigquit = 2
	sigkill = 4
	sigterm = 6
)

// note is the handler of notes. What rc does not know ends it.
func (sh *shell) note(p *proc.Proc, note string) bool {
	for i, s := range signals {
		if !strings.HasPrefix(note, s.note) {
			continue
		}
		if !strings.HasPrefix(note, "sys: ") {
			sh.interrupted = true
		}
		if i != sigint || sh.notes[i] == 0 {
			sh.notes[i]++
			sh.pending++
		}
		return true
	}
	return false
}

// passNotes passes to a new child what was meant for the whole group, and may have
// come before the child could hear it.
func (sh *shell) passNotes(pid int) {
	for _, i := range [...]int{sighup, sigint, sigquit, sigkill, sigterm} {
		if sh.notes[i] > 0 {
			sh.p.Postnote(pid, signals[i].note)
		}
	}
}

// trap acts upon the notes that came: it calls their functions, or goes back
// to the prompt, or ends the shell.
func (sh *shell) trap() error {
	for sh.pending > 0 {
		for i := range sh.notes {
			if sh.notes[i] == 0 {
				continue
			}
			sh.notes[i]--
			sh.pending--
			f := sh.fn(signals[i].fn)
			switch {
			case sh.sub:
				return stopQuit
			case f != nil:
				if err := sh.callNote(f); err != nil {
					return err
				}
			case i == sigint || i == sigquit:
				return stopAbort
			default:
				return stopQuit
			}
		}
	}
	return nil
}

// callNote calls the function of a note. It has the arguments of where the
// note came, and neither the local variables nor the redirections.
func (sh *shell) callNote(f *function) error {
	local, redirs, gen := sh.local, sh.redirs, sh.fdgen
	args := sh.get("*")
	sh.local, sh.redirs = nil, nil
	defer func() { sh.local = local }()
	err := sh.call(f, args, 0)
	if sh.fdgen == gen { // else rfork F closed everything
		sh.redirs = redirs
	}
	return err
}

// quit ends the shell, where the command is that does so; the caller returns its
// result.
func (sh *shell) quit() error {
	sh.sigexit()
	sh.exiting = true
	return stopExit
}

// sigexit calls the function that wants to know of the end. It does not
// change the exit status, unless it ends the shell itself.
func (sh *shell) sigexit() {
	f := sh.fn("sigexit")
	if f == nil || sh.sub || sh.ending {
		return
	}
	sh.ending = true
	status := sh.status
	if err := sh.callNote(f); err == nil {
		sh.status = status
	}
}
