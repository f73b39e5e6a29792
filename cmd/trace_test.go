package cmd

import (
	"fmt"
	"testing"
	"time"

	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// TestTraces runs commands under 9ptrace and ratrace, which leave them their
// status.
func TestTraces(t *testing.T) {
	runRows(t, []row{
		{"output and status", files{"f": "x\n"}, "9ptrace cat f\n9ptrace cat g", "x\ncat: can't open g: 'g' file does not exist\n" +
			"status: cat 6: can't open g: 'g' file does not exist\n"},
		{"calls", files{"f": "0123456789012345678901234567890123456789"}, "ratrace -c -o log cat f g\nsed s/^[0-9]*// log",
			"0123456789012345678901234567890123456789cat: can't open g: 'g' file does not exist\n" +
				"status: cat 4: can't open g: 'g' file does not exist\n" +
				" cat Exec /bin/cat (cat f g) = 0 \"\" 0.000000 0.000000\n" +
				" cat Open f 0x0 = 3 \"\" 0.000000 0.000000\n" +
				" cat Read 3 \"01234567890123456789012345678901\"... 32768 = 40 \"\" 0.000000 0.000000\n" +
				" cat Write 1 \"01234567890123456789012345678901\"... 40 = 40 \"\" 0.000000 0.000000\n" +
				" cat Read 3 \"\" 32768 = 0 \"\" 0.000000 0.000000\n" +
				" cat Close 3 = 0 \"\" 0.000000 0.000000\n" +
				" cat Open g 0x0 = -1 \"'g' file does not exist\" 0.000000 0.000000\n" +
				" cat Write 2 \"cat: can't open g: 'g' file does\"... 43 = 43 \"\" 0.000000 0.000000\n" +
				" cat Exits 'can''t open g: ''g'' file does not exist' = 0 \"\" 0.000000 0.000000\n"},
		{"nothing to trace", nil, "ratrace -o log", "usage: ratrace [-c] [-o file] command [arg ...]\nstatus: usage\n"},
		{"no place for it", nil, "ratrace -o /no/log cat", "ratrace: can't create /no/log: '/no' file does not exist\n" +
			"status: can't create /no/log: '/no' file does not exist\n"},
		{"no command", nil, "9ptrace", "usage: 9ptrace command [arg ...]\nstatus: usage\n"},
		{"no such command", nil, "9ptrace nope", "9ptrace: nope: '/bin/nope' file does not exist\n" +
			"status: 9ptrace 4: nope: '/bin/nope' file does not exist\n"},
	})
}

// TestTracePrivate has what a private process reads and writes left out.
func TestTracePrivate(t *testing.T) {
	rcRows(t, []row{
		{name: "a password", cmd: "ramfs -m /mnt; mkdir /mnt/keys; echo a password | ratrace -o log auth/keyfs -p k; grep -c password log; grep 'Read 0' log | sed 's/.*Read/Read/' | sort -u",
			want: "0 keys read in AES format\n0\nRead 0 ... 1 = 1 \"\" 0.000000 0.000000\n"},
		{name: "one that says nothing of that", cmd: "echo a password | ratrace -o log cat; grep -c password log", want: "a password\n2\n"},
	})
}

// TestIostats counts what commands do on a machine where no time passes.
func TestIostats(t *testing.T) {
	report := func(read, written, rpc int, ops, files string) string {
		return fmt.Sprintf("read      %8d bytes, 0 Kb/sec\nwrite     %8d bytes, 0 Kb/sec\nrpc       %8d count\n\n", read, written, rpc) +
			"Message    Count       Low      High      Time     Averg       in      out\n" + ops +
			"\nOpens   Reads   (bytes)  Writes   (bytes) File\n" + files
	}
	line := func(op string, n, in, out int) string {
		return fmt.Sprintf("%-10s %5d     0.000     0.000     0.000     0.000 %8d %8d\n", op, n, in, out)
	}
	runRows(t, []row{
		{"a file is read and one is made", files{"f": "text\n"}, "iostats tee g <f\ncat g",
			"text\n" + report(26, 5, 15,
				line("attach", 1, 0, 0)+line("walk", 4, 0, 0)+line("open", 1, 0, 0)+line("create", 1, 0, 0)+
					line("read", 2, 0, 26)+line("write", 1, 5, 0)+line("clunk", 5, 0, 0),
				"    1       2        26       0         0 /bin/tee\n"+
					"    1       0         0       1         5 /tmp/g\n") + "text\n"},
		{"its status", nil, "iostats -d -f log test -e g\ngrep -c Twalk log",
			report(28, 0, 12,
				line("attach", 1, 0, 0)+line("walk", 4, 0, 0)+line("open", 1, 0, 0)+line("read", 2, 0, 28)+line("clunk", 4, 0, 0),
				"    1       2        28       0         0 /bin/test\n") + "status: test 5: false\n4\n"},
		{"nothing to measure", nil, "iostats -d", "usage: iostats [-dC] [-f dbfile] cmd [args ...]\nstatus: usage\n"},
		{"no place for the log", nil, "iostats -df /no/log cat", "iostats: can't create /no/log: '/no' file does not exist\n" +
			"status: can't create /no/log: '/no' file does not exist\n"},
	})
}

func TestIOCountServes(t *testing.T) {
	strict := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	if err := ninetest.TestServer(t.Context(), newIOCount(strict, time.Now)); err != nil {
		t.Error(err)
	}
	if err := strict.Check(); err != nil {
		t.Error(err)
	}
}
