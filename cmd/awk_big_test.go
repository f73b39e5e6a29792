package cmd

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// awkBig are programs for a text of 10 megabytes.
var awkBig = []struct{ name, prog string }{
	{"print", "{ print }"},
	{"fields", "{ print $2, $1, NF }"},
	{"sum", "{ s += $3; n += NF } END { print s, n, NR }"},
	{"words", "{ for (i = 1; i <= NF; i++) n[$i]++ } END { for (w in n) print w, n[w] }"},
	{"literal", "/fox/ { n++ } END { print n }"},
	{"expression", "/^[a-z]+ .*[0-9]+$/ { print NR }"},
	{"choice", "$1 ~ /^(the|quick|lazy)$/ { n++ } END { print n }"},
	{"assign", "{ $2 = NR; print }"},
	{"gsub", "{ n += gsub(/o[a-z]/, \"<&>\"); print } END { print n }"},
	{"printf", "{ printf \"%-10s|%5d|%8.3f\\n\", $1, $3, $3 / 7 }"},
	{"calculate", "BEGIN { for (i = 0; i < 1000000; i++) { x = x * 3 + i % 7; if (x > 1e9) x %= 1e9 } print x }"},
	{"functions", "function f(a, b) { return a < b ? a : b } { s += f(NR, $3) } END { print s }"},
}

// bigText returns a text of 10 megabytes: always the same.
func bigText() string {
	words := strings.Fields("the quick brown fox jumps over lazy dogs and other animals of forests")
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < 10<<20 {
		fmt.Fprintf(&b, "%s %s %d", words[r.IntN(len(words))], words[r.IntN(len(words))], r.IntN(100000))
		for range r.IntN(12) {
			b.WriteString(" " + words[r.IntN(len(words))])
		}
		if r.IntN(3) == 0 {
			fmt.Fprintf(&b, " %x", r.IntN(1<<20))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// A bigAwk is a table of processes with a file /big, outside a bubble of simulated
// time.
type bigAwk struct{ table *proc.Table }

func newBigAwk(tb testing.TB, text string) bigAwk {
	a := bigAwk{proc.NewTable(proc.Config{
		Devs:    ns.NewDevtab(map[rune]ninep.Server{'/': ramfs.New("glenda", time.Now, 0), '|': dev.NewPipe()}),
		Loaders: []proc.Loader{Loader()},
	})}
	a.do(tb, func(p *proc.Proc) error {
		makedir(p, "/bin", 0o777)
		makedir(p, "/env", 0o777)
		for _, name := range []string{"awk", "rc", "sleep"} {
			fd, err := p.Create("/bin/"+name, ninep.OWRITE, 0o777)
			if err != nil {
				return err
			}
			if _, err = p.FD(fd).Write([]byte(magic + name + "\n")); err != nil {
				return err
			}
			p.Close(fd)
		}
		return p.WriteFile("/big", []byte(text))
	})
	return a
}

// do runs main as a process, which has to succeed.
func (a bigAwk) do(tb testing.TB, main proc.Main) {
	tb.Helper()
	status := "did not say"
	p, err := a.table.Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		_, err := p.Fork(proc.RFFDG|proc.RFREND, main)
		if err != nil {
			return err
		}
		w, err := p.Wait()
		if err == nil {
			status = w.Msg
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	if <-p.Done(); status != "" {
		tb.Fatal(status)
	}
}

// run runs a program with /big, and returns what it prints.
func (a bigAwk) run(tb testing.TB, prog string) []byte {
	tb.Helper()
	a.do(tb, func(p *proc.Proc) error {
		for _, name := range []string{"/null", "/out", "/err"} {
			if _, err := p.Create(name, ninep.ORDWR, 0o666); err != nil {
				return err
			}
		}
		return p.Exec("/bin/awk", []string{"awk", prog, "/big"})
	})
	var out []byte
	a.do(tb, func(p *proc.Proc) (err error) {
		out, err = p.ReadFile("/out")
		return err
	})
	return out
}

// TestAwkBig compares what both print for 10 megabytes.
func TestAwkBig(t *testing.T) {
	if _, err := os.Stat(plan9awk); err != nil {
		t.Skip("no awk of Plan 9 on this host: ", err)
	}
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	text := bigText()
	a := newBigAwk(t, text)
	name := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, b := range awkBig {
		t.Run(b.name, func(t *testing.T) {
			got := bytes.SplitAfter(a.run(t, b.prog), []byte("\n"))
			all, err := exec.Command(plan9awk, b.prog, name).Output()
			if err != nil {
				t.Fatal(err)
			}
			want := bytes.SplitAfter(all, []byte("\n"))
			for i := range min(len(got), len(want)) {
				if !bytes.Equal(got[i], want[i]) {
					t.Fatalf("line %d is %q, in Plan 9 %q", i+1, got[i], want[i])
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d lines, in Plan 9 %d", len(got), len(want))
			}
		})
	}
}

// BenchmarkAwk runs the same programs, and Plan 9's awk with them.
func BenchmarkAwk(b *testing.B) {
	text := bigText()
	name := filepath.Join(b.TempDir(), "big")
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		b.Fatal(err)
	}
	_, missing := os.Stat(plan9awk)
	for _, p := range awkBig {
		b.Run(p.name+"/ufo", func(b *testing.B) {
			a := newBigAwk(b, text)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				a.run(b, p.prog)
			}
		})
		b.Run(p.name+"/plan9", func(b *testing.B) {
			if missing != nil {
				b.Skip("no awk of Plan 9 on this host: ", missing)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := exec.Command(plan9awk, p.prog, name).Output(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
