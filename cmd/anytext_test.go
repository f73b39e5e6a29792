package cmd

import (
	"crypto/md5"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"
)

// anyTexts are what a tool must be able to read. The lines of each are in order
// and differ, and have no blanks.
var anyTexts = []struct{ name, text string }{
	{"empty", ""},
	{"a newline", "\n"},
	{"no final newline", "a\nb"},
	{"zeros", "\x00\n\x00\x00b\na\x00\n"},
	{"no UTF", "a\xff\nb\xc3\n\x80\xe4\xb8\n\xf5"},
	{"combining", "e\u0301\nn\u0303o\u0308\n"},
	{"wide", "世界\n😀\U0010ffff\n"},
	{"returns", "a\r\nb\r\n"},
	{"a line of 10 MB", strings.Repeat("0123456789", 1<<20) + "\nz\n"},
	{"a long open line", strings.Repeat("ab世\xff", 1<<16)},
}

// anyTools are commands, and what they print of a text that is the file f. The
// file script makes ed write h.
var anyTools = []struct {
	cmd  string
	want func(string) string
}{
	{"cat <f", same}, {"cat f", same},
	{"tee g <f", same}, {"tee g <f\ncat g", func(s string) string { return s + s }},
	{"dd -quiet 1 <f", same}, {"dd -quiet 1 -if f -bs 1000", same},
	{"tr q q <f", same}, {"tr -d q <f", same}, {"tr -s q q <f", same},
	{"tail +1 <f", same}, {"tail +1 f", same}, {"tail -9 <f", same}, {"tail -9 f", same},
	{"tail +0c <f", same}, {"tail -99999999c f", same},
	{"split f\ntouch xaa\ncat xaa", same}, {"split <f\ntouch xaa\ncat xaa", same},
	{"gzip f\nrm f\ngunzip f.gz\ncat f", same},
	{"tar cf a f\nrm f\ntar xf a\ncat f", same},
	{"ed - f <script\ncat h", ended},
	{"sed '' <f", ended}, {"sed '' f", ended}, {"sed -n '/q/!p' f", ended},
	{"sed s/q/r/g <f", ended}, {"sed '$!N;P;D' <f", ended},
	{"grep '^' <f", same}, {"grep -v q f", same}, {"grep '.*' f", same},
	{"sort <f", ended}, {"sort f", ended}, {"sort -u <f", ended}, {"sort -m f", ended},
	{"uniq <f", ended}, {"uniq f", ended}, {"uniq -u f", ended},
	{"comm - /dev/null <f", ended}, {"comm -12 f f", ended},
	{"join -a 1 - /dev/null <f", ended}, {"join f f", ended},
	{"awk 1 <f", ended}, {"awk '{print}' f", ended},
	{`awk '{ a = a $0 "\n" } END { printf "%s", a }' f`, ended},
	{"pr -t f", ended}, {"pr -t -m <f", ended},
	{"fmt -j -l 99999999 f", ended}, {"fmt -l 1 <f", ended},
	{"look '' f", ended},
	{"diff f - <f", silent}, {"cmp f f", silent},
	{"wc -c <f", func(s string) string { return fmt.Sprintf("%7d\n", len(s)) }},
	{"wc -r f", func(s string) string { return fmt.Sprintf("%7d f\n", utf8.RuneCountInString(s)) }},
	{"wc -l <f", func(s string) string { return fmt.Sprintf("%7d\n", strings.Count(s, "\n")) }},
	{"md5sum <f", func(s string) string { return fmt.Sprintf("%x\n", md5.Sum([]byte(s))) }},
	{"xd -1x <f", dumped}, {"xd -1x f", dumped},
}

// anyMessages are what tools say that is not the text.
var anyMessages = []string{
	"'\\n' appended\n", "sort: newline added\n", "pr: f -- empty file\n", "status: f -- empty file\n",
	"status: no matches\n", "status: not found\n",
}

func same(s string) string { return s }
func silent(string) string { return "" }

// ended returns a text with a newline at its end, unless it is empty.
func ended(s string) string {
	if s == "" || strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "\n"
}

// dumped returns what xd prints.
func dumped(s string) string {
	var b []byte
	at := 0
	for ; at+16 <= len(s); at += 16 {
		b = fmt.Appendf(b, "%07x  % x\n", at, s[at:at+16])
	}
	b = fmt.Appendf(b, "%07x ", at)
	for _, c := range []byte(s[at:]) {
		b = fmt.Appendf(b, " %02x", c)
	}
	return string(fmt.Appendf(b, "\n%07x \n", len(s)))
}

// TestAnyText gives the tools texts of all kinds: no byte is lost or changed.
func TestAnyText(t *testing.T) {
	for _, text := range anyTexts {
		for _, tool := range anyTools {
			if name, _, _ := strings.Cut(tool.cmd, " "); len(text.text) > 1<<20 && (name == "xd" || name == "look") {
				continue // no different, but slow
			}
			t.Run(text.name+"/"+tool.cmd, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					got := newMachine(t, files{"f": text.text, "script": "w h\n"}).run(tool.cmd)
					for _, message := range anyMessages {
						got = strings.Replace(got, message, "", 1)
					}
					if want := tool.want(text.text); got != want {
						t.Errorf("got %d bytes:\n%.300q\nwant %d:\n%.300q", len(got), got, len(want), want)
					}
				})
			})
		}
	}
}
