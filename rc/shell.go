package rc

import (
	"fmt"
	"strconv"

	"ufo/proc"
)

// A shell is the state of one running rc: of the program a user started, or
// of a part of it that was forked. It is private to its process.
type shell struct {
	p     *proc.Proc
	name  string    // of the program, for messages
	flags [128]bool // the command line's flags, by letter
	sub   bool      // forked from another shell: no traps

	vars   map[string]*global
	shared bool     // a parent or child has the same vars: copy them before a change
	dirty  []string // globals that are not yet in /env
	local  *local   // innermost first
	status []string // $status

	file  string // where the command comes from that runs
	line  int
	depth int // calls of functions, . and eval

	redirs *redir // innermost first, in effect when a program is run
	pipes  []int  // descriptors of <{} and >{}, open until the line or function ends
	fdgen  int    // counts rfork F, which closes everything

	kids  map[int]*kid // children not yet waited for
	ifNot bool         // the last if's condition failed
	how   how          // in which the command is whose words are evaluated

	notes       [nsig]int // notes that came and were not acted upon
	pending     int       // sum of notes
	interrupted bool      // a note ended a read of commands
	ending      bool      // sigexit was called
	exiting     bool      // $status is the exit status, whatever ends on the way out
	steps       int       // counts what might go on for ever

	spare [][]string // lists for temp to give out
	buf   []byte     // of readAll
}

// how says in what circumstances a command runs.
type how byte

const (
	tail   how = 1 << iota // the process will exit after it: no need to fork
	checkE                 // flag e is in force
)

// A stop is the reason why commands are not run to their end.
type stop string

func (s stop) Error() string { return "rc: " + string(s) }

const (
	stopExit  stop = "exit"  // the shell shall exit
	stopQuit  stop = "quit"  // exit, and without sigexit: a note came
	stopAbort stop = "abort" // go back to the prompt, or exit if there is none
)

// maxCalls bounds the depth of calls: a goroutine's stack is finite, and one
// program's mistake must not take the other nodes along.
const maxCalls = 5000

// fork returns a copy of the shell for a child. The variables are shared
// until one of the two changes them. The process is yet to be set.
func (sh *shell) fork() *shell {
	c := *sh
	sh.shared, c.shared = true, true
	c.dirty = nil
	c.p, c.sub = nil, true
	c.local = sh.local.copy()
	c.pipes, c.kids, c.spare, c.buf = nil, nil, nil, nil
	c.notes, c.pending, c.interrupted = [nsig]int{}, 0, false
	return &c
}

// start forks a process that runs body in a copy of the shell, in which
// prepare (which may be nil) is called first. Flags are rfork's in addition
// to what rc always wants: the child has the name space and the environment
// in common with its parent.
func (sh *shell) start(body command, m how, flags int, prepare func(*shell) error) (pid int, err error) {
	sh.updateEnv()
	child := sh.fork()
	pid, err = sh.p.Fork(proc.RFFDG|proc.RFREND|flags, func(p *proc.Proc) error {
		child.p = p
		p.Notify(child.note)
		var err error
		if prepare != nil {
			err = prepare(child)
		}
		if err == nil {
			child.run(body, m|tail)
		}
		return child.exitStatus()
	})
	if err != nil {
		return 0, sh.fail2("try again", err)
	}
	sh.addKid(pid)
	if flags&proc.RFNOTEG == 0 {
		sh.passNotes(pid)
	}
	return pid, nil
}

// exitStatus brings the environment up to date and returns what the process
// exits with.
func (sh *shell) exitStatus() error {
	sh.updateEnv()
	if sh.ok() {
		return nil
	}
	return exitError(sh.status[0])
}

// An exitError is an exit status as an error.
type exitError string

func (e exitError) Error() string { return string(e) }

// where returns the place in the source that messages name.
func (sh *shell) where() string {
	if sh.line == 0 {
		return sh.file
	}
	return sh.file + ":" + strconv.Itoa(sh.line)
}

// print writes a message to descriptor 2. Redirections do not apply to it:
// they are for programs.
func (sh *shell) print(text string) { sh.p.Write(2, []byte(text)) }

// fail reports an error that ends what runs; the caller returns its result.
func (sh *shell) fail(msg string) error {
	sh.setStatus("error")
	sh.print(fmt.Sprintf("%s: %s\n", sh.where(), msg))
	return stopAbort
}

// fail2 is fail for an error with a cause, which becomes $status.
func (sh *shell) fail2(msg string, err error) error {
	sh.setStatus(err.Error())
	sh.print(fmt.Sprintf("%s: %s: %s\n", sh.where(), msg, err))
	return stopAbort
}

// success is a list with the empty status. Values never change, so there need
// be only one.
var success = []string{""}

func (sh *shell) setStatus(s string) {
	if s == "" {
		sh.status = success
	} else {
		sh.status = []string{s}
	}
}

// ok reports whether $status is success: nothing but 0 and the | between the
// parts of a pipeline.
func (sh *shell) ok() bool {
	if len(sh.status) == 0 {
		return true
	}
	s := sh.status[0]
	for i := range len(s) {
		if s[i] != '|' && s[i] != '0' {
			return false
		}
	}
	return true
}

// own makes the globals the shell's own before one of them changes.
func (sh *shell) own() {
	if !sh.shared {
		return
	}
	vars, copies := make(map[string]*global, len(sh.vars)+1), make([]global, 0, len(sh.vars))
	for name, v := range sh.vars {
		copies = append(copies, *v)
		vars[name] = &copies[len(copies)-1]
	}
	sh.vars, sh.shared = vars, false
}
