package cmd

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"

	"ufo/ninep"
	"ufo/proc"
)

// telnet - connect a terminal to a remote system
//
// Telnet calls machine, which may be any address of dial(2) like net!host!service, by default its
// service telnet by tcp, and connects the terminal with it by the telnet
// protocol. Lines go as they are typed and are echoed here, until the other
// end says that it will echo: then the console is in raw mode, and keys go at
// once.
//
//	-C  cooked mode: do not let the other end echo
//	-d  print on the standard error which options the two ends agree on
//	-n  when the input is at its end, wait for the other end to hang up
//	-r  print one newline for carriage returns before a newline
//	-s  post a pipe as /srv/svc, let that be the terminal, and go on in
//	    the background
//
// An interrupt is for the other end, which is sent one. Control-\ is a local
// escape. It prompts with >>> for a letter:
//
//	b     send a break
//	i     send an interrupt
//	q     exit
//	r     toggle the printing of carriage returns
//	!cmd  run a command with the connection as its standard input and
//	      output
//	.     go on
//
// The kind of terminal, if the other end asks for it, is $TERM, else dumb.
//
// # EXAMPLES
//
// What time is it there?
//
//	telnet -n tcp!n2!daytime </dev/null
//
// # SEE ALSO
//
// aux/dial(1), con(1), dial(2), listen(8)
//
// # BUGS
//
// There is no telnetd, and no authentication or encryption.
func telnetMain(p *proc.Proc) error {
	t := telnet{con: con{p: p, returns: true, consctl: -1}}
	arg := argbegin(p, "[-Cdnr] [-s svc] [net!]machine[!service]")
	for c := range arg.flags() {
		switch c {
		case 'C':
			t.proto.cooked = true
		case 'd':
			t.proto.debug = func(format string, a ...any) { warn(p, format, a...) }
		case 'n':
			t.keep = true
		case 'r':
			t.returns = false
		case 's':
			t.svc = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	t.proto.term = cmp.Or(p.Getenv("TERM"), "dumb")
	addr := netmkaddr(arg.args[0], "tcp", "telnet")
	var err error
	if t.net, err = dial(p, addr); err != nil {
		return fatal(p, "%s: %v", addr, err)
	}
	if t.svc != "" {
		return t.background()
	}
	fmt.Fprintf(p.Stderr(), "connected to %s on %s\n", addr, t.net.dir)
	return t.run(p)
}

// A telnet is a terminal and a connection. The process that reads from the
// connection knows the protocol; the one that reads the keyboard what was
// agreed on.
type telnet struct {
	con
	proto telproto
	crs   int // carriage returns just read, if they are not printed

	mu     sync.Mutex // guards con.returns, and what was agreed on
	binary bool       // nothing is done to newlines
	sga    bool       // the other end does without the end of a turn
	echo   bool       // the other end echoes
}

// background posts the pipe and goes on in a process of its own.
func (t *telnet) background() error {
	p := t.p
	if err := t.post(p); err != nil {
		return fatal(p, "%v", err)
	}
	const flag = proc.RFFDG | proc.RFREND | proc.RFNOTEG | proc.RFNOWAIT
	_, err := p.Fork(flag, func(k *proc.Proc) error {
		t.p = k
		return t.run(k)
	})
	if err != nil {
		return fatal(p, "fork: %v", err)
	}
	return nil
}

// run copies both ways until the connection ends.
func (t *telnet) run(p *proc.Proc) error {
	if t.svc == "" && !t.keep {
		// Without a console to be had there is no raw mode.
		t.consctl, _ = p.Open("/dev/consctl", ninep.OWRITE)
	}
	return t.pass(t.fromKeyboard, t.fromNet)
}

// setraw sets the mode of the console.
func (t *telnet) setraw(p *proc.Proc, on bool) {
	switch {
	case t.consctl < 0:
	case on:
		p.Write(t.consctl, []byte("rawon"))
	default:
		p.Write(t.consctl, []byte("rawoff"))
	}
}

// fromNet prints what comes, and answers the protocol.
func (t *telnet) fromNet() {
	p := t.p
	b := make([]byte, iounit)
	for {
		n, err := p.Read(t.net.fd, b)
		if errors.Is(err, ninep.ErrIntr) {
			continue
		}
		if n == 0 || err != nil {
			return
		}
		data, answer := t.proto.take(b[:n])
		if !writesome(p, t.net.fd, answer) {
			return
		}
		t.agree(p)
		if !writesome(p, 1, t.printable(data)) {
			return
		}
	}
}

// agree tells the keyboard what was agreed on.
func (t *telnet) agree(p *proc.Proc) {
	t.mu.Lock()
	echo := t.proto.remote[optEcho]
	changed := echo != t.echo
	t.binary, t.sga, t.echo = t.proto.local[optBinary], t.proto.remote[optSGA], echo
	t.mu.Unlock()
	if changed {
		t.setraw(p, echo)
	}
}

// printable returns what is printed for b: without -r that, with it one
// newline for any number of carriage returns and the newline after them.
func (t *telnet) printable(b []byte) []byte {
	t.mu.Lock()
	returns := t.returns
	t.mu.Unlock()
	if returns || t.proto.remote[optBinary] {
		return b
	}
	var out []byte
	for _, c := range b {
		switch {
		case c == '\r':
			if t.crs++; t.crs == 1 {
				out = append(out, '\n')
			}
			continue
		case c == 0 && t.crs > 0:
			continue
		case c == '\n' && t.crs > 0:
		default:
			out = append(out, c)
		}
		t.crs = 0
	}
	return out
}

// maxEOF is after how many ends of the input, one after the other, there is no
// console any more.
const maxEOF = 10

// fromKeyboard sends what is typed, until there is no more, or, with quit
// true, until the user wants to leave.
func (t *telnet) fromKeyboard(k *proc.Proc) (quit bool) {
	const escape, eot = 0x1c, 0x04
	eofs := 0
	name, _ := k.Fd2path(0)
	cons := strings.HasSuffix(name, "/dev/cons")
	b := make([]byte, iounit)
	for {
		n, err := k.Read(0, b)
		switch {
		case errors.Is(err, ninep.ErrIntr):
			k.Write(t.net.fd, []byte{iac, telInterrupt})
			continue
		case err != nil || n == 0 && (!cons || t.keep || eofs > maxEOF):
			return false
		case n == 0: // control-D, in cooked mode
			b[0], n = eot, 1
			eofs++
		default:
			eofs = 0
		}
		keys := b[:n]
		if i := bytes.IndexByte(keys, escape); i >= 0 && cons {
			t.send(k, keys[:i])
			if t.menu(k) {
				return true
			}
			keys = keys[i+1:]
		}
		if !t.send(k, keys) {
			return true
		}
	}
}

// send sends what was typed. False: the connection is gone.
func (t *telnet) send(k *proc.Proc, keys []byte) bool {
	t.mu.Lock()
	binary, sga := t.binary, t.sga
	t.mu.Unlock()
	keys = telEscape(keys)
	switch {
	case binary:
	case sga: // a habit of those who want keys, not lines
		keys = bytes.ReplaceAll(keys, []byte("\n"), []byte("\r"))
	default:
		keys = bytes.ReplaceAll(keys, []byte("\n"), []byte("\r\n"))
	}
	return writesome(k, t.net.fd, keys)
}

// writesome writes b unless it is empty: to a pipe that would be an end of
// file. False: there was an error.
func writesome(p *proc.Proc, fd int, b []byte) bool {
	return len(b) == 0 || writeall(p, fd, b) == nil
}

// menu asks what the user wants; true if it is to quit.
func (t *telnet) menu(k *proc.Proc) (quit bool) {
	t.setraw(k, false)
	defer func() { // the other end may have changed its mind
		t.mu.Lock()
		echo := t.echo
		t.mu.Unlock()
		t.setraw(k, echo)
	}()
	for {
		line := askMenu(k)
		switch line[0] {
		case '!':
			t.system(k, line[1:])
			fmt.Fprintln(k.Stdout(), "!")
		case '.':
		case 'q':
			return true
		case 'i':
			k.Write(t.net.fd, []byte{iac, telInterrupt})
		case 'b':
			k.Write(t.net.fd, []byte{iac, telBreak})
		case 'r':
			t.mu.Lock()
			t.returns = !t.returns
			t.mu.Unlock()
		default:
			fmt.Fprint(k.Stderr(), menuHelp)
			continue
		}
		return false
	}
}
