package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/rootfs"
)

// patience is how long, in the time of the grid, a command may take before
// the session goes on without it.
const patience = 70 * time.Second

// TestSession plays the transcripts of testdata and of the README, each on a
// grid of its own, in simulated time.
func TestSession(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tr := parseTranscript(string(b))
			programs := buildPrograms(t, tr.files)
			synctest.Test(t, func(t *testing.T) { play(t, name, tr, programs) })
			if *update && !t.Failed() {
				if err := os.WriteFile(name, []byte(tr.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestReadme plays the transcript in the README.
func TestReadme(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(b), "```\nhost$ ")
	text, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("no transcript")
	}
	above := strings.Repeat("\n", strings.Count(before, "\n")+1)
	synctest.Test(t, func(t *testing.T) { play(t, "README.md", parseTranscript(above+"host$ "+text), nil) })
}

// A session is a transcript that is being played.
type session struct {
	t     *testing.T
	grid  *testGrid
	name  string
	seats []*seat // in the order they were taken
}

// A seat is a console with somebody at it.
type seat struct {
	*console
	prompt string
	rest   string // what stands on the line where the cursor is: a prompt, if nothing runs
}

// enter types a line, which leaves the cursor at the beginning of the next.
func (at *seat) enter(line string) {
	at.rest = ""
	at.typeLine(line)
}

// play plays a transcript. What happens takes the place of what was expected
// where the two differ, which is an error unless -update is given.
func play(t *testing.T, name string, tr *transcript, programs []rootfs.File) {
	s := &session{t: t, name: name}
	s.grid = newTestGrid(t, tr.files, programs)
	defer s.grid.close()
	for i := range tr.parts {
		p := &tr.parts[i]
		if p.prose != nil {
			continue
		}
		have := s.step(p)
		for i := range have {
			have[i] = strings.TrimRight(have[i], " \t")
		}
		if matches(p.output, have) {
			continue
		}
		if again := parseTranscript((&transcript{parts: []part{{prompt: p.prompt, input: p.input, output: have}}}).String()); len(again.parts) != 1 {
			t.Errorf("%s:%d: %s%s: what it prints looks like a prompt or prose", name, p.line, p.prompt, p.input)
		}
		if !*update {
			t.Errorf("%s:%d: %s%s\nhave:\n%s\nwant:\n%s", name, p.line, p.prompt, p.input, indent(have), indent(p.output))
		}
		p.output = have
	}
}

func indent(lines []string) string { return "\t" + strings.Join(lines, "\n\t") }

// step carries out one step and returns what stands below its prompt.
func (s *session) step(p *part) []string {
	if p.prompt == "host$ " {
		have := s.grid.host(p.input)
		for _, at := range s.seats { // where what the host did may show
			if s.grid.grid.Node(node(at.prompt)).Kernel() == nil {
				at.take() // last words, or none: a killed node may have the time or not
				at.rest = ""
				continue
			}
			have = s.follow(at, p, append(have, s.settle(at)...))
		}
		return have
	}
	at := s.sit(p.prompt)
	if at.rest != p.prompt {
		s.t.Errorf("%s:%d: the prompt is %q, not %q; what runs:\n%s", s.name, p.line, at.rest, p.prompt, s.grid.ps(node(p.prompt)))
	}
	at.enter(p.input)
	return s.follow(at, p, s.settle(at))
}

// node returns the name of the node that prompts so.
func node(prompt string) string { return strings.TrimSuffix(prompt, "% ") }

// follow types what the transcript has next, as long as a program reads the
// console; and ^C, if something runs. It returns have with what that adds.
func (s *session) follow(at *seat, p *part, have []string) []string {
	for len(have) < len(p.output) && at.rest != at.prompt {
		line := p.output[len(have)]
		if !at.waiting() && line != "^C" {
			break
		}
		have = append(have, at.rest+strings.TrimPrefix(line, at.rest))
		at.enter(strings.TrimPrefix(line, at.rest))
		have = append(have, s.settle(at)...)
	}
	return have
}

// sit returns the console with the given prompt, and sits down at one of that
// node if there is none yet.
func (s *session) sit(prompt string) *seat {
	for _, at := range s.seats {
		if at.prompt == prompt {
			return at
		}
	}
	c, err := s.grid.sit(node(prompt))
	if err != nil {
		s.t.Fatalf("%s: no console for %s: %v", s.name, prompt, err)
	}
	at := &seat{console: c, prompt: prompt}
	s.seats = append(s.seats, at)
	s.settle(at)
	return at
}

// settle lets the grid run until the console waits to be typed at, or for as
// long as patience lasts, and returns the lines that were printed. What was
// printed without a newline before the prompt is a line, too.
func (s *session) settle(at *seat) []string {
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		synctest.Wait()
		if at.waiting() || time.Since(begin) > patience {
			break
		}
	}
	lines, rest := at.take()
	if len(lines) > 0 {
		lines[0] = at.rest + lines[0]
		at.rest = ""
	}
	at.rest += rest
	if printed, ok := strings.CutSuffix(at.rest, at.prompt); ok && printed != "" {
		lines, at.rest = append(lines, printed), at.prompt
	}
	return lines
}
