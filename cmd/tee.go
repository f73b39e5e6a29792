package cmd

import (
	"ufo/ninep"
	"ufo/proc"
)

// tee - pipe fitting
//
// Tee transcribes the standard input to the standard output and makes copies
// in the files. The options are
//
//	-i  Ignore interrupts.
//	-a  Append the output to the files rather than rewriting them.
//
// # SEE ALSO
//
// cat(1)
func teeMain(p *proc.Proc) error {
	arg := argbegin(p, "[-ai] [file ...]")
	var aflag bool
	for c := range arg.flags() {
		switch c {
		case 'a':
			aflag = true
		case 'i':
			p.Notify(func(_ *proc.Proc, note string) bool { return note == "interrupt" })
		case 'u': // a relic
		default:
			arg.usage()
		}
	}
	var fds []int
	for _, name := range arg.args {
		fd, err := teeopen(p, name, aflag)
		if err != nil {
			warn(p, "cannot open %s: %v", name, err)
			continue
		}
		fds = append(fds, fd)
	}
	b := make([]byte, iounit)
	for {
		n, err := p.Read(0, b)
		if err == ninep.ErrIntr { // ignored: otherwise the note has ended us
			continue
		}
		if err != nil || n == 0 {
			return err
		}
		// A file that is full must not keep the data from the others.
		for _, fd := range fds {
			p.Write(fd, b[:n])
		}
		p.Write(1, b[:n])
	}
}

func teeopen(p *proc.Proc, name string, appending bool) (int, error) {
	if appending {
		if fd, err := p.Open(name, ninep.OWRITE); err == nil {
			_, err = p.Seek(fd, 0, 2)
			return fd, err
		}
	}
	return p.Create(name, ninep.OWRITE, 0o666)
}
