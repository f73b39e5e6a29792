package rc

import (
	"strings"
	"unicode/utf8"
)

// mark stands, inside this package, before a * ? or [ that is to match and
// not to stand for itself, and before another mark. Quoting is thereby
// remembered through concatenation: 'a*'^* matches names that begin with a*.
const mark = '\x01'

// Match reports whether subject matches pattern, all of whose * ? and [ count
// as if unquoted. A / and a leading dot need no special care, as in ~ and
// switch. See rc(1).
func Match(subject, pattern string) bool {
	return matches(subject, markPattern(pattern))
}

// markPattern marks every * ? and [ of s.
func markPattern(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch s[i] {
		case '*', '?', '[', mark:
			b.WriteByte(mark)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// escape returns the pattern that matches only s.
func escape(s string) string {
	if strings.IndexByte(s, mark) < 0 {
		return s
	}
	return strings.ReplaceAll(s, string(mark), string([]byte{mark, mark}))
}

// unmark returns the text of a pattern without its marks.
func unmark(pattern string) string {
	if strings.IndexByte(pattern, mark) < 0 {
		return pattern
	}
	b := make([]byte, 0, len(pattern))
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == mark && i+1 < len(pattern) {
			i++
		}
		b = append(b, pattern[i])
	}
	return string(b)
}

// matchesAny reports whether s matches one of the marked patterns.
func matchesAny(s string, patterns []string) bool {
	for _, p := range patterns {
		if matches(s, p) {
			return true
		}
	}
	return false
}

// matches reports whether s matches a marked pattern. When part of the
// pattern behind a * does not match, only the last * is tried with more: an
// earlier one could not do better. So the time is at most the product of the
// lengths.
func matches(s, pattern string) bool {
	var starS, starP string
	star := false
	for {
		if len(pattern) > 1 && pattern[0] == mark && pattern[1] == '*' {
			pattern = pattern[2:]
			star, starS, starP = true, s, pattern
			continue
		}
		if pattern == "" && s == "" {
			return true
		}
		if n, rest, ok := matchOne(s, pattern); ok {
			s, pattern = s[n:], rest
			continue
		}
		if !star || starS == "" {
			return false
		}
		_, n := utf8.DecodeRuneInString(starS)
		starS = starS[n:]
		s, pattern = starS, starP
	}
}

// matchOne matches the first character of s with the first element of pattern,
// which is no *. It returns the length of the character and the rest of the
// pattern.
func matchOne(s, pattern string) (n int, rest string, ok bool) {
	if s == "" || pattern == "" {
		return 0, "", false
	}
	c, n := utf8.DecodeRuneInString(s)
	if pattern[0] == mark && len(pattern) > 1 {
		switch pattern[1] {
		case '?':
			return n, pattern[2:], true
		case '[':
			rest, ok = matchClass(c, pattern[2:])
			return n, rest, ok
		}
		pattern = pattern[1:]
	}
	return n, strings.TrimPrefix(pattern, s[:n]), strings.HasPrefix(pattern, s[:n])
}

// matchClass matches c with the class at the beginning of pattern, behind its
// [, and returns the rest of the pattern. A class without an end matches
// nothing.
func matchClass(c rune, pattern string) (rest string, ok bool) {
	next := func() rune {
		if len(pattern) > 1 && pattern[0] == mark {
			pattern = pattern[1:] // a * in a class is one of its characters
		}
		r, n := utf8.DecodeRuneInString(pattern)
		pattern = pattern[n:]
		return r
	}
	not := strings.HasPrefix(pattern, "~")
	if not {
		pattern = pattern[1:]
	}
	hit := false
	for !strings.HasPrefix(pattern, "]") {
		if pattern == "" {
			return "", false
		}
		lo := next()
		hi := lo
		if strings.HasPrefix(pattern, "-") {
			pattern = pattern[1:]
			if pattern == "" {
				return "", false
			}
			hi = next()
		}
		if min(lo, hi) <= c && c <= max(lo, hi) {
			hit = true
		}
	}
	return pattern[1:], hit != not
}
