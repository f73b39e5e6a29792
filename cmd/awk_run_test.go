package cmd

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/ninep"
	"ufo/proc"
)

// TestAwkStatus wants the messages and exit statuses of Plan 9.
func TestAwkStatus(t *testing.T) {
	f := files{"f": "a b\nc d\n", "p": "BEGIN { x = 1 }\n\nBEGIN { print ( }\n", "q": "BEGIN { x = 1 }",
		"/env/x": "10", "/env/list": "a\x00b\x00", "/env/fn#f": "{}"}
	runRows(t, []row{
		{"number", f, "awk 'BEGIN { exit 3 }'", "status: error\n"},
		{"zero", f, "awk 'BEGIN { exit 0 }'", ""},
		{"string", f, "awk 'BEGIN { exit \"no luck\" }'", "status: no luck\n"},
		{"field that is a number", f, "awk '{ $0 = \"0\"; exit $1 }' f", ""},
		{"END keeps it", f, "awk 'BEGIN { exit 1 } END { print \"end\"; exit }'", "end\nstatus: error\n"},
		{"division", f, "awk '{ print 1 / 0 }' f", "awk: division by zero\n input record f:1\n source line 1\nstatus: FATAL\n"},
		{"what was printed comes first", f, "awk '{ print }\nEND { print 5 % 0 }' f",
			"a b\nc d\nawk: division by zero in mod\n input record f:2\n source line 2\nstatus: FATAL\n"},
		{"standard input", f, "awk '{ x %= 0 }' <f", "awk: division by zero in %=\n input record number 1\n source line 1\nstatus: FATAL\n"},
		{"no file", f, "awk 1 nosuch", "awk: can't open file nosuch\nstatus: FATAL\n"},
		{"no program file", f, "awk -f nosuch", "awk: can't open file nosuch\nstatus: FATAL\n"},
		{"no program", f, "awk -v x=1", "awk: no program given\nstatus: FATAL\n"},
		{"usage", f, "awk", "usage: awk [-F fs] [-d] [-mf n] [-mr n] [-safe] [-v var=value] [-f progfile | prog] [file ...]\nstatus: usage\n"},
		{"unknown option", f, "awk -x 'BEGIN { print 1 }'", "awk: unknown option -x ignored\n1\n"},
		{"version", f, "awk -V\nawk -d 'BEGIN { print 1 }'", "awk version 19990602\nawk version 19990602\n1\n"},
		{"empty FS", f, "awk -F '' '{ print $2 }' f", "awk: field separator FS is empty\n \n \n"},
		{"syntax", f, "awk 'BEGIN { print 1 == 2 }'",
			"awk: syntax error at line 1\n context is\n\tBEGIN { print 1  >>> == <<<  2 }\nstatus: syntax error\n"},
		{"syntax in a file", f, "awk -f q -f p",
			"awk: syntax error at p:3\n context is\n\tBEGIN { print (  >>> } <<< \nstatus: syntax error\n"},
		{"division in the second file", files{"q": "function f() {\n\treturn 1\n}", "r": "BEGIN {\n\tprint 1 / x }"}, "awk -f q -f r",
			"awk: division by zero\n source line 2\nstatus: FATAL\n"},
		{"string without end", f, "awk 'BEGIN { print \"abc }\n}'",
			"awk: non-terminated string abc }... at line 1\n context is\n\tBEGIN { print  >>> \"abc } <<< \nstatus: syntax error\n"},
		{"expression without end", f, "awk '/abc'", "awk: newline in regular expression abc... at line 1\n context is\n\t >>> /abc <<< \nstatus: syntax error\n"},
		{"bad expression", f, "awk '/a(/'", "awk: missing closing ) at line 1\n context is\n\t/a(/ >>>  <<< \nstatus: syntax error\n"},
		{"bad expression at run time", f, "awk 'BEGIN { x = \"*a\"; print \"a\" ~ x }'",
			"awk: missing operand for *\n source line 1\nstatus: FATAL\n"},
		{"safe", f, "awk -safe 'BEGIN { system(\"echo\") }'\nawk -safe 'BEGIN { print > \"x\" }'\nawk -safe 'BEGIN { getline < \"f\" }'",
			"awk: system is unsafe at line 1\n context is\n\tBEGIN { system >>> ( <<< \"echo\") }\nstatus: syntax error\n" +
				"awk: print > is unsafe at line 1\n context is\n\tBEGIN { print >  >>> \"x\" <<<  }\nstatus: syntax error\n" +
				"awk: getline < is unsafe at line 1\n context is\n\tBEGIN { getline <  >>> \"f\" <<<  }\nstatus: syntax error\n"},
		{"safe input", f, "awk -safe '{ print $2, ENVIRON[\"x\"] }' f", "b \nd \n"},
		{"environment", f, "awk 'BEGIN { print ENVIRON[\"x\"], (ENVIRON[\"x\"] < 9), ENVIRON[\"list\"]; for (k in ENVIRON) n++; print n }'", "10 0 a b\n2\n"},
		{"infinity", f, "awk 'BEGIN { print 2^1024, -2^1024, \"inf\" + 0, log(\"nan\") }'",
			"+Inf -Inf +Inf awk: log argument out of domain\n source line 1\n1\n"},
		{"standard error", f, "awk 'BEGIN { print \"a\"; print \"b\" >\"/dev/stderr\"; print \"c\" | \"cat >[1=2]\" }'", "a\nb\nc\n"},
		{"commands fail", f, "awk 'BEGIN { print system(\"exit no\"), system(\"\"); c = \"cat >/dev/null; exit no\"; print \"x\" | c; print close(c), close(c) }'", "1 0\n1 -1\n"},
		{"command that succeeds", f, "awk 'BEGIN { \"echo a\" | getline x; print x, close(\"echo a\") }'", "a 0\n"},
		{"commands have only their pipe", f, "awk 'BEGIN { print \"x\" | \"cat\"; print \"y\" | \"cat >/tmp/y\"; close(\"cat\"); close(\"cat >/tmp/y\"); getline z < \"y\"; print z }'", "x\ny\n"},
		{"rc is the shell", f, "awk 'BEGIN { system(\"x=(a b c); echo $#x $x(2)\") }'", "3 b\n"},
		{"too many fields", f, "awk 'BEGIN { $1e9 = 1 }'", "awk: out of space creating 1000000000 fields\n source line 1\nstatus: FATAL\n"},
		{"too many to join", f, "awk 'BEGIN { NF = 1e9; print $0; $1 = 1; print }'", "\nawk: created $0 of 1000000000 fields too long\n source line 1\nstatus: FATAL\n"},
		{"too wide", f, "awk 'BEGIN { printf \"%999999999d\", 1 }'",
			"awk: huge string/format (67108865 chars) in printf %999999999d... ran format() out of memory\n source line 1\nstatus: FATAL\n"},
		{"too long", f, "awk 'BEGIN { for (x = \"x\"; ; ) x = x x }'", "awk: out of space concatenating xxxxxxxxxxxxxxx...\n source line 1\nstatus: FATAL\n"},
	})
}

