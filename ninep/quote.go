package ninep

import "strings"

// Quote quotes s for rc where that is needed, as %q does in quote(2).
func Quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, special) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func special(r rune) bool { return r <= ' ' || strings.ContainsRune("`^#*[]=|\\?${}()'<>&;", r) }

// Fields cuts a line into words as tokenize in getfields(2) does: at blanks,
// tabs and newlines, with rc's quotes. It undoes Quote.
func Fields(s string) []string {
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
