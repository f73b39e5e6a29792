package cmd

import (
	"archive/tar"
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ufo/proc"
)

// tarOf makes an archive by another's hand: of each header the contents are
// its Linkname if it is a plain file.
func tarOf(t *testing.T, headers ...tar.Header) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		text := ""
		if h.Typeflag == tar.TypeReg {
			text, h.Linkname = h.Linkname, ""
			h.Size = int64(len(text))
		}
		h.ModTime = time.Unix(1e9, 0)
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func plain(name, text string) tar.Header {
	return tar.Header{Name: name, Linkname: text, Typeflag: tar.TypeReg, Mode: 0o644, Uname: "ken", Gname: "sys"}
}

func TestTar(t *testing.T) {
	long := strings.Repeat("d", 90) + "/" + strings.Repeat("e", 90) + "/" + strings.Repeat("f", 120)
	ustar := strings.Repeat("d", 90) + "/" + strings.Repeat("e", 90)
	gnu := plain(long, "gnu\n")
	gnu.Format = tar.FormatGNU
	odd := tarOf(t, plain("/abs", "1\n"), plain("../up", "2\n"), plain("a/../b", "3\n"), plain("#c/x", "4\n"))
	links := tarOf(t, tar.Header{Name: "l", Linkname: "x", Typeflag: tar.TypeSymlink}, tar.Header{Name: "h", Linkname: "x", Typeflag: tar.TypeLink},
		tar.Header{Name: "f", Typeflag: tar.TypeFifo}, tar.Header{Name: "n", Typeflag: tar.TypeChar}, plain("x", "x\n"))
	two := tarOf(t, plain("x", "old\n"), plain("x", "new\n"), plain("y", "y\n"))
	spoilt := two[:1024] + "spoilt" + two[1030:]
	fs := files{"d/a": "hello\n", "d/b/c": "there\n", "d/e": "", "odd.tar": odd, "links.tar": links, "gnu.tar": tarOf(t, gnu),
		"two.tar": two, "spoilt.tar": spoilt, "cut.tar": two[:514], "z.tar": gz(t, two, ""), "junk": strings.Repeat("junk", 300)}
	runRows(t, []row{
		{"create and list", fs, "tar cf x.tar d\ntar tf x.tar\nwc -c x.tar", "d/\nd/a\nd/b/\nd/b/c\nd/e\n  10240 x.tar\n"},
		{"list more", fs, "tar cf x.tar d\ntar tvf x.tar d/b", "d-rwxrwxrwx        0  Jan  1 00:00 2000 d/b/\n--rw-rw-rw-        6  Jan  1 00:00 2000 d/b/c\n"},
		{"extract", fs, "tar cvf x.tar d\nrm -r d\ntar xvf x.tar\ncat d/a d/b/c d/e", "d/a\nd/b/c\nd/e\nd\nd/a\nd/b\nd/b/c\nd/e\nhello\nthere\n"},
		{"extract some", fs, "tar cf x.tar d\nrm -r d\ntar xf x.tar d/b\nwalk d", "d/b/c\nd/b\nd\n"},
		{"minus", fs, "tar -cf x.tar d/a\ntar -tf x.tar", "d/a\n"},
		{"standard input", fs, "tar t <two.tar", "x\nx\ny\n"},
		{"the last one wins", fs, "tar xf two.tar\ncat x", "new\n"},
		{"keep", fs, "tar xkf two.tar\ncat x", "old\n"},
		{"append", fs, "tar cf x.tar d/a\ntar rf x.tar d/e\ntar rf x.tar d/b\ntar tf x.tar", "d/a\nd/e\nd/b/\nd/b/c\n"},
		{"append to another's", fs, "tar rf two.tar d/a\ntar xf two.tar d/a x\ncat x\ntar tf two.tar", "new\nx\nx\ny\nd/a\n"},
		{"gzip", fs, "tar czf x.tgz d/a\ntar tf x.tgz", "d/a\n"},
		{"compressed by others", fs, "tar tzf z.tar\ntar t <z.tar", "x\nx\ny\nx\nx\ny\n"},
		{"times and owners", fs, "tar xTf two.tar\nls -lm x", "[glenda] --rw-r--r-- / 0 glenda sys 4 Sep  9  2001 x\n"},
		{"no times", fs, "tar xTmf two.tar\nmtime x", "  946684800 x\n"},
		{"names that lead away", fs, "tar tf odd.tar\ntar xf odd.tar\nls -p\ncat abs up b ./#c/x",
			"./abs\n../up\na/../b\n./#c/x\n'#c'\nabs\nb\ncut.tar\nd\ngnu.tar\njunk\nlinks.tar\nodd.tar\nspoilt.tar\ntwo.tar\nup\nz.tar\n1\n2\n3\n4\n"},
		{"names as they are", fs, "tar xRf odd.tar\ncat /abs /up", "1\n2\n"},
		{"links", fs, "tar xf links.tar\ncat x", "tar: can't make (sym)link l\ntar: can't make (sym)link h\ntar: can't make fifo f\ntar: can't make device n\nx\n"},
		{"long names", files{ustar + "/f": "u\n", long: "l\n"}, "tar cf /x " + ustar[:90] + "\nrm -r " + ustar[:90] + "\ntar xf /x\ncat " + ustar + "/f " + long, "u\nl\n"},
		{"GNU's long names", fs, "tar xf gnu.tar\ncat " + long, "gnu\n"},
		{"old form", files{ustar + "/f": "u\n", "x": "x\n"}, "tar cPf /x " + ustar + "/f x\ntar tf /x", "tar: name too long for tar header: " + ustar + "/f\nx\n"},
		{"resynchronize", fs, "tar tf spoilt.tar\ntar tsf spoilt.tar",
			"x\ntar: bad archive header reading archive spoilt.tar\nstatus: bad archive header reading archive spoilt.tar\n" +
				"tar: skipped to next archive header in spoilt.tar: y\nx\ny\n"},
		{"cut off", fs, "tar xf cut.tar", "tar: extracting x from cut.tar: unexpected EOF\nstatus: extracting x from cut.tar: unexpected EOF\n"},
		{"no archive", fs, "tar tf junk\ntar tf nosuch\ntar rf junk d", "tar: bad archive header reading archive junk\nstatus: bad archive header reading archive junk\n" +
			"tar: can't open archive nosuch: 'nosuch' file does not exist\nstatus: can't open archive nosuch: 'nosuch' file does not exist\n" +
			"tar: junk: bad archive header\nstatus: junk: bad archive header\n"},
		{"no file", fs, "tar cf x.tar nosuch d/a\ntar tf x.tar", "tar: can't open nosuch: 'nosuch' file does not exist\nd/a\n"},
		{"unreadable directories", fs, "chmod 555 d/b d\ntar cf x.tar d\nchmod 777 d d/b\nrm -r d\ntar xf x.tar\nls -ld d d/b\ncat d/b/c",
			"d-r-xr-xr-x / 0 glenda glenda 0 Jan  1 00:00 d\nd-r-xr-xr-x / 0 glenda glenda 0 Jan  1 00:00 d/b\nthere\n"},
		{"bzip2 is not written", fs, "tar czf x.tbz d", "tar: can't compress x.tbz: only gzip is known\nstatus: can't compress x.tbz: only gzip is known\n"},
		{"compressed cannot grow", fs, "tar rf z.tar d", "tar: can't append to a compressed archive\nstatus: can't append to a compressed archive\n"},
		{"usage", fs, "tar\ntar q", "usage: tar {crtx}[PRTfgikmpsuvz] [archive] [file ...]\nstatus: usage\nusage: tar {crtx}[PRTfgikmpsuvz] [archive] [file ...]\nstatus: usage\n"},
	})
}