// TestAwkLines reads lines of 10 megabytes and refuses one that is longer than it
// may be.
func TestAwkLines(t *testing.T) {
	n := big(t, 10<<20/7)
	long := strings.Repeat("x é\xff ", n)
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, files{"long": "a\n" + long + "\nb", "longer": strings.Repeat("x", maxline+1)})
		if out, errs, status := m.exec([]string{"awk", "{ print }", "long"}, ""); out != "a\n"+long+"\nb\n" || errs+status != "" {
			t.Errorf("%d bytes, want %d; %s%s", len(out), len(long)+5, errs, status)
		}
		out, errs, status := m.exec([]string{"awk", "{ n += gsub(/[é]./, \"\"); print length, NF }\nEND { print n }", "long"}, "")
		if out != fmt.Sprintf("1 1\n%d %d\n1 1\n%d\n", 3*n, n, n) || errs+status != "" {
			t.Errorf("prints %q; %s%s", out, errs, status)
		}
		out, errs, status = m.exec([]string{"awk", "{ print length }", "longer"}, "")
		if out != "" || !strings.Contains(errs, "too long") || status != "FATAL" {
			t.Errorf("prints %q; %s%s", out, errs, status)
		}
	})
}

// TestAwkNotes interrupts programs that wait, and one that does nothing but
// count: what they have printed is there.
func TestAwkNotes(t *testing.T) {
	for name, prog := range map[string]string{
		"reading":     "BEGIN { print \"x\"; getline }",
		"counting":    "BEGIN { print \"x\"; for (;;) n++ }",
		"calling":     "function f() { return 1 } BEGIN { print \"x\"; while (f()) ; }",
		"for a child": "BEGIN { print \"x\"; system(\"sleep 99\") }",
	} {
		t.Run(name, func(t *testing.T) {
			out, status := newBigAwk(t, "").interrupted([]string{"awk", prog})
			if out != "x\n" || !strings.HasSuffix(status, "interrupt") {
				t.Errorf("prints %q, status %q", out, status)
			}
		})
	}
}

// interrupted runs a program, interrupts it when it has written something, and
// returns what and its exit status.
func (a bigAwk) interrupted(args []string) (out, status string) {
	p, err := a.table.Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		for range 3 {
			if _, err := p.Create("/null", ninep.ORDWR, 0o666); err != nil {
				return err
			}
		}
		r, w, err := p.Pipe()
		if err != nil {
			return err
		}
		keys, typing, err := p.Pipe()
		if err != nil {
			return err
		}
		pid, err := p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG, func(p *proc.Proc) error {
			p.Dup(keys, 0)
			p.Dup(w, 1)
			p.Dup(w, 2)
			for _, fd := range []int{r, typing} {
				p.Close(fd)
			}
			return p.Exec("/bin/"+args[0], args)
		})
		if err != nil {
			return err
		}
		p.Close(w)
		b := make([]byte, 100)
		n, err := p.Read(r, b)
		if err != nil {
			return err
		}
		out = string(b[:n])
		p.Postgroup(a.table.Find(pid).Noteid(), "interrupt")
		msg, err := p.Wait()
		if err != nil {
			return err
		}
		status = msg.Msg
		for {
			n, err := p.Read(r, b)
			if err != nil || n == 0 {
				return nil
			}
			out += string(b[:n])
		}
	})
	if err != nil {
		return "", err.Error()
	}
	<-p.Done()
	return out, status
}
