package cmd

import "testing"

func TestSed(t *testing.T) {
	f := files{"f": "one\ntwo\nthree\nfour\nfive\n", "g": "x", "e": ""}
	runRows(t, []row{
		{"nothing", f, "sed '' f", "one\ntwo\nthree\nfour\nfive\n"},
		{"empty input", f, "sed p e", ""},
		{"no final newline", f, "sed p g", "x\nx\n"},
		{"quit", f, "sed 2q f", "one\ntwo\n"},
		{"quiet", f, "sed -n 2p f", "two\n"},
		{"delete lines", f, "sed 2,4d f", "one\nfive\n"},
		{"delete a match", f, "sed /t/d f", "one\nfour\nfive\n"},
		{"last line", f, "sed -n '$p' f\nsed -n '$=' f", "five\n5\n"},
		{"lines count across files", f, "sed -n 6p f g", "x\n"},
		{"range by matches", f, "sed -n /tw/,/ou/p f", "two\nthree\nfour\n"},
		{"range to a line already passed", f, "sed -n 3,1p f", "three\n"},
		{"range that starts again", f, "sed -n '/o/,/e/p' f", "one\ntwo\nthree\nfour\nfive\n"},
		{"range to the end", f, "sed '2,$d' f", "one\n"},
		{"negation", f, "sed '2,4!d' f", "two\nthree\nfour\n"},
		{"block", f, "sed -n '2,3{\ns/t/T/\np\n}' f", "Two\nThree\n"},
		{"block on a line", f, "sed -n '/t/{s/t/T/;p}' f", "Two\nThree\n"},
		{"negated block", f, "sed '/e/!{d;}' f", "one\nthree\nfive\n"},
		{"comment", f, "sed '# a comment\n2q # another' f", "one\ntwo\n"},
		{"substitute", f, "sed s/e/E/ f", "onE\ntwo\nthrEe\nfour\nfivE\n"},
		{"globally", f, "sed -n 's/e/E/gp' f", "onE\nthrEE\nfivE\n"},
		{"globally by flag", f, "sed -g s/e/E/ f\nsed -n 3p f", "onE\ntwo\nthrEE\nfour\nfivE\nthree\n"},
		{"other delimiter", files{"f": "a/b\n"}, "sed s,/,-, f\nsed 's,a\\,*,x,' f", "a-b\nx/b\n"},
		{"ampersand", f, "sed -n '1s/n/[&\\&]/p' f", "o[n&]e\n"},
		{"groups", f, "sed -n '1s/(.)(.)(.)/\\3\\2\\1/p' f", "eno\n"},
		{"nested groups", f, "sed -n '1s/((.)n)e/\\1-\\2/p' f", "on-o\n"},
		{"group that did not match", f, "sed -n '1s/o(x)*/[\\1]/p' f", "[]ne\n"},
		{"newline in replacement", f, "sed '1s/n/\\\n/;1q' f\nsed '1s/n/\\n/;1q' f", "o\ne\no\ne\n"},
		{"empty matches", f, "sed '1s/x*/-/g;1q' f", "-o-n-e\n"},
		{"anchors globally", f, "sed '1s/^/>/g;s/$/</g;1q' f", ">one<\n"},
		{"a match is leftmost and longest", f, "sed -n '3s/(t|th|thr)/[&]/p' f", "[thr]ee\n"},
		{"last expression", f, "sed -n '/t/s//T/p' f", "Two\nThree\n"},
		{"substitution of runes", files{"f": "aéλ\n"}, "sed 's/./<&>/g' f", "<a><é><λ>\n"},
		{"bad UTF stays", files{"f": "a\xffb\n"}, "sed s/b/B/ f", "a\xffB\n"},
		{"transform", f, "sed -n '1y/one/ONÉ/p;1p' f", "sed: y command garbled: 1y/one/ONÉ/p;1p\nstatus: error\n"},
		{"transform runes", f, "sed -n '1y/one/ONÉ/;1p' f", "ONÉ\n"},
		{"transform escapes", files{"f": "a/b\n"}, "sed 'y/\\/ab/|\\nb/' f", "\n|b\n"},
		{"append, insert, change", f, "sed '1a\\\nafter\n2i\\\nbefore\n3c\\\nchanged\n4,5d' f", "one\nafter\nbefore\ntwo\nchanged\n"},
		{"text of two lines, protected blanks", f, "sed '1a\\\n  one\\\n\\  two\n1q' f", "one\none\n  two\n"},
		{"change a range", f, "sed '2,4c\\\nx' f", "one\nx\nfive\n"},
		{"change without address", f, "sed 'c\\\nx' f", "x\nx\nx\nx\nx\n"},
		{"change all but", f, "sed '2,4!c\\\nx' f", "x\ntwo\nthree\nfour\nx\n"},
		{"hold space", f, "sed -n '1h;2H;2G;2p' f", "two\none\ntwo\n"},
		{"reverse the lines", f, "sed -n '1!G;h;$p' f", "five\nfour\nthree\ntwo\none\n"},
		{"exchange", f, "sed -n 'x;2,3p' f", "one\ntwo\n"},
		{"next", f, "sed -n 'n;p' f", "two\nfour\n"},
		{"next at the end", f, "sed n f", "one\ntwo\nthree\nfour\nfive\n"},
		{"append next", f, "sed 'N;s/\\n/+/' f", "one+two\nthree+four\n"},
		{"first line of two", f, "sed -n '$!N;P' f", "one\nthree\nfive\n"},
		{"delete the first of two", f, "sed -n '$!N;D;p' f\nsed '$!N;P;D' f", "one\ntwo\nthree\nfour\nfive\n"},
		{"empty lines once", files{"f": "a\n\n\n\nb\n\n\n"}, "sed '\n${\n\t/^$/p\n}\n//N\n/^\\n$/D' f", "a\n\nb\n\n"},
		{"branch", f, "sed -n ':a\ns/e/E/\nta\np' f", "onE\ntwo\nthrEE\nfour\nfivE\n"},
		{"branch forward", f, "sed '/t/b end\ns/./-/g\n: end' f", "---\ntwo\nthree\n----\n----\n"},
		{"branch to the end", f, "sed '2,$b\ns/o/0/' f", "0ne\ntwo\nthree\nfour\nfive\n"},
		{"t forgets", f, "sed '1s/o/0/\nt\nd' f", "0ne\n"},
		{"line number", f, "sed -n '/four/=' f", "4\n"},
		{"list", files{"f": "a\tb\\é \n"}, "sed -n l f", `a\tb\\\x00e9 \n` + "\n"},
		{"read a file", f, "sed '1r g\n2,$d' f", "one\nx"},
		{"read nothing", f, "sed '1r nosuch\n1q' f", "one\n"},
		{"write a file", f, "sed -n '/o/w out\ns/e/E/w out2' f\ncat out\ncat out2", "one\ntwo\nfour\nonE\nthrEe\nfivE\n"},
		{"two scripts", f, "sed -e 1d -e '$d' f", "two\nthree\nfour\n"},
		{"script from a file", files{"f": "a\nb\n", "s": "1d\ns/b/c/\n"}, "sed -f s f", "c\n"},
		{"standard input", f, "sed -n 1p <f", "one\n"},
	})
}

