package cmd

import (
	"errors"
	"io"

	"ufo/ninep"
	"ufo/proc"
)

// snap - freeze processes into a file
//
// Snap writes what the process pid is made of, with all those that share its
// memory, to a file, by default the standard output: registers, memory, open
// files, environment, name space and waiting notes. The processes stand still
// meanwhile, between two instructions, and go on afterwards, as if nothing had
// been.
//
// The file can be executed, in any node on a machine of the same kind: the
// processes go on there from where they were. Their open files are opened
// again by name and set to the same offset. What was a terminal or a pipe is
// what the new one has in its place; conversations of ip(3) have ended. What
// is not as it was is said on the standard error, and the processes go on
// without it.
//
//	-k  end the processes when the file is complete; they do nothing
//	    between what the file has of them and their end
//	-o  write to file, which can be executed
//
// Only programs made for Plan 9 can be frozen: commands that are part of the
// kernel are functions of it, which nobody can look into. Exec(2) tells of
// such programs.
//
// # EXAMPLES
//
// Take a long computation away from the terminal,
//
//	snap -k -o /tmp/job 42
//
// and let it go on at n2:
//
//	n2% /n/term/usr/glenda/tmp/job
//
// or in a node on another machine, if the file was made in a folder of the host:
//
//	host$ ufo run ./job
//
// # FILES
//
//	/proc/*/snap
//
// # SEE ALSO
//
// ps(1), stop(1), exec(2), ip(3), proc(3), snap(6)
//
// # BUGS
//
// A process that waits for a write to be taken cannot be frozen before it is.
// Children with memory of their own are not part of the file: their parent
// finds that it has none. The file text in proc(3) of a process that goes on is
// that of the frozen one.
func snapMain(p *proc.Proc) error {
	kill, file := false, ""
	arg := argbegin(p, "[-k] [-o file] pid")
	for c := range arg.flags() {
		switch c {
		case 'k':
			kill = true
		case 'o':
			file = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	dir := "/proc/" + arg.args[0]
	snap, err := p.Open(dir+"/snap", ninep.ORDWR)
	if err != nil {
		if _, there := p.Stat(dir); there == nil && errors.Is(err, ninep.ErrNotExist) {
			err = errors.New("only programs made for Plan 9 can be frozen")
		}
		return fatal(p, "%v", err)
	}
	defer p.Close(snap)
	out := 1
	if file != "" {
		if out, err = p.Create(file, ninep.OWRITE, 0o777); err != nil {
			return fatal(p, "%v", err)
		}
	}
	if _, err := io.Copy(p.FD(out), p.FD(snap)); err != nil {
		return fatal(p, "%v", err)
	}
	if file != "" {
		if err := p.Close(out); err != nil {
			return fatal(p, "%s: %v", file, err)
		}
	}
	if !kill {
		return nil
	}
	if _, err := p.FD(snap).Write([]byte("kill")); err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}
