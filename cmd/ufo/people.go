package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"ufo/grid"
)

// passwordFile is where the passwords are kept that were made for people.
const passwordFile = "passwords"

// people makes those known to the file server whom -users names, and returns those
// who have no password yet, with one.
func (h *host) people() ([]grid.Person, error) {
	file := h.state.file(passwordFile)
	if h.c.fresh && !h.c.mem {
		if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	var list []grid.Person
	for name := range strings.SplitSeq(h.c.users, ",") {
		if name == "" {
			continue
		}
		if err := h.disk.Newuser(context.Background(), name); err != nil {
			return nil, usageError(fmt.Sprintf("-users %s: %v", h.c.users, err))
		}
		if h.c.mem || !hasPassword(file, name) {
			list = append(list, grid.Person{Name: name, Password: newPassword()})
		}
	}
	return list, nil
}

// newPassword returns a password of 80 random bits.
func newPassword() string {
	s := strings.ToLower(rand.Text())
	return strings.Join([]string{s[:4], s[4:8], s[8:12], s[12:16]}, "-")
}

// hasPassword reports whether there is a password for somebody in the file.
func hasPassword(file, name string) bool {
	b, _ := os.ReadFile(file)
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == name {
			return true
		}
	}
	return false
}

// tell tells the passwords of people, once, and keeps them in a file that only the
// user can read, unless the grid keeps nothing.
func (h *host) tell(people []grid.Person) error {
	switch {
	case len(people) == 0:
		return nil
	case h.grid.Domain() == "":
		h.log("-users: no passwords, as no node is an authentication server with a key for them")
		return nil
	}
	kept := ""
	if !h.c.mem {
		kept = ", kept in " + h.state.file(passwordFile)
		f, err := os.OpenFile(h.state.file(passwordFile), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0600)
		if err != nil {
			return err
		}
		defer f.Close()
		for _, p := range people {
			if _, err := fmt.Fprintf(f, "%s %s\n", p.Name, p.Password); err != nil {
				return err
			}
		}
	}
	for _, p := range people {
		h.log(fmt.Sprintf("the password of %s is %s%s", p.Name, p.Password, kept))
	}
	return nil
}
