package cmd

import "testing"

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
