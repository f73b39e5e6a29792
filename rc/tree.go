package rc

// The parsed form of rc's language: commands and words. A tree never changes
// once it is parsed, so that processes share it. A nil command is the empty
// command, which does nothing and leaves $status alone.

// A command is a node that is run.
type command interface {
	pos() int // line of its first token
}

// at is the line a command begins at.
type at int

func (a at) pos() int { return int(a) }

type (
	// sequence is commands separated by ; & and newlines.
	sequence struct {
		at
		list []command
	}
	// async is body &
	async struct {
		at
		body command
	}
	// brace is { body }
	brace struct {
		at
		body command
	}
	// simple is a command and its arguments: what can be a program.
	simple struct {
		at
		args []word
		glob bool // one of them is a pattern
	}
	// andOr is left && right or, with or, left || right
	andOr struct {
		at
		or          bool
		left, right command
	}
	// pipe is left |[from=fd] right
	pipe struct {
		at
		fd, from    int
		left, right command
	}
	// bang is ! body
	bang struct {
		at
		body command
	}
	// subshell is @ body
	subshell struct {
		at
		body command
	}
	// ifCmd is if(cond) body
	ifCmd struct {
		at
		cond, body command
	}
	// ifNot is if not body
	ifNot struct {
		at
		body command
	}
	// forCmd is for(name in list) body or, without in, for(name) body
	forCmd struct {
		at
		name word
		in   bool
		list []word
		body command
	}
	// while is while(cond) body
	while struct {
		at
		cond, body command
	}
	// switchCmd is switch subject { cases }
	switchCmd struct {
		at
		subject word
		cases   []switchCase
	}
	// fn is fn names body or, with a nil body, fn names
	fn struct {
		at
		names []word
		body  *brace
	}
	// match is ~ subject patterns
	match struct {
		at
		subject  word
		patterns []word
	}
	// assign is name=value body; the assignment is local to the body and,
	// if that is nil, stays.
	assign struct {
		at
		name, value word
		body        command
	}
	// redirect is body with a file on a descriptor.
	redirect struct {
		at
		line int // of the arrow
		op   redirOp
		fd   int
		file word     // or the tag of a here document
		here *heredoc // with opHere
		body command
	}
	// dup is body with >[fd=from]; with from -1 fd is closed.
	dup struct {
		at
		fd, from int
		body     command
	}
)

// A switchCase is the part of a switch from a case to the next.
type switchCase struct {
	at
	patterns []word
	body     command
}

// A redirOp says how the file of a redirection is opened.
type redirOp byte

const (
	opRead      redirOp = iota // <
	opWrite                    // >
	opAppend                   // >>
	opReadWrite                // <>
	opHere                     // <<
)

func (op redirOp) String() string {
	return [...]string{opRead: "<", opWrite: ">", opAppend: ">>", opReadWrite: "<>", opHere: "<<"}[op]
}

// A heredoc is the text of a here document. It is filled in when the parser
// comes to the end of the line.
type heredoc struct {
	tag    string
	quoted bool // no substitution
	text   string
}

// A word is a node with a list of strings as its value.
type word interface {
	// globs reports whether the word has characters that match file names,
	// not counting what a variable or command might yield.
	globs() bool
}

// noGlob is embedded in words whose value never is a pattern.
type noGlob struct{}

func (noGlob) globs() bool { return false }

type (
	// literal is a quoted or unquoted word.
	literal struct {
		text    string
		quoted  bool
		pattern string // text with its * ? and [ marked; "" if it has none
	}
	// list is ( words )
	list struct {
		words []word
		glob  bool
	}
	// concat is parts with ^ between them.
	concat struct {
		parts []word
		glob  bool
	}
	// variable is $name
	variable struct {
		noGlob
		name word
	}
	// count is $#name
	count struct {
		noGlob
		name word
	}
	// flat is $"name
	flat struct {
		noGlob
		name word
	}
	// subscript is $name(subs)
	subscript struct {
		noGlob
		name word
		subs []word
	}
	// backquote is `split{ body }; split may be nil.
	backquote struct {
		noGlob
		split word
		body  *brace
	}
	// pipeFile is <{ body }, >{ body } or <>{ body }: the name of a pipe.
	pipeFile struct {
		noGlob
		op   redirOp
		fd   int
		body *brace
	}
)

func (w *literal) globs() bool { return w.pattern != "" }
func (w *list) globs() bool    { return w.glob }
func (w *concat) globs() bool  { return w.glob }

// anyGlobs reports whether one of the words is a pattern.
func anyGlobs(words []word) bool {
	for _, w := range words {
		if w.globs() {
			return true
		}
	}
	return false
}
