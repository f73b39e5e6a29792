package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// con - connect a terminal to a remote service
//
// Con calls machine, which may be any address of dial(2), by default its
// service telnet, and connects the terminal with it. A name that begins with
// a slash and has no ! is a file to open instead, such as one of /srv. Keys go
// as they are typed: the console is in raw mode.
//
//	-b  write baud to the ctl file of a device that is opened: eia0ctl for
//	    eia0
//	-C  cooked mode: lines, with local echo
//	-c  run cmd with the connection as its standard input and output first
//	-d  the same as -v
//	-l  do not log in, or do so as user: con never logs in
//	-n  when the input is at its end, wait for the other end to hang up
//	-r  do not print carriage returns before newlines
//	-R  send carriage returns for newlines, and print the other way round
//	-T  print carriage returns as newlines
//	-s  strip what is received to 7 bits
//	-S  post a pipe as /srv/svc, and let that be the terminal
//	-v  say what is called
//
// Control-\ is a local escape. It prompts with >>> for a letter:
//
//	b     send a break
//	i     send a quit signal
//	q     exit
//	r     toggle the printing of carriage returns
//	!cmd  run a command with the connection as its standard input and
//	      output
//	.     go on
//
// # SEE ALSO
//
// aux/dial(1), cons(3), srv(3), dial(2), listen(8)
//
// # BUGS
//
// There is no rlogin, which used to take the user from here.
func conMain(p *proc.Proc) error {
	c := con{p: p, returns: true, consctl: -1}
	arg := argbegin(p, "[-CdnrRsTv] [-b baud] [-c cmd] [-l [user]] [-S svc] [net!]machine[!service]")
	baud, user := "", ""
	for f := range arg.flags() {
		switch f {
		case 'b':
			baud = arg.eargf()
		case 'C':
			c.cooked = true
		case 'c':
			c.cmd = arg.eargf()
		case 'n':
			c.keep = true
		case 'r':
			c.returns = false
		case 'R':
			c.nltocr = true
		case 'T':
			c.crtonl = true
		case 's':
			c.strip = true
		case 'S':
			c.svc = arg.eargf()
		case 'l':
			if len(arg.args) > 0 && !strings.HasPrefix(arg.args[0], "-") {
				user = arg.eargf()
			}
		case 'd', 'v':
			c.verbose = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 && user != "" { // it was no user
		arg.args = []string{user}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	if err := c.reach(arg.args[0], baud); err != nil {
		return fatal(p, "%v", err)
	}
	if c.cmd != "" {
		c.system(p, c.cmd)
	}
	c.raw(p, true)
	return c.pass(c.fromKeyboard, c.fromNet)
}

// A con is a terminal and a connection.
type con struct {
	p       *proc.Proc
	net     conn
	consctl int // open while in raw mode, else -1

	cmd, svc       string
	cooked, keep   bool
	returns        bool // print carriage returns
	nltocr, crtonl bool
	strip, verbose bool
}

// connect makes the connection and, if wanted, another terminal.
func (c *con) connect(addr string) error {
	p := c.p
	if c.verbose {
		warn(p, "dialing %s", addr)
	}
	var err error
	if c.net, err = dial(p, addr); err != nil {
		return fmt.Errorf("cannot dial %s: %w", addr, err)
	}
	return c.post(p)
}

// reach opens a file or makes a connection.
func (c *con) reach(dest, baud string) error {
	if strings.HasPrefix(dest, "/") && !strings.Contains(dest, "!") {
		return c.open(dest, baud)
	}
	return c.connect(netmkaddr(dest, "", "telnet"))
}

// open makes a file the connection.
func (c *con) open(name, baud string) error {
	fd, err := c.p.Open(name, ninep.ORDWR)
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", name, err)
	}
	c.net.fd = fd
	if c.net.ctl, err = c.p.Open(name+"ctl", ninep.ORDWR); err != nil && baud != "" {
		warn(c.p, "cannot open %sctl: %v", name, err)
	} else if baud != "" {
		fmt.Fprintf(c.p.FD(c.net.ctl), "b%s i1", baud)
	}
	return c.post(c.p)
}

// post makes a pipe in /srv the terminal, if wanted.
func (c *con) post(p *proc.Proc) error {
	if c.svc == "" {
		return nil
	}
	a, b, err := p.Pipe()
	if err != nil {
		return err
	}
	if _, err := postfd(p, c.svc, a, ninep.ORCLOSE, 0600); err != nil {
		return err
	}
	p.Close(a)
	p.Dup(b, 0)
	p.Dup(b, 1)
	return p.Close(b)
}

// raw switches the console to raw mode and back.
func (c *con) raw(p *proc.Proc, on bool) {
	switch {
	case c.cooked || c.svc != "" || on == (c.consctl >= 0):
	case on:
		if fd, err := p.Open("/dev/consctl", ninep.OWRITE); err == nil {
			p.Write(fd, []byte("rawon"))
			c.consctl = fd
		}
	default:
		p.Close(c.consctl)
		c.consctl = -1
	}
}

// pass runs keyboard and net, which copy, each in a process of its own, until
// the connection ends or, with true, keyboard says that the user does not want
// it any more.
func (c *con) pass(keyboard func(k *proc.Proc) (quit bool), net func()) error {
	p := c.p
	// Notes are for the other end, whom the process that reads the keyboard
	// tells; but for "kill", with which the two end each other.
	p.Notify(func(p *proc.Proc, note string) bool {
		if note == "kill" {
			p.Exits("")
		}
		return true
	})
	me := p.Getpid()
	kid, err := p.Fork(proc.RFREND, func(k *proc.Proc) error {
		if keyboard(k) || !c.keep {
			k.Postnote(me, "kill")
		}
		return nil
	})
	if err != nil {
		return fatal(p, "fork: %v", err)
	}
	net()
	p.Postnote(kid, "kill")
	p.Wait() // until it is gone, what is typed is its own
	return nil
}

// fromNet prints what comes.
func (c *con) fromNet() {
	b := make([]byte, iounit)
	for {
		n, err := c.p.Read(c.net.fd, b)
		if n == 0 && err == nil || err != nil && !errors.Is(err, ninep.ErrIntr) {
			return
		}
		if _, err := c.p.Write(1, c.printable(b[:n])); err != nil {
			return
		}
	}
}

// printable returns what is printed for b.
func (c *con) printable(b []byte) []byte {
	if c.strip {
		for i := range b {
			b[i] &= 0x7f
		}
	}
	if c.nltocr || c.crtonl {
		b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	}
	if !c.returns {
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	}
	return b
}

// fromKeyboard sends what is typed, until there is no more, or, with quit
// true, until the user wants to leave.
func (c *con) fromKeyboard(k *proc.Proc) (quit bool) {
	const escape, del = 0x1c, 0x7f
	b := make([]byte, iounit)
	for {
		n, err := k.Read(0, b)
		switch {
		case errors.Is(err, ninep.ErrIntr):
			k.Write(c.net.fd, []byte{del})
			continue
		case n == 0 || err != nil:
			return false
		}
		keys := b[:n]
		if i := bytes.IndexByte(keys, escape); i >= 0 {
			k.Write(c.net.fd, keys[:i])
			if c.menu(k) {
				return true
			}
			keys = keys[i+1:]
		}
		if c.nltocr {
			keys = bytes.ReplaceAll(keys, []byte("\n"), []byte("\r"))
		}
		if _, err := k.Write(c.net.fd, keys); err != nil && len(keys) > 0 {
			return true
		}
	}
}

const menuHelp = "\t(b)reak, (q)uit, (i)nterrupt, toggle printing (r)eturns, (.)continue, (!cmd)\n"

// menu asks what the user wants; true if it is to quit.
func (c *con) menu(k *proc.Proc) (quit bool) {
	const quitSignal = "\x1c"
	c.raw(k, false)
	defer c.raw(k, true)
	for {
		line := askMenu(k)
		switch line[0] {
		case '!':
			c.system(k, line[1:])
			fmt.Fprintln(k.Stdout(), "!")
		case '.':
		case 'q':
			return true
		case 'i':
			k.Write(c.net.fd, []byte(quitSignal))
		case 'b':
			k.Write(c.net.ctl, []byte("k"))
		case 'r':
			c.returns = !c.returns
		default:
			fmt.Fprint(k.Stderr(), menuHelp)
			continue
		}
		return false
	}
}

// askMenu prompts for a line and returns it, with a blank at its end; at the
// end of the input that is q.
func askMenu(k *proc.Proc) string {
	b := make([]byte, 1024)
	fmt.Fprint(k.Stderr(), ">>> ")
	n, err := k.Read(0, b)
	if n == 0 || err != nil {
		return "q"
	}
	return strings.TrimSpace(string(b[:n])) + " "
}

// system runs a command with the connection as its standard input and output.
func (c *con) system(p *proc.Proc, cmd string) {
	pid, err := p.Fork(proc.RFFDG|proc.RFREND, func(k *proc.Proc) error {
		k.Dup(c.net.fd, 0)
		k.Dup(c.net.fd, 1)
		return fatal(k, "exec: %v", k.Exec("/bin/rc", []string{"rc", "-c", cmd}))
	})
	for err == nil {
		var w *proc.Waitmsg
		if w, err = p.Wait(); err == nil && w.Pid == pid {
			return
		}
	}
}
