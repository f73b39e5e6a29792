package cmd

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

func TestEdOracle(t *testing.T) {
	f := files{"f": "one\ntwo\nthree\nfour\nfive\n", "e": "", "g": "x", "u": "aéλ\nab\tc\\d \n\x01\n"}
	row := func(name, input string) oracle { return oracle{name: name, cmd: "ed f", input: input, files: f} }
	wrote := func(name, input string) oracle {
		return oracle{name: name, cmd: "ed f", input: input + "\nw out\nq\n", files: f, after: "out"}
	}
	compareRows(t, []oracle{
		row("count and quit", "q\n"),
		row("print all", ",p\nq\n"),
		row("print by newline", "1\n\n\n"),
		row("past the end", "5\n\n"),
		row("semicolon", "2;+1p\n;p\n"),
		row("comma", "2,+1p\n,2p\n3,p\n"),
		row("three addresses", "1,2,3p\n1;2;3p\n"),
		row("addresses out of order", "3,1p\n0p\n6p\n"),
		row("dollar and dot", "$p\n.p\n$-1p\n.-p\n--p\n"),
		row("offsets", "1+2p\n1 2p\n1++p\n5--p\n5-2+1p\n3^p\n"),
		row("search", "/t/p\n//p\n//p\n?o?\n??\n"),
		row("search with offset", "/thr/+1p\n0/o/p\n1/t/;/t/p\n$?t?-p\n"),
		row("search not there", "/nosuch/p\n.p\n"),
		row("unfinished search", "/thr\n?tw\n"),
		row("backward by sign", "4-/t/p\n1+?f?p\n"),
		row("no expression yet", "//p\ns//x/\n"),
		row("bad expression", "/(/p\n/*/p\n/[a/p\n"),
		row("marks", "2ka\n4kb\n'a,'bp\n'cp\n'ap\n'a+1p\nkA\n"),
		row("mark follows a substitution", "2ka\n2s/w/W/\n'ap\n2d\n'ap\n"),
		row("line number", "=\n.=\n/t/=\n$=\n0=\n"),
		row("numbered", "2,3n\n,n\n"),
		row("list", "e u\n,l\n"),
		row("list folds", "1s/one/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz/\nl\nnl\nln\n"),
		row("print suffixes", "1dp\n2kal\n2mn\n3sn/x/y\n1m3n\n"),
		row("bad suffix", "1px\n1pp\n1d x\n"),
		row("unknown command", "z\nx\n%p\n1,2y\n"),
		row("browse", "1b2\nb\nb-1\nb+9n\nb\nb-3l\nb\n"),
		wrote("append", "2a\nx\ny\n.\np"),
		wrote("append to nothing", "E e\na\nx\n.\n.="),
		wrote("insert", "2i\nx\ny\n.\n.p\n1i\n.\n.="),
		wrote("append at 0", "0a\nx\n.\n0i\ny\n.\n"),
		wrote("change", "2,3c\nx\n.\n.p\n$c\n.\n.p"),
		wrote("delete", "2d\n.p\n$d\n.p\n1,2d"),
		row("delete all", ",d\n.=\np\nd\nq\nq\n"),
		wrote("join", "1,3jp\nj\n.p"),
		row("join the last", "$j\n1,1j\n.=\n1,9j\n"),
		wrote("move", "1,2m$\n.=\n2m0\n.=\n1m1\n1,2m1\n2,3m1\n.="),
		row("move errors", "1,3m2\n1,2m2\n1m\n1m9\n2m2\nq\n"),
		wrote("copy", "1,2t$\n.=\n1t0\n.=\n2t2\n.p\n1,3t2"),
		wrote("substitute", "1s/n/N/p\n2s/w/[&]/\n3s/h/\\&/p\ns/e/E/gp"),
		wrote("substitute counts", "3s2/e/E/p\ns2/./-/gp\n5s9/x/y/\n"),
		row("substitute nothing", "s/x/y/\n,s/x/y/\n,s/o/0/\n.p\n"),
		row("substitute and print", "1s/o/x\ns/x/y/l\ns/y/z/n\n"),
		row("other delimiters", "1s,o,/,p\ns|/|o|p\ns o x p\nsxoxyxp\n"),
		wrote("groups", "1s/(.)(.)(.)/\\3\\2\\1/p\n3s/((.)h)r/\\1-\\2/p\n4s/f(x)*/[\\1]/p\n5s/f/\\9\\0/p"),
		wrote("split", "3s/r/\\\n/p\n.=\n1,2s/o/a\\\nb\\\nc/\n.="),
		wrote("empty matches", "1s/x*/-/gp\n2s/w*/-/gp\n3s2/x*/-/p\n4s/$/./gp\n5s/^/>/gp"),
		wrote("anchors again", "1s/^./\\\n/gp\n2s/^t//gp\n"),
		row("last expression", "/t/\ns//T/p\n//p\n1,$s//X/\n"),
		row("empty replacement", "1s/n//p\ns/o\ns/z\n"),
		row("escapes", "1s/n/\\//p\ns/\\//\\\\/p\ns/\\\\/a\\tb/p\n"),
		row("undo", "2s/w/W/p\nup\nup\n2s/w/1/\n3s/h/2/\n2u\n3up\n"),
		row("undo nothing", "u\n1d\nu\n"),
		row("global print", "g/t/p\ng/t/\ng/t\nv/t/p\n2,3g/o/n\n"),
		wrote("global delete", "g/t/d\n.p\n.="),
		wrote("global commands", "g/o/s/o/0/\\\ns/$/!/\\\np"),
		wrote("global append", "g/o/a\\\nx\\\ny\\\n.\\\ns/y/z/\ng/e/i\\\nw"),
		wrote("global move", "g/./m0"),
		wrote("global move down", "g/[ot]/m$\n.=\n"),
		wrote("global join", "g/o/j\n"),
		wrote("global delete others", "g/o/+1d\n"),
		wrote("global split", "g/o/s/o/\\\\\\\n/\n.="),
		row("global substitution fails in peace", "g/o/s/x/y/\ng/o/s/n/N/p\n"),
		row("global errors", "g/o/g/n/p\ng\ng/o/zz\n.p\ng/o/s/(/x/\n"),
		row("nothing matches", "g/zz/d\nv/./p\n.=\n"),
		row("global last expression", "g/o/s//0/p\ng//p\n"),
		wrote("global copy", "g/o/t.\n"),
		row("read", "r g\n,p\n0r g\n.=\nr nosuch\n"),
		row("edit", "e g\np\n1d\ne f\ne f\nE g\n,p\n"),
		row("edit a file that is not there", "e nosuch\n,p\nf\n"),
		row("file name", "f\nf new\nf\n1f\nf a b\nf \nf\n"),
		row("file name without a blank", "fx\nrx\nw/tmp\n"),
		row("write part", "2,3w out\nr out\n$p\n0w out\nf\n"),
		row("write and quit", "1d\nwq out\np\n"),
		row("append to a file", "1w out\n2W out\nE out\n,p\nW new\nE new\n,p\n"),
		row("write to a directory that is not there", "w nosuch/x\nw\n"),
		row("quit a changed buffer", "1d\nq\np\nq\np\n"),
		row("quit at once", "1d\nQ\np\n"),
		row("end of a changed buffer", "1d\n"),
		row("end in input mode", "a\nx\n"),
		row("end in a command", "1,2"),
		row("quit with address", "1q\n1Q\n1f\n1!echo\n"),
		row("unicode counts", "e u\n1s/é/ê/p\n1l\nw out\n"),
		row("errors skip the line", "1p2p\n2p\n"),
		{name: "no file", cmd: "ed", input: "p\nw\na\nx\n.\nw\nw out\nf\nq\n"},
		{name: "file not there", cmd: "ed nosuch", input: "f\np\na\nx\n.\nw\nq\n"},
		{name: "empty file", cmd: "ed e", input: "p\n,p\n$=\ng/x/p\nw\nd\n0d\n", files: f},
		{name: "silent", cmd: "ed - f", input: "1d\nw out\nr g\nq\n", files: f, after: "out"},
		{name: "output only by w", cmd: "ed -o", input: "x\n.\np\nw out\nq\n", after: "out"},
		{name: "a page of 20", cmd: "ed f", input: "g/./t.\\\nt.\\\nt.\\\nt.\n1b\n.=\nbn\nb-\n", files: f},
	})
}

