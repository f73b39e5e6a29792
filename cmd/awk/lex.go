package awk

import (
	"fmt"
	"strings"
)

// A token is a kind of word of the language.
type token uint8

const (
	tEOF token = iota
	tNewline
	tNumber
	tString
	tName
	tCall // a name with a ( right behind it
	tIllegal

	tLbrace
	tRbrace
	tLparen
	tRparen
	tLbracket
	tRbracket
	tSemicolon
	tComma
	tQuestion
	tColon
	tDollar
	tNot
	tPipe
	tAnd
	tOr
	tAppend
	tMatch
	tNotMatch
	tIncr
	tDecr

	// The operators of arithmetic, and in the same order their assignments.
	tAdd
	tSub
	tMul
	tDiv
	tMod
	tPow
	tAddAssign
	tSubAssign
	tMulAssign
	tDivAssign
	tModAssign
	tPowAssign
	tAssign

	tLess
	tLessEqual
	tEqual
	tNotEqual
	tGreater
	tGreaterEqual

	// Functions that may stand without parentheses; then it is ($0).
	tAtan2
	tCos
	tExp
	tFflush
	tInt
	tLength
	tLog
	tRand
	tSin
	tSqrt
	tSrand
	tSystem
	tTolower
	tToupper
	tUtf

	tClose
	tGsub
	tIndex
	tMatchcall
	tSplit
	tSprintf
	tSubcall
	tSubstr
	tGetline

	tBegin
	tBreak
	tContinue
	tDelete
	tDo
	tElse
	tEnd
	tExit
	tFor
	tFunction
	tIf
	tIn
	tNext
	tNextfile
	tPrint
	tPrintf
	tReturn
	tWhile
)

var keywords = map[string]token{
	"BEGIN": tBegin, "END": tEnd, "atan2": tAtan2, "break": tBreak, "close": tClose,
	"continue": tContinue, "cos": tCos, "delete": tDelete, "do": tDo, "else": tElse,
	"exit": tExit, "exp": tExp, "fflush": tFflush, "for": tFor, "func": tFunction,
	"function": tFunction, "getline": tGetline, "gsub": tGsub, "if": tIf, "in": tIn,
	"index": tIndex, "int": tInt, "length": tLength, "log": tLog, "match": tMatchcall,
	"next": tNext, "nextfile": tNextfile, "print": tPrint, "printf": tPrintf,
	"rand": tRand, "return": tReturn, "sin": tSin, "split": tSplit, "sprintf": tSprintf,
	"sqrt": tSqrt, "srand": tSrand, "sub": tSubcall, "substr": tSubstr, "system": tSystem,
	"tolower": tTolower, "toupper": tToupper, "utf": tUtf, "while": tWhile,
}

// operators are the words that are no letters, the longer before the shorter.
var operators = []struct {
	text string
	tok  token
}{
	{"**=", tPowAssign}, {"**", tPow}, {"*=", tMulAssign}, {"*", tMul}, {"^=", tPowAssign}, {"^", tPow},
	{"&&", tAnd}, {"||", tOr}, {"|", tPipe}, {"!=", tNotEqual}, {"!~", tNotMatch}, {"!", tNot}, {"~", tMatch},
	{"<=", tLessEqual}, {"<", tLess}, {"==", tEqual}, {"=", tAssign}, {">=", tGreaterEqual},
	{">>", tAppend}, {">", tGreater}, {"++", tIncr}, {"+=", tAddAssign}, {"+", tAdd}, {"--", tDecr},
	{"-=", tSubAssign}, {"-", tSub}, {"/=", tDivAssign}, {"/", tDiv}, {"%=", tModAssign}, {"%", tMod},
	{"{", tLbrace}, {"}", tRbrace}, {"(", tLparen}, {")", tRparen}, {"[", tLbracket}, {"]", tRbracket},
	{";", tSemicolon}, {",", tComma}, {"?", tQuestion}, {":", tColon}, {"$", tDollar}, {"\n", tNewline},
}

// A lexer cuts the text of a program into words. Whether a / is a division or
// begins a regular expression only the parser knows: see regexp.
type lexer struct {
	src    string
	start  int // of the current word
	pos    int // behind it
	lineno int // at pos
	tok    token
	s      string  // of a name or string
	f      float64 // of a number
	err    string  // the first error; the words end there
}

// fail notes an error.
func (l *lexer) fail(format string, a ...any) {
	if l.err == "" {
		l.err = fmt.Sprintf(format, a...)
	}
	l.tok = tEOF
}

