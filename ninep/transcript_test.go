package ninep_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
		head, sessions, _ := strings.Cut(string(text), "\nserve ")
		out.WriteString(head)
		for s := range strings.SplitSeq(sessions, "\nserve ") {
			first, _, _ := strings.Cut(s, "\n")
			t.Run(filepath.Base(file)+" "+first, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					out.WriteString("\nserve " + strings.Join(play(t, strings.Split(s, "\n")), "\n"))
				})
			})
		}
		if *update {
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
func play(t *testing.T, lines []string) []string {
	p := newPlayer(t, lines[0])
	ended := false
	var out []string
	for i, line := range lines {
		word, rest, _ := strings.Cut(line, " ")
		if strings.HasPrefix(word, "R") {
			continue
		}
		out = append(out, line)
		switch {
		case word == "raw":
			b, err := strconv.Unquote(rest)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			p.conn.Write([]byte(b))
		case strings.HasPrefix(word, "T"):
			b, err := parseFcall(t, line).Append(nil)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			p.conn.Write(b)
		case word == "end":
			ended = true
			if err := <-p.served; fmt.Sprint(err) != rest {
				t.Errorf("Serve returned %v, want %s", err, rest)
			}
			continue
		default:
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

// newPlayer begins the connection that a serve line describes.
func newPlayer(t *testing.T, line string) *player {
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
	p := &player{t: t, srv: ninetest.Strict(srv), conn: b, served: make(chan error, 1), replies: make(chan string, 100)}
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

// world is the server of the transcripts.
func world() *Tree {
	late := func(ctx context.Context, p []byte, _ int64) (int, error) {
		<-ctx.Done()
		return copy(p, "late"), nil
	}
	block := func(ctx context.Context, _ []byte, _ int64) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	file := func(path uint64, name, text string) *Node {
		n := Text(name, text)
		n.Path = path
		return n
	}
	deep := &Node{Name: "b", Path: 6, Children: []*Node{file(7, "file", "deep")}}
	var mu sync.Mutex // guards made
	var made []*Node
	root := &Node{Path: 1, Perm: DMDIR | 0777, Children: []*Node{
		file(2, "motd", "hello, world\n"),
		{Name: "ctl", Path: 3, Perm: 0222, Write: func(_ context.Context, p []byte) error {
			if string(p) != "ok" {
				return ErrBadCtl
			}
			return nil
		}},
		{Name: "dir", Path: 4, Children: []*Node{{Name: "a", Path: 5, Children: []*Node{deep}}}},
		{Name: "block", Path: 8, ReadAt: block},
		{Name: "late", Path: 9, ReadAt: late},
		{Name: "slow", Path: 10, Lookup: func(ctx context.Context, name string) (*Node, error) {
			<-ctx.Done()
			return file(11, name, ""), nil
		}},
		{Name: "secret", Path: 12, Perm: DMDIR | 0700, Children: []*Node{file(13, "key", "")}},
	}}
	root.List = func(context.Context) ([]*Node, error) {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(made), nil
	}
	root.Create = func(_ context.Context, user, name string, perm Perm, _ Mode) (*Node, error) {
		mu.Lock()
		defer mu.Unlock()
		n := &Node{Name: name, Owner: user, Path: uint64(100 + len(made)), Perm: perm}
		n.Remove = func(context.Context, string) error {
			mu.Lock()
			defer mu.Unlock()
			made = slices.DeleteFunc(made, func(m *Node) bool { return m == n })
			return nil
		}
		made = append(made, n)
		return n, nil
	}
	tree := NewTree("sys", root)
	tree.Mtime = 1e9
	return tree
}

// guarded is a Server that wants to be told a secret.
type guarded struct{ Server }

func (g guarded) Attach(context.Context, string, string) (File, error) { return nil, ErrPerm }

func (g guarded) Auth(ctx context.Context, _, _ string) (File, error) {
	var told atomic.Bool
	tree := NewTree("sys", &Node{Perm: 0600 | DMAUTH, Write: func(_ context.Context, p []byte) error {
		told.Store(string(p) == "swordfish")
		return nil
	}, Stat: func(d *Dir) {
		if told.Load() {
			d.Qid.Vers = 1
		}
	}})
	f, err := tree.Attach(ctx, "sys", "")
	if err != nil {
		return nil, err
	}
	return f, f.Open(ctx, ORDWR)
}

func (g guarded) AttachAuth(ctx context.Context, auth File, user, spec string) (File, error) {
	if auth.Qid().Vers == 0 {
		return nil, ErrPerm
	}
	return g.Server.Attach(ctx, user, spec)
}

// parseFcall parses a T-message in the form of Fcall.String. In a Twstat the
// stat is a list of fields, the others are not touched: stat name "x" length 0.
func parseFcall(t *testing.T, line string) *Fcall {
	words := splitQuoted(line)
	bad := func(err error) {
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	next := func() string {
		if len(words) == 0 {
			t.Fatalf("%s: too short", line)
		}
		w := words[0]
		words = words[1:]
		return w
	}
	num := func() uint64 {
		n, err := strconv.ParseInt(next(), 0, 64)
		bad(err)
		return uint64(n)
	}
	str := func() string {
		s, err := strconv.Unquote(next())
		bad(err)
		return s
	}
	m := &Fcall{Stat: NullDir}
	typ := next()
	for m.Type = Tversion; m.Type.String() != typ; m.Type++ {
		if m.Type > Rwstat {
			t.Fatalf("%s: no such message", line)
		}
	}
	for len(words) > 0 {
		switch name := next(); name {
		case "tag":
			m.Tag = uint16(num())
		case "msize":
			m.Msize = uint32(num())
		case "version":
			m.Version = str()
		case "oldtag":
			m.Oldtag = uint16(num())
		case "fid":
			m.Fid = uint32(num())
		case "newfid":
			m.Newfid = uint32(num())
		case "afid":
			m.Afid = uint32(num())
		case "uname":
			m.Uname = str()
		case "aname":
			m.Aname = str()
		case "nwname":
			for range num() {
				m.Wname = append(m.Wname, str())
			}
		case "name":
			m.Name = str()
			m.Stat.Name = m.Name
		case "perm":
			m.Perm = Perm(num())
		case "mode":
			m.Mode = Mode(num())
		case "offset":
			m.Offset = num()
		case "count":
			m.Count = uint32(num())
			if m.Type == Twrite {
				m.Data = []byte(str())
			}
		case "stat":
		case "length":
			m.Stat.Length = int64(num())
		default:
			t.Fatalf("%s: what is %s?", line, name)
		}
	}
	return m
}

// splitQuoted splits at spaces that are not in quotes.
func splitQuoted(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}