func TestEd(t *testing.T) {
	ed := func(name, in, want string) row {
		return row{name, files{"f": "one\ntwo\n", "b": "a\xffb\x00c\n\xc3\n", "in": in}, "ed - f |in", want}
	}
	runRows(t, []row{
		{"a file of commands ends at one that fails", files{"f": "a\n", "in": "1p\nx\n1p\n"}, "ed f <in", "2\na\n?\n"},
		{"a pipe of commands does not", files{"f": "a\n", "in": "1p\nx\n1p\n"}, "ed f |in", "2\na\n?\na\n"},
		ed("bytes that are no UTF stay", "e b\n,s/b/B/\nw out\n!cat out\nq\n", "a\xffB\x00c\n\xc3\n"),
		ed("bytes in commands", "1s/o/\xff\\\xfe/p\n/\xff/s/e/é/p\n", "\xff\xfene\n\xff\xfené\n"),
		ed("a list shows characters", "1s/o/\xffé/l\n", "\\xfffd\\x00e9ne\n"),
		ed("shell", "!echo hi\n1!echo\n!exit x\np\n", "hi\n?\ntwo\n"),
		ed("backward from 0", "0?x?\n0;?t?=\n", "?\n2\n"),
		ed("a long list", "g/./s/$/ /\\\nl\n", "one \\n\ntwo \\n\n"),
		ed("a group that matched nothing", "1s/(x)?o/[\\1]/\n,p\n", "?\none\ntwo\n"),
		ed("huge numbers", "99999999999999999999p\n1+99999999999999999999999999p\nb99999999999999999999\n1b-9999999999999999999\n", "?\n?\ntwo\none\n"),
		ed("a replacement without end", "s/o/x\\", "?\n"),
		ed("a global without end", "g/o/s/x/y/\\", "?\n"),
		{"usage", nil, "ed -x", "usage: ed [-] [-o] [file]\nstatus: usage\n"},
	})
}

