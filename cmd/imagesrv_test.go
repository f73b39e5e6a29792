package cmd

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// gunzipped returns what is in a compressed file of the host.
func gunzipped(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	b, err = io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func Test9660srv(t *testing.T) {
	fs := files{"disc": gunzipped(t, "iso9660/testdata/both.iso.gz"), "junk": "junk"}
	archiveRows(t, fs, []row{
		{name: "two trees", cmd: `9660srv; 9660srv -J ridge; mount /srv/9660 /n /tmp/disc; cat '/n/A long name.TXT'; mount /srv/ridge /mnt /tmp/disc; cat '/mnt/a long Name.txt'; ls -l '/mnt/a long Name.txt' | sed 's/ .*//'`,
			want: "hello\nhello\n--rw-r--r--\n"},
		{name: "default file", cmd: `9660srv -f disc; mount /srv/9660 /n; ls -p /n/a`, want: "b\nä\n"},
		{name: "no file", cmd: `9660srv; mount /srv/9660 /n; mount /srv/9660 /n /nosuch; mount /srv/9660 /n /tmp/junk`,
			want: "mount: mount /n: bad attach specifier\nmount: mount /n: '/nosuch' file does not exist\nmount: mount /n: not an ISO 9660 file system\nstatus: mount\n"},
		{name: "read only", cmd: `9660srv; mount /srv/9660 /n /tmp/disc; rm /n/empty; echo x >/n/empty`,
			want: "rm: /n/empty: '/n/empty' permission denied\nrcmain:12 *eval*:1: > can't create: /n/empty: '/n/empty' permission denied\nstatus: '/n/empty' permission denied\n"},
		{name: "of a command", cmd: `srv -e '9660srv -s -f /tmp/disc' x /n; cat /n/a/b/file3`, want: "3\n"},
		{name: "killed", cmd: `9660srv; mount /srv/9660 /n /tmp/disc; slay 9660srv | rc; sleep 1; cat /n/empty`,
			want: "cat: can't open /n/empty: '/n/empty' i/o on hungup channel\nstatus: can't open /n/empty: '/n/empty' i/o on hungup channel\n"},
		{name: "usage", cmd: `9660srv a b`, want: "usage: 9660srv [-9Jsv] [-c clusters] [-f file] [service]\nstatus: usage\n"},
	})
}
