package cmd

import "testing"

func TestWc(t *testing.T) {
	runRows(t, []row{
		{"lines, words, bytes", files{"a": "one two\nthree\n"}, "wc a", "      2       3      14 a\n"},
		{"standard input", files{"a": "x"}, "wc <a", "      0       1       1\n"},
		{"empty", files{"a": ""}, "wc a", "      0       0       0 a\n"},
		{"total", files{"a": "x\n", "b": "y z\n"}, "wc -lw a b", "      1       1 a\n      1       2 b\n      2       3 total\n"},
		{"runes, bad ones, bytes", files{"a": "é\xff\n"}, "wc -crb a", "      3       1       4 a\n"},
		{"no final newline", files{"a": " a\tb"}, "wc a", "      0       2       4 a\n"},
		{"missing file", files{"a": ""}, "wc nosuch a", "wc: can't open nosuch: 'nosuch' file does not exist\n" +
			"      0       0       0 a\n      0       0       0 total\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
	})
}

func TestUniq(t *testing.T) {
	f := files{"f": "a\na\nb\nc\nc\nc"}
	runRows(t, []row{
		{"plain", f, "uniq f", "a\nb\nc\n"},
		{"unique", f, "uniq -u f", "b\n"},
		{"duplicated", f, "uniq -d <f", "a\nc\n"},
		{"counts", f, "uniq -c f", "   2 a\n   1 b\n   3 c\n"},
		{"prefix", files{"f": "a\nab\nabc\nb\n"}, "uniq -s f", "a\nb\n"},
		{"fields", files{"f": "1 x y\n2  x y\n3 x z\n"}, "uniq -1 f", "1 x y\n2  x y\n3 x z\n"},
		{"fields and characters", files{"f": "1 x é1\n2 y é1\n3 z é2\n"}, "uniq -2 +2 f", "1 x é1\n3 z é2\n"},
		{"empty", files{"f": ""}, "uniq -c f", ""},
		{"an empty line", files{"f": "\n\n"}, "uniq -c f", "   2 \n"},
		{"usage", nil, "uniq -x", "usage: uniq [-udcs] [-num] [+num] [file]\nstatus: usage\n"},
	})
}

func TestComm(t *testing.T) {
	f := files{"a": "1\n2\n4\n", "b": "2\n3\n4\n5"}
	runRows(t, []row{
		{"three columns", f, "comm a b", "1\n\t\t2\n\t3\n\t\t4\n\t5\n"},
		{"common", f, "comm -12 a b", "2\n4\n"},
		{"only first", f, "comm -23 a b", "1\n"},
		{"not the first", f, "comm -1 a b", "\t2\n3\n\t4\n5\n"},
		{"standard input", f, "comm -3 - b <a", "1\n\t3\n\t5\n"},
		{"an empty file", files{"a": "", "b": "x\n"}, "comm a b\ncomm b a", "\tx\nx\n"},
		{"missing", f, "comm a nosuch", "comm: can't open nosuch: 'nosuch' file does not exist\nstatus: open\n"},
	})
}

func TestCmp(t *testing.T) {
	f := files{"a": "one\ntwo\n", "b": "one\ntwO\n", "c": "one\n", "e": ""}
	runRows(t, []row{
		{"the same", f, "cmp a a", ""},
		{"differ", f, "cmp a b", "a b differ: char 7\nstatus: differ\n"},
		{"with line", f, "cmp -L a b", "a b differ: char 7 line 2\nstatus: differ\n"},
		{"all differences", f, "cmp -l a b", "     7 0x6f 0x4f\nstatus: differ\n"},
		{"shorter", f, "cmp a c", "EOF on c after 4 bytes\nstatus: EOF\n"},
		{"empty", f, "cmp e c", "EOF on e after 0 bytes\nstatus: EOF\n"},
		{"silent", f, "cmp -s a b\ncmp -s a c\ncmp -s nosuch a", "status: differ\nstatus: EOF\nstatus: open\n"},
		{"offsets", f, "cmp a b 7 0x7\ncmp a c 0 04", "EOF on c after 0 bytes\nstatus: EOF\n"},
		{"missing", f, "cmp nosuch a", "cmp: nosuch: 'nosuch' file does not exist\nstatus: open\n"},
	})
}

func TestTail(t *testing.T) {
	lines := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"
	f := files{"f": lines, "g": "a\nb\nc", "e": ""}
	runRows(t, []row{
		{"ten lines", f, "tail f", lines[4:]},
		{"from the end", f, "tail -2 f", "11\n12\n"},
		{"POSIX", f, "tail -n 2 f\ntail -n2 f\ntail -n -2 f", "11\n12\n11\n12\n11\n12\n"},
		{"from the beginning", f, "tail +11 f\ntail -n +12 f", "11\n12\n12\n"},
		{"from lines 0 and 1", f, "tail +0 g\ntail +1 g", "a\nb\nca\nb\nc"},
		{"more lines than there are", f, "tail -100 g\ntail +100 g", "a\nb\nc"},
		{"no final newline", f, "tail -1 g\ntail -2 g", "cb\nc"},
		{"no lines", f, "tail -0 f", ""},
		{"bytes", f, "tail -3c f\ntail -c 3 f\ntail +2c g", "12\n12\nb\nc"},
		{"blocks", f, "tail -1b g", "a\nb\nc"},
		{"reverse", f, "tail -r g\ntail -2r f", "c\nb\na\n12\n11\n"},
		{"empty", f, "tail e\ntail +1 e\ntail -r e", ""},
		{"missing", f, "tail nosuch", "tail: can't open nosuch: 'nosuch' file does not exist\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
		{"usage", f, "tail -r -c 3 f", "usage: tail [+-number[lbc][rf]] [file]\n       tail [-fr] [-n nlines] [-c nbytes] [file]\nstatus: usage\n"},
	})
}

func TestXd(t *testing.T) {
	f := files{"f": "abc\n\té\x00\x7f", "z": string(make([]byte, 50)), "h": "0123456789abcdef"}
	runRows(t, []row{
		{"default", f, "xd f", "0000000  6162630a 09c3a900 7f000000\n0000009 \n"},
		{"characters", f, "xd -c f", "0000000   a  b  c \\n \\t c3 a9 00 7f\n0000009 \n"},
		{"bytes", f, "xd -1x f\nxd -bo f", "0000000  61 62 63 0a 09 c3 a9 00 7f\n0000009 \n" +
			"0000000  141 142 143 012 011 303 251 000 177\n0000009 \n"},
		{"words", f, "xd -2d f", "0000000  24930 25354 02499 43264 32512\n0000009 \n"},
		{"little-endian", f, "xd -s -4x f", "0000000  0a636261 00a9c309 0000007f\n0000009 \n"},
		{"eight", f, "xd -8x h", "0000000  3031323334353637 3839616263646566\n0000010 \n0000010 \n"},
		{"two formats", f, "xd -b -c h", "" +
			"0000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66\n" +
			"      0   0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f\n0000010 \n     10 \n0000010 \n"},
		{"repeats", f, "xd -r -ad z", "0000000  00000000 00000000 00000000 00000000\n*\n0000048  00000000\n0000050 \n"},
		{"octal addresses", f, "xd -ao h", "0000000  30313233 34353637 38396162 63646566\n0000020 \n0000020 \n"},
		{"empty", files{"e": ""}, "xd e", "0000000 \n0000000 \n"},
		{"usage", nil, "xd -q", "usage: xd [-u] [-r] [-s] [-astyle] [-format ...] [file ...]\nstatus: usage\n"},
	})
}

func TestMc(t *testing.T) {
	runRows(t, []row{
		{"columns", files{"f": "a\nbb\nccc\nd\ne\n"}, "mc -12 f", "a   ccc e\nbb  d\n"},
		{"one line", files{"f": "a\nb\n"}, "mc f", "a b\n"},
		{"too wide", files{"f": "abc\ndef\n"}, "mc -2 f", "abc\ndef\n"},
		{"wide characters", files{"f": "é\nab\n"}, "mc f", "é  ab\n"},
		{"headings", files{"f": "one:\na\nb\ntwo:\nc\n"}, "mc - f", "one:\na b\n\ntwo:\nc\n"},
		{"empty", files{"f": ""}, "mc f", ""},
	})
	const window = "for(i in a bb ccc d e) echo $i >>f; echo 24 12 >size; >c; bind size /dev/winsize; bind c /dev/cons; "
	rcRows(t, []row{
		{name: "in a window", cmd: window + "mc f >/dev/cons; cat c", want: "a   ccc e\nbb  d\n"},
		{name: "not in the window", cmd: window + "mc f", want: "a   bb  ccc d   e\n"},
		{name: "wider than the window", cmd: window + "mc -80 f >/dev/cons; cat c", want: "a   bb  ccc d   e\n"},
	})
}

func TestGrep(t *testing.T) {
	f := files{"a": "one\ntwo\nThree\n", "b": "two\nfour", "e": "", "pats": "one\nfo+u\n", "words": "a.c\nabc\n*x\n"}
	runRows(t, []row{
		{"lines", f, "grep o a", "one\ntwo\n"},
		{"tagged", f, "grep o a b", "a:one\na:two\nb:two\nb:four\n"},
		{"untagged", f, "grep -h o a b", "one\ntwo\ntwo\nfour"},
		{"no final newline", f, "grep four b", "four"},
		{"none", f, "grep x a", "status: no matches\n"},
		{"numbers", f, "grep -n t a b", "a:2: two\nb:1: two\n"},
		{"count", f, "grep -c o a b e", "a:2\nb:2\ne:0\n"},
		{"count one", f, "grep -c o a", "2\n"},
		{"names", f, "grep -l one a b", "a\n"},
		{"other names", f, "grep -L one a b e", "b\ne\n"},
		{"fold", f, "grep -i THREE a", "Three\n"},
		{"reverse", f, "grep -v o a", "Three\n"},
		{"silent", f, "grep -s o a\ngrep -s x a", "status: no matches\n"},
		{"pattern after -e", f, "grep -e -x -e two a", "two\n"},
		{"patterns from a file", f, "grep -f pats a b", "a:one\nb:four\n"},
		{"newline is an alternative", f, "grep 'one\nThree' a", "one\nThree\n"},
		{"standard input", f, "grep o <a", "one\ntwo\n"},
		{"literal after a star", f, "grep *a.c words\ngrep **x words", "a.c\n*x\n"},
		{"anchors", files{"f": "ab\nb\nba\n\n"}, "grep ^b$ f\ngrep -c ^$ f", "b\n1\n"},
		{"alternatives and groups", f, "grep '^(one|t(w|x)o)$' a", "one\ntwo\n"},
		{"empty file", f, "grep x e", "status: no matches\n"},
		{"missing file", f, "grep one nosuch a", "grep: can't open nosuch: 'nosuch' file does not exist\na:one\n"},
		{"empty pattern", f, "grep '' a", "grep: empty pattern\nstatus: syntax\n"},
		{"bad pattern", f, "grep '(a' a", "grep: (a: missing closing )\nstatus: syntax\n"},
	})
}

func TestSort(t *testing.T) {
	people := files{"f": "glenda:2:10\nken:1:9\nbwk:10:100\n"}
	runRows(t, []row{
		{"lines", files{"f": "b\na\nc\n"}, "sort f", "a\nb\nc\n"},
		{"files together", files{"a": "c\na\n", "b": "b\n"}, "sort a b", "a\nb\nc\n"},
		{"standard input", files{"a": "b\na\n", "b": "c\n"}, "sort b - <a", "a\nb\nc\n"},
		{"runes", files{"f": "ω\né\nz\n"}, "sort f", "z\né\nω\n"},
		{"reverse", files{"f": "b\na\nc\n"}, "sort -r f", "c\nb\na\n"},
		{"unique", files{"f": "b\na\nb\na\n"}, "sort -u f", "a\nb\n"},
		{"no final newline", files{"f": "b\na"}, "sort f", "sort: newline added\na\nb\n"},
		{"empty", files{"f": ""}, "sort f", ""},
		{"numbers", files{"f": "10\n9\n-1\n+3\n 2\n0.5\n.25\nx\n"}, "sort -n f", "-1\nx\n.25\n0.5\n 2\n+3\n9\n10\n"},
		{"long numbers", files{"f": "10000000000000000001\n10000000000000000000\n-10000000000000000001\n-10000000000000000000\n"}, "sort -n f",
			"-10000000000000000001\n-10000000000000000000\n10000000000000000000\n10000000000000000001\n"},
		{"equal numbers by their bytes", files{"f": "1.0\n1\n01\n"}, "sort -n f", "01\n1\n1.0\n"},
		{"exponents", files{"f": "1e3\n2e-1\n50\n-1e9\n"}, "sort -g f", "-1e9\n2e-1\n50\n1e3\n"},
		{"months", files{"f": "mar\nJAN\nxyz\n feb\n"}, "sort -M f", "xyz\nJAN\n feb\nmar\n"},
		{"fold", files{"f": "b\nB\na\nÉ\nf\n"}, "sort -f f", "a\nB\nb\nÉ\nf\n"},
		{"directory order", files{"f": "b\n-a\n(c\n"}, "sort -d f", "-a\nb\n(c\n"},
		{"ignore blanks", files{"f": "a c\nab\n"}, "sort -w f", "ab\na c\n"},
		{"ignore what is not ASCII", files{"f": "éb\na\n"}, "sort -i f", "a\néb\n"},
		{"a field", people, "sort -t: -k2 f", "bwk:10:100\nken:1:9\nglenda:2:10\n"},
		{"a numeric field", people, "sort -t: -k2n f\nsort -t : +1n f", "ken:1:9\nglenda:2:10\nbwk:10:100\nken:1:9\nglenda:2:10\nbwk:10:100\n"},
		{"a reversed field", people, "sort -t: -k2,2nr f", "bwk:10:100\nglenda:2:10\nken:1:9\n"},
		{"global flags", people, "sort -nr -t: -k3 f", "bwk:10:100\nglenda:2:10\nken:1:9\n"},
		{"old style", people, "sort -t: +0 -1 f", "bwk:10:100\nglenda:2:10\nken:1:9\n"},
		{"blank separated fields", files{"f": "x   b\ny a\nz  c\n"}, "sort +1b f\nsort -k2b f", "y a\nx   b\nz  c\ny a\nx   b\nz  c\n"},
		{"blanks are part of a field", files{"f": "x   b\ny a\n"}, "sort +1 f", "x   b\ny a\n"},
		{"characters", files{"f": "aéc\nbéa\ncéb\n"}, "sort -k1.3 f\nsort +0.2 f", "béa\ncéb\naéc\nbéa\ncéb\naéc\n"},
		{"a range of characters", files{"f": "a2z\nb1y\nc2x\n"}, "sort -k1.2,1.2 f", "b1y\na2z\nc2x\n"},
		{"two keys", files{"f": "b 2\na 2\nc 1\n"}, "sort -k2,2 -k1r,1 f", "c 1\nb 2\na 2\n"},
		{"unique in a key", files{"f": "a 1\nb 1\nc 2\n"}, "sort -u -k2 f", "a 1\nc 2\n"},
		{"unique spellings", files{"f": "b\nA\na\nb\n"}, "sort -u +0f +0 f", "A\na\nb\n"},
		{"output onto the input", files{"f": "b\na\n"}, "sort -o f f\ncat f", "a\nb\n"},
		{"check", files{"f": "a\nb\n", "g": "b\na\n", "h": "a\na\n"}, "sort -c f\nsort -c g\nsort -c h\nsort -cu h",
			"sort: -c file not in sort\nstatus: order\nsort: -c file not in sort\nstatus: order\n"},
		{"missing", nil, "sort nosuch", "sort: can't open nosuch: 'nosuch' file does not exist\nstatus: open\n"},
	})
}

func TestDate(t *testing.T) {
	zone := files{"/env/timezone": "EST -18000 EDT -14400\n 954658800 972802800\n"}
	runRows(t, []row{
		{"now", nil, "date", "Sat Jan  1 00:00:00 GMT 2000\n"},
		{"seconds", nil, "date -n", "946684800\n"},
		{"a given time", nil, "date 0\ndate -n 0x10", "Thu Jan  1 00:00:00 GMT 1970\n16\n"},
		{"ISO", nil, "date -i\ndate -t", "2000-01-01\n2000-01-01T00:00:00+00:00\n"},
		{"zone", zone, "date\ndate -u\ndate 960000000\ndate -t", "" +
			"Fri Dec 31 19:00:00 EST 1999\nSat Jan  1 00:00:00 GMT 2000\nFri Jun  2 22:40:00 EDT 2000\n1999-12-31T19:00:00-05:00\n"},
		{"format", nil, "date -f 'YY M MMM MMMM D DDo W WWW H:mm A [YYYY] _h Z' 1000000000",
			" 1 9 Sep September 9 09th 1 Sunday 1:46 AM YYYY  1 +0000\n"},
		{"bad format", nil, "date -f YYY", "date: garbled format YYY\nstatus: garbled format YYY\n"},
		{"bad seconds", nil, "date now", "usage: date [-itun] [-f format] [seconds]\nstatus: usage\n"},
	})
}

func TestSleep(t *testing.T) {
	runRows(t, []row{
		{"seconds", nil, "sleep 90\ndate -n", "946684890\n"},
		{"parts of seconds", nil, "sleep .25\ndate -f t.", "250.\n"},
		{"not a time", nil, "sleep 1h", "usage: sleep time\nstatus: usage\n"},
	})
}

func TestTime(t *testing.T) {
	runRows(t, []row{
		{"a command", nil, "time sleep 1.25", "0.00u 0.00s 1.25r \t sleep 1.25\n"},
		{"its status", nil, "time test '' -a b -a c", "0.00u 0.00s 0.00r \t test  -a b -a ...  # status= false\nstatus: test 4: false\n"},
		{"missing", nil, "time nosuch", "time: nosuch: '/bin/nosuch' file does not exist\n0.00u 0.00s 0.00r \t nosuch  # status= nosuch: '/bin/nosuch' file does not exist\nstatus: time 4: nosuch: '/bin/nosuch' file does not exist\n"},
	})
}

func TestMan(t *testing.T) {
	page := func(name string) string {
		return "T(1)\n\nNAME\n     " + name + "\n\nDESCRIPTION\n     Text about Things.\n"
	}
	f := files{
		"/sys/man/1/cat": page("cat - catenate"), "/sys/man/1/ls": page("ls, lc - list"),
		"/sys/man/2/cat": page("cat, lc - a call"), "/sys/man/1/intro": page("intro - one"), "/sys/man/2/intro": page("intro - two"),
		"/sys/man/1/INDEX": "cat cat catenate\nintro intro one\nlc ls list\nls ls list\n",
		"/sys/man/2/INDEX": "cat cat a call\nintro intro two\nlc cat a call\nno such line\n\nbad\n",
		"/sys/man/1/mine":  page("mine - of somebody"),
	}
	runRows(t, []row{
		{"all sections", f, "man cat", page("cat - catenate") + "\n\n" + page("cat, lc - a call")},
		{"a section", f, "man 2 CAT", page("cat, lc - a call")},
		{"another name of two pages", f, "man -w lc", "/sys/man/1/ls\n/sys/man/2/cat\n"},
		{"file names only", f, "man -S lc", "man: no manual page for lc here: try man 1 ls\nstatus: no man\n"},
		{"file names", f, "man -w 1 cat ls", "/sys/man/1/cat\n/sys/man/1/ls\n"},
		{"in no index", f, "man -w mine", "/sys/man/1/mine\n"},
		{"in another section", f, "man 2 mine", "man: no manual page for mine here: try man 1 mine\nstatus: no man\n"},
		{"no page", f, "man INDEX", "man: no manual page for INDEX: try lookman INDEX\nstatus: no man\n"},
		{"some missing", f, "man -w nosuch ls", "man: no manual page for nosuch: try lookman nosuch\n/sys/man/1/ls\nstatus: no man\n"},
		{"what it is", f, "man -f cat lc", "man 1 cat            # cat - catenate\nman 2 cat            # cat - a call\n" +
			"man 1 ls             # lc - list\nman 2 cat            # lc - a call\n"},
		{"what there is", f, "man -f 1", "man 1 cat            # cat - catenate\nman 1 intro          # intro - one\nman 1 ls             # ls - list\n"},
		{"a section is no title", f, "man 2", "man: 2 is a section: man -f 2 lists its pages\nstatus: no man\n"},
		{"nothing", f, "man", "usage: man [-nSw] [section ...] title ...\n       man -f [section ...] [title ...]\nstatus: usage\n"},
		{"lookman", f, "lookman caten", "man 1 cat            # cat - catenate\n"},
		{"lookman, all words", f, "lookman Thing call", "man 2 cat            # cat - a call\n"},
		{"lookman, in no index", f, "lookman somebody", "man 1 mine           # mine - not in INDEX\n"},
		{"lookman, nothing", f, "lookman caten call", "lookman: no page has caten and call\nstatus: no man\n"},
	})
}

func TestSig(t *testing.T) {
	f := files{
		"/sys/man/2/open": "OPEN(2)\n\nNAME\n     open - x\n\nSYNOPSIS\n     import \"ufo/proc\"\n\n" +
			"     func (p *Proc) Open(name string,\n         mode ninep.Mode) (int, error)\n     type T interface\n     func New() *T\n\nDESCRIPTION\n     func Not() here\n",
	}
	runRows(t, []row{
		{"a method", f, "sig open", "func (p *Proc) Open(name string, mode ninep.Mode) (int, error)\n"},
		{"a function, and none", f, "sig New not", "func New() *T\nsig: no function not in section 2\nstatus: no man\n"},
		{"no manual", nil, "sig open", "sig: no function open in section 2\nstatus: no man\n"},
	})
}

func TestHelp(t *testing.T) {
	f := files{
		"/sys/man/1/INDEX": "cp cp copy files\nmv mv move files\n",
		"/sys/man/3/INDEX": "pipe pipe a copy\n",
	}
	runRows(t, []row{
		{"text", nil, "help", helpText},
		{"a word", f, "help Copy", "man 1 cp             # cp - copy files\nman 3 pipe           # pipe - a copy\n"},
		{"all words", f, "help copy files", "man 1 cp             # cp - copy files\n"},
		{"nothing", f, "help xyz abc", "help: nothing: try lookman xyz abc, which searches all pages\nstatus: no man\n"},
	})
}

func TestP(t *testing.T) {
	f := files{"f": "1\n2\n3\n4\n5\n", "/dev/cons": "\n\n\n"}
	runRows(t, []row{
		{"pages", f, "p -2 f", "1\n23\n45\n"},
		{"whole pages", f, "p -5 f", "1\n2\n3\n4\n5\n"},
		{"less than a page", f, "p f", "1\n2\n3\n4\n5\n"},
		{"between files", f, "p f f", "1\n2\n3\n4\n5\n1\n2\n3\n4\n5\n"},
		{"between files, once", f, "p -5 f f", "1\n2\n3\n4\n5\n1\n2\n3\n4\n5\n"},
		{"between files, quit", files{"f": "1\n", "/dev/cons": "\nq\n"}, "p f f f", "1\n1\n"},
		{"empty files", files{"e": "", "f": "1\n", "/dev/cons": "q\n"}, "p e f e", "1\n"},
		{"missing files", files{"f": "1\n", "/dev/cons": "q\n"}, "p f nosuch", "1\np: can't open nosuch: 'nosuch' file does not exist\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
		{"no final newline", files{"f": "1\n2", "g": "", "/dev/cons": "\n"}, "p f g", "1\n2"},
		{"end of the console", files{"f": "1\n2\n3\n", "/dev/cons": ""}, "p -2 f", "1\n2"},
		{"quit", files{"f": "1\n2\n3\n", "/dev/cons": "q\n"}, "p -2 f", "1\n2"},
		{"a command", files{"f": "1\n2\n3\n", "/dev/cons": "!x\n\n", "/bin/rc": "#builtin echo\n"}, "p -2 f", "1\n2-c x\n3\n"},
		{"no more than a page", files{"f": "1\n2\n", "g": "3", "/dev/cons": "q\n"}, "p -2 f g", "1\n2\n"},
		{"the end of what is typed", files{"f": "1\n2\n", "/dev/cons": ""}, "p -1 f", "1"},
		{"no console", files{"f": ""}, "p f", "p: can't open /dev/cons: '/dev/cons' file does not exist\nstatus: missing /dev/cons\n"},
	})
	for _, c := range []struct {
		line       string
		cols, rows int
	}{{"", 10, 1}, {"0123456789", 10, 1}, {"0123456789a", 10, 2}, {"日本語", 3, 1}, {"\t\t56", 9, 2}, {"long", 0, 1}} {
		if got := rowsOf(c.line, c.cols); got != c.rows {
			t.Errorf("%q takes %d rows of %d columns, want %d", c.line, got, c.cols, c.rows)
		}
	}
}
