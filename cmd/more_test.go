package cmd

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

func TestTr(t *testing.T) {
	tr := func(name, args, in, want string) row { return row{name, files{"f": in}, "tr " + args + " <f", want} }
	runRows(t, []row{
		tr("map", "abc xyz", "aabbcd\n", "xxyyzd\n"),
		tr("ranges", "a-z A-Z", "Hello, wörld", "HELLO, WöRLD"),
		tr("runes", "α-γ a-c", "αβγδ", "abcδ"),
		tr("padded", "abcd xy", "abcde", "xyyye"),
		tr("delete", "-d aeiou", "education\n", "dctn\n"),
		tr("delete all others", "-cd a-z\\012", "a1b2c3\n", "abc\n"),
		tr("squeeze", "-s a-z A-Z", "aabbA", "ABA"),
		tr("words", "-cs A-Za-z '\n'", "one, two; three", "one\ntwo\nthree"),
		tr("complement", "-c a-z .", "ab1C\n", "ab..."),
		tr("delete and squeeze", "-ds x ' '", "a x  x b", "a b"),
		tr("octal and hexadecimal", "'\\101\\x42' '\\x3b1z'", "ABC", "αzC"),
		tr("quoted minus", "'a\\-c' xyz", "a-bc", "xybz"),
		tr("minus first and last", "-- -a xy", "a-b", "yxb"),
		tr("empty input", "a b", "", ""),
		tr("bad range", "z-a x", "", "tr: invalid range specification\nstatus: invalid range specification\n"),
		tr("ambiguous", "aa xy", "", "tr: ambiguous translation\nstatus: ambiguous translation\n"),
		tr("big octal", "'\\400' x", "", "tr: character > 0377\nstatus: character > 0377\n"),
		tr("usage", "a", "", "usage: tr [-cds] [string1 [string2]]\nstatus: usage\n"),
	})
}

func TestSeq(t *testing.T) {
	runRows(t, []row{
		{"to", nil, "seq 3", "1\n2\n3\n"},
		{"from, to", nil, "seq 2 3", "2\n3\n"},
		{"steps", nil, "seq 0 .05 .1", "0\n0.05\n0.1\n"},
		{"down", nil, "seq 2 -1 -1", "2\n1\n0\n-1\n"},
		{"from a negative number", nil, "seq -1 1", "-1\n0\n1\n"},
		{"equal widths", nil, "seq -w 8 10\nseq -w 0 .05 .1", "08\n09\n10\n0.00\n0.05\n0.10\n"},
		{"format", nil, "seq -f '<%5.1f>' 2", "<  1.0>\n<  2.0>\n"},
		{"large", nil, "seq 999999 1000001", "999999\n1e+06\n1e+06\n"},
		{"six digits", nil, "seq 0 .1 .4", "0\n0.1\n0.2\n0.3\n0.4\n"},
		{"percent", nil, "seq -f %g%% 2", "1%\n2%\n"},
		{"none", nil, "seq 0", ""},
		{"zero increment", nil, "seq 1 0 2", "seq: zero increment\nstatus: zero increment\n"},
		{"bad format", nil, "seq -f %s 1", "usage: seq [-w] [-f format] [first [incr]] last\nstatus: usage\n"},
	})
}

func TestStrings(t *testing.T) {
	f := files{"f": "short\x00longer one\xff\xffλόγος!\n"}
	runRows(t, []row{
		{"default", f, "strings f", "       6: longer one\n      18: λόγος!\n"},
		{"shorter", f, "strings -m 5 <f", "       0: short\n       6: longer one\n      18: λόγος!\n"},
		{"many files", files{"a": "aaaaaa", "b": ""}, "strings a b", "a:\n       0: aaaaaa\nb:\n"},
	})
}

