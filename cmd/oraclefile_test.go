package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// An oracleCase is commands with what they do, from a file in testdata:
//
//	== name | why Plan 9's program on Unix does something else
//	commands, one a line
//	-- file NAME
//	contents
//	-- in
//	standard input
//	-- out
//	standard output
//	-- err
//	standard error
//	-- status text
//
// Words are quoted as in rc, or as in Go. Parts that are empty are left out. A
// part whose head ends in "quoted" has, on each line, a Go string, so that any
// bytes can be said. Files before the first case are there for all cases.
type oracleCase struct {
	name, why, script string
	files             []oraclePart
	in                string
	want              oracleResult
}

// An oraclePart is a file by its name.
type oraclePart struct{ name, text string }

// An oracleResult is what commands print, and the last exit status that is not
// empty.
type oracleResult struct{ out, errs, status string }

// An oracleTable is a file of cases.
type oracleTable struct {
	file   string
	shared []oraclePart
	cases  []*oracleCase
}

// readOracle returns the tables in testdata.
func readOracle(t *testing.T) []*oracleTable {
	t.Helper()
	names, err := filepath.Glob("testdata/oracle-*.txt")
	if err != nil || names == nil {
		t.Fatalf("no tables in testdata (%v)", err)
	}
	var all []*oracleTable
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		table := &oracleTable{file: name}
		if line, err := table.parse(string(b)); err != nil {
			t.Fatalf("%s:%d: %v", name, line, err)
		}
		all = append(all, table)
	}
	return all
}

// parse reads a table. With an error it returns the line.
func (table *oracleTable) parse(text string) (n int, err error) {
	var c *oracleCase
	var part *string
	quoted, ignored := false, ""
	for line := range strings.Lines(text) {
		n++
		head := strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(head, "== "); ok {
			c = &oracleCase{}
			c.name, c.why, _ = strings.Cut(name, " | ")
			table.cases = append(table.cases, c)
			part, quoted = &c.script, false
			continue
		}
		if head, ok := strings.CutPrefix(head, "-- "); ok {
			head, quoted = strings.CutSuffix(head, " quoted")
			if part = table.part(c, head); part == nil {
				part = &ignored
			}
			continue
		}
		switch {
		case quoted:
			s, err := strconv.Unquote(head)
			if err != nil {
				return n, err
			}
			*part += s
		case part != nil:
			*part += line
		}
	}
	return n, nil
}

// part returns where the text below a head goes.
func (table *oracleTable) part(c *oracleCase, head string) *string {
	if name, ok := strings.CutPrefix(head, "file "); ok {
		list := &table.shared
		if c != nil {
			list = &c.files
		}
		*list = append(*list, oraclePart{name: name})
		return &(*list)[len(*list)-1].text
	}
	if c == nil {
		return nil
	}
	if status, ok := strings.CutPrefix(head, "status "); ok {
		c.want.status = status
	}
	return map[string]*string{"in": &c.in, "out": &c.want.out, "err": &c.want.errs}[head]
}

// String returns the table as parse reads it.
func (table *oracleTable) String() string {
	var b strings.Builder
	for _, f := range table.shared {
		b.WriteString(formatPart("file "+f.name, f.text))
	}
	for _, c := range table.cases {
		b.WriteString(c.String())
	}
	return b.String()
}

func (c *oracleCase) String() string {
	s := "== " + c.name
	if c.why != "" {
		s += " | " + c.why
	}
	s += "\n" + c.script
	for _, f := range c.files {
		s += formatPart("file "+f.name, f.text)
	}
	if c.in != "" {
		s += formatPart("in", c.in)
	}
	return s + c.want.String()
}

func (r oracleResult) String() (s string) {
	if r.out != "" {
		s += formatPart("out", r.out)
	}
	if r.errs != "" {
		s += formatPart("err", r.errs)
	}
	if r.status != "" {
		s += "-- status " + r.status + "\n"
	}
	return s
}

// formatPart returns a part, quoted if it must be: it could be mistaken for
// something else, or has what an editor does not show.
func formatPart(head, text string) string {
	plain := utf8.ValidString(text) && (text == "" || strings.HasSuffix(text, "\n"))
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		plain = plain && !strings.HasPrefix(line, "-- ") && !strings.HasPrefix(line, "== ") &&
			strings.TrimRight(line, " \t") == line && !strings.ContainsFunc(line, func(c rune) bool {
			return c != '\t' && !strconv.IsPrint(c)
		})
	}
	if plain {
		return "-- " + head + "\n" + text
	}
	s := "-- " + head + " quoted\n"
	for line := range strings.Lines(text) {
		s += strconv.Quote(line) + "\n"
	}
	return s
}

// oracleLine returns the words of the first command of a script, and the rest
// of the script: words are quoted as in rc or, if they begin with ", as in Go.
func oracleLine(s string) (words []string, rest string) {
	for {
		s = strings.TrimLeft(s, " ")
		switch {
		case s == "":
			return words, ""
		case s[0] == '\n':
			return words, s[1:]
		case s[0] == '"':
			quoted, err := strconv.QuotedPrefix(s)
			if word, err2 := strconv.Unquote(quoted); err == nil && err2 == nil {
				words, s = append(words, word), s[len(quoted):]
				continue
			}
		}
		word := ""
		word, s = oracleWord(s)
		words = append(words, word)
	}
}

// oracleWord reads a word, parts of which may be quoted as in rc.
func oracleWord(s string) (word, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\'' && quoted && strings.HasPrefix(s[i+1:], "'"):
			word += "'"
			i++
		case s[i] == '\'':
			quoted = !quoted
		case !quoted && (s[i] == ' ' || s[i] == '\n'):
			return word, s[i:]
		default:
			word += s[i : i+1]
		}
	}
	return word, ""
}

// commands returns the commands of a case.
func (c *oracleCase) commands() (list [][]string) {
	for rest := c.script; rest != ""; {
		var words []string
		if words, rest = oracleLine(rest); words != nil {
			list = append(list, words)
		}
	}
	return list
}

// TestOracleFiles wants the tables as they would be written, and each case
// under a name of its own.
func TestOracleFiles(t *testing.T) {
	n := 0
	for _, table := range readOracle(t) {
		b, err := os.ReadFile(table.file)
		if err != nil {
			t.Fatal(err)
		}
		if string(b) != table.String() {
			t.Errorf("%s: not in the form in which it is written: run go test ./cmd -update", table.file)
		}
		var names []string
		for _, c := range table.cases {
			if slices.Contains(names, c.name) {
				t.Errorf("%s: two cases %q", table.file, c.name)
			}
			names = append(names, c.name)
		}
		n += len(names)
	}
	if n < 300 {
		t.Errorf("%d cases: some are lost", n)
	}
}
