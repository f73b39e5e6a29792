package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// os - run a command of the host
//
// Os runs cmd on the host that this node lives on, by the device cmd(3), in
// the host's own name space and not in that of os. What cmd reads and writes
// are the standard input, output and error output of os. Os ends when cmd
// does, and with its exit status.
//
// Cmd starts in the current directory if that is a folder of the host, else in
// the one that the device has been told. Its environment is that of the host
// with the variables of os added. The elements of a list are separated by
// blanks, but those of path by colons; functions of rc, and what rc keeps for
// itself, are left out.
//
// The note interrupt sends cmd the signal SIGINT, hangup SIGHUP. If os is
// killed cmd is.
//
//	-b         leave cmd running in the background, without input and
//	           output; it ends with the node at the latest
//	-d dir     start in this folder of the host
//	-m mnt     use the device at mnt, not /cmd or else #C/cmd
//	-n         cmd has no input
//	-N level   run at less than normal priority: 1, 2 or 3
//	-t         give cmd a terminal. The console is in raw mode meanwhile:
//	           keys go to cmd as they are typed. Cmd is told how large
//	           the window is
//
// # EXAMPLES
//
// What the host says of itself:
//
//	os uname -a
//
// Sort by a command of the host:
//
//	ls -l | os sort -k5 -n
//
// Edit a file of the host:
//
//	os -t -d /home/glenda vi notes
//
// # FILES
//
//	/cmd/clone, /dev/consctl, /dev/winsize
//
// # SEE ALSO
//
// cmd(3), cons(3), con(1)
//
// # DIAGNOSTICS
//
// The exit status of os is what kept cmd from being run, such as "permission
// denied", or the exit status of cmd: a number, or the note that stands for
// the signal it died of.
//
// # BUGS
//
// In Inferno -n is what -N 1 is here.
//
// What cmd has left running in the background when it ends is not waited for,
// and what that prints is lost.
func osMain(p *proc.Proc) error {
	o := &hostcmd{p: p}
	arg := argbegin(p, "[-bnt] [-d dir] [-m mnt] [-N level] cmd [arg ...]")
	for f := range arg.flags() {
		switch f {
		case 'b':
			o.background = true
		case 'd':
			o.dir = arg.eargf()
		case 'm':
			o.mnt = arg.eargf()
		case 'n':
			o.noinput = true
		case 'N':
			o.nice = arg.eargf()
		case 't':
			o.tty = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	if err := o.prepare(); err != nil {
		return fatal(p, "%v", err)
	}
	if err := o.ctlf("exec", arg.args...); err != nil {
		return fatal(p, "%s: %v", arg.args[0], err)
	}
	if o.background {
		return nil
	}
	return o.join()
}

// A hostcmd is a command of the host and a conversation with #C about it.
type hostcmd struct {
	p          *proc.Proc
	background bool
	noinput    bool
	tty        bool
	dir, mnt   string
	nice       string

	ctl               int // descriptors
	in, out, err, end int
	winsize           int  // of /dev/winsize; -1 for none
	raw               bool // what is written to the console goes to a terminal as it is
}

// ctlf writes a control message.
func (o *hostcmd) ctlf(word string, args ...string) error {
	for _, a := range args {
		word += " " + ninep.Quote(a)
	}
	return writeall(o.p, o.ctl, []byte(word))
}

// prepare opens a conversation and tells it all but what to run.
func (o *hostcmd) prepare() error {
	if err := o.open(); err != nil {
		return err
	}
	if o.dir != "" {
		if err := o.ctlf("dir", o.dir); err != nil {
			return fmt.Errorf("%s: %w", o.dir, err)
		}
	} else {
		o.ctlf("chdir", o.p.Getwd()) // not every directory is the host's
	}
	if o.nice != "" {
		if err := o.ctlf("nice", o.nice); err != nil {
			return fmt.Errorf("-N %s: %w", o.nice, err)
		}
	}
	o.environment()
	switch {
	case o.background:
		return o.ctlf("detach")
	case o.tty:
		return o.terminal()
	}
	return nil
}

// open reserves a conversation and opens its files.
func (o *hostcmd) open() error {
	p := o.p
	if o.mnt == "" {
		o.mnt = "/cmd"
		if _, err := p.Stat("/cmd/clone"); err != nil {
			o.mnt = "#C/cmd"
		}
	}
	fd, err := p.Open(o.mnt+"/clone", ninep.ORDWR)
	if err != nil {
		return err
	}
	b := make([]byte, 32)
	n, err := p.Read(fd, b)
	if err != nil {
		return err
	}
	o.ctl = fd
	for _, f := range []struct {
		fd   *int
		name string
		mode ninep.Mode
	}{{&o.in, "data", ninep.OWRITE}, {&o.out, "data", ninep.OREAD}, {&o.err, "stderr", ninep.OREAD}, {&o.end, "wait", ninep.OREAD}} {
		if *f.fd, err = p.Open(o.mnt+"/"+string(b[:n])+"/"+f.name, f.mode); err != nil {
			return err
		}
	}
	return o.ctlf("killonclose")
}

// environment gives the command the variables of this process.
func (o *hostcmd) environment() {
	dirs, err := readdir(o.p, "/env")
	if err != nil {
		return // none, then
	}
	for _, d := range dirs {
		value, ok := hostValue(d.Name, o.p)
		if !ok {
			continue
		}
		if err := o.ctlf("env", d.Name+"="+value); err != nil {
			warn(o.p, "$%s: %v", d.Name, err)
		}
	}
}

// hostValue returns what the host is told of a variable, and whether it is
// told at all.
func hostValue(name string, p *proc.Proc) (string, bool) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	if strings.Trim(name, letters+"0123456789") != "" || !strings.ContainsAny(name[:1], letters) {
		return "", false
	}
	switch name {
	case "apid", "apids", "bqstatus", "ifs", "pid", "prompt", "status":
		return "", false
	}
	text, err := p.ReadFile("/env/" + name)
	if err != nil {
		return "", false
	}
	sep := " "
	if name == "path" {
		sep = ":"
	}
	return string(bytes.ReplaceAll(bytes.TrimSuffix(text, []byte{0}), []byte{0}, []byte(sep))), true
}

// terminal wants a terminal for the command and, if we have a console, makes
// that raw: it is until os ends.
func (o *hostcmd) terminal() error {
	if o.iscons(0) {
		if ctl, err := o.p.Open("/dev/consctl", ninep.OWRITE); err == nil {
			o.p.Write(ctl, []byte("rawon"))
		}
	}
	var size []string
	fd, err := o.p.Open("/dev/winsize", ninep.OREAD)
	if err == nil {
		size, err = readSize(o.p, fd)
	}
	if err != nil {
		fd = -1
	}
	o.winsize, o.raw = fd, size != nil && o.iscons(0) && o.iscons(1)
	return o.ctlf("pty", size...)
}

// iscons reports whether a descriptor is a console.
func (o *hostcmd) iscons(fd int) bool {
	name, err := o.p.Fd2path(fd)
	return err == nil && path.Base(name) == "cons"
}

// readSize reads winsize: rows and columns, or none.
func readSize(p *proc.Proc, fd int) ([]string, error) {
	b := make([]byte, 64)
	n, err := p.Read(fd, b)
	if err != nil {
		return nil, err
	}
	if size := strings.Fields(string(b[:n])); len(size) == 2 && size[0] != "0" {
		return size, nil
	}
	return nil, nil
}

// join connects the command with our descriptors until it ends. A process
// each takes what goes the other ways than to the standard output.
func (o *hostcmd) join() error {
	p := o.p
	p.Notify(func(p *proc.Proc, note string) bool {
		switch note {
		case "interrupt":
			o.ctlf("kill", "SIGINT")
		case "hangup":
			o.ctlf("kill", "SIGHUP")
		default:
			return false
		}
		return true
	})
	var kids []int
	defer func() { o.dismiss(kids) }() // however os ends
	start := func(main func(k *proc.Proc)) (pid int) {
		pid, err := p.Fork(proc.RFREND, func(k *proc.Proc) error {
			k.Notify(func(_ *proc.Proc, note string) bool { return note != "kill" })
			main(k)
			return nil
		})
		if err == nil {
			kids = append(kids, pid)
		}
		return pid
	}
	if o.noinput {
		p.Close(o.in)
	} else {
		start(func(k *proc.Proc) { pump(k, 0, o.in, nil); k.Close(o.in) })
	}
	if o.tty && o.winsize >= 0 {
		start(o.follow)
	}
	errs := start(func(k *proc.Proc) { pump(k, o.err, 2, nil) })
	var change func(b []byte) []byte
	if o.raw {
		change = rawOutput
	}
	if pump(p, o.out, 1, change) {
		o.drain(errs)
	}
	return o.status()
}

// dismiss ends the processes that copy, and waits for them: until they are gone
// what is typed is theirs, and the console is raw. When os is killed it cannot
// wait.
func (o *hostcmd) dismiss(kids []int) {
	for _, pid := range kids {
		o.p.Postnote(pid, "kill")
	}
	for range 2 * len(kids) { // some may be interrupted
		if _, err := o.p.Wait(); errors.Is(err, ninep.ErrNoChild) {
			return
		}
	}
}

// pump copies from one descriptor to another, with change between if that is
// not nil, until there is no more; false if it could not write. Notes are
// heeded and do not end it.
func pump(p *proc.Proc, from, to int, change func(b []byte) []byte) bool {
	b := make([]byte, iounit)
	for {
		n, err := p.Read(from, b)
		if errors.Is(err, ninep.ErrIntr) {
			continue
		}
		if n == 0 || err != nil {
			return true
		}
		out := b[:n]
		if change != nil {
			out = change(out)
		}
		if !push(p, to, out) {
			return false
		}
	}
}

// push writes all of b, notes or not.
func push(p *proc.Proc, fd int, b []byte) bool {
	for len(b) > 0 {
		n, err := p.Write(fd, b)
		if err != nil && !errors.Is(err, ninep.ErrIntr) || n == 0 && err == nil {
			return false
		}
		b = b[n:]
	}
	return true
}

// rawOutput returns b for a console that makes a new line of each newline,
// which the command, whose terminal has done that already, means as a step
// down: the terminal's own word for that is ESC D.
func rawOutput(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\x1bD")) }

// follow tells the command of each new size of the window.
func (o *hostcmd) follow(k *proc.Proc) {
	for {
		size, err := readSize(k, o.winsize)
		switch {
		case errors.Is(err, ninep.ErrIntr):
		case err != nil:
			return
		case size != nil:
			k.Write(o.ctl, []byte("winsize "+strings.Join(size, " ")))
		}
	}
}

// drain waits until the process that copies the error output has ended.
func (o *hostcmd) drain(pid int) {
	for {
		w, err := o.p.Wait()
		if err != nil && !errors.Is(err, ninep.ErrIntr) || err == nil && w.Pid == pid {
			return
		}
	}
}

// status waits for the command's end and returns its exit status.
func (o *hostcmd) status() error {
	b := make([]byte, 1024)
	for {
		n, err := o.p.Read(o.end, b)
		if errors.Is(err, ninep.ErrIntr) {
			continue
		}
		if err != nil {
			return fatal(o.p, "wait: %v", err)
		}
		f := ninep.Fields(string(b[:n]))
		if len(f) != 5 {
			return fatal(o.p, "wait: bad message %q", b[:n])
		}
		return status(f[4])
	}
}
