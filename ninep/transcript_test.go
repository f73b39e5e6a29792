package ninep_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

var update = flag.Bool("update", false, "rewrite the replies in testdata")

// TestTranscripts plays the sessions of testdata/*.txt. A line is
//
//	# a comment
//	serve NAME LIMIT=N …   begins a connection to one of the servers below
//	T…                     a request, in the form of Fcall.String
//	raw "…"                a request in bytes
//	R…                     all replies that come then, in any order
//	end ERROR              what Serve returns; without it, nothing
//
// With -update the replies are written as they come.
func TestTranscripts(t *testing.T) {
	playAll(t, func(srv Server) Server { return srv })
}

// The same is said when calls that do not wait are said to be prompt.
func TestTranscriptsPrompt(t *testing.T) {
	if *update {
		t.Skip("the replies are those of TestTranscripts")
	}
	playAll(t, func(srv Server) Server { return prompt{srv} })
}

// playAll plays all sessions to servers as wrap makes them.
func playAll(t *testing.T, wrap func(Server) Server) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		skipped := false // by -run
		head, sessions, _ := strings.Cut(string(text), "\nserve ")
		out.WriteString(head)
		for s := range strings.SplitSeq(sessions, "\nserve ") {
			first, _, _ := strings.Cut(s, "\n")
			played := false
			t.Run(filepath.Base(file)+" "+first, func(t *testing.T) {
				played = true
				synctest.Test(t, func(t *testing.T) {
					out.WriteString("\nserve " + strings.Join(play(t, strings.Split(s, "\n"), wrap), "\n"))
				})
			})
			skipped = skipped || !played
		}
		if *update && !skipped {
			os.WriteFile(file, []byte(out.String()), 0666)
		}
	}
}

// A player is a connection on which a session is played.
type player struct {
	t      *testing.T
	srv    *ninetest.StrictServer
	conn   io.ReadWriteCloser
	served chan error

	replies chan string // from conn
}

// play plays a session and returns its lines with the replies that came.
func play(t *testing.T, lines []string, wrap func(Server) Server) []string {
	p := newPlayer(t, lines[0], wrap)
	ended := false
	var out []string
	for i, line := range lines {
		if strings.HasPrefix(line, "R") {
			continue
		}
		out = append(out, line)
		if want, ok := strings.CutPrefix(line, "end "); ok {
			ended = true
			if err := <-p.served; fmt.Sprint(err) != want {
				t.Errorf("Serve returned %v, want %s", err, want)
			}
		}
		if !p.send(line) {
			continue
		}
		var want []string
		for _, line := range lines[i+1:] {
			if !strings.HasPrefix(line, "R") {
				break
			}
			want = append(want, line)
		}
		got := p.wait()
		out = append(out, got...)
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) && !*update {
			t.Errorf("%s\ngot  %s\nwant %s", line, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
	p.stop(ended)
	return out
}

// send sends what a line says, if it is a request.
func (p *player) send(line string) bool {
	var b []byte
	raw, isRaw := strings.CutPrefix(line, "raw ")
	switch {
	case isRaw:
		s, err := strconv.Unquote(raw)
		if err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
		b = []byte(s)
	case strings.HasPrefix(line, "T"):
		m, err := ninetest.ParseFcall(line)
		if err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
		if b, err = m.Append(nil); err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
	default:
		return false
	}
	p.conn.Write(b)
	return true
}

// newPlayer begins the connection that a serve line describes.
func newPlayer(t *testing.T, line string, wrap func(Server) Server) *player {
	words := strings.Fields(line)
	var opt ServeOptions
	for _, w := range words[1:] {
		name, val, _ := strings.Cut(w, "=")
		n, err := strconv.Atoi(val)
		if err != nil {
			t.Fatalf("serve %s: %v", line, err)
		}
		switch name {
		case "msize":
			opt.Msize = uint32(n)
		case "fids":
			opt.Fids = n
		case "requests":
			opt.Requests = n
		}
	}
	var srv Server = world()
	if words[0] == "guarded" {
		srv = guarded{srv}
	}
	a, b := Pipe()
	p := &player{t: t, srv: ninetest.Strict(wrap(srv)), conn: b, served: make(chan error, 1), replies: make(chan string, 100)}
	go func() { p.served <- Serve(t.Context(), a, p.srv, &opt) }()
	go p.read()
	return p
}

// read reads replies until the connection ends.
func (p *player) read() {
	in := bufio.NewReader(p.conn)
	for {
		m, err := readFcall(in)
		if err != nil {
			close(p.replies)
			return
		}
		p.replies <- m.String()
	}
}

// readFcall reads a message.
func readFcall(in *bufio.Reader) (*Fcall, error) {
	b, err := in.Peek(4)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, int(b[0])|int(b[1])<<8|int(b[2])<<16)
	if _, err := io.ReadFull(in, buf); err != nil {
		return nil, err
	}
	m := new(Fcall)
	return m, m.Unmarshal(buf)
}

// wait returns the replies that have come when nothing moves any more.
func (p *player) wait() []string {
	synctest.Wait()
	var got []string
	for {
		select {
		case r, ok := <-p.replies:
			if !ok {
				return got
			}
			got = append(got, r)
		default:
			return got
		}
	}
}

// stop ends the connection and checks that nothing is left of it.
func (p *player) stop(ended bool) {
	p.conn.Close()
	if !ended {
		if err := <-p.served; err != nil {
			p.t.Errorf("Serve returned %v", err)
		}
	}
	if err := p.srv.Check(); err != nil {
		p.t.Error(err)
	}
}
