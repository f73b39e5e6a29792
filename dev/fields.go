package dev

import (
	"strings"

	"ufo/ninep"
)

// fields cuts a control message into words as tokenize in getfields(2) does:
// at blanks and newlines, with rc's quotes. One newline at the end is not
// part of the message.
func fields(msg []byte) []string {
	s := strings.TrimSuffix(string(msg), "\n")
	var words []string
	var word strings.Builder
	in, quoted := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\'' && i+1 < len(s) && s[i+1] == '\'':
			word.WriteByte(c)
			i++
		case c == '\'':
			in, quoted = true, !quoted
		case !quoted && strings.IndexByte(" \t\r\n", c) >= 0:
			if in {
				words = append(words, word.String())
				word.Reset()
			}
			in = false
		default:
			in = true
			word.WriteByte(c)
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words
}

// control cuts a control message into words; one without words is refused.
func control(msg []byte) ([]string, error) {
	words := fields(msg)
	if len(words) == 0 {
		return nil, ninep.Error("short control request")
	}
	return words, nil
}

// quote quotes s with rc's quotes where fields would cut it: %q of quote(2).
func quote(s string) string {
	if s != "" && !strings.ContainsAny(s, "' \t\r\n") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
