package tty

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
)

func TestCompletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := make(chan bool, 1)
		b := newBench(t, 40, Options{Complete: func(ctx context.Context, line string, pos int) Completion {
			start := strings.LastIndex(line[:pos], " ") + 1
			c := Completion{Start: start, Text: line[start:pos]}
			switch c.Text {
			case "slow":
				<-ctx.Done()
				slow <- true
			case "l":
				c.Text, c.Names = "lib/", []string{"lib/"}
			case "lib/g":
				c.Text, c.Names = "'lib/glass x' ", []string{"glass x"}
			case "lib/n":
				c.Names = []string{"ndb/", "namespace"}
			}
			return c
		}})
		b.print("% ")
		b.read()
		b.typ("cat l\tg\t|wc" + strings.Repeat(left, 3))
		b.want(t, "completed", "% cat 'lib/glass x' ||wc")
		b.typ("\x1f")
		b.want(t, "undone", "% cat 'lib/glass x' |")
		b.typ("\x05|wc lib/n" + left + "x" + right + "\x1b[D\x7f" + right + "\t")
		b.want(t, "what there is", "% cat 'lib/glass x' |wc lib/n", "ndb/       namespace", "% cat 'lib/glass x' |wc lib/n|")
		b.typ("x\t")
		b.want(t, "nothing", "% cat 'lib/glass x' |wc lib/n", "ndb/       namespace", "% cat 'lib/glass x' |wc lib/nx|")
		b.typ(" slow\tgo")
		b.typ("\x03")
		if !<-slow || len(b.notes) != 1 {
			t.Errorf("not interrupted: notes %q", b.notes)
		}
		b.typ("next\r")
		b.line(t, "next\n")
	})
}

// Many names are shown only to who wants to see them.
func TestManyNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 8 {
			names = append(names, strings.Repeat("x", i+8))
		}
		b := newBench(t, 20, Options{Height: 8, Complete: func(_ context.Context, line string, pos int) Completion {
			return Completion{Text: line[:pos], Names: names}
		}})
		b.print("% ")
		b.read()
		b.typ("ls x\t")
		b.want(t, "too many rows", "show 8 names? y/n: l", "s x|")
		b.typ("n")
		b.want(t, "no", "% ls x|")
		b.typ("\tz")
		b.want(t, "a key goes on", "% ls xz|")
		b.typ("\x7f\t\t")
		b.want(t, "yes", append(append([]string{"% ls x"}, names...), "% ls x|")...)
		names = make([]string, 101)
		for i := range names {
			names[i] = "y"
		}
		b.typ("\x0c\t")
		b.want(t, "hundreds", "show 101 names? y/n:", " ls x|")
		b.typ("\x03")
		b.read()
		b.print("% ")
		b.typ("y\r")
		b.line(t, "y\n")
	})
}

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		what  string
		names []string
		width int
		want  string
	}{
		{"columns", []string{"a", "bb", "c"}, 7, "a   c\nbb\n"},
		{"one column", []string{"aaaa", "bb"}, 7, "aaaa\nbb\n"},
		{"too wide", []string{"aaaaaaaaaa", "b"}, 7, "aaaaaa\nb\n"},
		{"wide characters", []string{"日本", "b"}, 12, "日本  b\n"},
		{"control characters", []string{"a\x1b[2J"}, 20, "a?[2J\n"},
		{"no width", []string{"ab"}, 1, "a\n"},
	} {
		if got := strings.ReplaceAll(columns(c.names, c.width), "\r", ""); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
