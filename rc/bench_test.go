package rc_test

import (
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/proc"
)

// bench runs a script once for each iteration.
func bench(b *testing.B, script string) {
	m := newMachine(b, nil)
	m.do(b, func(p *proc.Proc) error {
		p.Open("/dev/null", ninep.OREAD)
		p.Open("/dev/null", ninep.OWRITE)
		p.Open("/dev/null", ninep.OWRITE)
		if err := p.WriteFile("/tmp/script", []byte(script)); err != nil {
			return err
		}
		for b.Loop() {
			if _, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
				return p.Exec("/bin/rc", []string{"rc", "/tmp/script"})
			}); err != nil {
				return err
			}
			if w, err := p.Wait(); err != nil || w.Msg != "" {
				b.Errorf("%v %v", w, err)
			}
		}
		return nil
	})
	m.halt(b)
}

const digits = "n=(0 1 2 3 4 5 6 7 8 9)\n"

// BenchmarkTest is 1000 programs, each forked, exec'd and waited for.
func BenchmarkTest(b *testing.B) {
	bench(b, digits+"for(i in $n) for(j in $n) for(k in $n) /bin/test $i -lt 10")
}

// BenchmarkList is a loop of 100 000 steps, with work on lists in each.
func BenchmarkList(b *testing.B) {
	bench(b, digits+`for(a in $n) for(b in $n) for(c in $n) for(d in $n) for(e in $n) {
	x=($a $b $c $d $e)
	y=$x(2)^$x(3)
	~ $#x 5
}`)
}

// BenchmarkStart is an rc that does nothing.
func BenchmarkStart(b *testing.B) { bench(b, "") }

// BenchmarkBackquote is 1000 commands in backquotes that need no program.
func BenchmarkBackquote(b *testing.B) {
	bench(b, digits+"for(i in $n) for(j in $n) for(k in $n) x=`{whatis i}")
}

// BenchmarkFunction is 10 000 calls of a function.
func BenchmarkFunction(b *testing.B) {
	bench(b, digits+"fn f { shift; ~ $1 2 }\nfor(i in $n) for(j in $n) for(k in $n) for(l in $n) f 1 2")
}

// BenchmarkPipe is 100 pipelines of two programs.
func BenchmarkPipe(b *testing.B) {
	bench(b, digits+"for(i in $n) for(j in $n) echo a | cat >/dev/null")
}

// BenchmarkParse reads a script without running it.
func BenchmarkParse(b *testing.B) {
	bench(b, "fn f {\n"+strings.Repeat("for(i in a b) x=($i^.c $x(2) `{echo a | sed s/a/b/ >[2]/dev/null})\n", 1000)+"}\n")
}
