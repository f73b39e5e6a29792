package cmd

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ufo/cmd/ramfs"
	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ns"
	"ufo/proc"
)

// nofuzz are the commands that are not run with anything as their arguments,
// each with its reason.
var nofuzz = map[string]string{
	"boot": "runs until the node halts",
	"init": "runs until the node halts",
}

// fuzzed is how long a command may run before it is killed.
const fuzzed = 100 * time.Millisecond

// FuzzCommands gives commands any words, which zeros separate in args, and any
// input. They may not panic, and they close what they open.
func FuzzCommands(f *testing.F) {
	names := slices.DeleteFunc(Names(), func(name string) bool { return nofuzz[name] != "" })
	for i, name := range names {
		f.Add(uint(i), "", "a line\n")
		f.Add(uint(i), "f", "")
		f.Add(uint(i), "-\xff\x00f\x00g", "\xff\x00\n\n")
		f.Add(uint(i), "-c\x001\x00f", name)
	}
	for _, line := range speeds {
		args, _ := speedCommand(line)
		f.Add(uint(slices.Index(names, args[0])), strings.Join(args[1:], "\x00"), "some text\nand more\n")
	}
	for _, line := range []string{
		"uniq -999999999999999999 f", "seq -w 1 1e18", "seq -w 0 .0001 1e18", "seq -w 0 1e-300 1", "seq 0 1e-300 1", "seq -f %999999999g 3",
		"sort +999999999999999999 f", "sort -k999999999999999999.99999 f", "sort -k1.999999999999999999 f",
		"join -1 999999999999999999 f f", "tail +999999999999 f", "tail -999999999999c f", "split -n 999999999999 f",
		"dd -skip 999999999999999999", "dd -iseek 999999999999999999 -ibs 1m", "dd -oseek 999999999999999999 -of o",
		"dd -bs 16m", "strings -m 999999999999 f", "du -b 999999999999k", "sed :a;ba f", "sed '$!{:a' f", "sleep 1e300",
		"cmp f g 999999999999999999", "tr '\\0-\\xffff' x", "tr -c '\\0-\\xffff' abc", "read -n 999999999999999999", "xd -r /dev/null",
		"grep '((((((((((a*)*)*)*)*)*)*)*)*)*$' f",
	} {
		args, _ := oracleLine(line)
		f.Add(uint(slices.Index(names, args[0])), strings.Join(args[1:], "\x00"), "some text\nand more\n")
	}
	f.Fuzz(func(t *testing.T, n uint, args, in string) {
		name := names[n%uint(len(names))]
		words := []string{name}
		if args != "" {
			words = append(words, strings.Split(args, "\x00")...)
		}
		fuzzCommand(t, words, in)
	})
}

// fuzzCommand runs a command on processes of its own.
func fuzzCommand(t *testing.T, args []string, in string) {
	srv := ninetest.Strict(ramfs.New("glenda", time.Now, 64<<20))
	var mu sync.Mutex // guards log
	var log string
	table := proc.NewTable(proc.Config{
		Devs:    ns.NewDevtab(map[rune]ninep.Server{'/': srv, '|': dev.NewPipe()}),
		Loaders: []proc.Loader{Loader()},
		Log: func(text string) {
			mu.Lock()
			defer mu.Unlock()
			log += text
		},
	})
	done := make(chan struct{})
	_, err := table.Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		defer close(done)
		for _, dir := range []string{"/dev", "/env", "/tmp", "/fd", "/bin", "/tmp/d", "/srv", "/n"} {
			makedir(p, dir, 0o777)
		}
		for name, text := range map[string]string{"/dev/null": "", "/dev/cons": in, "/fd/in": in, "/tmp/f": "b\na\xff\n", "/tmp/g": "a\n", "/tmp/d/x": ""} {
			speedWrite(t, p, name, text)
		}
		for _, name := range []string{args[0], "echo", "rc"} {
			makedirs(p, path.Dir("/bin/"+name), 0o777)
			speedWrite(t, p, "/bin/"+name, magic+name+"\n")
		}
		p.Chdir("/tmp")
		if _, err := p.Fork(proc.RFFDG|proc.RFREND, oracleCommand(args)); err != nil {
			return err
		}
		_, err := p.Wait()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	late := time.NewTimer(fuzzed)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := table.Shutdown(ctx); err != nil {
		t.Fatalf("%q cannot be killed: %v", args, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(log, "sys: trap") {
		t.Errorf("%q\n%s", args, log)
	}
	if err := srv.Check(); err != nil {
		t.Errorf("%q: %v", args, err)
	}
}
