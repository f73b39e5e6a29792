package tty

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
)

const paste, pasted = "\x1b[200~", "\x1b[201~"

func TestPaste(t *testing.T) {
	for _, c := range []struct {
		what, keys string
		rows       []string // before Enter
		lines      []string // after it
	}{
		{"a word", "ls " + paste + "/lib" + pasted + "/x", []string{"% ls /lib/x|"}, []string{"ls /lib/x"}},
		{"a line waits for Enter", paste + "date\n" + pasted, []string{"% date", "|"}, []string{"date"}},
		{"lines", paste + "a\r\nb\rc" + pasted, []string{"% a", "b", "c|"}, []string{"a", "b", "c"}},
		{"an empty line", paste + "a\n\nb" + pasted, []string{"% a", "", "b|"}, []string{"a", "", "b"}},
		{"tabs are text", "x" + paste + "a\tb\t" + pasted, []string{"% xa    b       |"}, []string{"xa\tb\t"}},
		{"indented", paste + "if(a)\n\tb" + pasted, []string{"% if(a)", "        b|"}, []string{"if(a)", "\tb"}},
		{"so are keys", paste + "a\x17\x15\x1b[D" + pasted, []string{"% a^W^U^[[D|"}, []string{"a\x17\x15\x1b[D"}},
		{"edited in the first line", paste + "ab\ncd" + pasted + "\x01" + right + "x", []string{"% ax|b", "cd"}, []string{"axb", "cd"}},
		{"a newline erased", paste + "ab\ncd" + pasted + left + left + "\x7f", []string{"% ab|cd"}, []string{"abcd"}},
		{"undone", "x" + paste + "ab\ncd" + pasted + "\x1f", []string{"% x|"}, []string{"x"}},
		{"a full row before a newline", paste + "123456789012345678\nb" + pasted, []string{"% 123456789012345678", "b|"},
			[]string{"123456789012345678", "b"}},
		{"nothing", paste + pasted + "x", []string{"% x|"}, []string{"x"}},
		{"an end alone", "x" + pasted + "y", []string{"% xy|"}, []string{"xy"}},
		{"wide", paste + "日本\ne\u0301" + pasted, []string{"% 日本", "e|"}, []string{"日本", "e\u0301"}},
	} {
		for _, pieces := range []int{1000, 1} {
			t.Run(c.what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, 20, Options{Pastes: true})
					b.print("% ")
					b.read()
					for keys := c.keys; keys != ""; {
						n := min(pieces, len(keys))
						b.typ(keys[:n])
						keys = keys[n:]
					}
					b.want(t, "screen", c.rows...)
					b.typ("\r")
					for i, line := range c.lines {
						if i > 0 {
							b.read()
						}
						b.line(t, line+"\n")
					}
				})
			})
		}
	}
}

// Lines that were pasted are shown where they are read: after prompts, and
// among what the program prints.
func TestPastedLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.print("% ")
		b.read()
		b.typ(paste + "one\ntwo\nthree" + pasted + "\r")
		b.line(t, "one\n")
		b.print("1\n% ")
		b.read()
		b.line(t, "two\n")
		b.print("2\n")
		b.read()
		b.line(t, "three\n")
		b.want(t, "as if typed one by one", "% one", "1", "% two", "2", "three", "|")
		b.print("% ")
		b.read()
		b.typ(paste + "a\nb" + pasted + "\x04")
		b.line(t, "a\n")
		b.read()
		b.line(t, "b")
	})
}

// ^C ends a paste of which the end does not come, and drops what was pasted
// and not yet read.
func TestPasteInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.print("% ")
		b.read()
		b.typ(paste + "rm all\n")
		b.typ("typed")
		b.typ("\x03ok\r")
		b.line(t, "ok\n")
		b.typ(paste + "one\ntwo" + pasted + "\r\x03")
		b.print("% ")
		b.read()
		b.typ("three\r")
		b.line(t, "three\n")
		if len(b.notes) != 2 {
			t.Errorf("notes %q", b.notes)
		}
	})
}

