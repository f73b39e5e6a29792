package aout_test

import (
	"slices"
	"strings"
	"testing"

	"ufo/hosted/aout"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/proc"
)

func TestHello(t *testing.T) {
	hello := build(t, "hello", "amd64")
	got := newMachine(t).sh("/tmp/hello a 'b c'; /tmp/hello; ~ $status *': 1' && echo failed", map[string][]byte{"hello": hello})
	const want = "hello [a b c] plan9 amd64 n1\nhello [] plan9 amd64 n1\nfailed\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestMany runs a program that asks much of its system.
func TestMany(t *testing.T) { each(t, testMany) }

func testMany(t *testing.T) { runMany(t, "amd64", manyRows) }

// TestNarrowMany runs it on a 386, which has other addresses, and fewer.
func TestNarrowMany(t *testing.T) { each(t, testNarrowMany) }

func testNarrowMany(t *testing.T) {
	needNarrow(t)
	rows := slices.Clone(manyRows)
	for i, row := range rows {
		switch row.name {
		case "segments":
			rows[i].line = "many segments | grep -v '^(Data|Bss) '"
			rows[i].want = "0\nText R\nStack defff000\nShared deffd000\nruntime error: invalid memory address or nil pointer dereference\n"
		case "room":
			rows[i].want = "1073741824 1 0 2\n"
		}
	}
	runMany(t, "386", rows)
}

// manyRows have a line of rc and what it prints.
var manyRows = []struct{ name, line, want string }{
	{"threads", "many threads", "20000\n"},
	{"collect", "many collect", "rrr true true\n"},
	{"timers", "many timers", "true true\n"},
	{"recover", "many recover", "runtime error: invalid memory address or nil pointer dereference\n" +
		"runtime error: invalid memory address or nil pointer dereference\nruntime error: integer divide by zero\n"},
	{"exec", "many exec abcde", "at the bottom xxxxx\ntrue\ntrue\ntrue\ntrue\ntrue\nstatus: 3\n"},
	{"a loop is killed", "{while(! grep -s looping /tmp/out) sleep 0.1\n for(i in `{ps | grep many | awk '{print $2}'}) echo kill >/proc/$i/ctl} &\nmany loop; ~ $status *': Killed' && echo killed", "looping\nkilled\n"},
	{"a note", "many note & while(! grep -s waiting /tmp/out) sleep 0.1; echo -n interrupt >/proc/$apid/note; wait $apid; echo $status", "waiting\ninterrupt\n\n"},
	{"files", "cd /tmp; many files", "5 text g 18 -rw-r--r-- true stat f: 'f' file does not exist\n[- x - y]\n/tmp <nil>\n4 <nil>\nopen /none: '/none' file does not exist\n"},
	{"segments", "many segments", "0\nText R\nData 400000\nBss 40c000\nStack 7ffffefff000\nShared 10000000000\nruntime error: invalid memory address or nil pointer dereference\n"},
	{"a clock", "many clock", "forward\n"},
	{"room", "many room", "5368709120 1 0 2\n"},
	{"float", "many float", "0.000000000 10.480728217 20.961456434 31.442184652 41.922912869 52.403641086 62.884369303 73.365097521 \n"},
}

func runMany(t *testing.T, arch string, rows []struct{ name, line, want string }) {
	many := build(t, "many", arch)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m := newMachine(t)
			got := m.sh("path=(/tmp /bin)\n"+row.line, map[string][]byte{"many": many})
			if got != row.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, row.want)
			}
		})
	}
}

// TestNodesApart executes a file in each of two nodes of a loader: all that these
// say of it is the same, but not what is in it.
func TestNodesApart(t *testing.T) {
	first := newMachine(t)
	for i, m := range []*machine{first, newWith(t, first.loader, aout.Limits{}, kernel.Config{})} {
		status := string(rune('a' + i))
		var c code
		c.call(sysExits, dataAddr)
		m.do(func(p *proc.Proc) error {
			if err := writeProgram(p, "/tmp/x", c.program(100, []byte(status+"\x00")...)); err != nil {
				t.Error(err)
			}
			d := ninep.NullDir
			d.Mtime = 1e9
			if err := p.Wstat("/tmp/x", d); err != nil {
				t.Error(err)
			}
			p.Fork(proc.RFFDG, func(p *proc.Proc) error { return p.Exec("/tmp/x", []string{"x"}) })
			if w, err := p.Wait(); err != nil || !strings.HasSuffix(w.Msg, ": "+status) {
				t.Errorf("node %d: %v, %v", i, w, err)
			}
			return nil
		})
	}
}

// TestNoProgram executes files that are none, or parts of one.
func TestNoProgram(t *testing.T) {
	hello := build(t, "hello", "amd64")
	for _, row := range []struct {
		name string
		file []byte
	}{
		{"cut off", hello[:len(hello)/2]},
		{"of a header", hello[:40]},
		{"of a magic number", hello[:4]},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := newMachine(t).sh("/tmp/x >[2]/dev/null", map[string][]byte{"x": row.file})
			if want := "status: '/tmp/x' exec header invalid\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
