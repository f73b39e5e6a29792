package cmd

import (
	"bytes"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// factotumCtl is where keys are added.
const factotumCtl = "/mnt/factotum/ctl"

// askKey asks on the console for the values that a key template lacks, and adds the
// key.
func askKey(p *proc.Proc, template string) error {
	line, err := promptKey(p, template)
	defer clear(line)
	if err != nil {
		return err
	}
	fd, err := p.Open(factotumCtl, ninep.OWRITE)
	if err != nil {
		return fmt.Errorf("opening %s: %w", factotumCtl, err)
	}
	defer p.Close(fd)
	if _, err := p.Write(fd, line); err != nil {
		return fmt.Errorf("sending key to factotum: %w", err)
	}
	return nil
}

// promptKey returns what ctl is to be told of a key. Secrets are asked for last.
func promptKey(p *proc.Proc, template string) ([]byte, error) {
	fd, err := p.Open("/dev/cons", ninep.ORDWR)
	if err != nil {
		return nil, err
	}
	defer p.Close(fd)
	var known string
	var public, secret []string
	for _, w := range ninep.Fields(template) {
		name, asked := strings.CutSuffix(w, "?")
		switch {
		case !asked || strings.Contains(name, "="):
			known += " " + quoteAttr(w)
		case strings.HasPrefix(name, "!"):
			secret = append(secret, name)
		default:
			public = append(public, name)
		}
	}
	fmt.Fprintf(p.FD(fd), "\n!Adding key:%s\n", known)
	line := append(make([]byte, 0, 8192), "key"+known...)
	for _, name := range append(public, secret...) {
		def := ""
		if name == "user" {
			def = p.User()
		}
		raw := strings.HasPrefix(name, "!")
		val, err := readcons(p, strings.TrimPrefix(name, "!"), def, raw)
		if err != nil {
			return line, fmt.Errorf("user terminated key input: %w", err)
		}
		// All of it may be quoted.
		line = append(append(append(line, " "+name+"='"...), bytes.ReplaceAll(val, []byte("'"), []byte("''"))...), '\'')
		clear(val)
	}
	fmt.Fprintln(p.FD(fd), "!")
	return line, nil
}

// quoteAttr quotes an attribute and its value where there are blanks in them.
func quoteAttr(w string) string {
	if strings.ContainsAny(w, " \t\r\n'") {
		return ninep.Quote(w)
	}
	return w
}
