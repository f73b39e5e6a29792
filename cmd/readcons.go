package cmd

import (
	"errors"
	"fmt"
	"path"
	"unicode/utf8"

	"ufo/auth"
	"ufo/ninep"
	"ufo/proc"
)

// errAborted is of who does not want to answer.
var errAborted = errors.New("input aborted")

// readcons asks for a line on the console and returns it, without the newline; def
// if it is empty. A secret is not shown. If descriptor 0 is not the console the
// line is read there, and nobody is asked: that is how scripts answer. See
// authsrv(2).
func readcons(p *proc.Proc, prompt, def string, secret bool) (string, error) {
	if name, err := p.Fd2path(0); err != nil || path.Base(name) != "cons" {
		return readanswer(p, def)
	}
	cons, err := p.Open("/dev/cons", ninep.ORDWR)
	if err != nil {
		return "", err
	}
	defer p.Close(cons)
	if secret {
		ctl, err := p.Open("/dev/consctl", ninep.OWRITE)
		if err != nil {
			return "", err // rather than show it
		}
		defer p.Close(ctl)
		if _, err := p.Write(ctl, []byte("rawon")); err != nil {
			return "", err
		}
		defer p.Write(cons, []byte("\n"))
	}
	if def != "" {
		prompt += "[" + def + "]"
	}
	prompt += ": "
	if _, err := p.Write(cons, []byte(prompt)); err != nil {
		return "", err
	}
	return keys(p, cons, prompt, def)
}

// keys reads a line key by key, and edits it.
func keys(p *proc.Proc, cons int, prompt, def string) (string, error) {
	var line []byte
	defer func() { clear(line[:cap(line)]) }()
	for b := []byte{0}; ; {
		n, err := p.Read(cons, b)
		if err != nil {
			return "", err
		}
		if n == 0 {
			return "", errAborted
		}
		switch c := b[0]; {
		case c == '\n' || c == '\r':
			if len(line) == 0 {
				return def, nil
			}
			return string(line), nil
		case c == '\b' || c == 0x7f:
			_, n := utf8.DecodeLastRune(line)
			line = line[:len(line)-n]
		case c == 0x15: // ^U
			line = line[:0]
			p.Write(cons, []byte("\n"+prompt))
		case c == 0x04: // ^D
			return "", errAborted
		case c >= ' ':
			line = append(line, c)
		}
	}
}

// readanswer reads a line of descriptor 0, byte by byte: what follows it is for
// others.
func readanswer(p *proc.Proc, def string) (string, error) {
	line, err := (&reader{p: p}).line(0)
	if err != nil {
		return "", err
	}
	switch n := len(line); {
	case n == 0:
		return "", errAborted
	case line[n-1] == '\n':
		line = line[:n-1]
	}
	if len(line) == 0 {
		return def, nil
	}
	return string(line), nil
}

// answer asks a question, and reports whether the answer is yes.
func answer(p *proc.Proc, question string) (bool, error) {
	s, err := readcons(p, question+" [y/n]", "", false)
	return s != "" && (s[0] == 'y' || s[0] == 'Y'), err
}

// getpass asks for a password until it gets one: a good one, if so wanted, and twice
// the same.
func getpass(p *proc.Proc, good, confirm bool) (string, error) {
	for {
		s, err := readcons(p, "Password", "", true)
		if err != nil {
			return "", fmt.Errorf("no password: %w", err)
		}
		if good {
			if err := auth.OKPassword(s); err != nil {
				fmt.Fprintf(p.Stdout(), "%v, try again\n", err)
				continue
			}
		}
		if len(s) >= auth.PasswordLen {
			fmt.Fprintf(p.Stdout(), "password longer than %d characters\n", auth.PasswordLen-1)
			continue
		}
		if confirm {
			again, err := readcons(p, "Confirm password", "", true)
			if err != nil {
				return "", fmt.Errorf("no password: %w", err)
			}
			if again != s {
				fmt.Fprintln(p.Stdout(), "mismatch, try again")
				continue
			}
		}
		return s, nil
	}
}
