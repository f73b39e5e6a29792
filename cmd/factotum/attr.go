package factotum

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"ufo/ninep"
)

// An attr is an attribute of a key and its value, or of a pattern: what a key
// must have.
type attr struct {
	name, val string
	query     bool // name?, in a pattern: whatever the value
}

// attrs are those of a key that anybody may see, of a pattern, or of an answer.
type attrs []attr

// A secret is an attribute whose name begins with an exclamation mark. Its value is
// in memory that can be overwritten.
type secret struct {
	name string
	val  []byte
}

// Format prints the name, whatever it is asked for.
func (s secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, quote(s.name)+"?") }

// wipe overwrites the values of secrets.
func wipe(list []secret) {
	for _, s := range list {
		clear(s.val)
	}
}

// parse returns the attributes in a line: name=value, name? or name, which has an
// empty value. What stands in quotes may have blanks. A name? is dropped if there is
// a value for it.
func parse(line []byte) (attrs, []secret) {
	buf := bytes.Clone(line)
	defer clear(buf)
	var list attrs
	var secrets []secret
	for _, w := range words(buf) {
		name, val, has := bytes.Cut(w, []byte("="))
		switch {
		case !has && bytes.HasSuffix(name, []byte("?")):
			list = append(list, attr{name: string(name[:len(name)-1]), query: true})
		case bytes.HasPrefix(name, []byte("!")):
			secrets = append(secrets, secret{string(name), bytes.Clone(val)})
		default:
			list = append(list, attr{name: string(name), val: string(val)})
		}
	}
	return list.clean(), secrets
}

// words cuts a line into words as ninep.Fields does, in the memory of the line: they
// may be secret.
func words(line []byte) [][]byte {
	var list [][]byte
	begin, end := -1, 0 // of the word, in what is written
	quoted := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		blank := !quoted && strings.IndexByte(" \t\r\n", c) >= 0
		if begin < 0 && !blank {
			begin = end
		}
		switch {
		case blank && begin >= 0:
			list = append(list, line[begin:end])
			begin = -1
		case blank:
		case quoted && c == '\'' && i+1 < len(line) && line[i+1] == '\'':
			line[end] = c
			end++
			i++
		case c == '\'':
			quoted = !quoted
		default:
			line[end] = c
			end++
		}
	}
	if begin >= 0 {
		list = append(list, line[begin:end])
	}
	return list
}

// parsePattern returns the attributes of a pattern, which cannot have the values
// of secrets: whoever sees a log must not see them.
func parsePattern(line []byte) (attrs, error) {
	list, secrets := parse(line)
	wipe(secrets)
	if len(secrets) > 0 {
		return nil, errPrivate
	}
	return list, nil
}

// String returns the line that parse reads.
func (a attrs) String() string {
	var b strings.Builder
	for i, x := range a {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(x.name))
		if x.query {
			b.WriteByte('?')
		} else {
			b.WriteString("=" + quote(x.val))
		}
	}
	return b.String()
}

// quote quotes what parse would cut: less than rc would.
func quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '\'' }) {
		return s
	}
	return ninep.Quote(s)
}

// get returns the value of an attribute, and whether there is one.
func (a attrs) get(name string) (string, bool) {
	for _, x := range a {
		if x.name == name && !x.query {
			return x.val, true
		}
	}
	return "", false
}

// val returns the value of an attribute, or "".
func (a attrs) val(name string) string {
	val, _ := a.get(name)
	return val
}

// is reports whether there is an attribute with a value.
func (a attrs) is(name, val string) bool { return slices.Contains(a, attr{name: name, val: val}) }

// without returns the attributes without those of some names.
func (a attrs) without(names ...string) attrs {
	return slices.DeleteFunc(slices.Clone(a), func(x attr) bool { return slices.Contains(names, x.name) })
}

// with returns the attributes and more in the place of those of the same names.
func (a attrs) with(more ...attr) attrs {
	for _, m := range more {
		a = a.without(m.name)
	}
	return append(a, more...)
}

// clean returns the attributes without questions that are answered.
func (a attrs) clean() attrs {
	return slices.DeleteFunc(slices.Clone(a), func(x attr) bool {
		_, has := a.get(x.name)
		return x.query && has
	})
}

// asks reports whether there is a question among the attributes.
func (a attrs) asks() bool { return slices.ContainsFunc(a, func(x attr) bool { return x.query }) }

// fits reports whether a key with the attributes has, and these secrets, is one
// that the pattern wants. A role, or that it is disabled, matters only if the key
// says something of it.
func (a attrs) fits(has attrs, secrets []secret) bool {
	for _, want := range a {
		_, there := has.get(want.name)
		there = there || slices.ContainsFunc(secrets, func(s secret) bool { return s.name == want.name })
		switch {
		case want.name == "role" || want.name == "disabled":
			if there && !has.is(want.name, want.val) {
				return false
			}
		case want.query && !there:
			return false
		case !want.query && !has.is(want.name, want.val):
			return false
		}
	}
	return true
}