// TestEdLong edits lines of 10 MB, and many lines.
func TestEdLong(t *testing.T) {
	n := big(t, 5<<20)
	long := strings.Repeat("é", n)
	runRows(t, []row{
		{"a line of 10 MB", files{"f": long + "\n", "in": "1s/$/x/\nt.\n,s/^é/y/\nw f\nq\n"}, "ed f <in\nwc f",
			fmt.Sprintf("%d\n%d\n      2       2 %7d f\n", n+1, 2*n+4, 4*n+2)},
		{"a million lines", files{"f": strings.Repeat("a\nb\n", n/10), "in": "g/a/s//c/\nv/c/d\n$=\n1m$\n1,1000m$\nw f\nq\n"}, "ed - f <in",
			fmt.Sprintln(n / 10)},
	})
}

// TestEdNotes interrupts an ed at its commands and in input mode, and hangs up
// on another: nothing typed is lost.
func TestEdNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		newMachine(t, nil).do(func(p *proc.Proc) error {
			p.Chdir("/tmp")
			r, w, err := p.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			pid, _ := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
				p.Dup(r, 0)
				p.Close(w)
				p.Create("/tmp/out", ninep.OWRITE, 0o666)
				return p.Exec("/bin/ed", []string{"ed"})
			})
			p.Close(r)
			for _, step := range []string{"a\nx\n", "interrupt", ",p\na\ny\n", "interrupt", ",n\na\nz\n", "hangup"} {
				if strings.HasSuffix(step, "\n") {
					p.FD(w).Write([]byte(step))
				} else {
					p.Postnote(pid, step)
				}
				p.Sleep(time.Second)
			}
			msg, err := p.Wait()
			out, _ := p.ReadFile("/tmp/out")
			saved, err2 := p.ReadFile("/tmp/ed.hup")
			if err := errors.Join(err, err2); err != nil || msg.Msg != "" {
				t.Errorf("%q, %v", msg.Msg, err)
			}
			if want := "\n?\nx\n\n?\n1\tx\n2\ty\n"; string(out) != want {
				t.Errorf("prints %q, want %q", out, want)
			}
			if want := "x\ny\nz\n"; string(saved) != want {
				t.Errorf("saved %q, want %q", saved, want)
			}
			return nil
		})
	})
}

// FuzzEd looks for commands that make ed panic or go on for ever.
func FuzzEd(f *testing.F) {
	for _, s := range []string{"g/o/s/o/x\\\n/\n", "1,$j\n,n\n", "2ka\n'a,'bm0\nu\n", "?x?;//-2s2/./&\\1/gp\n", "b-3l\nb+\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if strings.ContainsAny(in, "!") {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			newMachine(t, files{"f": "one\ntwo\nthree\n", "in": in}).run("ed f <in")
		})
	})
}
