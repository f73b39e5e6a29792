package cmd

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// speeds are the commands whose output and speed are compared with those of
// Plan 9's programs on Unix, on the files of speedFiles. A command that differs
// has its reason after a bar.
var speeds = []string{
	"sed s/the/THE/g text",
	"sed -n /a.*b.*c/p text",
	`sed 's/([a-z]+) ([a-z]+)/\2 \1/' text`,
	"ed - text <edits",
	"sort text",
	"sort -n -k2 text | lines that compare equal are in another order",
	"sort -rf text",
	"diff text changed",
	"tr a-z A-Z <text",
	`tr -cs a-zA-Z '\012' <text`,
	"grep the text",
	"grep -c '(tea|oat)[0-9 ]+9$' text",
	"grep -vi e.*t text",
	"uniq -c sorted",
	"cmp text copy",
	"wc text",
	"comm sorted sorted2",
	"join -t: sorted sorted2",
	"strings text | 9base is older",
	"freq text",
	"dd -if text -bs 64k",
	"dd -if text -conv ucase",
	"xd text",
	"tail -r text",
	"sum text",
	"bc <sums",
	"dc <powers",
}

// speedText returns n bytes of text, always the same for a seed: lines of
// words, of which some are frequent and some have runes, and a number.
func speedText(n int, seed int64) string {
	r := rand.New(rand.NewSource(seed))
	words := make([]string, 5000)
	letters := []rune("eeeetttaaoinshrdlucmfwypvbgkéλ")
	for i := range words {
		for range 1 + i/400 + r.Intn(4) {
			words[i] += string(letters[r.Intn(len(letters))])
		}
	}
	var b strings.Builder
	for b.Len() < n {
		for range 3 + r.Intn(12) {
			b.WriteString(words[int(float64(len(words))*r.Float64()*r.Float64())] + " ")
		}
		fmt.Fprintf(&b, "%d\n", r.Intn(1000000))
	}
	return b.String()
}

// Scripts for ed, bc and dc: substitutions, moved and joined lines of a text;
// a root, a sum of fractions and a long product; powers and roots.
const (
	speedEdits = "g/the/s//THE/g\n1,1000m$\ng/^e/-1j\nv/[ae]/d\n,p\nQ\n"
	speedSums  = "scale=400\nsqrt(2)\nscale=40\nfor(i=1;i<3000;i++)s+=1/i\ns\n" +
		"p=1\nfor(i=1;i<600;i++)p*=i\np\n"
	speedPowers = "100k 3 3000^ p 7 1500^ / p 2 v p 16o 5 2000^ p\n"
)

// speedFiles returns the files the commands read: texts of n bytes, and scripts.
func speedFiles(n int) files {
	text := speedText(n, 1)
	lines := strings.SplitAfter(text, "\n")
	changed := slices.Clone(lines)
	for i := 0; i < len(lines); i += 997 {
		changed[i] = "changed\n"
	}
	slices.Sort(lines)
	other := strings.SplitAfter(speedText(n/4, 2), "\n")
	other = append(other, lines[:len(lines)/8]...)
	slices.Sort(other)
	return files{
		"text": text, "copy": text, "changed": strings.Join(changed, ""),
		"sorted": strings.Join(lines, ""), "sorted2": strings.Join(other, ""),
		"edits": speedEdits, "sums": speedSums, "powers": speedPowers,
	}
}

// speedTable returns processes over a file system with the files.
func speedTable(t testing.TB, fs files) *proc.Table {
	table := proc.NewTable(proc.Config{
		Devs:    ns.NewDevtab(map[rune]ninep.Server{'/': ramfs.New("glenda", time.Now, 0)}),
		Loaders: []proc.Loader{Loader()},
	})
	speedRun(t, table, func(p *proc.Proc) error {
		for _, name := range []string{"dev", "env", "tmp", "bin"} {
			makedir(p, "/"+name, 0o777)
		}
		for _, name := range Names() {
			if !strings.Contains(name, "/") {
				speedWrite(t, p, "/bin/"+name, magic+name+"\n")
			}
		}
		for name, text := range fs {
			speedWrite(t, p, "/tmp/"+name, text)
		}
		return nil
	})
	return table
}

func speedWrite(t testing.TB, p *proc.Proc, name, text string) {
	fd, err := p.Create(name, ninep.OWRITE, 0o777)
	if err == nil {
		_, err = p.FD(fd).Write([]byte(text))
		p.Close(fd)
	}
	if err != nil {
		t.Error(err)
	}
}

