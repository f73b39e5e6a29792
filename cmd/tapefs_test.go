package cmd

import (
	"archive/zip"
	"bytes"
	"testing"

	"ufo/proc"
)

// archiveRows runs each row's commands by rc on a node with its files in /tmp.
func archiveRows(t *testing.T, fs files, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			onNode(t, func(p *proc.Proc) error {
				for name, text := range fs {
					write(t, p, "/tmp/"+name, text, 0o666)
				}
				if got := rcOutput(p, r.cmd); got != r.want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", r.cmd, got, r.want)
				}
				return nil
			})
		})
	}
}

func TestTapefs(t *testing.T) {
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	f, err := w.Create("d/a")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("hello\n"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	tree := tarOf(t, plain("d/a", "hello\n"), plain("b", "there\n"))
	fs := files{"x.tar": tree, "x.tgz": gz(t, tree, ""), "x.zip": z.String(), "cut.tar": tree[:514], "junk": "junk", "passwd": "ken:*:0:0:::\nx\n"}
	archiveRows(t, fs, []row{
		{name: "tarfs", cmd: `fs/tarfs -m /n x.tar; walk /n; cat /n/d/a /n/b; rm /n/b`,
			want: "/n/d/a\n/n/d\n/n/b\n/n\nhello\nthere\nrm: /n/b: '/n/b' permission denied\nstatus: '/n/b' permission denied\n"},
		{name: "tarfs of what is compressed", cmd: `fs/tarfs -m /n x.tgz; cat /n/b`, want: "there\n"},
		{name: "tarfs ends when it cannot be reached", cmd: `fs/tarfs -m /n x.tar; unmount /n; sleep 1; if(ps | grep -s tarfs) echo still there; rm x.tar; ls x.tar; status=()`,
			want: "ls: x.tar: 'x.tar' file does not exist\n"},
		{name: "tarfs that is killed", cmd: `fs/tarfs -m /n x.tar; slay tarfs | rc; sleep 1; cat /n/b`, want: "cat: can't open /n/b: '/n/b' i/o on hungup channel\nstatus: can't open /n/b: '/n/b' i/o on hungup channel\n"},
		{name: "tarfs of nothing", cmd: `fs/tarfs nosuch`, want: "fs/tarfs: can't open nosuch: 'nosuch' file does not exist\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
		{name: "tarfs of junk", cmd: `fs/tarfs -m /n junk; fs/tarfs -m /n cut.tar; fs/tarfs -m /n /tmp`,
			want: "fs/tarfs: junk: unexpected EOF\nfs/tarfs: cut.tar: unexpected EOF\nfs/tarfs: can't open /tmp: file is a directory\nstatus: can't open /tmp: file is a directory\n"},
		{name: "tarfs on nothing", cmd: `fs/tarfs -m nosuch x.tar`, want: "fs/tarfs: mount nosuch: 'nosuch' file does not exist\nstatus: mount nosuch: 'nosuch' file does not exist\n"},
		{name: "tarfs with a bad passwd", cmd: `fs/tarfs -p passwd x.tar`, want: "fs/tarfs: passwd: bad format: \"x\"\nstatus: passwd: bad format: \"x\"\n"},
		{name: "zipfs", cmd: `fs/zipfs -m /n x.zip; cat /n/d/a; walk /n`, want: "hello\n/n/d/a\n/n/d\n/n\n"},
		{name: "zipfs of junk", cmd: `fs/zipfs -m /n junk`, want: "fs/zipfs: junk: not a zip archive\nstatus: junk: not a zip archive\n"},
		{name: "usage", cmd: `fs/zipfs`, want: "usage: fs/zipfs [-m mountpoint] [-p passwd] [-g group] file\nstatus: usage\n"},
	})
}
