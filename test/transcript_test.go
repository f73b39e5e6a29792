package test

import (
	"regexp"
	"strings"
	"testing"
)

// A transcript is what a session looks like: prompts, what is typed at them,
// what is printed. The form is that of the files in testdata.
//
//	# A line that begins with # and a blank is prose, for the reader.
//	term% echo hello
//	hello
//	host$ ufo cut term n1
//	term% cat /n/n1/dev/time
//	^C
//	term% date
//	... .. .. [...]
//
// A prompt is the name of a node and "% ", for a console of that node, or
// "host$ ", for a command on the host. What stands between two prompts is
// what is printed and, as on a terminal, what is typed: a program that reads
// the console gets the next line; ^C interrupts what still runs; ^D ends the
// input. Empty lines before a prompt or prose do not count.
//
// In what is printed, [...] stands for any characters, a number of
// milliseconds, as 9 ms, for any such number, and a line that is only ... for
// any number of lines.
//
// After the transcript files may follow, as in txtar: a line "-- name --", then
// the contents. The one called grid.ndb is the grid to play on; with one called
// nokeys its machines have no keys; in users are people and their passwords. One called
// amd64/bin/x names a Go package, which is built for Plan 9 and is there.
type transcript struct {
	parts []part
	files []file
}

// A part is prose, or a line typed at a prompt with what follows it.
type part struct {
	prose  []string // lines, without their newlines; nil for a step
	line   int      // of the prompt in the file
	prompt string   // "term% "
	input  string
	output []string // and what was typed meanwhile
	space  int      // empty lines after it
}

// A file is one of those that follow a transcript.
type file struct{ name, data string }

var (
	promptLine = regexp.MustCompile(`^([a-z][a-z0-9]*(?:%|\$) )(.*)$`)
	millis     = regexp.MustCompile(`\b\d+ ms\b`)
	fileLine   = regexp.MustCompile(`^-- (\S+) --$`)
)

// parseTranscript reads the text of a session.
func parseTranscript(text string) *transcript {
	tr := new(transcript)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		if m := fileLine.FindStringSubmatch(line); m != nil {
			tr.files = parseFiles(lines[i:])
			break
		}
		last := len(tr.parts) - 1
		switch m := promptLine.FindStringSubmatch(line); {
		case m != nil:
			tr.parts = append(tr.parts, part{line: i + 1, prompt: m[1], input: m[2]})
		case line == "#" || strings.HasPrefix(line, "# "):
			if last < 0 || tr.parts[last].prose == nil || tr.parts[last].space > 0 {
				tr.parts = append(tr.parts, part{})
				last++
			}
			tr.parts[last].prose = append(tr.parts[last].prose, line)
		case line == "" && last >= 0:
			tr.parts[last].space++
		case last >= 0:
			p := &tr.parts[last]
			p.output = append(append(p.output, make([]string, p.space)...), line)
			p.space = 0
		}
	}
	return tr
}

// parseFiles reads the files that follow a transcript.
func parseFiles(lines []string) []file {
	var files []file
	for _, line := range lines {
		if m := fileLine.FindStringSubmatch(line); m != nil {
			files = append(files, file{name: m[1]})
			continue
		}
		files[len(files)-1].data += line + "\n"
	}
	return files
}

// String returns the text that parseTranscript reads.
func (tr *transcript) String() string {
	var b strings.Builder
	for _, p := range tr.parts {
		for _, line := range p.prose {
			b.WriteString(line + "\n")
		}
		if p.prose == nil {
			b.WriteString(p.prompt + p.input + "\n")
		}
		for _, line := range p.output {
			b.WriteString(line + "\n")
		}
		b.WriteString(strings.Repeat("\n", p.space))
	}
	for _, f := range tr.files {
		b.WriteString("-- " + f.name + " --\n" + f.data)
	}
	return b.String()
}

// matches reports whether what happened is what is wanted.
func matches(want, have []string) bool {
	if len(want) == 0 {
		return len(have) == 0
	}
	if want[0] == "..." {
		for n := range len(have) + 1 {
			if matches(want[1:], have[n:]) {
				return true
			}
		}
		return false
	}
	return len(have) > 0 && matchLine(want[0], have[0]) && matches(want[1:], have[1:])
}

// matchLine compares one line with a pattern.
func matchLine(pattern, line string) bool {
	words := strings.Split(pattern, "[...]")
	for i := range words {
		words[i] = millis.ReplaceAllString(regexp.QuoteMeta(words[i]), `\d+ ms`)
	}
	return regexp.MustCompile(`^` + strings.Join(words, `.*`) + `$`).MatchString(line)
}

func TestTranscriptForm(t *testing.T) {
	text := "# prose\n# more\n\nterm% echo a\na\n\nb\n\n# between\nhost$ ufo ps\n...\n-- grid.ndb --\nsys=a\n-- lib/x --\n"
	tr := parseTranscript(text)
	if got := tr.String(); got != text {
		t.Errorf("read and written:\n%s\nwant\n%s", got, text)
	}
	if len(tr.parts) != 4 || len(tr.files) != 2 || len(tr.parts[1].output) != 3 || tr.parts[3].prompt != "host$ " {
		t.Errorf("%+v", tr)
	}
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		name, want, have string
		ok               bool
	}{
		{"same", "a|b", "a|b", true},
		{"other", "a", "b", false},
		{"more than wanted", "a", "a|b", false},
		{"less than wanted", "a|b", "a", false},
		{"any lines, none", "a|...|b", "a|b", true},
		{"any lines, some", "a|...|b", "a|x|y|b", true},
		{"any lines, end missing", "a|...|b", "a|x|y", false},
		{"part of a line", "pid=[...],x", "pid=42,x", true},
		{"milliseconds", "up 9 ms", "up 12 ms", true},
		{"part of a line, other", "pid=[...],x", "pid=42,y", false},
		{"meta characters", "a.c", "abc", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := matches(strings.Split(tt.want, "|"), strings.Split(tt.have, "|")); got != tt.ok {
				t.Errorf("%q against %q: %v", tt.have, tt.want, got)
			}
		})
	}
}
