package ninetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

func play(t *testing.T, script string) (said []string, err error) {
	dial, stop := Served(t.Context(), ramfs.New("glenda", func() time.Time { return time.Unix(1e9, 0) }, 0), nil)
	defer stop()
	return Suite{Dial: dial}.Script(t.Context(), script)
}

const hello = `# says hello
Tversion tag 65535 msize 8192 version "9P2000"
Rversion tag 65535 msize 8192 version "9P2000"
Tattach tag 1 fid 0 afid -1 uname "glenda" aname ""
Rattach tag 1 qid [...]
`

func TestScript(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		want         string // of the error
	}{
		{"good", hello + "Tclunk tag 1 fid 0\nRclunk tag 1", ""},
		{"in any order", hello + "Tstat tag 1 fid 0\nTclunk tag 2 fid 7\nRerror tag 2 ename \"unknown fid\"\nRstat tag 1[...]", ""},
		{"all of a wstat", hello + "Twstat tag 1 fid 0 " + `stat "" "" "" "" q (ffffffffffffffff 4294967295 dalMAt) m 037777777777 at 4294967295 mt 4294967295 l -1 t 65535 d 4294967295` + "\nRwstat tag 1", ""},
		{"some of a wstat", hello + `Twstat tag 1 fid 0 stat mtime 5` + "\nRwstat tag 1\nTstat tag 1 fid 0\nRstat [...] mt 5 [...]", ""},
		{"raw", hello + `raw "\x07\x00\x00\x00\xff\x01\x00"` + "\nRerror tag 1[...]\nend", ""},
		{"two connections", hello + "serve\n" + hello, ""},
		{"another reply", hello + "Tclunk tag 1 fid 0\nRerror tag 1[...]", "line 7: got  Rclunk tag 1\nwant Rerror tag 1[...]"},
		{"no reply", hello + "Rclunk tag 1", "line 6: no reply in 10s"},
		{"no end", hello + "end", "line 6: no reply in 10s"},
		{"no message", hello + "Tfoo tag 1", "line 6: Tfoo: no such message"},
		{"no field", hello + "Tclunk tag 1 foo 2", "line 6: what is foo?"},
		{"no number", hello + "Tclunk tag x", `line 6: strconv.ParseInt: parsing "x": invalid syntax`},
		{"cut", hello + "Tclunk tag", "line 6: the line is too short"},
		{"no line", hello + "hello", "line 6: what is hello?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := play(t, tt.script)
				if err == nil && tt.want != "" || err != nil && err.Error() != tt.want {
					t.Errorf("got %v, want %s", err, tt.want)
				}
			})
		})
	}
}

// What a check says when it fails is a script, which says the same again.
func TestTranscriptIsScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := func() ninep.Server { return ramfs.New("glenda", func() time.Time { return time.Unix(1e9, 0) }, 0) }
		m := pretends(ninep.Twstat, nil)
		s, stop := m.suite(t, srv())
		s.Only = func(check string) bool { return check == "wstat/several" }
		var r Result
		s.Run(t.Context(), func(got Result) { r = got })
		stop()
		if r.Status != Failed {
			t.Fatalf("%+v", r)
		}
		s, stop = m.suite(t, srv())
		said, err := s.Script(t.Context(), strings.Join(r.Transcript, "\n"))
		stop()
		if err != nil || strings.Join(said, "\n") != strings.Join(r.Transcript, "\n") {
			t.Errorf("%v\n%s\n, not\n%s", err, strings.Join(said, "\n"), strings.Join(r.Transcript, "\n"))
		}
	})
}

// Every request in the golden transcripts is parsed to what prints as it does.
func TestParseFcall(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, "T") {
				continue
			}
			m, err := ParseFcall(line)
			if err != nil {
				t.Errorf("%s: %v", line, err)
			} else if again, err := ParseFcall(m.String()); err != nil || again.String() != m.String() {
				t.Errorf("%s: %v, then %v", line, m, err)
			}
		}
	}
}
