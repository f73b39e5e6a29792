package cmd

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// p - paginate
//
// P copies its standard input, or the named files if given, to its standard
// output, stopping at the end of every 22nd line, and between files, to wait
// for a newline from the user. The option sets the number of lines on a
// page.
//
// While waiting for a newline, p interprets the commands:
//
//	!  Pass the rest of the line to the shell as a command.
//	q  Quit. So does p when the console has no more lines.
//
// # SEE ALSO
//
// man(1), mc(1)
func pMain(p *proc.Proc) error {
	arg := argbegin(p, "[-number] [file ...]")
	fd, err := p.Open("/dev/cons", ninep.OREAD)
	if err != nil {
		warn(p, "can't open /dev/cons: %v", err)
		return status("missing /dev/cons")
	}
	pg := pager{p: p, consfd: fd, cons: input(p, fd), out: stdout(p), lines: 22}
	defer flush(p, pg.out)
	if len(arg.args) > 0 && strings.HasPrefix(arg.args[0], "-") {
		n, err := strconv.Atoi(arg.args[0][1:])
		if err != nil || n <= 0 {
			arg.usage()
		}
		pg.lines, arg.args = n, arg.args[1:]
	}
	return eachfile(p, arg.args, func(fd int, _ string) error { return pg.print(input(p, fd)) })
}

// A pager prints pages and waits between them.
type pager struct {
	p      *proc.Proc
	consfd int
	cons   *bufio.Reader
	out    *bufio.Writer
	lines  int  // of a page
	begun  bool // something was printed since the last wait
}

// print prints a file. The newline of a full page's last line is the user's.
func (pg *pager) print(in *bufio.Reader) error {
	for n := 1; ; n++ {
		line, err := readline(in)
		if err == io.EOF {
			return pg.out.Flush()
		}
		if err != nil {
			return err
		}
		if n == 1 && pg.begun { // by the file before
			if err := pg.wait(); err != nil {
				return err
			}
		}
		full := n%pg.lines == 0
		if full {
			line = bytes.TrimSuffix(line, []byte("\n"))
		}
		pg.out.Write(line)
		if pg.begun = !full; full {
			pg.out.Flush()
			if err := pg.wait(); err != nil {
				return err
			}
		}
	}
}

// wait reads commands until one is a newline. It does not return when the
// user has had enough.
func (pg *pager) wait() error {
	for {
		cmd, err := pg.cons.ReadString('\n')
		if err != nil || strings.HasPrefix(cmd, "q") {
			pg.p.Exits("")
		}
		if !strings.HasPrefix(cmd, "!") {
			return nil
		}
		_, err = pg.p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			_, err := p.Dup(pg.consfd, 0)
			if err == nil {
				err = p.Exec("/bin/rc", []string{"rc", "-c", strings.TrimSuffix(cmd[1:], "\n")})
			}
			return fatal(p, "rc: %v", err)
		})
		if err != nil {
			return err
		}
		if _, err := pg.p.Wait(); err != nil {
			return err
		}
	}
}
