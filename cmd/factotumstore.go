package cmd

import (
	"bytes"
	"cmp"
	"fmt"

	"ufo/proc"
)

// storedKeys is the file in a secstore that has the keys of a factotum.
const storedKeys = "factotum"

// fetch adds the keys that the owner has in his secstore. It asks him for the
// password, unless a machine's memory has it. It is no failure that there is no
// server, no account or no file.
func (a *agent) fetch(p *proc.Proc) {
	if a.cfg.Server && a.secret == "" {
		return
	}
	s := secClient{p: p, user: a.cfg.Owner, known: a.secret}
	s.find()
	if !a.open && !a.cfg.Chat {
		private(p)
	}
	c, err := s.login()
	if err == nil {
		err = within(p, secLogin, func() error {
			data, err := c.Get(storedKeys)
			if err == nil {
				defer clear(data)
				err = cmp.Or(c.Bye(), a.add(data))
			}
			return err
		})
	}
	if err != nil && s.answered {
		warn(p, "secstore: %v", err)
	}
}

// add does what each line of a file says, as if it was written to ctl. The error is
// that of the first line that is wrong, which may be secret.
func (a *agent) add(data []byte) error {
	var first error
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if err := a.f.Ctl(line); err != nil && first == nil {
			first = fmt.Errorf("%s:%d: %w", storedKeys, n, err)
		}
	}
	return first
}