// advance takes the next word.
func (l *lexer) advance() {
	if l.err != "" {
		return
	}
	l.blank()
	l.start = l.pos
	rest := l.src[l.pos:]
	switch {
	case rest == "":
		l.tok = tEOF
	case isletter(rest[0]):
		l.word(rest)
	case '0' <= rest[0] && rest[0] <= '9' || rest[0] == '.':
		l.number(rest)
	case rest[0] == '"':
		l.pos++
		l.quote()
	default:
		l.operator(rest)
	}
}

// blank skips what separates words.
func (l *lexer) blank() {
	for l.pos < len(l.src) {
		switch rest := l.src[l.pos:]; {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			l.pos++
		case rest[0] == '#':
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.src)
			}
		case strings.HasPrefix(rest, "\\\n"):
			l.pos += 2
			l.lineno++
		case strings.HasPrefix(rest, "\\\r\n"):
			l.pos += 3
			l.lineno++
		default:
			return
		}
	}
}

func isletter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isdigit(c byte) bool  { return '0' <= c && c <= '9' }

// isname reports whether s can be a variable.
func isname(s string) bool {
	for i := range len(s) {
		if !isletter(s[i]) && (i == 0 || !isdigit(s[i])) {
			return false
		}
	}
	return s != ""
}

func (l *lexer) word(rest string) {
	n := 1
	for n < len(rest) && (isletter(rest[n]) || isdigit(rest[n])) {
		n++
	}
	l.s = rest[:n]
	l.pos += n
	if tok, ok := keywords[l.s]; ok {
		l.tok = tok
		return
	}
	l.tok = tName
	if strings.HasPrefix(rest[n:], "(") {
		l.tok = tCall
	}
}

func (l *lexer) number(rest string) {
	f, n := scan(rest)
	if n == 0 {
		l.operator(rest)
		return
	}
	l.tok, l.f = tNumber, f
	l.pos += n
}

func (l *lexer) operator(rest string) {
	for _, op := range operators {
		if strings.HasPrefix(rest, op.text) {
			l.tok = op.tok
			l.pos += len(op.text)
			if l.tok == tNewline {
				l.lineno++
			}
			return
		}
	}
	l.tok = tIllegal
	l.pos++
}

// quote reads a string after its ".
func (l *lexer) quote() {
	var b strings.Builder
	for l.pos < len(l.src) && l.src[l.pos] != '\n' {
		c := l.src[l.pos]
		l.pos++
		switch {
		case c == '"':
			l.tok, l.s = tString, b.String()
			return
		case c != '\\' || l.pos == len(l.src):
			b.WriteByte(c)
		default:
			if l.src[l.pos] == '\n' {
				l.lineno++
			}
			l.pos += escape(&b, l.src[l.pos:])
		}
	}
	l.fail("non-terminated string %.10s...", b.String())
}

// escape writes what stands for s after a backslash, and returns how much of s
// that was.
func escape(b *strings.Builder, s string) int {
	if i := strings.IndexByte("ntfrbva", s[0]); i >= 0 {
		b.WriteByte("\n\t\f\r\b\v\a"[i])
		return 1
	}
	switch c := s[0]; {
	case '0' <= c && c <= '7':
		n, size := digits(s, 8, 3)
		b.WriteByte(byte(n))
		return size
	case c == 'x':
		n, size := digits(s[1:], 16, 8)
		b.WriteByte(byte(n))
		return 1 + size
	default:
		b.WriteByte(c)
	}
	return 1
}

// unescape returns s as if it had stood between quotes.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for s != "" {
		c := s[0]
		s = s[1:]
		if c == '\\' && s != "" {
			s = s[escape(&b, s):]
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// regexp reads a regular expression, whose / is the current word, and returns
// it. The current word is then what follows.
func (l *lexer) regexp() string {
	begin := l.start + 1
	for l.pos = begin; l.pos < len(l.src) && l.src[l.pos] != '\n'; l.pos++ {
		switch l.src[l.pos] {
		case '/':
			expr := l.src[begin:l.pos]
			l.pos++
			l.advance()
			return expr
		case '\\':
			if l.pos+1 < len(l.src) && l.src[l.pos+1] != '\n' {
				l.pos++
			}
		}
	}
	l.fail("newline in regular expression %.10s...", l.src[begin:l.pos])
	return ""
}
