package rc

import "strings"

// Quote returns s as rc would have to read it to get s back as one word:
// as it is, or in quotes. It is what whatis prints.
func Quote(s string) string {
	if s != "" && strings.IndexFunc(s, needsQuote) < 0 {
		return s
	}
	return quoted(s)
}

// needsQuote reports whether r makes a word need quotes.
func needsQuote(r rune) bool {
	return r <= ' ' || strings.ContainsRune("`^#*[]=|\\?${}()'<>&;", r)
}

// quoted returns s in quotes.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// quoteList returns the words, quoted where they need it, with blanks between.
func quoteList(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(Quote(w))
	}
	return b.String()
}
