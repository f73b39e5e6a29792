// Package ndb reads network database files, the format of ndb(6), and
// searches them the way ndb(2) does. It opens no files itself: the caller
// says how a file is read, so that the same code serves a program inside a
// node and the reader of a grid's topology.
package ndb

import (
	"fmt"
	"strings"
)

// A Pair is one attr=val of a tuple. A bare attr has the value "".
type Pair struct {
	Attr, Val string
}

// A Line holds the pairs that stand on one line: these belong together
// closer than pairs on different lines of a tuple do.
type Line struct {
	Num   int // number of the line in its file, from 1
	Pairs []Pair
}

// A Tuple is one entry of the database: a line that starts without white
// space and the lines after it that do not. It is never without a pair.
type Tuple struct {
	File  string // where it was read
	Lines []Line
}

// A DB is a database: the tuples of its files, in the order of the search.
type DB struct {
	Tuples []*Tuple
}

// String returns the pair as a database file has it, quoted where needed.
func (p Pair) String() string {
	switch {
	case p.Val == "":
		return p.Attr + "="
	case strings.ContainsAny(p.Val, " \t\r#") && !strings.Contains(p.Val, `"`):
		return p.Attr + `="` + p.Val + `"`
	}
	return p.Attr + "=" + p.Val
}

// String returns the pairs of the tuple on one line, as ndb/query prints it.
func (t *Tuple) String() string {
	var words []string
	for p := range t.Pairs {
		words = append(words, p.String())
	}
	return strings.Join(words, " ")
}

// Errorf returns an error that names the file and the line of the tuple and
// its first pair: "four.ndb:7: sys=n2: no ip address".
func (t *Tuple) Errorf(format string, a ...any) error {
	l := t.Lines[0]
	return fmt.Errorf("%s:%d: %v: %s", t.File, l.Num, l.Pairs[0], fmt.Sprintf(format, a...))
}

// Parse reads the text of one file. The name is for error messages, which
// also have the number of the line and the tuple: "file:7: sys=n2: no closing
// quote".
func Parse(name, text string) (*DB, error) {
	db := new(DB)
	var t *Tuple
	num := 0
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		num++
		pairs, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s%w", name, num, where(t, line), err)
		}
		if len(pairs) == 0 {
			continue
		}
		if isWhite(line[0]) && t == nil {
			return nil, fmt.Errorf("%s:%d: %v: line continues no tuple", name, num, pairs[0])
		}
		if !isWhite(line[0]) {
			t = &Tuple{File: name}
			db.Tuples = append(db.Tuples, t)
		}
		t.Lines = append(t.Lines, Line{num, pairs})
	}
	return db, nil
}

// where names the tuple that line continues, if it does.
func where(t *Tuple, line string) string {
	if t == nil || !isWhite(line[0]) {
		return ""
	}
	return t.Lines[0].Pairs[0].String() + ": "
}

func isWhite(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// parseLine returns the pairs of one line: none if it is blank or a comment.
func parseLine(s string) ([]Pair, error) {
	var pairs []Pair
	for {
		s = strings.TrimLeft(s, " \t\r")
		if s == "" || s[0] == '#' {
			return pairs, nil
		}
		var p Pair
		p.Attr, s = cut(s, " \t\r=")
		if p.Attr == "" {
			return nil, fmt.Errorf("no attribute before %q", s)
		}
		if val, ok := strings.CutPrefix(strings.TrimLeft(s, " \t\r"), "="); ok {
			var err error
			if p.Val, s, err = parseVal(val); err != nil {
				return nil, fmt.Errorf("%s=: %w", p.Attr, err)
			}
		}
		pairs = append(pairs, p)
	}
}

// parseVal returns the value at the start of s and what follows it.
func parseVal(s string) (val, rest string, err error) {
	if s == "" || s[0] != '"' {
		if strings.HasPrefix(s, "#") {
			return "", s, nil
		}
		val, rest = cut(s, " \t\r")
		return val, rest, nil
	}
	val, rest, ok := strings.Cut(s[1:], `"`)
	if !ok {
		return "", "", fmt.Errorf("no closing quote")
	}
	return val, rest, nil
}

// cut splits s before the first of the characters.
func cut(s, chars string) (string, string) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}
