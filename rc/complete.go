package rc

import (
	"strings"

	"ufo/ninep"
)

// A Completion says what is being typed at some place in a line.
type Completion struct {
	What  Subject
	Start int    // where the word, or the variable's name, begins in the line
	Dir   string // of a file, or a command in a folder of $path: its name up to the last slash
	Base  string // what the name begins with, without quotes
}

// A Subject is what a name can be the name of.
type Subject int

// The subjects of a Completion.
const (
	Nothing  Subject = iota // it depends on variables or commands, or makes no sense
	Command                 // a function, a built-in command, or a file in a directory of $path
	File                    // a file in Dir
	Variable                // a variable
)

// Builtins returns the names of the built-in commands, sorted.
func Builtins() []string {
	return []string{".", "builtin", "cd", "eval", "exec", "exit", "finit", "flag", "rfork", "shift", "wait", "whatis"}
}

// Complete looks at what is typed before pos, a byte offset, and says what it
// is the beginning of. It knows nothing of the files there are: see
// Completion.Word.
func Complete(line string, pos int) Completion {
	s := scan{lex: newStringLexer("", line[:pos]), expect: Command}
	for {
		t, err := s.lex.token()
		if err != nil {
			return Completion{Start: pos}
		}
		if t.kind == tEOF {
			break
		}
		s.token(t, pos-t.left)
		s.end = pos - s.lex.left()
	}
	c := s.word
	switch {
	case s.name:
		c = Completion{What: Variable, Start: pos}
	case s.joined:
		c = Completion{Start: pos}
	case !s.inWord || s.end < pos:
		c = Completion{What: s.next(), Start: pos}
	}
	if c.What != Command && c.What != File {
		return c
	}
	if i := strings.LastIndexByte(c.Base, '/') + 1; i > 0 {
		c.Dir, c.Base = c.Base[:i], c.Base[i:]
		if first := c.Dir[:strings.IndexByte(c.Dir, '/')]; first == "" || first == "." || first == ".." || first[0] == '#' {
			c.What = File
		}
	}
	return c
}

// Word returns what the line shall have in the place of what begins at Start,
// if d is the file that is meant: its name, quoted if need be, and a slash
// behind a directory's.
func (c Completion) Word(d ninep.Dir) string {
	name := c.Dir + d.Name
	if d.IsDir() {
		name += "/"
	}
	return Quote(name)
}

// A scan follows a line far enough to know where commands stand.
type scan struct {
	lex    *lexer
	expect Subject   // of the next word
	after  []Subject // what is expected behind each open bracket
	head   kind      // if, while, for: whose parenthesis is to come

	word   Completion // the last word
	inWord bool       // the last token is part of it
	end    int        // where the last token ended
	joined bool       // the last token was a caret
	opaque bool       // the word has parts that are not text
	name   bool       // the last token was a $
	redir  bool       // the last token was a redirection
	value  bool       // the last token was a =
}

// next returns what the next word is, and moves on.
func (s *scan) next() Subject {
	switch {
	case s.redir:
		s.redir = false
		return File
	case s.value:
		s.value, s.expect = false, Command
		return File
	}
	e := s.expect
	if e == Command {
		s.expect = File
	}
	return e
}

// token takes a token that begins at start.
func (s *scan) token(t token, start int) {
	if t.kind == '^' {
		s.joined = true
		return
	}
	joined, name := s.joined, s.name
	s.joined, s.name, s.inWord = false, false, true
	if !joined && !name {
		s.opaque = false
	}
	switch {
	case name && (t.kind == tWord || t.isKeyword()):
		s.word = Completion{What: Variable, Start: start, Base: t.text}
		s.opaque = true
	case t.isKeyword() && s.expect == Command && !s.redir && !s.value && !joined:
		s.word = Completion{What: Command, Start: start, Base: t.text}
		s.keyword(t.kind)
	case t.kind == tWord || t.isKeyword():
		if !joined {
			s.word = Completion{What: s.next(), Start: start}
		}
		s.word.Base += t.text
		if s.opaque {
			s.word.What = Nothing
		}
	case t.kind == '$' || t.kind == tCount || t.kind == tFlat:
		if !joined && !name {
			s.next()
		}
		s.name, s.opaque = true, true
	default:
		s.inWord = false
		s.punctuation(t.kind)
	}
}

func (s *scan) keyword(k kind) {
	switch k {
	case tIf, tWhile, tFor:
		s.head = k
	case tSwitch, tTwiddle, tFn:
		s.expect = File
	}
}

// punctuation takes a token that is no part of a word, except that a bracket
// may begin one.
func (s *scan) punctuation(k kind) {
	head := s.head
	s.head = 0
	switch k {
	case tRedir:
		s.redir = true
	case '=':
		s.value = true
	case '(', tSub, '{':
		after := Command // behind a condition
		if k != '(' || head == 0 {
			s.next()
			after = s.expect
		}
		s.after = append(s.after, after)
		s.expect = File
		if k == '{' || head == tIf || head == tWhile {
			s.expect = Command
		}
	case ')', '}':
		if n := len(s.after); n > 0 {
			s.expect, s.after = s.after[n-1], s.after[:n-1]
		}
		s.opaque = true
	case ';', '&', '\n', tPipe, tAndAnd, tOrOr:
		s.expect, s.redir, s.value = Command, false, false
	}
}
