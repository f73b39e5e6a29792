package filetype

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"
)

// A class is a set of words that tell languages apart.
type class int

const (
	cWord class = iota
	fortranWord
	asWord
	alefWord
	limboWord
	include
	header
	dotH
	classes
)

// The modes of languages in their table.
const (
	normal = iota
	first  // of several blocks for one language
	multi  // a later one of these
	shared // by several languages
)

// A histogram counts the characters and the words of a file.
type histogram struct {
	ascii                      [128]int // printable ones and white space
	control, latin, wide, none int      // other characters: none is invalid
	nul                        int
	languages                  [32]int // by place in the table
	words                      [classes]int
}

// count fills in the histogram.
func (f *file) count() {
	for b := f.b; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 && !utf8.FullRune(b) {
			break // cut off
		}
		b = b[n:]
		switch {
		case r == utf8.RuneError && n == 1, r > 0x80 && r < 0xa0:
			f.none++
		case r == 0:
			f.nul++
		case r < 0x80 && (r >= ' ' && r < 0x7f || r >= '\t' && r <= '\r'):
			f.ascii[r]++
		case r < 0x80:
			f.control++
		case r > 0x80 && r <= 0xff:
			f.latin++
		default:
			f.wide++
			for i, l := range languages {
				if l.low <= r && r <= l.high {
					f.languages[i]++
				}
			}
		}
	}
	if f.none > 0 || f.wide+f.latin == 0 && f.control+f.nul > 0 {
		return // words are those of text
	}
	for _, w := range bytes.FieldsFunc(f.b, func(r rune) bool { return !letter(r) }) {
		if c, ok := words[string(w)]; ok {
			f.words[c]++
		}
	}
}

func letter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' && r < 0x80 }

// gross returns what can be said when nothing else can.
func (f *file) gross() kind {
	short := ""
	if len(f.b) < 100 {
		short = "short "
	}
	switch {
	case f.none > 0:
	case f.wide > 0:
		if text, ok := f.script(); ok {
			return kind{short + text + " text", plain}
		}
	case f.latin > 0:
		return kind{short + "latin ascii", plain}
	case f.control > 0:
		return kind{short + "extended ascii", plain}
	case f.nul > 0:
	default:
		return kind{short + "Ascii", plain}
	}
	return kind{short + "binary", octet}
}

// script names what a text is written in. It is not ok if that is too much.
func (f *file) script() (string, bool) {
	var names []string
	for _, n := range f.ascii['A':] {
		if n > 0 {
			names = append(names, "Ascii")
			break
		}
	}
	count, korean := 0, false
	for i, l := range languages {
		if f.languages[i] == 0 {
			continue
		}
		switch l.mode {
		case shared:
			continue
		case multi:
			if korean {
				continue
			}
		case first:
			korean = true
			count++
		default:
			count++
		}
		names = append(names, l.name)
	}
	if len(names) == 0 {
		names = []string{"UTF"}
	}
	return strings.Join(names, " & "), count < 4
}

func script(f *file) kind {
	line, ok := bytes.CutPrefix(f.b, []byte("#!"))
	if !ok {
		return kind{}
	}
	line, _, _ = bytes.Cut(line[:min(len(line), 128)], []byte("\n"))
	w := strings.Fields(string(line))
	if len(w) == 0 {
		return kind{"unknown executable file", plain}
	}
	switch name := path.Base(w[0]); name {
	case "rc", "awk", "sed", "perl":
		return kind{name + " executable file", plain}
	case "sh", "bash":
		return kind{name + " executable file", "application/x-sh"}
	}
	return kind{"unknown executable file", plain}
}

func unifiedDiff(f *file) kind {
	i := bytes.Index(f.b, []byte("diff"))
	if i < 0 {
		return kind{}
	}
	lines := strings.SplitN(string(f.b[i:]), "\n", 5)
	for i, start := range []string{"", "--- ", "+++ ", "@@ "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], start) {
			return kind{}
		}
	}
	return kind{"unified diff output", plain}
}

func email(f *file) kind {
	count := 0
	for i, line := range strings.SplitAfter(string(f.b), "\n") {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		if i == 0 && strings.HasPrefix(line, "From ") && strings.Contains(line, " remote from ") {
			count++
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, _, ok := strings.Cut(line, ":")
		if !ok {
			break
		}
		switch strings.ToLower(name) {
		case "from", "date", "to", "subject", "received", "reply to", "reply-to", "sender":
			count++
		}
	}
	if count < 3 {
		return kind{}
	}
	return kind{"email file", "message/rfc822"}
}

func mailbox(f *file) kind {
	line, _, ok := bytes.Cut(f.b, []byte("\n"))
	if !ok || !bytes.HasPrefix(line, []byte("From ")) || bytes.Contains(line, []byte(" remote from ")) {
		return kind{}
	}
	return kind{"mail box", "application/mbox"}
}

// html finds three elements.
func html(f *file) kind {
	count := 0
	for _, part := range bytes.Split(f.b, []byte("<"))[1:] {
		part = bytes.TrimPrefix(part, []byte("/"))
		for _, tag := range tags {
			n := len(tag)
			if n > len(part) || !strings.EqualFold(tag, string(part[:n])) {
				continue
			}
			if n < len(part) && strings.IndexByte("\t\r\n />", part[n]) >= 0 {
				count++
			}
			break
		}
		if count > 2 {
			return kind{"HTML file", "text/html"}
		}
	}
	return kind{}
}

func limbo(f *file) kind {
	if f.words[limboWord] < 4 {
		return kind{}
	}
	return kind{"limbo program", plain}
}

func cProgram(f *file) kind {
	w, n := f.words, f.words[include]
	semis, dots := f.ascii[';'], f.ascii['.']
	switch {
	case n >= 2 && w[header] >= n && w[dotH] >= n && dots >= n,
		n >= 1 && w[alefWord] >= n && w[dotH] >= n && dots >= n,
		w[cWord] >= 5 && semis >= 5,
		semis >= 10 && f.ascii['='] >= 10 && w[cWord] >= 1:
	default:
		return kind{}
	}
	if w[alefWord] > 0 {
		return kind{"alef program", plain}
	}
	return kind{"c program", plain}
}

func assembler(f *file) kind {
	if f.words[asWord] < 2 {
		return kind{}
	}
	return kind{"as program", plain}
}

// english knows it by the frequencies of letters and by how punctuation is
// used.
func english(f *file) kind {
	if f.none+f.wide+f.latin > 0 || f.control == 0 && f.nul > 0 {
		return kind{}
	}
	bad, punct := 0, 0
	for i := range len(f.b) - 1 {
		if strings.IndexByte(".,)%;:?", f.b[i]) < 0 {
			continue
		}
		punct++
		if f.b[i+1] != ' ' && f.b[i+1] != '\n' {
			bad++
		}
	}
	e := f.ascii['e']
	if bad*5 > punct || f.ascii['>']+f.ascii['<']+f.ascii['/'] > e || 2*f.ascii[';'] > e {
		return kind{}
	}
	vowels, common, rare := f.letters("aeiou"), f.letters("etaion"), f.letters("vjkqxz")
	if vowels*5 < len(f.b)-f.ascii[' '] || common < 10*rare {
		return kind{}
	}
	return kind{"English text", plain}
}

// letters counts letters, small and capital.
func (f *file) letters(set string) int {
	n := 0
	for _, c := range []byte(set) {
		n += f.ascii[c] + f.ascii[c-'a'+'A']
	}
	return n
}