func TestSedErrors(t *testing.T) {
	bad := func(name, script, why string) row {
		return row{name, files{"f": "x\n"}, "sed " + script + " f", "sed: " + why + "\nstatus: error\n"}
	}
	runRows(t, []row{
		bad("unknown command", "1z", "Unrecognized command: 1z"),
		bad("address without command", "1", "Unrecognized command: 1"),
		bad("line 0", "0p", "line number 0 is illegal: 0p"),
		bad("open brace", "{p", "Too many {'s"),
		bad("close brace", "p}", "Too many }'s: p}"),
		bad("undefined label", "'b x'", "Undefined label: x"),
		bad("duplicate label", "':a\n:a'", "Duplicate labels: a"),
		bad("two addresses", "1,2q", "Only one address allowed: 1,2q"),
		bad("no address", "1:a", "No addresses allowed: 1:a"),
		bad("open substitution", "s/a/b", "s command garbled: s/a/b"),
		bad("bad flag", "s/a/b/x", "s command garbled: s/a/b/x"),
		bad("bad expression", "'s/(a/b/'", "r.e.-using command garbled: s/(a/b/"),
		bad("no last expression", "//d", "First RE may not be null: //d"),
		bad("bad back reference", "'s/a/\\1/'", `Invalid back reference \1: s/a/\1/`),
		bad("lengths differ", "y/ab/c/", "y command garbled: y/ab/c/"),
		bad("text without newline", "'a text'", "a command garbled: a text"),
		bad("no file name", "w", "w command garbled: w"),
		{"missing file", nil, "sed p nosuch", "sed: can't open nosuch: 'nosuch' file does not exist\nstatus: error\n"},
		{"no script", nil, "sed", "usage: sed [-n] [-g] [-u] [-e script] [-f sfile] [file ...]\nstatus: usage\n"},
	})
}

// FuzzSed wants every script to be read, or refused with an error.
func FuzzSed(f *testing.F) {
	for _, s := range []string{"s/a/b/g", "1,$y/a/b/", "/x/{p;b end\n}\n: end", "a\\\ntext", "$!N;P;D"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		var sp sedparser
		cmds, err := sp.scripts([]string{script})
		for _, c := range cmds {
			if c.target < 0 || c.target > len(cmds) {
				t.Fatalf("%q: jump to %d (%v)", script, c.target, err)
			}
		}
	})
}
