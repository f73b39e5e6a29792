package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// iounit is how much commands read at a time.
const iounit = 32 * 1024

// copyfd copies what descriptor from has to descriptor to, a write for each
// read, so that boundaries stay. Errors are printed with the given names.
func copyfd(p *proc.Proc, from, to int, fromname, toname string) error {
	return copybuf(p, from, to, make([]byte, iounit), fromname, toname)
}

// copybuf is copyfd with as many bytes at a time as b has.
func copybuf(p *proc.Proc, from, to int, b []byte, fromname, toname string) error {
	for {
		n, err := p.Read(from, b)
		if err != nil {
			return fatal(p, "error reading %s: %v", fromname, err)
		}
		if n == 0 {
			return nil
		}
		if err := writeall(p, to, b[:n]); err != nil {
			return fatal(p, "error writing %s: %v", toname, err)
		}
	}
}

// writeall writes b with one write. Fewer bytes taken than given is an error
// in Plan 9's convention.
func writeall(p *proc.Proc, fd int, b []byte) error {
	n, err := p.Write(fd, b)
	if err == nil && n != len(b) {
		err = ninep.ErrIO
	}
	return err
}

// puts writes s on descriptor 1 with one write. The error is the exit status.
func puts(p *proc.Proc, s string) error {
	if err := writeall(p, 1, []byte(s)); err != nil {
		warn(p, "write error: %v", err)
		return status("write error")
	}
	return nil
}

// stdout returns descriptor 1 buffered. The caller defers flush, which runs
// also when the command leaves through Exits.
func stdout(p *proc.Proc) *bufio.Writer { return bufio.NewWriterSize(p.Stdout(), 8192) }

// flush writes what a command has left in out. What cannot be written is
// reported, and the status says so. (If nobody reads a pipe any more there
// is nobody to tell: the note ends the process, perhaps in a write before.)
func flush(p *proc.Proc, out *bufio.Writer) {
	if err := out.Flush(); err != nil && !p.Ended() {
		warn(p, "write error: %v", err)
		p.Exits("write error")
	}
}

// input returns descriptor fd buffered.
func input(p *proc.Proc, fd int) *bufio.Reader { return bufio.NewReaderSize(p.FD(fd), iounit) }

// eachfile calls f for each named file, open for reading, or for descriptor 0
// and the name "" when there are none. A file that cannot be opened, or that f
// cannot read, is reported and passed over. The error is the last one: an
// exit status.
func eachfile(p *proc.Proc, names []string, f func(fd int, name string) error) (last error) {
	if len(names) == 0 {
		if err := f(0, ""); err != nil {
			last = fatal(p, "error reading <stdin>: %v", err)
		}
		return last
	}
	for _, name := range names {
		fd, err := p.Open(name, ninep.OREAD)
		if err != nil {
			last = fatal(p, "can't open %s: %v", name, err)
			continue
		}
		if err := f(fd, name); err != nil {
			last = fatal(p, "error reading %s: %v", name, err)
		}
		p.Close(fd)
	}
	return last
}

// maxline bounds a line. Some files have no end and no newline, and all nodes
// live in the memory of one program.
const maxline = 16 << 20

// maxkept bounds what a command keeps of its input, for the same reason.
const maxkept = 256 << 20

var errSpace = errors.New("out of memory")

// readall reads all that in has.
func readall(in io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, maxkept+1))
	if len(b) > maxkept {
		return nil, errSpace
	}
	return b, err
}

var errLineLong = errors.New("line too long")

// readline returns the next line of in with its newline, which the last line
// may lack. At end of file it returns io.EOF and nothing.
func readline(in *bufio.Reader) ([]byte, error) {
	line, err := (&lineReader{in: in}).next()
	return bytes.Clone(line), err
}

// A lineReader reads lines without copying them.
type lineReader struct {
	in   *bufio.Reader
	long []byte // a line that has no room in in
}

// next returns the next line with its newline, which the last line may lack.
// It is valid until the next call. At end of file it returns io.EOF and
// nothing.
func (l *lineReader) next() ([]byte, error) {
	line, err := l.in.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	l.long = append(l.long[:0], line...)
	for err == bufio.ErrBufferFull {
		if len(l.long) >= maxline {
			return nil, errLineLong
		}
		line, err = l.in.ReadSlice('\n')
		l.long = append(l.long, line...)
	}
	if len(l.long) > 0 {
		return l.long, nil
	}
	return nil, err
}

// readdir returns the entries of a directory in its order.
func readdir(p *proc.Proc, name string) ([]ninep.Dir, error) {
	fd, err := p.Open(name, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer p.Close(fd)
	var all []ninep.Dir
	for {
		dirs, err := p.ReadDir(fd)
		if err != nil || len(dirs) == 0 {
			return all, err
		}
		all = append(all, dirs...)
	}
}

// samefile reports whether two entries are the same file's: of the same
// server, with the same qid.
func samefile(a, b ninep.Dir) bool {
	return a.Type == b.Type && a.Dev == b.Dev && a.Qid == b.Qid
}

// skiprunes returns the offset in b after n characters.
func skiprunes(b []byte, n int) int {
	i := 0
	for ; n > 0 && i < len(b); n-- {
		_, size := utf8.DecodeRune(b[i:])
		i += size
	}
	return i
}

// openarg opens a file named by an argument: "-" is the standard input.
func openarg(p *proc.Proc, name string) (int, error) {
	if name == "-" {
		return 0, nil
	}
	fd, err := p.Open(name, ninep.OREAD)
	if err != nil {
		return -1, fatal(p, "can't open %s: %v", name, err)
	}
	return fd, nil
}
