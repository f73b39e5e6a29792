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
	sigint  = 1
	sigquit = 2
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
				if err := sh.call(f, sh.get("*"), 0); err != nil {
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