// The terminal is asked to say what is pasted if it can, while lines are edited.
func TestPasteMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.e.SetRaw(true)
		b.e.SetRaw(false)
		want := func(what, modes string) {
			t.Helper()
			synctest.Wait()
			if got := strings.Join(b.modes, " "); got != modes {
				t.Errorf("%s: %q, want %q", what, got, modes)
			}
			b.modes = nil
		}
		want("cannot", "")
		b.typ(Hello("linux", 20, 24))
		want("still cannot", "")
		b.typ(Hello("xterm-256color", 20, 24))
		want("can", "?2004h")
		b.e.SetRaw(true)
		want("raw", "?2004l")
		b.typ(Hello("xterm", 20, 24))
		want("raw, and another terminal", "")
		b.e.SetRaw(false)
		want("cooked", "?2004h")
		b.e.Redraw()
		want("used by others meanwhile", "?2004h")
		b = newBench(t, 20, Options{Pastes: true})
		want("from the beginning", "?2004h")
		b = newBench(t, 20, Options{Plain: true, Pastes: true})
		want("no terminal", "")
	})
}

func TestPastes(t *testing.T) {
	for kind, want := range map[string]bool{
		"xterm": true, "xterm-256color": true, "tmux-256color": true, "st-256color": true,
		"": false, "dumb": false, "vt100": false, "linux": false, "st": false, "sun": false,
	} {
		if Pastes(kind) != want {
			t.Errorf("%s: %v", kind, !want)
		}
	}
}

// ^T says what runs, where no line is edited.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{Status: func() string { return "sleep" }})
		b.print("% ")
		b.read()
		b.typ("\x14")
		b.want(t, "at the prompt", "sleep", "% |")
		b.typ("a\r")
		b.line(t, "a\n")
		b.typ("\x14")
		b.want(t, "while a program runs", "sleep", "% a", "sleep", "|")
		b.typ("ab\x14")
		b.want(t, "and something is typed", "sleep", "% a", "sleep", "sleep", "ab|")
		b.typ("\x15")
		b.print("half")
		b.typ("\x14")
		b.want(t, "in a line of output", "sleep", "% a", "sleep", "sleep", "half", "sleep", "|")
		b.e.SetRaw(true)
		b.read()
		b.typ("\x14")
		b.line(t, "\x14")
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.print("% ")
		b.typ("\x14x")
		b.want(t, "nobody knows", "% x|")
	})
}

// Whatever is typed, what was drawn bit by bit looks like what is drawn anew.
func TestRandomKeys(t *testing.T) {
	keys := []string{
		"a", "b", " ", "日", "e\u0301", "\t", left, right, up, down, "\x01", "\x05", "\x7f", "\x1b[3~", "\x17", "\x15", "\x0b", "\x19", "\x14",
		"\x1f", "\x1bb", "\x1bf", "\x1bd", "\x12", "\x13", "\x07", "n", "y", "/", paste + "x\ty\nz" + pasted, paste + "\n" + pasted, paste + "12345678" + pasted,
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			width := 3 + rnd.IntN(20)
			h := NewHistory("")
			for _, l := range []string{"one", "another line", "a\tb", "日本語日本語"} {
				h.Add(l)
			}
			b := newBench(t, width, Options{History: h, Height: 5, Complete: func(_ context.Context, line string, pos int) Completion {
				start := strings.LastIndexAny(line[:pos], " \n") + 1
				return Completion{start, line[start:pos] + "ab", []string{"x"}}
			}})
			b.print("% ")
			b.read()
			var typed strings.Builder
			for range rnd.IntN(40) {
				k := keys[rnd.IntN(len(keys))]
				typed.WriteString(k)
				b.typ(k)
			}
			before := b.show()
			b.e.mu.Lock()
			b.e.screen.out.WriteString("\x1b[H\x1b[2J")
			b.e.screen.row = 0
			b.e.screen.redraw()
			b.e.flush()
			b.e.mu.Unlock()
			if after := b.show(); after != before {
				t.Errorf("width %d, keys %q:\n%s\ndrawn anew:\n%s", width, typed.String(), before, after)
			}
			b.typ("\x07\x07\x03")
			b.kb.Close()
		})
		if t.Failed() {
			return
		}
	}
}
