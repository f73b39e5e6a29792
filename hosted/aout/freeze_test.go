package aout_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"ufo/hosted/aout"
	"ufo/hosted/vm"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

var freezes = flag.Int("freezes", 10, "how often TestFreeze freezes a program")

// TestFreeze freezes a program at random moments, ends it, and lets it go on in
// the other of two nodes that see the same files, again and again, on another
// platform. It must not notice.
func TestFreeze(t *testing.T) {
	fs := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	t.Cleanup(func() { // when the nodes have been halted
		if n := fs.Live(); n != 0 {
			t.Errorf("%d files are open", n)
		}
	})
	nodes := []*machine{newMachine(t), newOn(t, otherPlatform(t), aout.Limits{}, 0)}
	count := build(t, "count", "amd64")
	nodes[0].with(fs, func(p *proc.Proc) {
		if err := writeProgram(p, "/mnt/count", count); err != nil {
			t.Error(err)
		}
	})
	want := nodes[0].run(fs, "counts=abc /mnt/count 200 >/mnt/want; cat /mnt/want")
	if n := strings.Count(want, "\n"); n != 201 {
		t.Fatalf("%d lines:\n%s", n, want)
	}
	done := 0
	for round := 0; done < *freezes; round++ {
		program, times := "counts=abc /mnt/count 200 >/mnt/out", 0
		for ; ; times++ {
			m := nodes[times%2]
			if !m.runAndFreeze(fs, program, time.Duration(rand.IntN(200))*time.Millisecond) {
				break
			}
			program = "/mnt/job"
		}
		if got := nodes[0].run(fs, "cat /mnt/out"); got != want {
			t.Fatalf("round %d, frozen %d times: got:\n%s\nwant:\n%s", round, times, got, want)
		}
		done += times
	}
	t.Log("frozen", done, "times")
}