// TestTarOracle has what tar writes read by another tar, where there is one.
func TestTarOracle(t *testing.T) {
	prog, err := exec.LookPath("tar")
	if err != nil {
		t.Skip("no tar on this host")
	}
	long := strings.Repeat("long/", 60) + "name"
	onNode(t, func(p *proc.Proc) error {
		rcOutput(p, "mkdir d d/e; echo hi >d/f; echo -n >d/ä; chmod 755 d/f")
		makedirs(p, "/tmp/d/"+strings.TrimSuffix(long, "/name"), 0o777)
		p.WriteFile("/tmp/d/"+long, []byte("x"))
		rcOutput(p, "chmod 644 d/"+long+"; tar cu 7 d >x.tar")
		b, err := p.ReadFile("/tmp/x.tar")
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(prog, "tvf", "-", "--quoting-style=literal")
		cmd.Env = []string{"TZ=UTC", "LC_ALL=C.UTF-8"}
		cmd.Stdin = bytes.NewReader(b)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("%v: not GNU's tar? %s", err, out)
		}
		for _, want := range []string{
			"drwxrwxrwx glenda/glenda     0 2000-01-01 00:00 d/\n",
			"-rwxr-xr-x glenda/glenda     3 2000-01-01 00:00 d/f\n",
			"-rw-rw-rw- glenda/glenda     0 2000-01-01 00:00 d/ä\n",
			"-rw-r--r-- glenda/glenda     1 2000-01-01 00:00 d/" + long + "\n",
		} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s\nis not in\n%s", want, out)
			}
		}
		return nil
	})
}