func TestSum(t *testing.T) {
	f := files{"f": "hello, world\n", "e": ""}
	runRows(t, []row{
		{"CRC", f, "sum f e", "7dc065a3     13 f\n2aa280dc      0 e\n"},
		{"system V", f, "sum -5 f\nsum -r f", "01170     1 f\n37777     1 f\n"},
		{"MD5", f, "md5sum f\nmd5sum <e", "22c3683b094136c3398391ae71b20f04\tf\nd41d8cd98f00b204e9800998ecf8427e\n"},
		{"SHA", f, "sha1sum e\nsha1sum -2 256 e", "da39a3ee5e6b4b0d3255bfef95601890afd80709\te\n" +
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\te\n"},
		{"missing", f, "md5sum nosuch", "md5sum: can't open nosuch: 'nosuch' file does not exist\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
	})
}

func TestSplit(t *testing.T) {
	f := files{"f": "1\n2\n3\n4\n5"}
	runRows(t, []row{
		{"pieces", f, "split -n 2 f\nls\ncat xaa\ncat xab", "f\nxaa\nxab\n1\n2\n3\n4\n5"},
		{"stem", f, "split -l 3 -f p <f\nls", "f\npaa\npab\n"},
		{"at matches", f, "split -e '[24]' f\ncat xaa\ncat xab\ncat xac", "1\n2\n3\n4\n5"},
		{"names", files{"f": "chap One\na\nchap Two\nb\n"}, "split -xi -s .t -e 'CHAP (.+)' f\nls\ncat two.t", "f\none.t\ntwo.t\nb\n"},
		{"bad expression", f, "split -e '(' f", "split: bad regular expression: missing closing )\nstatus: bad regular expression: missing closing )\n"},
	})
}

func TestJoin(t *testing.T) {
	f := files{"a": "bwk  bell\ndmr bell labs\nken google\n", "b": "bwk 1\nken 2\nken 3\nrob 4\n", "c": "x:1::\ny:2:q:\n", "d": "1:one\n2:two\n"}
	runRows(t, []row{
		{"pairs", f, "join a b", "bwk bell 1\nken google 2\nken google 3\n"},
		{"both ways", f, "join b a", "bwk 1 bell\nken 2 google\nken 3 google\n"},
		{"all of the first", f, "join -a 1 a b", "bwk bell 1\ndmr bell labs\nken google 2\nken google 3\n"},
		{"only the unpairable", f, "join -v1 -v2 a b", "dmr bell labs\nrob 4\n"},
		{"fields", f, "join -o 2.2,1.2,0 a b", "1 bell bwk\n2 google ken\n3 google ken\n"},
		{"fields in many words", f, "join -o 2.2 0 -- a b", "1 bwk\n2 ken\n3 ken\n"},
		{"empty fields", f, "join -a2 -e - -o 0,1.3,2.2 a b", "bwk - 1\nken - 2\nken - 3\nrob - 4\n"},
		{"separator and other fields", f, "join -t: -1 2 c d", "1:x:::one\n2:y:q::two\n"},
		{"archaic", f, "join -t: -j1 2 c d", "1:x:::one\n2:y:q::two\n"},
		{"standard input", f, "join - b <a", "bwk bell 1\nken google 2\nken google 3\n"},
		{"missing", f, "join a nosuch", "join: can't open nosuch: 'nosuch' file does not exist\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
	})
}

func TestWalk(t *testing.T) {
	f := files{"a": "x", "d/b": "yy", "d/e/c": ""}
	runRows(t, []row{
		{"all", f, "walk", "a\nd/b\nd/e/c\nd/e\nd\n"},
		{"files", f, "walk -f d", "d/b\nd/e/c\n"},
		{"directories", f, "walk -d", "d/e\nd\n"},
		{"depth", f, "walk -n 1\nwalk -n 2,2\nwalk -n3,", "a\nd\nd/b\nd/e\nd/e/c\n"},
		{"attributes", f, "walk -e 'Usxnp' a", "glenda 1 --rw-rw-rw- a a\n"},
		{"executables", f, "chmod +x a\nwalk -fx", "a\n"},
		{"clean names", f, "walk -f ./d//", "d/b\nd/e/c\n"},
		{"the last of -d and -f holds", files{"d/a": ""}, "walk -df d\nwalk -fd d", "d/a\nd\n"},
		{"missing", f, "walk nosuch a", "walk: path: nosuch: 'nosuch' file does not exist\na\n"},
		{"bad format", f, "walk -e z", "walk: bad stfmt: z\nstatus: bad stfmt: z\n"},
	})
}

func TestDu(t *testing.T) {
	f := files{"a": "x", "d/b": strings.Repeat("y", 3000), "d/e/c": "z"}
	runRows(t, []row{
		{"directories", f, "du", "1\t./d/e\n4\t./d\n5\t.\n"},
		{"all", f, "du -a d", "3\td/b\n1\td/e/c\n1\td/e\n4\td\n"},
		{"summary", f, "du -s d a", "4\td\n1\ta\n"},
		{"bytes", f, "du -n d", "3000\td/b\n1\td/e/c\n1\td/e\n3001\td\n"},
		{"blocks", f, "du -s -b 4k d", "8\td\n"},
		{"scaled", f, "du -sh -b1 d", "2.93066k\td\n"},
		{"in a unit", f, "du -sepK d\ndu -se -p '' -b 1 d", "4\td\n3001\td\n"},
		{"times", f, "touch -t 77 d/b\ndu -at d", "77\td/b\n946684800\td/e/c\n946684800\td/e\n946684800\td\n"},
		{"missing", f, "du nosuch a\ndu -f nosuch", "du: nosuch: 'nosuch' file does not exist\n0\tnosuch\n1\ta\n0\tnosuch\n"},
		{"bad prefix", f, "du -p x", "du: unknown suffix x\nstatus: unknown suffix x\n"},
	})
	archiveRows(t, nil, []row{{name: "large qids", cmd: "du -qa '#c' | grep '^-'; status=()"}})
}

// TestPipes runs the commands that read otherwise when their input has no
// end that can be seeked to.
func TestPipes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, nil)
		for name, tt := range map[string]struct{ in, cmd, want string }{
			"last lines":        {"1\n2\n3\n", "tail -2", "2\n3\n"},
			"last bytes":        {"1\n2\n3\n", "tail -c 3", "\n3\n"},
			"from a line":       {"1\n2\n3\n", "tail +2", "2\n3\n"},
			"reverse":           {"1\n2\n3", "tail -r", "3\n2\n1\n"},
			"a line is left":    {"1\n2\n", "read", "1\n"},
			"sed's last line":   {"1\n2\n", "sed '$s/^/>/'", "1\n>2\n"},
			"grep":              {"1\n2\n", "grep 2", "2\n"},
			"write boundaries":  {"1\n2\n", "cat", "1\n2\n"},
			"long tail of much": {strings.Repeat("x\n", 300000) + "y\n", "tail -1", "y\n"},
		} {
			if got := m.pipe(tt.in, tt.cmd); got != tt.want {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
	})
}

// pipe runs a command with pipes as its descriptors 0 and 1.
func (m *machine) pipe(in, cmd string) (out string) {
	m.do(func(p *proc.Proc) error {
		for range 3 { // 0, 1 and 2 are the command's
			p.Open("/tmp", ninep.OREAD)
		}
		r, w, err := p.Pipe()
		if err != nil {
			return err
		}
		or, ow, err := p.Pipe()
		if err != nil {
			return err
		}
		p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			p.Dup(r, 0)
			p.Dup(ow, 1)
			p.Dup(ow, 2)
			for _, fd := range []int{r, w, or, ow} {
				p.Close(fd)
			}
			args := words(cmd, ' ')
			for i := range args {
				args[i] = strings.Trim(args[i], "'")
			}
			return p.Exec("/bin/"+args[0], args)
		})
		p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			for _, fd := range []int{r, or, ow} {
				p.Close(fd)
			}
			_, err := p.FD(w).Write([]byte(in))
			return err
		})
		p.Close(r)
		p.Close(w)
		p.Close(ow)
		b := make([]byte, 8192)
		for {
			n, err := p.Read(or, b)
			if n == 0 || err != nil {
				break
			}
			out += string(b[:n])
		}
		p.Close(or)
		p.Wait()
		p.Wait()
		return nil
	})
	return out
}

// TestFollow lets a file grow and shrink under tail -f, which a note ends.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, files{"f": "1\n2\n3\n"})
		m.do(func(p *proc.Proc) error {
			p.Chdir("/tmp")
			pid, err := p.Fork(proc.RFFDG|proc.RFREND, command("tail -1f f"))
			if err != nil {
				t.Error(err)
			}
			grow := func(text string, mode ninep.Mode) {
				p.Sleep(2 * time.Second)
				fd, err := p.Open("f", ninep.OWRITE|mode)
				if err == nil {
					p.Seek(fd, 0, 2)
					p.FD(fd).Write([]byte(text))
					p.Close(fd)
				}
			}
			grow("4\n", 0)
			grow("5\n", 0)
			grow("new\n", ninep.OTRUNC)
			p.Sleep(2 * time.Second)
			p.Postnote(pid, "interrupt")
			w, err := p.Wait()
			if err != nil || !strings.HasSuffix(w.Msg, "interrupt") {
				t.Errorf("wait: %+v, %v", w, err)
			}
			if b, err := p.ReadFile("/fd/out"); err != nil || string(b) != "3\n4\n5\nnew\n" {
				t.Errorf("got %q, %v", b, err)
			}
			return nil
		})
	})
}
