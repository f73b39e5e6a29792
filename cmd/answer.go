package cmd

import (
	"fmt"
	"path"

	"ufo/auth"
	"ufo/proc"
)

// ask asks for a line on the console, as readcons does. If descriptor 0 is not the
// console the line is read there, and nobody is asked: that is how scripts answer.
func ask(p *proc.Proc, prompt, def string, secret bool) (string, error) {
	var line []byte
	name, err := p.Fd2path(0)
	if err == nil && path.Base(name) == "cons" {
		line, err = readcons(p, prompt, def, secret)
	} else {
		line, err = readanswer(p, def)
	}
	defer clear(line)
	return string(line), err
}

// readanswer reads a line of descriptor 0, byte by byte: what follows it is for
// others.
func readanswer(p *proc.Proc, def string) ([]byte, error) {
	line, err := (&reader{p: p}).line(0)
	if err != nil {
		return nil, err
	}
	switch n := len(line); {
	case n == 0:
		return nil, errAborted
	case line[n-1] == '\n':
		line = line[:n-1]
	}
	if len(line) == 0 {
		line = []byte(def)
	}
	return line, nil
}

// answer asks a question, and reports whether the answer is yes.
func answer(p *proc.Proc, question string) (bool, error) {
	s, err := ask(p, question+" [y/n]", "", false)
	return s != "" && (s[0] == 'y' || s[0] == 'Y'), err
}

// getpass asks for a password until it gets one: a good one, if so wanted, and twice
// the same.
func getpass(p *proc.Proc, good, confirm bool) (string, error) {
	for {
		s, err := ask(p, "Password", "", true)
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
			again, err := ask(p, "Confirm password", "", true)
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
