package cmd

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"strings"
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
			want: "rm: /n/empty: '/n/empty' permission denied\nrcmain:13 *eval*:1: > can't create: /n/empty: '/n/empty' permission denied\nstatus: '/n/empty' permission denied\n"},
		{name: "of a command", cmd: `srv -e '9660srv -s -f /tmp/disc' x /n; cat /n/a/b/file3`, want: "3\n"},
		{name: "killed", cmd: `9660srv; mount /srv/9660 /n /tmp/disc; slay 9660srv | rc; sleep 1; cat /n/empty`,
			want: "cat: can't open /n/empty: '/n/empty' i/o on hungup channel\nstatus: can't open /n/empty: '/n/empty' i/o on hungup channel\n"},
		{name: "usage", cmd: `9660srv a b`, want: "usage: 9660srv [-9Jsv] [-c clusters] [-f file] [service]\nstatus: usage\n"},
	})
}

func TestDossrv(t *testing.T) {
	fs := files{"disk": gunzipped(t, "fat/testdata/floppy.img.gz"), "junk": "junk"}
	archiveRows(t, fs, []row{
		{name: "read", cmd: `dossrv; mount /srv/dos /n /tmp/disk; ls -p /n /n/sub; cat /n/sub/deeper/λόγος`,
			want: "'A long name, with spaces.text'\nreadme.txt\nsub\ndeeper\ngreek\n"},
		{name: "changes stay", cmd: `dossrv; mount -c /srv/dos /n /tmp/disk; mkdir /n/New; echo new >/n/New/file; rm /n/readme.txt; mv /n/New/file /n/New/other; unmount /n; mount /srv/dos /n /tmp/disk; walk /n/New; cat /n/New/other; ls -p /n`,
			want: "/n/New/other\n/n/New\nnew\n'A long name, with spaces.text'\nNew\nsub\n"},
		{name: "two who mount see the same", cmd: `dossrv; mount -c /srv/dos /n /tmp/disk; mount -c /srv/dos /mnt /tmp/disk; echo x >/n/x; cat /mnt/x`, want: "x\n"},
		{name: "two names", cmd: `mkdir d; bind /tmp d; dossrv; mount /srv/dos /n /tmp/disk; mount /srv/dos /mnt /tmp/d/disk; unmount /n; mount /srv/dos /mnt /tmp/d/disk; ls -p /mnt/sub`,
			want: "mount: mount /mnt: device or object already in use\ndeeper\n"},
		{name: "read only", cmd: `dossrv -r; mount -c /srv/dos /n /tmp/disk; rm /n/readme.txt; touch /n/x; cat /n/readme.txt`,
			want: "rm: /n/readme.txt: '/n/readme.txt' file system read only\ntouch: /n/x: cannot create: '/n/x' file system read only\nhello\n"},
		{name: "no disk", cmd: `dossrv; mount /srv/dos /n; mount /srv/dos /n /tmp/junk; mount /srv/dos /n /tmp`,
			want: "mount: mount /n: bad attach specifier\nmount: mount /n: not a DOS file system\nmount: mount /n: '/tmp' file is a directory\nstatus: mount\n"},
		{name: "of a command", cmd: `srv -ce 'dossrv -s -f /tmp/disk' x /n; echo there >/n/y; cat /n/y`, want: "there\n"},
		{name: "a partition", cmd: `bind -a '#S' /dev; echo memory M0 2m >/dev/sdctl; echo part dos 64 2944 >/dev/sdM0/ctl; cat disk >/dev/sdM0/dos; dossrv; mount -c /srv/dos /n /dev/sdM0/dos; echo x >/n/x; cat /n/readme.txt; cmp disk /dev/sdM0/dos >/dev/null || echo changed; echo delpart dos >/dev/sdM0/ctl; status=()`,
			want: "hello\nchanged\necho: write error: device or object already in use\n"},
		{name: "the server ends and the disk is free", cmd: `dossrv; mount /srv/dos /n /tmp/disk; unmount /n; rm /srv/dos; sleep 1; if(ps | grep -s dossrv) echo still there; status=()`},
	})
}

func TestFormat(t *testing.T) {
	archiveRows(t, files{"small": strings.Repeat("x", 20<<10)}, []row{
		{name: "a floppy", cmd: `disk/format -dv -l boot fd; ls -l fd | awk '{print $6}'; dossrv; mount -c /srv/dos /n /tmp/fd; ls /n; echo hello >/n/x; cat /n/x`,
			want: "FAT12: 2847 clusters of 512 bytes\n1474560\nhello\n"},
		{name: "a partition", cmd: `bind -a '#S' /dev; echo memory M0 16m >/dev/sdctl; echo part dos 100 32768 >/dev/sdM0/ctl; disk/format -dv -c 4 -r 2 /dev/sdM0/dos; dossrv; mount -c /srv/dos /n /dev/sdM0/dos; mkdir /n/d; ls -p /n; dd -if /dev/sdM0/data -count 100 -quiet 1 | tr -d '\000' | wc -c`,
			want: "FAT16: 8142 clusters of 2048 bytes\nd\n      0\n"},
		{name: "what is there is lost", cmd: `disk/format -d small; dossrv; mount /srv/dos /n /tmp/small; ls /n; grep -c xxx small`, want: "1\n"},
		{name: "cannot be", cmd: `disk/format -d -c 3 small; disk/format -d -l a/b small; disk/format -d /; disk/format small; status=()`,
			want: "disk/format: small: no DOS file system can have this size\ndisk/format: small: bad label: at most 11 letters and digits\n" +
				"disk/format: /: file is a directory\nusage: disk/format -d [-fvx] [-c csize] [-l label] [-r nresrv] disk\n"},
	})
}
