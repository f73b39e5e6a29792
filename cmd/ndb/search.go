package ndb

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Open reads the database whose root is the file name, "/lib/ndb/local" for
// Plan 9's programs, with the files that its database tuple includes. The
// root is searched first unless the tuple gives it another place. As in Plan 9
// an included file that does not exist is left out.
func Open(name string, read func(name string) ([]byte, error)) (*DB, error) {
	text, err := read(name)
	if err != nil {
		return nil, err
	}
	root, err := Parse(name, string(text))
	if err != nil {
		return nil, err
	}
	files := []string{}
	for _, t := range root.Search("database", "") {
		files = append(files, t.All("file")...)
	}
	if !slices.Contains(files, name) {
		files = slices.Insert(files, 0, name)
	}
	db := new(DB)
	seen := map[string]bool{}
	for _, file := range files {
		if seen[file] {
			continue
		}
		seen[file] = true
		part := root
		if file != name {
			text, err := read(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if part, err = Parse(file, string(text)); err != nil {
				return nil, err
			}
		}
		db.Tuples = append(db.Tuples, part.Tuples...)
	}
	return db, nil
}

// Search returns the tuples that have attr=val, in order.
func (db *DB) Search(attr, val string) []*Tuple {
	var found []*Tuple
	for _, t := range db.Tuples {
		if t.Match(attr, val) {
			found = append(found, t)
		}
	}
	return found
}

// With returns the tuples that have attr with any value, in order.
func (db *DB) With(attr string) []*Tuple {
	var found []*Tuple
	for _, t := range db.Tuples {
		if t.Has(attr) {
			found = append(found, t)
		}
	}
	return found
}

// Value returns the value of rattr in the first tuple that has both attr=val
// and rattr, and that tuple; nil if there is none. A pair on the line of
// attr=val is preferred.
func (db *DB) Value(attr, val, rattr string) (string, *Tuple) {
	for _, t := range db.Search(attr, val) {
		if vals := t.Near(attr, val, rattr); len(vals) > 0 {
			return vals[0], t
		}
	}
	return "", nil
}

// Pairs yields the pairs of the tuple.
func (t *Tuple) Pairs(yield func(Pair) bool) {
	for _, l := range t.Lines {
		for _, p := range l.Pairs {
			if !yield(p) {
				return
			}
		}
	}
}

// Match reports whether the tuple has attr=val.
func (t *Tuple) Match(attr, val string) bool {
	for p := range t.Pairs {
		if p == (Pair{attr, val}) {
			return true
		}
	}
	return false
}

// Has reports whether the tuple has attr, with or without a value.
func (t *Tuple) Has(attr string) bool {
	for p := range t.Pairs {
		if p.Attr == attr {
			return true
		}
	}
	return false
}

// Get returns the first value of attr in the tuple, "" if it has none.
func (t *Tuple) Get(attr string) string {
	for p := range t.Pairs {
		if p.Attr == attr {
			return p.Val
		}
	}
	return ""
}

// All returns the values of attr in the tuple, in order.
func (t *Tuple) All(attr string) []string {
	var vals []string
	for p := range t.Pairs {
		if p.Attr == attr {
			vals = append(vals, p.Val)
		}
	}
	return vals
}

// Near returns the values of rattr in the tuple: those on a line with
// attr=val come first, then the others.
func (t *Tuple) Near(attr, val, rattr string) []string {
	var near, far []string
	for _, l := range t.Lines {
		to := &far
		if slices.Contains(l.Pairs, Pair{attr, val}) {
			to = &near
		}
		for _, p := range l.Pairs {
			if p.Attr == rattr {
				*to = append(*to, p.Val)
			}
		}
	}
	return append(near, far...)
}

// IPAttr returns the attribute that a system of this name is found by:
// "ip" for an address, "dom" for a name with a dot, else "sys".
func IPAttr(name string) string {
	if _, ok := parseIP(name); ok {
		return "ip"
	}
	if strings.Contains(name, ".") {
		return "dom"
	}
	return "sys"
}
