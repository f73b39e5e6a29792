package cmd

import (
	"fmt"
	"strings"
	"testing"
)

func TestCat(t *testing.T) {
	runRows(t, []row{
		{"files in order", files{"a": "1\n", "b": "2"}, "cat a b a", "1\n21\n"},
		{"standard input", files{"a": "x\n"}, "cat <a", "x\n"},
		{"empty", files{"a": ""}, "cat a", ""},
		{"bytes", files{"a": "\x00\xff\xe9"}, "cat a", "\x00\xff\xe9"},
		{"missing file", files{"a": "1"}, "cat a nosuch a",
			"1cat: can't open nosuch: 'nosuch' file does not exist\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
	})
}

func TestEcho(t *testing.T) {
	runRows(t, []row{
		{"arguments", nil, "echo a 'b  c' é", "a b  c é\n"},
		{"nothing", nil, "echo", "\n"},
		{"no newline", nil, "echo -n a b", "a b"},
		{"only the first -n", nil, "echo -n -n", "-n"},
		{"other flags", nil, "echo -x --", "-x --\n"},
	})
}

func TestRead(t *testing.T) {
	lines := files{"f": "one\ntwo\nthree"}
	runRows(t, []row{
		{"a line", lines, "read f", "one\n"},
		{"some lines", lines, "read -n 2 f", "one\ntwo\n"},
		{"all lines", lines, "read -m f", "one\ntwo\nthreestatus: eof\n"},
		{"empty", files{"f": ""}, "read f", "status: eof\n"},
		{"no more lines than there are", files{"f": "one\n"}, "read -n 2 f", "one\nstatus: eof\n"},
		{"bytes", lines, "read -c 5 f", "one\nt"},
		{"all bytes", lines, "read -c 5 -m f", "one\ntwo\nthreestatus: eof\n"},
		{"runes", files{"f": "aéλx"}, "read -r 3 f", "aéλ"},
		{"two flags", lines, "read -x", "usage: read [-m | -n nlines | -c nbytes | -r nrunes] [file ...]\nstatus: usage\n"},
	})
}

func TestTee(t *testing.T) {
	runRows(t, []row{
		{"copies", files{"f": "text\n"}, "tee a b <f\ncat a b", "text\ntext\ntext\n"},
		{"rewrites", files{"f": "new\n", "a": "old text\n"}, "tee a <f\ncat a", "new\nnew\n"},
		{"appends", files{"f": "new\n", "a": "old\n"}, "tee -a a b <f\ncat a b", "new\nold\nnew\nnew\n"},
		{"goes on without a file", files{"f": "x\n"}, "tee no/such <f",
			"tee: cannot open no/such: 'no' file does not exist\nx\n"},
	})
}

// A long file is copied by several processes; to a file that only grows, by one.
func TestCpLong(t *testing.T) {
	var text strings.Builder
	for i := range 1_300_000 {
		fmt.Fprintf(&text, "%d\n", i)
	}
	runRows(t, []row{
		{"copy", files{"a": text.String()}, "cp a b\ncmp a b\ncp a b\ncmp a b", ""},
		{"append", files{"a": text.String(), "b": ""}, "chmod +a b\ncp a b\ncmp a b", ""},
	})
}

func TestCp(t *testing.T) {
	runRows(t, []row{
		{"a file", files{"a": "text"}, "cp a b\ncat b", "text"},
		{"over a file", files{"a": "text", "b": "longer text"}, "cp a b\ncat b", "text"},
		{"to a directory", files{"a": "1", "b": "2", "d/x": ""}, "cp a /tmp/b d\ncat d/a d/b", "12"},
		{"the mode of the original", files{"a": ""}, "chmod 640 a\ncp a b\nls -l b",
			"--rw-r----- / 0 glenda glenda 0 Jan  1 00:00 b\n"},
		{"mode and time with -x", files{"a": "", "b": ""}, "chmod 600 a\ntouch -t 86400 a\ncp -x a b\nls -l b",
			"--rw------- / 0 glenda glenda 0 Jan  2  1970 b\n"},
		{"onto itself", files{"a": "x"}, "cp a ./a\ncat a", "cp: a and ./a are the same file\nstatus: errors\nx"},
		{"a directory", files{"d/x": ""}, "cp d e", "cp: d is a directory\nstatus: errors\n"},
		{"goes on after an error", files{"a": "1", "d/x": ""}, "cp nosuch a d\ncat d/a",
			"cp: can't stat nosuch: 'nosuch' file does not exist\nstatus: errors\n1"},
		{"many to a file", files{"a": "", "b": "", "c": ""}, "cp a b c", "cp: c not a directory\nstatus: bad usage\n"},
		{"usage", nil, "cp a",
			"usage: cp [-gux] file1 file2\n       cp [-gux] file ... directory\nstatus: usage\n"},
	})
}

func TestMv(t *testing.T) {
	runRows(t, []row{
		{"renames", files{"a": "text"}, "mv a b\ncat b\nls", "textb\n"},
		{"replaces", files{"a": "new", "b": "old"}, "mv a b\ncat b\nls", "newb\n"},
		{"to another directory", files{"a": "1", "d/x": ""}, "mv a d\nls d", "d/a\nd/x\n"},
		{"renames a directory", files{"d/x": "1"}, "mv d e\ncat e/x", "1"},
		{"keeps mode and time", files{"a": "", "d/x": ""}, "chmod 600 a\ntouch -t 86400 a\nmv a d/b\nls -l d/b",
			"--rw------- / 0 glenda glenda 0 Jan  2  1970 d/b\n"},
		{"a directory into another", files{"a/x": "", "b/c/y": ""}, "mv a b/c/z",
			"mv: a is a directory, not copied to b/c/z\nstatus: failure\n"},
		{"onto itself", files{"a": ""}, "mv a ./a", "mv: a and ./a are the same\nstatus: failure\n"},
		{"missing", nil, "mv a b", "mv: can't stat a: 'a' file does not exist\nstatus: failure\n"},
		{"many to a file", files{"a": "", "b": "", "c": ""}, "mv a b c", "mv: c not a directory\nstatus: bad usage\n"},
	})
}

func TestRm(t *testing.T) {
	tree := files{"d/a": "", "d/e/b": "", "d/e/f/c": "", "x": ""}
	runRows(t, []row{
		{"files", files{"a": "", "b": "", "c": ""}, "rm a c\nls", "b\n"},
		{"an empty directory", nil, "mkdir d\nrm d\nls", ""},
		{"a full directory", tree, "rm d", "rm: d: 'd' directory is not empty\nstatus: 'd' directory is not empty\n"},
		{"recursively", tree, "rm -r d\nls", "x\n"},
		{"missing", nil, "rm a", "rm: a: 'a' file does not exist\nstatus: 'a' file does not exist\n"},
		{"missing, quietly", tree, "rm -rf nosuch d\nls", "x\n"},
	})
}

func TestMkdir(t *testing.T) {
	runRows(t, []row{
		{"directories", nil, "mkdir a b\nls -l", "d-rwxrwxrwx / 0 glenda glenda 0 Jan  1 00:00 a\nd-rwxrwxrwx / 0 glenda glenda 0 Jan  1 00:00 b\n"},
		{"with a mode", nil, "mkdir -m 700 a\nls -ld a", "d-rwx------ / 0 glenda glenda 0 Jan  1 00:00 a\n"},
		{"with parents", nil, "mkdir -p a/b/c /tmp/a/d/\nmkdir -p a/b\nls a a/b", "a/b\na/d\na/b/c\n"},
		{"exists", files{"a": ""}, "mkdir a b\nls", "mkdir: a already exists\nstatus: error\na\nb\n"},
		{"no parent", nil, "mkdir a/b", "mkdir: can't create a/b: 'a' file does not exist\nstatus: error\n"},
		{"bad mode", nil, "mkdir -m 8 a", "usage: mkdir [-p] [-m mode] dirname ...\nstatus: usage\n"},
	})
}

func TestTouch(t *testing.T) {
	runRows(t, []row{
		{"creates", nil, "touch a\nmtime a", "  946684800 a\n"},
		{"sets a time", files{"a": "x"}, "touch -t 1000 a\nmtime a\ncat a", "       1000 a\nx"},
		{"does not create", nil, "touch -c a\nls", "touch: a: cannot wstat: 'a' file does not exist\nstatus: touch\n"},
		{"bad time", nil, "touch -t x a", "usage: touch [-c] [-t time] file ...\nstatus: usage\n"},
	})
}

func TestMtime(t *testing.T) {
	runRows(t, []row{
		{"missing", files{"a": ""}, "mtime nosuch a", "mtime: stat nosuch: 'nosuch' file does not exist\n  946684800 a\nstatus: errors\n"},
	})
}

func TestChmod(t *testing.T) {
	long := "\nls -l a"
	ls := func(mode string) string { return mode + " / 0 glenda glenda 0 Jan  1 00:00 a\n" }
	runRows(t, []row{
		{"octal", files{"a": ""}, "chmod 751 a" + long, ls("--rwxr-x--x")},
		{"add", files{"a": ""}, "chmod 600 a\nchmod g+rx a" + long, ls("--rw-r-x---")},
		{"add for all", files{"a": ""}, "chmod 600 a\nchmod +x a" + long, ls("--rwx--x--x")},
		{"take away", files{"a": ""}, "chmod 666 a\nchmod go-w a" + long, ls("--rw-r--r--")},
		{"take away, no flag", files{"a": ""}, "chmod 666 a\nchmod -w a" + long, ls("--r--r--r--")},
		{"assign", files{"a": ""}, "chmod 777 a\nchmod ug=r a" + long, ls("--r--r--rwx")},
		{"append only and exclusive", files{"a": ""}, "chmod 600 a\nchmod +al a" + long, ls("alrw-------")},
		{"assign resets the other bits", files{"a": ""}, "chmod 600 a\nchmod +al a\nchmod u=rw a" + long, ls("--rw-------")},
		{"bad mode", files{"a": ""}, "chmod z+x a", "chmod: bad mode: z+x\nstatus: mode\n"},
		{"missing", nil, "chmod 666 a", "chmod: can't stat a: 'a' file does not exist\nstatus: errors\n"},
	})
}

func TestChgrp(t *testing.T) {
	runRows(t, []row{
		{"missing", nil, "chgrp sys a", "chgrp: can't wstat a: 'a' file does not exist\nstatus: can't wstat\n"},
		{"usage", nil, "chgrp", "usage: chgrp [-ou] group file ...\nstatus: usage\n"},
	})
}

func TestLs(t *testing.T) {
	tree := files{"d/b": "12345", "d/a": "", "d/c/x": "", "f": "x", "with blank": ""}
	runRows(t, []row{
		{"current directory", tree, "ls", "d\nf\n'with blank'\n"},
		{"a directory", tree, "ls d", "d/a\nd/b\nd/c\n"},
		{"files before directories", tree, "ls d f", "d/a\nd/b\nd/c\nf\n"},
		{"files and directories", tree, "ls f d", "f\nd/a\nd/b\nd/c\n"},
		{"qids, whose type is a number", nil, "ls -qd /tmp", "(0000000000000003 0 80) /tmp\n"},
		{"slashes", tree, "ls /tmp//d/ d/c/x", "/tmp/d/a\n/tmp/d/b\n/tmp/d/c\nd/c/x\n"},
		{"the root", nil, "ls -d / /tmp", "/\n/tmp\n"},
		{"last elements", tree, "ls -p d", "a\nb\nc\n"},
		{"directories themselves", tree, "ls -d d .", "d\ntmp\n"},
		{"marks", tree, "chmod +x f\nls -F . d", "./d/\n./f*\n'./with blank'\nd/a\nd/b\nd/c/\n"},
		{"unquoted", tree, "ls -Q", "d\nf\nwith blank\n"},
		{"reverse", tree, "ls -r d", "d/c\nd/b\nd/a\n"},
		{"by time", tree, "touch -t 300 d/a\ntouch -t 100 d/b\ntouch -t 200 d/c\nls -t d\nls -tr d", "d/a\nd/c\nd/b\nd/b\nd/c\nd/a\n"},
		{"long", tree, "chmod 640 d/b\nls -l d", "" +
			"--rw-rw-rw- / 0 glenda glenda 0 Jan  1 00:00 d/a\n" +
			"--rw-r----- / 0 glenda glenda 5 Jan  1 00:00 d/b\n" +
			"d-rwxrwxrwx / 0 glenda glenda 0 Jan  1 00:00 d/c\n"},
		{"the year of old and future files", files{"a": "", "b": "", "c": "", "d": ""},
			"touch -t 931132800 a\ntouch -t 931132799 b\ntouch -t 946771200 c\ntouch -t 946771201 d\nls -l", "" +
				"--rw-rw-rw- / 0 glenda glenda 0 Jul  5 00:00 a\n" +
				"--rw-rw-rw- / 0 glenda glenda 0 Jul  4  1999 b\n" +
				"--rw-rw-rw- / 0 glenda glenda 0 Jan  2 00:00 c\n" +
				"--rw-rw-rw- / 0 glenda glenda 0 Jan  2  2000 d\n"},
		{"size", files{"a": "x", "b": ""}, "ls -s", "1 a\n0 b\n"},
		{"who modified", files{"a": ""}, "ls -m", "[glenda] a\n"},
		{"temporary", files{"a": "", "b": ""}, "chmod +t a\nls -T", "t a\n- b\n"},
		{"missing", tree, "ls nosuch f", "ls: nosuch: 'nosuch' file does not exist\nf\nstatus: errors\n"},
		{"empty directory", nil, "mkdir d\nls d", ""},
		{"usage", nil, "ls -x", "usage: ls [-dlmnpqrstuFQT] [file ...]\nstatus: usage\n"},
	})
}

func TestPwd(t *testing.T) {
	runRows(t, []row{
		{"pwd", nil, "pwd", "/tmp\n"},
		{"pbd", nil, "pbd", "tmp"},
		{"usage", nil, "pwd -x", "usage: pwd\nstatus: usage\n"},
	})
}

func TestBasename(t *testing.T) {
	runRows(t, []row{
		{"plain", nil, "basename a", "a\n"},
		{"path", nil, "basename /a/b.c", "b.c\n"},
		{"suffix", nil, "basename /a/b.c .c", "b\n"},
		{"other suffix", nil, "basename b.c .d", "b.c\n"},
		{"trailing slash", nil, "basename a/", "\n"},
		{"directory", nil, "basename -d /a/b/c", "/a/b\n"},
		{"no directory", nil, "basename -d a", ".\n"},
		{"usage", nil, "basename", "usage: basename [-d] string [suffix]\nstatus: usage\n"},
	})
}

func TestCleanname(t *testing.T) {
	runRows(t, []row{
		{"names", nil, "cleanname a//b/../c/. / ../x a/../.. /..", "a/c\n/\n../x\n..\n/\n"},
		{"devices", nil, "cleanname '#s//boot' '#s/..' '#s'", "#s/boot\n#s\n#s\n"},
		{"with a directory", nil, "cleanname -d /usr a ../b /c", "/usr/a\n/b\n/c\n"},
	})
}

func TestTest(t *testing.T) {
	f := files{"f": "x", "empty": "", "d/x": ""}
	ok := func(name, expr string) row { return row{name, f, "test " + expr, ""} }
	no := func(name, expr string) row { return row{name, f, "test " + expr, "status: false\n"} }
	bad := func(name, expr, why string) row {
		return row{name, f, "test " + expr, "test: " + why + "\nstatus: bad syntax\n"}
	}
	runRows(t, []row{
		{"nothing", nil, "test", "status: usage\n"},
		ok("a word", "x"), no("no word", "''"),
		ok("file exists", "-e f"), no("file does not exist", "-e g"),
		ok("plain file", "-f f"), no("directory is no plain file", "-f d"),
		ok("directory", "-d d"), no("file is no directory", "-d f"),
		ok("size", "-s f"), no("no size", "-s empty"),
		ok("readable", "-r f"), ok("writable", "-w f"), no("not executable", "-x f"), ok("directory is executable", "-x d"),
		no("append only", "-A f"), no("exclusive", "-L f"), no("temporary", "-T f"),
		no("no console", "-t"), no("no console on 0", "-t 0"), bad("no descriptor", "-t x", "not a valid file descriptor number "),
		ok("equal", "a = a"), no("unequal", "a = b"), ok("not equal", "a != b"),
		ok("empty string", "-z ''"), ok("string", "-n a"), no("not empty", "-z a"),
		ok("eq", "10 -eq 012 -o 10 -eq 0xa"), ok("ne", "1 -ne 2"), ok("gt", "2 -gt -1"), no("ge", "1 -ge 2"), ok("lt", "1 -lt 2"), ok("le", "2 -le 2"),
		ok("or", "'' -o a"), ok("and before or", "a -o '' -a ''"), no("and", "a -a ''"),
		ok("not", "! -e g"), no("not not", "! ! ''"), ok("parentheses", "'(' a -o '' ')' -a a"),
		bad("missing operand", "-e", "argument expected"), bad("missing parenthesis", "'(' a", ") expected"),
		bad("one too many", "a b", "unexpected operator/operand: b"),
		ok("older than a second ahead", "f -older 946684801"), no("older than a day", "f -older 1d"),
		ok("older, units", "f -older 0s -o f -older 1d12h -o a"), bad("bad unit", "f -older 1x", "bad time syntax, 1x"),
		{"newer and older files", f, "touch -t 100 f\ntest empty -nt f\ntest f -ot empty\ntest f -nt empty", "status: false\n"},
	})
}