// speedRun runs main as a process and waits for it.
func speedRun(t testing.TB, table *proc.Table, main proc.Main) {
	done := make(chan struct{})
	_, err := table.Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		defer close(done)
		return main(p)
	})
	if err != nil {
		t.Fatal(err)
	}
	<-done
}

// speedCommand returns the words of a command, and the file that is its
// input.
func speedCommand(line string) (args []string, in string) {
	line, _, _ = strings.Cut(line, " | ")
	args, _ = oracleLine(line)
	if last := len(args) - 1; strings.HasPrefix(args[last], "<") {
		return args[:last], args[last][1:]
	}
	return args, ""
}

// speedOurs runs a command with its output in /tmp/out.
func speedOurs(t testing.TB, table *proc.Table, line string) {
	args, in := speedCommand(line)
	speedRun(t, table, func(p *proc.Proc) error {
		_, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			err := p.Chdir("/tmp")
			if in != "" && err == nil {
				_, err = p.Open(in, ninep.OREAD)
			} else if err == nil {
				_, err = p.Create("/tmp/null", ninep.OREAD, 0o666)
			}
			for _, name := range []string{"/tmp/out", "/tmp/errors"} {
				if err == nil {
					_, err = p.Create(name, ninep.OWRITE, 0o666)
				}
			}
			if err != nil {
				return err
			}
			return p.Exec("/bin/"+args[0], args)
		})
		if err != nil {
			t.Error(err)
			return err
		}
		_, err = p.Wait()
		return err
	})
}

// speedOracle runs a command with Plan 9's program, in a directory with the
// files, with its output in the file out.
func speedOracle(t testing.TB, bin, dir, line string) {
	args, in := speedCommand(line)
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(filepath.Join(bin, args[0]), args[1:]...)
	cmd.Args[0], cmd.Dir, cmd.Stdout = args[0], dir, out
	cmd.Env = []string{"PATH=" + bin, "HOME=" + dir, "LC_ALL=C.UTF-8"}
	if in != "" {
		f, err := os.Open(filepath.Join(dir, in))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.Stdin = f
	}
	cmd.Run() // a status that is not empty is no error here
}

// speedDir writes the files to a directory.
func speedDir(t testing.TB, fs files) string {
	dir := t.TempDir()
	for name, text := range fs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// oracleProgram returns where Plan 9's program for a command is, "" if it is
// not installed.
func oracleProgram(line string) string {
	args, _ := speedCommand(line)
	for _, dir := range oracleDirs {
		if _, err := os.Stat(filepath.Join(dir, args[0])); err == nil {
			return dir
		}
	}
	return ""
}

// TestOracleText compares what the commands print for much text.
func TestOracleText(t *testing.T) {
	fs := speedFiles(200_000)
	table, dir := speedTable(t, fs), speedDir(t, fs)
	for _, line := range speeds {
		t.Run(line, func(t *testing.T) {
			bin := oracleProgram(line)
			if bin == "" {
				t.Skip("not among Plan 9's programs here")
			}
			speedOurs(t, table, line)
			speedOracle(t, bin, dir, line)
			var ours []byte
			speedRun(t, table, func(p *proc.Proc) (err error) {
				ours, err = p.ReadFile("/tmp/out")
				return err
			})
			theirs, err := os.ReadFile(filepath.Join(dir, "out"))
			if err != nil {
				t.Fatal(err)
			}
			_, why, _ := strings.Cut(line, " | ")
			if same := bytes.Equal(ours, theirs); same != (why == "") {
				t.Errorf("the same: %v; ours: %d bytes, theirs: %d", same, len(ours), len(theirs))
			}
		})
	}
}

// BenchmarkText times the commands, and Plan 9's programs where they are
// installed, on 10 megabytes.
func BenchmarkText(b *testing.B) {
	fs := speedFiles(10_000_000)
	table, dir := speedTable(b, fs), speedDir(b, fs)
	for _, line := range speeds {
		b.Run(line+"/ours", func(b *testing.B) {
			for b.Loop() {
				speedOurs(b, table, line)
			}
		})
		if bin := oracleProgram(line); bin != "" {
			b.Run(line+"/plan9", func(b *testing.B) {
				for b.Loop() {
					speedOracle(b, bin, dir, line)
				}
			})
		}
	}
}
