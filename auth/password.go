package auth

import (
	"errors"
	"slices"
	"strings"
)

// trivial are passwords that everybody tries first.
var trivial = []string{"login", "guest", "change me", "passwd", "no passwd", "anonymous"}

// OKPassword tells what is wrong with a password that somebody wants to have.
func OKPassword(password string) error {
	p := password
	if len(p) >= PasswordLen {
		p = p[:PasswordLen-1]
	}
	p = strings.TrimRight(p, " ")
	if len(p) < 8 {
		return errors.New("password must be at least 8 chars")
	}
	back := []byte(p)
	slices.Reverse(back)
	if slices.Contains(trivial, p) || slices.Contains(trivial, string(back)) {
		return errors.New("trivial password")
	}
	return nil
}
