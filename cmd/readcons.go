package cmd

import (
	"errors"
	"fmt"

	"ufo/ninep"
	"ufo/proc"
)

// errAborted is for who was asked and does not want to say.
var errAborted = errors.New("input aborted")

// readcons asks on the console and returns the line that is typed, or def for an
// empty one. If raw, what is typed is not shown, and the caller overwrites it. See
// authsrv(2).
func readcons(p *proc.Proc, prompt, def string, raw bool) ([]byte, error) {
	fd, err := p.Open("/dev/cons", ninep.ORDWR)
	if err != nil {
		return nil, err
	}
	defer p.Close(fd)
	if raw {
		ctl, err := p.Open("/dev/consctl", ninep.OWRITE)
		if err != nil {
			return nil, err
		}
		defer p.Close(ctl) // which ends raw mode, too
		if _, err := p.Write(ctl, []byte("rawon")); err != nil {
			return nil, err
		}
		defer fmt.Fprintln(p.FD(fd))
	}
	if def != "" {
		prompt += "[" + def + "]"
	}
	fmt.Fprintf(p.FD(fd), "%s: ", prompt)
	line, err := typed(p, fd, prompt)
	if len(line) == 0 && err == nil {
		line = []byte(def)
	}
	return line, err
}

// maxTyped is how long a line may be that is typed without being shown.
const maxTyped = 512

// typed returns a line that is typed key by key.
func typed(p *proc.Proc, fd int, prompt string) ([]byte, error) {
	line := make([]byte, 0, maxTyped)
	for c := []byte{0}; ; {
		n, err := p.Read(fd, c)
		switch {
		case err != nil:
			return nil, err
		case n == 0 || c[0] == 'C'-'@' || c[0] == 'D'-'@':
			clear(line)
			return nil, errAborted
		case c[0] == '\n' || c[0] == '\r':
			return line, nil
		case c[0] == '\b' || c[0] == 0x7f: // a character may be several bytes
			for len(line) > 0 && line[len(line)-1]&0xC0 == 0x80 {
				line = line[:len(line)-1]
			}
			line = line[:max(len(line)-1, 0)]
		case c[0] == 'U'-'@':
			line = line[:0]
			fmt.Fprintf(p.FD(fd), "\n%s: ", prompt)
		case c[0] >= ' ' && len(line) < maxTyped:
			line = append(line, c[0])
		}
	}
}
