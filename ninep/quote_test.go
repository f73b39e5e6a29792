package ninep

import (
	"slices"
	"testing"
)

func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, msg string
		want      []string
	}{
		{"words", "delay 5 2\n", []string{"delay", "5", "2"}},
		{"blanks", "  a\t b\r\nc ", []string{"a", "b", "c"}},
		{"quotes", "chdev '& x' 'it''s'", []string{"chdev", "& x", "it's"}},
		{"quote inside a word", "a'b c'd", []string{"ab cd"}},
		{"empty word", "a '' b", []string{"a", "", "b"}},
		{"open quote", "a 'b", []string{"a", "b"}},
		{"nothing", "\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Fields(c.msg); !slices.Equal(got, c.want) {
				t.Errorf("Fields(%q) = %q, want %q", c.msg, got, c.want)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for _, s := range []string{"", "plain", "two words", "it's", "a\nb", "''"} {
		if got := Fields("x " + Quote(s)); len(got) != 2 || got[1] != s {
			t.Errorf("Quote(%q) = %s, read back as %q", s, Quote(s), got)
		}
	}
}
