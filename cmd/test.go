package cmd

import (
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// test - set status according to condition
//
// Test evaluates the expression expr. If the value is true the exit status
// is null; otherwise the exit status is non-null. If there are no arguments
// the exit status is non-null.
//
// The following primitives are used to construct expr.
//
//	-r file    True if the file exists (is accessible) and is readable.
//	-w file    True if the file exists and is writable.
//	-x file    True if the file exists and has execute permission.
//	-e file    True if the file exists.
//	-f file    True if the file exists and is a plain file.
//	-d file    True if the file exists and is a directory.
//	-s file    True if the file exists and has a size greater than zero.
//	-t fildes  True if the open file whose file descriptor number is
//	           fildes (1 by default) is the same file as /dev/cons.
//	-A file    True if the file exists and is append-only.
//	-L file    True if the file exists and is exclusive-use.
//	-T file    True if the file exists and is temporary.
//	s1 = s2    True if the strings s1 and s2 are identical.
//	s1 != s2   True if the strings s1 and s2 are not identical.
//	s1         True if s1 is not the null string. (Deprecated.)
//	-n s1      True if the length of string s1 is non-zero.
//	-z s1      True if the length of string s1 is zero.
//	n1 -eq n2  True if the integers n1 and n2 are arithmetically equal.
//	           Any of -ne, -gt, -ge, -lt, or -le may be used instead.
//	a -nt b    True if file a is newer than (modified after) file b.
//	a -ot b    True if file a is older than (modified before) file b.
//	f -older t True if file f is older than (modified before) time t.
//	           If t is a integer followed by the letters y (years),
//	           M (months), d (days), h (hours), m (minutes), or s
//	           (seconds), it represents current time minus the specified
//	           time. If there is no letter, it represents seconds since
//	           epoch. You can also concatenate mixed units. For example,
//	           3d12h means three days and twelve hours ago.
//
// These primaries may be combined with the following operators:
//
//	!          unary negation operator
//	-o         binary or operator
//	-a         binary and operator; higher precedence than -o
//	( expr )   parentheses for grouping.
//
// The primitives -b, -c, -u and -g return false; they are recognized for
// compatibility with POSIX.
//
// Notice that all the operators and flags are separate arguments to test.
// Notice also that parentheses and equal signs are meaningful to rc and must
// be enclosed in quotes.
//
// # EXAMPLES
//
// Test is a dubious way to check for specific character strings: it uses a
// process to do what an rc(1) match or switch statement can do. The first
// example is not only inefficient but wrong, because test understands the
// purported string "-c" as an option.
//
//	if (test $1 '=' "-c") echo OK	# wrong!
//
// A better way is
//
//	if (~ $1 -c) echo OK
//
// Test whether abc is in the current directory.
//
//	test -f abc -o -d abc
//
// # SEE ALSO
//
// rc(1)
func testMain(p *proc.Proc) error {
	arg := argbegin(p, "expr")
	if len(arg.args) == 0 {
		return status("usage")
	}
	e := &testexpr{p: p, args: arg.args}
	v := e.or()
	if e.err == nil && len(e.args) > 0 {
		e.bad("unexpected operator/operand: " + e.args[0])
	}
	switch {
	case e.err != nil:
		return e.err
	case !v:
		return status("false")
	}
	return nil
}

// A testexpr evaluates an expression by recursive descent. All of it is
// evaluated: the primitives have no effects, and a mistake should be found
// wherever it stands. After the first mistake the result means nothing.
type testexpr struct {
	p    *proc.Proc
	args []string // not yet read
	err  error    // syntax error
}

func (e *testexpr) bad(msg string) {
	if e.err == nil {
		warn(e.p, "%s", msg)
		e.err = status("bad syntax")
	}
}

// accept takes the next word if it is word.
func (e *testexpr) accept(word string) bool {
	if len(e.args) == 0 || e.args[0] != word {
		return false
	}
	e.args = e.args[1:]
	return true
}

// next takes the next word, which must be there.
func (e *testexpr) next() string {
	if len(e.args) == 0 {
		e.bad("argument expected")
		return ""
	}
	s := e.args[0]
	e.args = e.args[1:]
	return s
}

func (e *testexpr) or() bool {
	v := e.and()
	for e.accept("-o") {
		v = e.and() || v
	}
	return v
}

func (e *testexpr) and() bool {
	v := e.not()
	for e.accept("-a") {
		v = e.not() && v
	}
	return v
}

func (e *testexpr) not() bool {
	if e.accept("!") {
		if len(e.args) == 0 {
			return false // not nothing
		}
		return !e.not()
	}
	return e.primary()
}

func (e *testexpr) primary() bool {
	if e.accept("(") {
		v := e.or()
		if !e.accept(")") {
			e.bad(") expected")
		}
		return v
	}
	a := e.next()
	if v, ok := e.unary(a); ok {
		return v
	}
	if len(e.args) == 0 {
		return a != ""
	}
	if v, ok := e.binary(a, e.args[0]); ok {
		return v
	}
	return a != ""
}

// unary evaluates the primitive op if it is one that stands before its
// operand.
func (e *testexpr) unary(op string) (v, ok bool) {
	mode := func(m ninep.Perm) bool {
		d, err := e.p.Stat(e.next())
		return err == nil && d.Mode&m != 0
	}
	switch op {
	case "-A":
		return mode(ninep.DMAPPEND), true
	case "-L":
		return mode(ninep.DMEXCL), true
	case "-T":
		return mode(ninep.DMTMP), true
	case "-d":
		return mode(ninep.DMDIR), true
	case "-f":
		d, err := e.p.Stat(e.next())
		return err == nil && !d.IsDir(), true
	case "-e":
		_, err := e.p.Stat(e.next())
		return err == nil, true
	case "-s":
		d, err := e.p.Stat(e.next())
		return err == nil && d.Length > 0, true
	case "-r":
		return e.access(ninep.OREAD), true
	case "-w":
		return e.access(ninep.OWRITE), true
	case "-x":
		return e.access(ninep.OEXEC), true
	case "-b", "-c", "-u", "-g":
		return false, true
	case "-t":
		return e.tty(), true
	case "-n":
		return e.next() != "", true
	case "-z":
		return e.next() == "", true
	}
	return false, false
}

// access is Plan 9's call of that name: the file can be opened so. A directory cannot be
// opened for writing, its permissions decide.
func (e *testexpr) access(mode ninep.Mode) bool {
	name := e.next()
	if d, err := e.p.Stat(name); err == nil && d.IsDir() && mode != ninep.OREAD {
		bit := ninep.Perm(0o222)
		if mode == ninep.OEXEC {
			bit = 0o111
		}
		return d.Mode&bit != 0
	}
	fd, err := e.p.Open(name, mode)
	if err != nil {
		return false
	}
	e.p.Close(fd)
	return true
}

// tty reports whether the descriptor is the console.
func (e *testexpr) tty() bool {
	fd := 1
	if len(e.args) > 0 {
		n, err := strconv.Atoi(e.args[0])
		if err != nil {
			e.bad("not a valid file descriptor number ")
			return false
		}
		fd, e.args = n, e.args[1:]
	}
	return istty(e.p, fd)
}

// istty reports whether the descriptor is /dev/cons.
func istty(p *proc.Proc, fd int) bool {
	d, err := p.Fstat(fd)
	cons, errcons := p.Stat("/dev/cons")
	return err == nil && errcons == nil &&
		d.Type == cons.Type && d.Dev == cons.Dev && d.Qid.Path == cons.Qid.Path
}

// binary evaluates the primitive op if it is one that stands between its
// operands, of which a is the first. The words are taken only then.
func (e *testexpr) binary(a, op string) (v, ok bool) {
	b := ""
	if len(e.args) > 1 {
		b = e.args[1]
	}
	switch op {
	case "=":
		v = a == b
	case "!=":
		v = a != b
	case "-older":
		v = e.older(a, b)
	case "-nt":
		v = e.newer(a, b)
	case "-ot":
		v = e.newer(b, a)
	default:
		m, err := strconv.ParseInt(a, 0, 64)
		n, err2 := strconv.ParseInt(b, 0, 64)
		if err != nil || err2 != nil {
			return false, false
		}
		switch op {
		case "-eq":
			v = m == n
		case "-ne":
			v = m != n
		case "-gt":
			v = m > n
		case "-ge":
			v = m >= n
		case "-lt":
			v = m < n
		case "-le":
			v = m <= n
		default:
			return false, false
		}
	}
	e.next()
	e.next()
	return v, true
}

// newer reports whether a was modified after b.
func (e *testexpr) newer(a, b string) bool {
	da, err := e.p.Stat(a)
	db, err2 := e.p.Stat(b)
	return err == nil && err2 == nil && da.Mtime > db.Mtime
}

// older reports whether the file was modified before the time.
func (e *testexpr) older(file, when string) bool {
	d, err := e.p.Stat(file)
	if err != nil {
		return false
	}
	unit := map[byte]int64{'y': 360 * 86400, 'M': 30 * 86400, 'd': 86400, 'h': 3600, 'm': 60, 's': 1}
	t, ago := int64(0), false
	for s := when; s != ""; {
		i := len(s) - len(strings.TrimLeft(s, "0123456789"))
		n, err := strconv.ParseInt(s[:i], 10, 64)
		if err != nil || i < len(s) && unit[s[i]] == 0 {
			e.bad("bad time syntax, " + when)
			return false
		}
		if i == len(s) {
			t, ago = n, false
			break
		}
		t, ago, s = t+n*unit[s[i]], true, s[i+1:]
	}
	if ago {
		t = e.p.Now().Unix() - t
	}
	return int64(d.Mtime) < t
}
