package cmd

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// p - paginate
//
// P copies its standard input, or the named files if given, to its standard
// output. At the end of every 22nd line of a file, if there are more, it stops
// and waits for a newline from the user. On a console whose size is known it
// stops when its window is full; a line that is longer than the window is wide
// takes several of its rows. The option sets the number of lines on a page.
//
// While waiting for a newline, p interprets the commands:
//
//	!  Pass the rest of the line to the shell as a command.
//	q  Quit. So does p when the console has no more lines.
//
// # FILES
//
//	/dev/cons
//	/dev/winsize
//
// # SEE ALSO
//
// man(1), mc(1), cons(3)
//
// # BUGS
//
// Each character is taken to be one column wide.
func pMain(p *proc.Proc) error {
	arg := argbegin(p, "[-number] [file ...]")
	fd, err := p.Open("/dev/cons", ninep.OREAD)
	if err != nil {
		warn(p, "can't open /dev/cons: %v", err)
		return status("missing /dev/cons")
	}
	pg := pager{p: p, consfd: fd, cons: input(p, fd), out: stdout(p), lines: 22}
	defer flush(p, pg.out)
	if rows, cols := consoleSize(p); rows > 1 {
		pg.lines, pg.cols = rows-1, cols
	}
	if len(arg.args) > 0 && strings.HasPrefix(arg.args[0], "-") {
		n, err := strconv.Atoi(arg.args[0][1:])
		if err != nil || n <= 0 {
			arg.usage()
		}
		pg.lines, pg.cols, arg.args = n, 0, arg.args[1:]
	}
	return eachfile(p, arg.args, func(fd int, _ string) error { return pg.print(input(p, fd)) })
}

// A pager prints pages and waits between them.
type pager struct {
	p      *proc.Proc
	consfd int
	cons   *bufio.Reader
	out    *bufio.Writer
	lines  int // of a page
	cols   int // of the window, in rows of which lines are counted; 0: each is one
	rows   int // printed of the page
}

// print prints a file, on a new page. The newline of a full page's last line
// is the user's.
func (pg *pager) print(in *bufio.Reader) error {
	end := "" // what ends the last line
	for first := true; ; first = false {
		line, err := readline(in)
		if err == io.EOF {
			pg.out.WriteString(end)
			return pg.out.Flush()
		}
		if err != nil {
			return err
		}
		text, ended := strings.CutSuffix(string(line), "\n")
		rows := rowsOf(text, pg.cols)
		if pg.rows > 0 && (first || pg.rows+rows > pg.lines) {
			pg.rows, end = 0, ""
			pg.out.Flush()
			if err := pg.wait(); err != nil {
				return err
			}
		}
		pg.out.WriteString(end + text)
		pg.rows += rows
		if end = ""; ended {
			end = "\n"
		}
	}
}

// rowsOf returns how many rows a line takes in a window that is so wide; 0 for
// as wide as can be.
func rowsOf(line string, cols int) int {
	if cols <= 0 {
		return 1
	}
	return max(1, (utf8.RuneCountInString(expand(line, 8))+cols-1)/cols)
}

// consoleSize returns the size of the window in which output appears: 0 and 0
// if that goes elsewhere, or nobody knows.
func consoleSize(p *proc.Proc) (rows, cols int) {
	out, err := p.Fstat(1)
	if err != nil {
		return 0, 0
	}
	cons, err := p.Stat("/dev/cons")
	if err != nil || out.Type != cons.Type || out.Dev != cons.Dev || out.Qid.Path != cons.Qid.Path {
		return 0, 0
	}
	fd, err := p.Open("/dev/winsize", ninep.OREAD)
	if err != nil {
		return 0, 0
	}
	defer p.Close(fd)
	b := make([]byte, 64)
	n, err := p.Read(fd, b)
	if err != nil {
		return 0, 0
	}
	fmt.Sscan(string(b[:n]), &rows, &cols)
	return rows, cols
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
