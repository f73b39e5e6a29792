package awk

import (
	"ufo/ninep"
	"ufo/proc"
)

// A writer is a file or pipe that is written to.
type writer struct {
	fd   int
	name string
	buf  []byte
}

// bufsize is how much a writer gathers.
const bufsize = 8192

// A mode is what a file has been opened for.
type mode byte

const (
	reading  mode = '<' // getline <file
	readcmd  mode = 'r' // cmd | getline
	writing  mode = '>'
	adding   mode = 'a' // >>; while open the file is as one of >
	writecmd mode = '|'
)

// standard is how many files are open from the beginning and stay so.
const standard = 3

// A file is open: one of in and out is not nil.
type file struct {
	name string
	mode mode
	in   *reader
	out  *writer
	pid  int // of the command at the other end
}

// fd returns its descriptor.
func (f *file) fd() int {
	if f.in != nil {
		return f.in.fd
	}
	return f.out.fd
}

// flushwriter writes what w has gathered. The buffer is empty before: a note may
// come during the write, and what is deferred must not write it again.
func (m *machine) flushwriter(w *writer) {
	if len(w.buf) == 0 {
		return
	}
	b := w.buf
	w.buf = w.buf[:0]
	if _, err := m.p.FD(w.fd).Write(b); err != nil {
		m.fatal("write error on %s", w.name)
	}
}

// flush writes what all writers have gathered.
func (m *machine) flush() {
	m.flushwriter(m.stdout)
	for _, f := range m.files {
		if f != nil && f.out != nil {
			m.flushwriter(f.out)
		}
	}
}

// open returns the file of a name, which it opens if it is not open for that.
// It returns nil if it cannot.
func (m *machine) open(name string, how mode) *file {
	if name == "" {
		m.fatal("null file name in print or getline")
	}
	free := -1
	for i, f := range m.files {
		switch {
		case f == nil:
			if free < 0 {
				free = i
			}
		case f.name == name && (f.mode == how || f.mode == writing && how == adding):
			return f
		}
	}
	m.flush()
	f := m.newfile(name, how)
	switch {
	case f == nil:
	case free >= 0:
		m.files[free] = f
	default:
		m.files = append(m.files, f)
	}
	return f
}

// newfile opens a file, or runs a command.
func (m *machine) newfile(name string, how mode) *file {
	f := &file{name: name, mode: how}
	fd := -1
	var err error
	switch how {
	case reading:
		if name == "-" {
			f.in = m.stdin
			return f
		}
		fd, err = m.p.Open(name, ninep.OREAD)
	case writing:
		fd, err = m.p.Create(name, ninep.OWRITE, 0o666)
	case adding:
		f.mode = writing
		if fd, err = m.p.Open(name, ninep.OWRITE); err != nil {
			fd, err = m.p.Create(name, ninep.OWRITE, 0o666)
		} else {
			m.p.Seek(fd, 0, 2) // what has no end, as a pipe, is written as it is
		}
	default:
		fd, f.pid, err = m.popen(name, how)
	}
	if err != nil {
		return nil
	}
	if how == reading || how == readcmd {
		f.in = &reader{fd: fd, name: name}
	} else {
		f.out = &writer{fd: fd, name: name}
	}
	return f
}

// popen runs a command at the other end of a pipe.
func (m *machine) popen(cmd string, how mode) (fd, pid int, err error) {
	ours, theirs, err := m.p.Pipe()
	if err != nil {
		return -1, 0, err
	}
	std := 0
	if how == readcmd {
		std = 1
	}
	close := append(m.fds(), ours, theirs)
	pid, err = m.p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
		if _, err := p.Dup(theirs, std); err != nil {
			return err
		}
		return rc(p, cmd, close)
	})
	m.p.Close(theirs)
	if err != nil {
		m.p.Close(ours)
		return -1, 0, err
	}
	return ours, pid, nil
}

// fds returns the descriptors of the files that are open.
func (m *machine) fds() (fds []int) {
	for _, f := range m.files {
		if f != nil && f.fd() > 2 {
			fds = append(fds, f.fd())
		}
	}
	if m.in != nil && m.in != m.stdin {
		fds = append(fds, m.in.fd)
	}
	return fds
}

// rc makes the process one of rc that runs cmd, without the descriptors that
// are awk's own.
func rc(p *proc.Proc, cmd string, close []int) error {
	for _, fd := range close {
		p.Close(fd)
	}
	p.Exec("/bin/rc", []string{"rc", "-c", cmd})
	p.Exits("exec")
	return nil
}

// system runs a command and returns 0, or 1 if it says that it failed.
func (m *machine) system(cmd string) float64 {
	m.flush()
	fds := m.fds()
	pid, err := m.p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
		return rc(p, cmd, fds)
	})
	if err != nil {
		return -1
	}
	return m.wait(pid)
}

// wait waits for a command, and notes what others say that end before.
func (m *machine) wait(pid int) float64 {
	for {
		if status, ok := m.ended[pid]; ok {
			delete(m.ended, pid)
			return status
		}
		w, err := m.p.Wait()
		if err != nil {
			return 1
		}
		m.ended[w.Pid] = 0
		if w.Msg != "" {
			m.ended[w.Pid] = 1
		}
	}
}

// closefile closes what is open under a name. It returns the status of a
// command as system does, 0 for a file, and -1 if nothing was open.
func (m *machine) closefile(name string) float64 {
	status := -1.0
	for i, f := range m.files {
		if f == nil || f.name != name {
			continue
		}
		status = m.closed(f)
		if i >= standard {
			m.files[i] = nil
		}
	}
	return status
}

// closed closes f, and waits for its command.
func (m *machine) closed(f *file) float64 {
	if f.out != nil {
		m.flushwriter(f.out)
	}
	if f.fd() > 2 {
		m.p.Close(f.fd())
	}
	if f.pid != 0 {
		return m.wait(f.pid)
	}
	return 0
}

// closeall closes all files, in the order in which they were opened.
func (m *machine) closeall() {
	m.flush()
	for i, f := range m.files {
		if f != nil {
			m.files[i] = nil
			m.closed(f)
		}
	}
}

// fflush writes what has been gathered for a name, or for all if that is empty.
func (m *machine) fflush(name string) float64 {
	if name == "" {
		m.flush()
		return 0
	}
	status := -1.0
	for _, f := range m.files {
		if f != nil && f.name == name && f.out != nil {
			m.flushwriter(f.out)
			status = 0
		}
	}
	return status
}