// otherPlatform returns a platform that is not that of the tests.
func otherPlatform(t *testing.T) vm.Platform {
	name := "ptrace" // not the default
	if os.Getenv(platformVar) == name {
		name = "trap"
	}
	p, err := vm.NewPlatform(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// with runs main as a process that has fs at /mnt.
func (m *machine) with(fs ninep.Server, main func(p *proc.Proc)) {
	m.do(func(p *proc.Proc) error {
		fd, _, err := p.ServerFd("fs", fs)
		if err == nil {
			err = p.Mount(fd, -1, "/mnt", ns.MREPL|ns.MCREATE, "")
		}
		if err != nil {
			m.t.Error(err)
			return err
		}
		main(p)
		return nil
	})
}

// run runs a line of rc that has fs at /mnt, and returns what it prints.
func (m *machine) run(fs ninep.Server, line string) string {
	var out []byte
	m.with(fs, func(p *proc.Proc) { out = rcOutput(m.t, p, line) })
	return string(out)
}

// runAndFreeze runs a program, and unless it has ended by then freezes it after a
// time into /mnt/job. It reports whether it has.
func (m *machine) runAndFreeze(fs ninep.Server, program string, after time.Duration) (frozen bool) {
	line := fmt.Sprintf("%s &\nsleep %.3f; snap -k -o /mnt/new `{ps | awk '$NF==\"count\"{print $2; exit}'} >[2]/dev/null && mv /mnt/new /mnt/job && echo frozen; wait", program, after.Seconds())
	m.with(fs, func(p *proc.Proc) { frozen = bytes.Contains(rcOutput(m.t, p, line), []byte("frozen")) })
	return frozen
}

// rcOutput runs a line of rc and returns what it prints.
func rcOutput(t testing.TB, p *proc.Proc, line string) []byte {
	p.Fork(proc.RFFDG, func(p *proc.Proc) error {
		p.Open("/dev/null", ninep.OREAD)
		p.Create("/tmp/out", ninep.OWRITE, 0o666)
		p.Dup(1, 2)
		return p.Exec("/bin/rc", []string{"rc", "-c", line})
	})
	if _, err := p.Wait(); err != nil {
		t.Error(err)
	}
	out, err := p.ReadFile("/tmp/out")
	if err != nil {
		t.Error(err)
	}
	return out
}

// TestThaw thaws what is not as it was.
func TestThaw(t *testing.T) {
	programs := map[string][]byte{"count": build(t, "count", "amd64"), "lists": lister()}
	const freeze = "{while(! test -s /tmp/n) sleep 0.05\nsnap -k -o /tmp/job `{ps | awk '$NF==\"count\"{print $2; exit}'}}\n"
	const gone = "while(ps | grep -s count) sleep 0.05\n" // each of its processes, which may end after the first
	const thawed = "while(! ps | grep -s count) sleep 0.05\n"
	for _, row := range []struct{ name, line, want string }{
		{"a pipe is that of who thaws", "count 1000 | tee /tmp/n >/tmp/o & " + freeze + "wait; job | tail -1",
			"thaw: file 1 is not #|/data1: it has no name\nend 0\n"},
		{"a file that is gone is said", "count 1000 >/tmp/n & " + freeze + "wait; rm /tmp/n; job | tail -1",
			"thaw: file 1 is not /tmp/n: '/tmp/n' file does not exist\nend 0\n"},
		{"a directory that is gone is said", "mkdir /tmp/d; @{cd /tmp/d; count 1000 >/tmp/n} & " + freeze + "wait; rm /tmp/d; job; tail -1 /tmp/n",
			"thaw: the directory is not /tmp/d: '/tmp/d' file does not exist\nend 0\n"},
		{"names are bound again", "mkdir /tmp/d /tmp/e; @{rfork n; bind /tmp/d /tmp/e; count 100000 >/tmp/n} & " + freeze + "wait; " + gone + "job & " + thawed +
			"while(! grep /tmp/e /proc/`{ps | awk '$NF==\"count\"{print $2; exit}'}^/ns) sleep 0.05\necho kill >/proc/$apid/ctl; wait", "bind  /tmp/d /tmp/e\n"},
		{"a directory is where it was", "mkdir /tmp/d /tmp/d/one /tmp/d/two; lists >/tmp/n & {while(! test -s /tmp/n) sleep 0.05\nsnap -k -o /tmp/job $apid}\n" +
			"wait; job & while(! ps | grep -s lists) sleep 0.05\necho -n go >/proc/`{ps | awk '$NF==\"lists\"{print $2; exit}'}^/note; wait; grep -c one /tmp/n; grep -c two /tmp/n", "1\n1\n"},
		{"a built-in cannot", "sleep 60 & snap $apid >[2=1] | sed 's,proc/[0-9]+,proc/N,'; echo kill >/proc/$apid/ctl; wait $apid; status=''", "snap: only programs made for Plan 9 can be frozen\n"},
		{"killed with its supervisor", "count 100000 >/tmp/n & " + freeze + "wait; " + gone + "job & " + thawed + "echo kill >/proc/$apid/ctl; wait; " + gone + "echo gone", "gone\n"},
		{"killed as it begins", "count 100000 >/tmp/n & " + freeze + "wait; " + gone + "for(i in `{seq 30}){job & sleep 0.0$i; echo kill >/proc/$apid/ctl; wait}; " + gone + "echo gone", "gone\n"},
		{"not a snapshot", "{echo ufosnap 1; echo and much else, but no length of a head} >/tmp/x; chmod +x /tmp/x; /tmp/x", "rcmain:13 *eval*:2: /tmp/x: '/tmp/x' bad snapshot: no length\nstatus: '/tmp/x' bad snapshot: no length\n"},
		{"cut off", "count 1000 >/tmp/n & " + freeze + "wait; dd -if /tmp/job -of /tmp/x -count 200 -quiet 1; chmod +x /tmp/x; /tmp/x", "rcmain:13 *eval*:4: /tmp/x: '/tmp/x' bad snapshot: pages are missing\nstatus: '/tmp/x' bad snapshot: pages are missing\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := newMachine(t).sh("path=(/tmp /bin)\n"+row.line, programs)
			if got != row.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, row.want)
			}
		})
	}
}

