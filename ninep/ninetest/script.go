package ninetest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Script plays a script against the server: lines such as
//
//	# a comment
//	serve                  begins a connection, as the first message does
//	T…                     a request, in the form that ParseFcall takes
//	raw "…"                a request in bytes
//	R…                     the replies that come then, in any order
//	end                    the server closes the connection
//
// where [...] in a reply stands for any characters. It returns the transcript
// of what was said, and as an error the first reply that is another one.
func (s Suite) Script(ctx context.Context, script string) (said []string, err error) {
	if s.Limit == 0 {
		s.Limit = 10 * time.Second
	}
	x := &exam{Suite: &s, knowledge: &knowledge{}, log: new(transcript)}
	p := &player{x: x, lines: strings.Split(script, "\n")}
	x.guard(func() { p.play(ctx) })
	for _, c := range x.conns {
		c.close()
	}
	if x.status != "" {
		err = fmt.Errorf("line %d: %s", p.at+1, x.saw)
	}
	return x.log.lines, err
}

// A player plays a script.
type player struct {
	x     *exam
	c     *client // nil before the first request
	lines []string
	at    int // the line
}

// play plays until a line fails.
func (p *player) play(ctx context.Context) {
	for ; p.at < len(p.lines); p.at++ {
		p.line(ctx, strings.TrimSpace(p.lines[p.at]))
	}
}

// line plays a line, or with the first of a run of replies all of them.
func (p *player) line(ctx context.Context, line string) {
	limited, cancel := context.WithTimeout(ctx, p.x.Limit)
	defer cancel()
	p.x.ctx = limited
	word, rest, _ := strings.Cut(line, " ")
	if p.c == nil || word == "serve" {
		p.c = p.x.dial()
	}
	switch {
	case line == "" || line[0] == '#' || word == "serve":
	case word == "raw":
		s, err := strconv.Unquote(rest)
		p.x.want(err == nil, "%s: not in quotes", line)
		p.c.give([]byte(s), line)
	case line[0] == 'T':
		m, err := ParseFcall(line)
		p.x.want(err == nil, "%v", err)
		p.c.sendAs(m.Tag, m)
	case line[0] == 'R':
		p.replies()
	case word == "end":
		m := p.c.recv()
		p.x.want(m == nil, "the server says %v", m)
	default:
		p.x.fail("what is %s?", word)
	}
}

// replies receives as many replies as there are lines for some.
func (p *player) replies() {
	first := p.at
	for p.at+1 < len(p.lines) && strings.HasPrefix(p.lines[p.at+1], "R") {
		p.at++
	}
	want := append([]string(nil), p.lines[first:p.at+1]...)
	for len(want) > 0 {
		m := p.c.recv()
		p.x.want(m != nil, "the connection is closed")
		got := m.String()
		i := 0
		for i < len(want) && !matches(want[i], got) {
			i++
		}
		p.x.want(i < len(want), "got  %s\nwant %s", got, strings.Join(want, "\n     "))
		want = append(want[:i], want[i+1:]...)
	}
}

// matches reports whether a line is what a script wants.
func matches(want, got string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(want)), `\[\.\.\.\]`, ".*")
	ok, err := regexp.MatchString("^"+pattern+"$", got)
	return err == nil && ok
}
