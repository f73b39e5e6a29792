package rc

import "strings"

// A Completion says what is being typed at some place in a line.
type Completion struct {
	What  Subject
	Start int    // where the word, what is of it behind the variable, or the variable's name begins in the line
	Var   string // of a file: the variable whose value comes before Dir; "" for none
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
// Completion.Fill.
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

// A Name is something that a Completion can be: the name of a file in Dir, a
// command or a variable.
type Name struct {
	Text  string
	IsDir bool
}

// Fill returns what the line shall have between Start and the cursor, where
// typed is now, if one of names is meant, which are not none and all begin with
// Base: what they have in common, quoted if need be. Behind the only name there is a
// blank, or a slash for a directory. If nothing is to be added it is typed.
func (c Completion) Fill(typed string, names []Name) string {
	common := names[0].Text
	for _, n := range names[1:] {
		for !strings.HasPrefix(n.Text, common) {
			common = common[:len(common)-1]
		}
	}
	common = strings.ToValidUTF8(common, "")
	switch {
	case len(names) == 1 && names[0].IsDir:
		return Quote(c.Dir + common + "/")
	case len(names) == 1:
		return Quote(c.Dir+common) + " "
	case common == c.Base:
		return typed
	}
	return Quote(c.Dir + common)
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
	alone  bool       // the last $ began its word
	behind string     // the variable that is all of the word so far
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
		s.opaque, s.behind = false, ""
	}
	switch {
	case name && (t.kind == tWord || t.isKeyword()):
		s.word = Completion{What: Variable, Start: start, Base: t.text}
		s.opaque, s.behind = true, ""
		if s.alone {
			s.behind = t.text
		}
	case joined && s.behind != "" && strings.HasPrefix(t.text, "/"):
		s.word = Completion{What: File, Start: start, Var: s.behind, Base: t.text}
		s.behind = ""
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
		s.name, s.opaque, s.alone = true, true, t.kind == '$' && !joined && !name
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
