package tty

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
)

// ^S stops output until a key is typed. That is one like others, unless it is ^Q.
func TestStoppedOutput(t *testing.T) {
	for _, c := range []struct {
		what string
		keys string // that follow ^S
		rows []string
	}{
		{"^Q", "\x11", []string{"% sleep", "one", "two", "|"}},
		{"any other", "x", []string{"% sleep", "one", "two", "x|"}},
		{"not a size", Size(20, 24), []string{"% sleep", "one", "|"}},
		{"nor what says who has the console", "\x14", []string{"% sleep", "one", "sleep 9", "|"}},
		{"^C", "\x03", []string{"% sleep", "one", "two", "|"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, 20, Options{Status: func() string { return "sleep 9" }})
				b.print("% ")
				b.read()
				b.typ("sleep\r")
				b.line(t, "sleep\n")
				b.print("one\n")
				b.typ("\x13")
				go b.print("two\n")
				synctest.Wait()
				b.want(t, "stopped", "% sleep", "one", "|")
				b.typ(c.keys)
				b.want(t, "after the keys", c.rows...)
			})
		})
	}
}

// Stopped output ends with its process, and raw keys let it go on.
func TestStoppedOutputEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.typ("\x13")
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := b.e.Write(ctx, []byte("lost\n"))
			b.lines <- err.Error()
		}()
		synctest.Wait()
		cancel()
		b.line(t, ninep.ErrIntr.Error())
		go b.print("kept\n")
		b.e.SetRaw(true)
		b.typ("q")
		b.want(t, "screen", "kept", "|")
		b.e.SetRaw(false)
		b.typ("\x12\x13")
		b.print("too\n")
		b.want(t, "in a search ^S is another key", "kept", "too", "search : |")
	})
}

// What is not edited arrives as it was sent, except that the terminal's size is
// never taken for keys, in however many pieces it comes.
func TestAsItComes(t *testing.T) {
	const wide = "\x1b[8;24;132t"
	for _, c := range []struct {
		what string
		raw  bool
		in   []string // pieces
		want string
		cols int
	}{
		{"keys", true, []string{"a\x03\x04\t\x15\r日\x7f"}, "a\x03\x04\t\x15\r日\x7f", 80},
		{"a character in two pieces", true, []string{"\xe6", "\x97\xa5"}, "日", 80},
		{"bytes that are no text", true, []string{"\xff\xfe\x00"}, "\xff\xfe\x00", 80},
		{"a size among keys", true, []string{"a" + wide + "b"}, "ab", 132},
		{"a size in two pieces", true, []string{"a\x1b[8;2", "4;132tb"}, "ab", 132},
		{"a size in single bytes", true, strings.Split(wide, ""), "", 132},
		{"the beginning of a size", true, []string{"\x1b[8;2"}, "\x1b[8;2", 80},
		{"a size of who can paste", true, []string{"a" + Hello("xterm", 132, 24) + "b"}, "ab", 132},
		{"that in single bytes", true, strings.Split(Hello("xterm", 132, 24), ""), "", 132},
		{"a paste", true, []string{"\x1b[200~a\x1b[201~"}, "\x1b[200~a\x1b[201~", 80},
		{"almost a size", true, []string{"\x1b[8;24t\x1b[8;a;bt"}, "\x1b[8;24t\x1b[8;a;bt", 80},
		{"a long number", true, []string{"\x1b[8;1234567890123456789;2"}, "\x1b[8;1234567890123456789;2", 80},
		{"Alt and a bracket", true, []string{"\x1b["}, "\x1b[", 80},
		{"a script", false, []string{"a\tb\x15c\x1b[A\x7f\xff\r\nd\n"}, "a\tb\x15c\x1b[A\x7f\xff\r\nd\n", 80},
		{"a script in pieces", false, []string{"ec", "ho \x1b[", "8;1m\n"}, "echo \x1b[8;1m\n", 80},
		{"a script without a last newline", false, []string{"one\ntwo", "\x04"}, "one\ntwo", 80},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, 80, Options{Plain: !c.raw, Complete: func(context.Context, string, int) Completion {
					return Completion{0, "completed", []string{"completed"}}
				}})
				b.e.SetRaw(c.raw)
				for _, piece := range c.in {
					b.typ(piece)
				}
				<-time.After(sizeTime)
				b.kb.Close()
				synctest.Wait()
				var got strings.Builder
				for p := make([]byte, 100); ; {
					n, err := b.e.Read(t.Context(), p)
					if err != nil {
						break
					}
					got.Write(p[:n])
				}
				if got.String() != c.want || b.e.screen.width != c.cols {
					t.Errorf("%q and a width of %d, want %q and %d", got.String(), b.e.screen.width, c.want, c.cols)
				}
			})
		})
	}
}

// A console can be used from a terminal, from none, and from one again.
func TestPlainAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{Plain: true})
		b.typ(Size(20, 24))
		b.print("% ")
		b.read()
		b.typ("begun" + left)
		b.typ(Size(0, 0) + " and \x15 ended\n")
		b.line(t, "begun and \x15 ended\n")
		b.read()
		b.typ("half" + Size(20, 24))
		b.typ(" edited\x7f\r")
		b.line(t, "half edite\n")
	})
}

// A tab is one where nothing can be completed, as in lines that are pasted.
func TestTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 40, Options{Complete: func(_ context.Context, line string, pos int) Completion {
			return Completion{0, line[:pos] + "done ", []string{"done"}}
		}})
		b.typ("for(i in 1 2)\r\t\techo $i\recho\t\r")
		for _, want := range []string{"for(i in 1 2)\n", "\t\techo $i\n", "echodone \n"} {
			b.read()
			b.line(t, want)
		}
	})
}

// Who comes back to the terminal finds prompt and line there.
func TestRedraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{Plain: true})
		b.print("% ")
		b.read()
		b.typ(Size(20, 24) + "one" + left)
		b.Write([]byte("\r\n[1] stopped\r\n$ fg\r\n"))
		b.typ(Size(0, 0) + Size(20, 24))
		b.want(t, "continued", "% one", "[1] stopped", "$ fg", "% one|")
		b.Write([]byte("\r\n$ fg\r\n"))
		b.e.Redraw()
		b.want(t, "again", "% one", "[1] stopped", "$ fg", "% one", "$ fg", "% one|")
		b.e.SetRaw(true)
		b.e.Redraw()
		b.typ(Size(0, 0) + Size(20, 24))
		b.want(t, "raw", "% one", "[1] stopped", "$ fg", "% one", "$ fg", "% one|")
	})
}

// No width that a terminal can have makes an editor fail, and the line is on
// the screen whole.
func TestWidths(t *testing.T) {
	for width := 1; width <= 500; width++ {
		synctest.Test(t, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Log("width", width)
				}
			}()
			b := newBench(t, width, Options{})
			b.print("% ")
			b.read()
			b.typ("abc" + left + "def" + Size(width, 24) + "\x01x\x05y")
			if got := strings.NewReplacer("\n", "", "|", "", " ", "").Replace(b.show()); got != "%xabdefcy" {
				t.Errorf("screen %q", got)
			}
			b.typ("\x15日本e\u0301" + left + left + "\t\x7f\r")
			b.line(t, "日本e\u0301\n")
			b.kb.Close()
		})
	}
}
