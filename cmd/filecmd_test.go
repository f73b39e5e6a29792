package cmd

import "testing"

func TestFile(t *testing.T) {
	fs := files{"a": "xyz\n", "longer": "#!/bin/rc\n", "ä": "", "x.tar": tarOf(t, plain("a", "x"))}
	archiveRows(t, fs, []row{
		{name: "kinds", cmd: `mkdir d; file a longer ä x.tar d /dev/null /bin/cat`,
			want: "a:         short Ascii\nlonger:    rc executable file\nä:         empty file\nx.tar:     posix tar archive\nd:         directory\n/dev/null: special file #c/null\n/bin/cat:  built-in command\n"},
		{name: "one file", cmd: `file a; file -m a`, want: "a: short Ascii\ntext/plain\n"},
		{name: "MIME", cmd: `file -m a x.tar`, want: "a:     text/plain\nx.tar: application/x-ustar\n"},
		{name: "standard input", cmd: `file <x.tar; cat x.tar | file; file -m <a`, want: "stdin: posix tar archive\nstdin: posix tar archive\ntext/plain\n"},
		{name: "no file", cmd: `file nosuch a`, want: "file: nosuch: cannot open: 'nosuch' file does not exist\na:      short Ascii\n"},
		{name: "usage", cmd: `file -x`, want: "usage: file [-m] [file ...]\nstatus: usage\n"},
	})
}
