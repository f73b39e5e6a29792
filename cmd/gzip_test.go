package cmd

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// bz is what bzip2 makes of "hello\n".
const bz = "BZh91AY&SY\xc1\xc0\x80\xe2\x00\x00\x01A\x00\x00\x10\x02D\xa0\x000\xcd\x00\xc3F)\x97\x17rE8P\x90\xc1\xc0\x80\xe2"

// gz is what another gzip makes of text, a file called name.
func gz(t *testing.T, text, name string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name = name
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGzip(t *testing.T) {
	one, two := gz(t, "hi\n", "old"), gz(t, "there\n", "")
	bad := strings.Replace(one, one[len(one)-8:], "\x00\x00\x00\x00\x03\x00\x00\x00", 1)
	fs := files{"a": "hello\n", "d/b.tar": "tar\n", "e": "", "x.gz": one, "xy.gz": one + two, "junk.gz": one + "junk",
		"bad.gz": bad, "cut.gz": one[:len(one)-10], "f.bz2": bz, "f.tbz2": bz, "cut.bz2": bz[:20]}
	runRows(t, []row{
		{"there and back", fs, "gzip a\nrm a\ngunzip a.gz\ncat a\nls", "hello\na\na.gz\nbad.gz\ncut.bz2\ncut.gz\nd\ne\nf.bz2\nf.tbz2\njunk.gz\nx.gz\nxy.gz\n"},
		{"empty", fs, "gzip -9 e\nrm e\ngunzip e.gz\nwc -c e", "      0 e\n"},
		{"tgz in the working directory", fs, "gzip d/b.tar\ngunzip b.tgz\ncat b.tar", "tar\n"},
		{"header", fs, "gzip -n1 a\ngzip -c e\ngunzip -tv a.gz", "\x1f\x8b\x08\x08\x80\x43\x6d\x38\x00\x0de\x00\x01\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00" +
			"a                                         6 Thu Jan  1 00:00:00 GMT 1970\n"},
		{"standard input", fs, "gunzip <x.gz", "hi\n"},
		{"two parts", fs, "gunzip -c xy.gz\ngunzip -t xy.gz", "hi\nthere\nold\n<unnamed file>\n"},
		{"times", fs, "gzip a\nmtime a.gz\ngunzip -T a.gz\nmtime a", "  946684800 a.gz\n  946684800 a\n"},
		{"junk behind", fs, "gunzip -c junk.gz", "hi\ngunzip: junk.gz: corrupted data after byte 31 ignored\nstatus: errors\n"},
		{"bad sum", fs, "gunzip bad.gz\nls bad", "gunzip: bad.gz: crc mismatch\ngunzip: removing output file bad\nstatus: errors\nls: bad: 'bad' file does not exist\nstatus: errors\n"},
		{"cut off", fs, "gunzip -c cut.gz", "gunzip: cut.gz: decompress failed: unexpected eof\nstatus: errors\n"},
		{"not a gzip file", fs, "gunzip a", "gunzip: a is not a gzip deflate file\nstatus: errors\n"},
		{"no new name", fs, "mv x.gz x\ngunzip x", "gunzip: can't overwrite x\nstatus: errors\n"},
		{"directory", fs, "gzip d", "gzip: d is a directory\nstatus: errors\n"},
		{"verbose", fs, "gzip -v a\ngunzip -v x.gz", "gzip: compressing a to a.gz\ngunzip: extracting old to x\n"},
		{"usage", fs, "gzip -x", "usage: gzip [-cvnD] [-1-9] [file ...]\nstatus: usage\n"},
		{"bunzip2", fs, "bunzip2 f.bz2 f.tbz2\ncat f f.tar\nbunzip2 -c f.bz2\nbunzip2 <f.bz2", "hello\nhello\nhello\nhello\n"},
		{"bunzip2 cut off", fs, "bunzip2 cut.bz2\nls cut", "bunzip2: cut.bz2: decompress failed: unexpected eof\nbunzip2: removing output file cut\nstatus: errors\nls: cut: 'cut' file does not exist\nstatus: errors\n"},
		{"not a bzip2 file", fs, "bunzip2 a", "bunzip2: a is not a bzip2 file\nstatus: errors\n"},
	})
}
