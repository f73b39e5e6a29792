package cmd

import (
	"testing"
	"time"
)

// TestSystem shows what the files of a system say, on a machine on which they
// are plain files.
func TestSystem(t *testing.T) {
	fs := files{
		"/dev/swap":    "2147483648 memory\n4096 pagesize\n0 kernel\n512/2048 user\n0/0 swap\n",
		"/dev/sysname": "n1",
		"/dev/time":    "  946684800    946684800000000000       93784500000000            1000000000 ",
		"/dev/sysstat": "0 0 0 4000 0 0 0 1500 40 0\n1 0 0 2000 0 0 0 500 60 0\n",
		"/proc/1/args": "", "/proc/7/args": "",
	}
	with := func(name, text string) files {
		other := files{}
		for n, s := range fs {
			other[n] = s
		}
		other[name] = text
		return other
	}
	const head = "time      load  calls/s  idle  procs  memory\n"
	runRows(t, []row{
		{"memory", fs, "memory", "total          2 GB\ntotal user     8 MB\n\nused  user     2 MB\n"},
		{"memory without its file", nil, "memory", "memory: '/dev/swap' file does not exist\nstatus: '/dev/swap' file does not exist\n"},
		{"memory of nothing", with("/dev/swap", ""), "memory", "total          0 B\ntotal user     0 B\n\nused  user     0 B\n"},
		{"uptime", fs, "uptime", "n1 up 1 days, 02:03:04\n"},
		{"uptime of a file cut short", with("/dev/time", "1 2 3"), "uptime", "uptime: /dev/time: i/o error\nstatus: /dev/time: i/o error\n"},
		{"uptime of a clock that stands", with("/dev/time", "1 2 3 0"), "uptime", "uptime: /dev/time: i/o error\nstatus: /dev/time: i/o error\n"},
		{"stats", fs, "stats -n 2", head + "00:00:01  2.00        0   50%      2  2 MB\n00:00:02  2.00        0   50%      2  2 MB\n"},
		{"stats at an interval", fs, "stats -T 10 -n 1", head + "00:00:10  2.00        0   50%      2  2 MB\n"},
		{"stats of a file cut short", with("/dev/sysstat", "0 1\n"), "stats", "stats: /dev/sysstat: i/o error\nstatus: /dev/sysstat: i/o error\n"},
		{"stats at no interval", fs, "stats -T 0", "usage: stats [-T secs] [-n count]\nstatus: usage\n"},
		{"tput", files{"f": "text\n"}, "tput <f\ntput -pb 2 <f", "text\n"},
		{"tput without a buffer", nil, "tput -b 0", "usage: tput [-p] [-b buflen]\nstatus: usage\n"},
	})
}

func TestLoadLine(t *testing.T) {
	last, now := load{calls: 1<<32 - 10}, load{calls: 10, milli: 250, idle: 75, procs: 3, used: 1500}
	if got, want := now.line(time.Date(2000, 1, 1, 12, 30, 0, 0, time.UTC), last, 2), "12:30:00  0.25       10   75%      3  1.46 KB\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSpeed(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    float64
		want string
	}{
		{"bytes", 0, "0.00 B/s"},
		{"kilobytes", 1024, "1.00 KB/s"},
		{"megabytes", 1.5 * (1 << 20), "1.50 MB/s"},
		{"gigabytes", 3 << 30, "3.00 GB/s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := speed(tt.n); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
