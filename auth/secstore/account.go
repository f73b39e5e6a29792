package secstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Account is a user of a server, as in a file of /adm/secstore/who.
type Account struct {
	Expire   time.Time // zero: never
	Disabled bool
	STA      bool   // the password is not enough
	Failed   int    // attempts to log in, in a row
	Other    string // what else is known
	Hi       Hi
}

// ParseAccount reads an account from the contents of its file.
func ParseAccount(text []byte) (*Account, error) {
	a := new(Account)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		attr, value := line, ""
		if i := strings.IndexAny(line, " \t"); i >= 0 {
			attr, value = line[:i], strings.TrimLeft(line[i:], " \t")
		}
		var err error
		switch attr {
		case "exp":
			var sec uint64
			if sec, err = strconv.ParseUint(value, 10, 32); sec != 0 {
				a.Expire = time.Unix(int64(sec), 0)
			}
		case "DISABLED":
			a.Disabled = true
		case "STA":
			a.STA = true
		case "failed":
			var n uint64
			n, err = strconv.ParseUint(value, 10, 16)
			a.Failed = int(n)
		case "other":
			a.Other = value
		case "PAK-Hi":
			a.Hi, err = ParseHi(value)
		}
		if err != nil {
			return nil, ErrAccount
		}
	}
	if a.Hi.n == nil {
		return nil, ErrAccount
	}
	return a, nil
}

// Text returns the contents of the file.
func (a *Account) Text() []byte {
	exp := int64(0)
	if !a.Expire.IsZero() {
		exp = a.Expire.Unix()
	}
	b := fmt.Appendf(nil, "exp\t%d\n", exp)
	if a.Disabled {
		b = append(b, "DISABLED\n"...)
	}
	if a.STA {
		b = append(b, "STA\n"...)
	}
	if a.Failed > 0 {
		b = fmt.Appendf(b, "failed\t%d\n", a.Failed)
	}
	if a.Other != "" {
		b = fmt.Appendf(b, "other\t%s\n", a.Other)
	}
	return fmt.Appendf(b, "PAK-Hi\t%s\n", a.Hi)
}