// lister is a program that prints an entry of /tmp/d, and the next when there is a
// note.
func lister() []byte {
	const name, entry = dataAddr, dataAddr + 0x100
	list := func(c *code) {
		c.call(sysPread, 3, entry, 70, minusOne)
		c.check()
		c.call(sysWrite, 1, entry, 70, minusOne)
	}
	var c code
	c.handler(func() {
		list(&c)
		c.call(sysExits, 0)
	})
	c.call(sysOpen, name, 0)
	c.check()
	list(&c)
	c.call(sysSleep, 1<<30)
	return c.program(4096, []byte("/tmp/d\x00")...)
}

// TestThawLimit thaws what has more memory than it may have.
func TestThawLimit(t *testing.T) {
	fs := ramfs.New("glenda", time.Now, 0)
	var c code
	c.touch(dataAddr, 9<<8)
	c.call(sysWrite, 1, dataAddr, 1, minusOne)
	c.call(sysSleep, 1<<30)
	newMachine(t).with(fs, func(p *proc.Proc) {
		if err := writeProgram(p, "/mnt/large", c.program(9<<20)); err != nil {
			t.Error(err)
		}
		rcOutput(t, p, "/mnt/large >/tmp/n & while(! test -s /tmp/n) sleep 0.05; snap -k -o /mnt/job $apid; wait")
	})
	got := newLimited(t, aout.Limits{Process: 8 << 20}, 0).run(fs, "/mnt/job; echo $status")
	if !strings.HasSuffix(got, ": out of physical memory\n") {
		t.Errorf("got %q", got)
	}
}

// goodSnap is the head of a snapshot that is one.
const goodSnap = `{"Kind": "amd64", "Segments": [{"Name": "Stack", "Base": 140737471574016, "Size": 16777216, "Room": 16777216, "Prot": 3, "Runs": [{"Off": 4096, "Len": 4096}]}],
	"Procs": [{"Pid": 7, "Parent": -1, "Apart": 10, "Text": "x", "Args": ["x"], "Dot": "/", "Segments": [0], "State": {"Regs": {"AX": 1}, "FP": "AAAA", "Left": 0, "Alarm": 0}}]}`

// TestBadSnap changes a number or two of a snapshot, which anybody can.
func TestBadSnap(t *testing.T) {
	if err := aout.CheckSnap([]byte(goodSnap)); err != nil {
		t.Fatal(err)
	}
	const segment, page, process = "a segment out of reach", "a page out of its segment", "process"
	for _, row := range []struct{ name, old, new, want string }{
		{"beyond all addresses", `"Base": 140737471574016`, `"Base": 18446744073709547520`, segment},
		{"above the stack", `"Base": 140737471574016`, `"Base": 140737471578112`, segment},
		{"larger than it may become", `"Size": 16777216`, `"Size": 16777217`, segment},
		{"code that changes", `"Prot": 3`, `"Prot": 7`, "a segment that can be written and executed"},
		{"a page before the segment", `"Off": 4096, "Len": 4096`, `"Off": 18446744073709547520, "Len": 4096`, page},
		{"a page that has no end", `"Off": 4096, "Len": 4096`, `"Off": 4096, "Len": 18446744073709547520`, page},
		{"no number", `"Pid": 7`, `"Pid": 0`, process},
		{"the last number that there is", `"Pid": 7`, `"Pid": 9223372036854775807`, process},
		{"no stack", `"Segments": [0]`, `"Segments": []`, "a process without a stack"},
		{"twice the same", `"Segments": [0]`, `"Segments": [0, 0]`, "segments overlap"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := aout.CheckSnap([]byte(strings.Replace(goodSnap, row.old, row.new, 1)))
			if err == nil || !strings.HasPrefix(err.Error(), "bad snapshot: "+row.want) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}

func FuzzSnap(f *testing.F) {
	f.Add([]byte(goodSnap))
	f.Fuzz(func(t *testing.T, b []byte) { aout.CheckSnap(b) })
}
