package tty

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
)

// A bench is an Editor on a fake terminal, in a bubble of synctest: when a
// method returns, all that follows from it has happened.
type bench struct {
	*fake
	e     *Editor
	lines chan string
	notes []string
}

func newBench(t *testing.T, width int, opt Options) *bench {
	b := &bench{fake: newFake(width), lines: make(chan string, 100)}
	opt.Width = width
	b.e = NewEditor(b.fake, opt)
	b.e.SetNote(func(n string) { b.notes = append(b.notes, n) })
	t.Cleanup(func() { b.kb.Close() })
	return b
}

func (b *bench) typ(s string) {
	io.WriteString(b.kb, s)
	synctest.Wait()
}

func (b *bench) print(s string) {
	b.e.Write(context.Background(), []byte(s))
}

// read begins to read a line.
func (b *bench) read() {
	go func() {
		p := make([]byte, 1000)
		n, err := b.e.Read(context.Background(), p)
		if err != nil {
			b.lines <- err.Error()
		} else {
			b.lines <- string(p[:n])
		}
	}()
	synctest.Wait()
}

func (b *bench) line(t *testing.T, want string) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-b.lines:
		if got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	default:
		t.Errorf("nothing to read, want %q", want)
	}
}

const (
	left, right, up, down = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
)

func TestEditing(t *testing.T) {
	for _, c := range []struct{ what, keys, row, line string }{
		{"plain", "echo hi", "% echo hi|", "echo hi"},
		{"insert", "eho\x1b[D\x1b[Dc", "% ec|ho", "echo"},
		{"home and end", "b\x01a\x05c", "% abc|", "abc"},
		{"backspace", "abx\x7fc", "% abc|", "abc"},
		{"backspace in the middle", "axb" + left + "\x7f", "% a|b", "ab"},
		{"backspace at the beginning", "ab\x01\x7f", "% |ab", "ab"},
		{"delete", "xab\x01\x04", "% |ab", "ab"},
		{"delete by its key", "xab\x01\x1b[3~", "% |ab", "ab"},
		{"kill a word", "one two\x17", "% one |", "one "},
		{"kill all before", "one two" + left + "\x15", "% |o", "o"},
		{"kill all after, yank twice", "ab" + left + "\x0b\x19\x19", "% abb|", "abb"},
		{"words by Alt", "one two\x1bb\x1bbx", "% x|one two", "xone two"},
		{"words by Ctrl", "one two\x1b[1;5D\x1b[1;5Dx\x1b[1;5Cy", "% xoney| two", "xoney two"},
		{"kill the next word", "one two\x01\x1bd", "% | two", " two"},
		{"wide characters", "日本語" + left + "x", "% 日本x|語", "日本x語"},
		{"erase a wide character", "日本\x7fx", "% 日x|", "日x"},
		{"combining characters go with theirs", "e\u0301x" + left + left + "a", "% a|ex", "ae\u0301x"},
		{"erased words come back together", "a one two\x17\x17x\x19", "% a xone two|", "a xone two"},
		{"in both directions", "one two three\x1bb\x1bb\x0b\x19", "% one two three|", "one two three"},
		{"what is erased at a time", "one two\x17x\x17\x19", "% one x|", "one x"},
		{"a word by Alt and Backspace", "one two\x1b\x7f", "% one |", "one "},
		{"exchange at the end", "ecoh\x14", "% echo|", "echo"},
		{"exchange in the middle", "ehco" + left + left + "\x14", "% ech|o", "echo"},
		{"nothing to exchange", "a\x14\x01\x14", "% |a", "a"},
		{"exchange what combines", "ae\u0301\x14", "% ea|", "e\u0301a"},
		{"undo what was typed", "ab\x17cd\x1f", "% |", ""},
		{"undo step by step", "ab" + left + "c\x7f\x1f", "% ac|b", "acb"},
		{"undo all and more", "one\x01two\x05\x15\x1f\x1f\x1f\x1f\x1f", "% |", ""},
		{"undo an erased word", "one two\x17\x1f", "% one two|", "one two"},
		{"a key without meaning", "a\x1b[99~b", "% ab|", "ab"},
		{"a control character", "a\x02\x06b\x07", "% ab|", "ab"},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, 40, Options{})
				b.print("% ")
				b.read()
				b.typ(c.keys)
				b.want(t, "screen", c.row)
				b.typ("\r")
				b.line(t, c.line+"\n")
				b.want(t, "after Enter", strings.TrimSpace(strings.Replace(c.row, "|", "", 1)), "|")
				if b.screens > 0 {
					t.Errorf("%d copies of the line to scroll back to", b.screens)
				}
			})
		})
	}
}

// Keys that arrive a byte at a time are the same keys.
func TestSplitKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 40, Options{})
		for _, c := range []byte("ü日\x1b[D\x1b[1;5D>\x1b[8;24;50t") {
			b.typ(string([]byte{c}))
		}
		b.want(t, "screen", ">|ü日")
		if b.e.screen.width != 50 {
			t.Errorf("width %d", b.e.screen.width)
		}
	})
}

func TestLongLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10, Options{})
		b.print("% ")
		b.read()
		b.typ("12345678")
		b.want(t, "a full row", "% 12345678", "|")
		b.typ("9abc")
		b.want(t, "two rows", "% 12345678", "9abc|")
		b.typ("\x01" + right)
		b.want(t, "cursor in the first", "% 1|2345678", "9abc")
		b.typ("xyz")
		b.want(t, "insert there", "% 1xyz|2345", "6789abc")
		b.typ("\x05日日")
		b.want(t, "a wide one does not fit", "% 1xyz2345", "6789abc日", "日|")
		b.typ("\x15")
		b.want(t, "all gone", "% |")
		b.typ("日日日日\r")
		b.want(t, "entered when full", "% 日日日日", "|")
		b.line(t, "日日日日\n")
	})
}

func TestOutputWhileEditing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.print("hello\nterm% ")
		b.read()
		b.typ("ls -l" + left)
		b.print("news\n")
		b.want(t, "above", "hello", "news", "term% ls -|l")
		b.print("no end")
		b.want(t, "unfinished", "hello", "news", "no endterm% ls -|l")
		b.print(" yet\n")
		b.want(t, "finished", "hello", "news", "no end yet", "term% ls -|l")
		b.typ("\r")
		b.line(t, "ls -l\n")
		b.print("out\twide\n1\r2")
		b.typ("ahead")
		b.want(t, "typed ahead", "hello", "news", "no end yet", "term% ls -l", "out     wide", "2ahead|")
		b.print("\n")
		b.want(t, "and moved on", "hello", "news", "no end yet", "term% ls -l", "out     wide", "2", "ahead|")
		b.typ("\r")
		b.print("% ")
		b.read()
		b.line(t, "ahead\n")
		b.want(t, "repeated where it belongs", "hello", "news", "no end yet", "term% ls -l", "out     wide", "2", "ahead", "% ahead", "|")
	})
}

// Lines that come at once are shown each where it is read.
func TestLinesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.print("% ")
		b.read()
		b.typ("one\rtwo\r")
		b.line(t, "one\n")
		b.print("1\n% ")
		b.read()
		b.line(t, "two\n")
		b.want(t, "screen", "% one", "two", "1", "% two", "|")
	})
}

// A prompt with nothing typed after it moves out of the way, too.
func TestOutputAtPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		b.print("\x1b[1m% ")
		b.read()
		b.print("0123456789012345678901234\n")
		b.want(t, "long output", "01234567890123456789", "01234", "% |")
		b.print("01234567890123456789")
		b.want(t, "a full row without an end", "01234567890123456789", "01234", "01234567890123456789", "% |")
		b.typ("a")
		b.print("01234567890123456789")
		b.want(t, "and another", "01234567890123456789", "01234", "01234567890123456789", "01234567890123456789", "% a|")
	})
}

func TestNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 40, Options{})
		b.print("% ")
		b.typ("early\r")
		b.typ("half a li\x03")
		if strings.Join(b.notes, " ") != "interrupt" {
			t.Errorf("notes %q", b.notes)
		}
		b.print("% ")
		b.read()
		b.typ("echo\r")
		b.line(t, "echo\n") // not early
		b.kb.Close()
		b.read()
		b.line(t, ninep.ErrHungup.Error())
		if strings.Join(b.notes, " ") != "interrupt hangup" {
			t.Errorf("notes %q", b.notes)
		}
		if _, err := b.e.Write(context.Background(), nil); !errors.Is(err, ninep.ErrHungup) {
			t.Errorf("write: %v", err)
		}
	})
}

func TestEndOfFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 40, Options{})
		b.print("% ")
		b.read()
		b.typ("\x04")
		b.line(t, "")
		b.want(t, "at a prompt", "%", "|")
		b.read()
		b.typ("\x04")
		b.line(t, "")
		b.want(t, "without a prompt", "%", "|")
		b.read()
		b.typ("abc\x04")
		b.line(t, "abc")
		b.want(t, "after text", "%", "abc|")
	})
}

func TestInterruptedRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 40, Options{})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		b.print("% ")
		if _, err := b.e.Read(ctx, nil); !errors.Is(err, ninep.ErrIntr) {
			t.Errorf("%v", err)
		}
		b.typ("x")
		b.print("y")
		b.want(t, "no prompt any more", "% yx|")
	})
}

func TestRaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 40, Options{})
		b.typ("ab")
		b.e.SetRaw(true)
		b.read()
		b.line(t, "ab")
		for _, keys := range []string{"q", "\x03", "\x1b", "\x1b[A"} {
			b.read()
			b.typ(keys)
			<-time.After(sizeTime)
			b.line(t, keys)
		}
		b.print("\r\x1b[Jx\ny")
		b.e.SetRaw(false)
		b.typ("cooked\r")
		b.read()
		b.line(t, "cooked\n")
		if len(b.notes) > 0 {
			t.Errorf("notes %q", b.notes)
		}
	})
}

func TestPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 40, Options{})
		b.typ("abcdef\r")
		p := make([]byte, 4)
		n, _ := b.e.Read(context.Background(), p)
		m, _ := b.e.Read(context.Background(), p[n:])
		if n != 4 || m != 0 {
			t.Errorf("%d and %d bytes", n, m)
		}
		if n, _ = b.e.Read(context.Background(), p); string(p[:n]) != "ef\n" {
			t.Errorf("then %q", p[:n])
		}
	})
}

// In a window of another size the line is on the screen once, and can be edited.
func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{})
		resize := func(width int) {
			b.resize(width)
			b.typ(Size(width, 24))
		}
		b.print("% ls\nlib\n% ")
		b.read()
		resize(10)
		b.typ("12345678abc")
		b.want(t, "narrower", "% ls", "lib", "% 12345678", "abc|")
		resize(6)
		b.want(t, "and narrower", "% ls", "lib", "% 1234", "5678ab", "c|")
		b.typ("\x01x")
		resize(8)
		b.want(t, "wider, at the beginning", "% ls", "lib", "% x|12345", "678abc")
		resize(30)
		b.want(t, "one row", "% ls", "lib", "% x|12345678abc")
		b.typ("\x05日日")
		resize(11)
		b.want(t, "wide characters", "% ls", "lib", "% x12345678", "abc日日|")
		b.typ("\r")
		b.line(t, "x12345678abc日日\n")
		b.print("% ")
		b.read()
		b.typ(paste + "one\ntwo three" + pasted)
		resize(7)
		b.want(t, "several lines", "% ls", "lib", "% x1234", "5678abc", "日日", "% one", "two thr", "ee|")
		resize(20)
		b.want(t, "several lines, wider", "% ls", "lib", "% x12345678abc日日", "% one", "two three|")
	})
}

func TestPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 20, Options{Plain: true})
		b.read()
		b.typ("no echo\n")
		b.line(t, "no echo\n")
		b.print("out\r\n% ")
		b.want(t, "before", "out", "% |")
		b.typ(Size(20, 24) + "echo")
		b.want(t, "after", "out", "% echo|")
	})
}

func TestDumb(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		r, w := io.Pipe()
		d := NewDumb(r, &out)
		ctx, cancel := context.WithCancel(context.Background())
		go io.WriteString(w, "one\ntwo")
		p := make([]byte, 3)
		for _, want := range []string{"one", "\n", "two"} {
			if n, err := d.Read(ctx, p); string(p[:n]) != want || err != nil {
				t.Errorf("read %q, %v; want %q", p[:n], err, want)
			}
		}
		cancel()
		if _, err := d.Read(ctx, p); !errors.Is(err, ninep.ErrIntr) {
			t.Errorf("interrupted: %v", err)
		}
		w.Close()
		for range 2 {
			if n, err := d.Read(context.Background(), p); n != 0 || err != nil {
				t.Errorf("at the end: %d, %v", n, err)
			}
		}
		d.Write(ctx, []byte("out\n"))
		var note string
		d.SetNote(func(n string) { note = n })
		d.Note("hangup")
		if out.String() != "out\n" || note != "hangup" {
			t.Errorf("printed %q, note %q", out.String(), note)
		}
	})
}

// The size that a terminal tells is told on, in raw mode as well, and is no key
// there.
func TestSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 80, Options{})
		size := func(rows, cols int) <-chan struct{} {
			t.Helper()
			r, c, changed := b.e.Size()
			if r != rows || c != cols {
				t.Errorf("%d %d, want %d %d", r, c, rows, cols)
			}
			return changed
		}
		changed := size(0, 0)
		b.typ(Size(100, 30))
		<-changed
		changed = size(30, 100)
		b.e.SetRaw(true)
		b.read()
		b.typ(Size(120, 40))
		<-changed
		size(40, 120)
		b.typ("x")
		b.line(t, "x")
	})
}

// What was typed when a Read was interrupted is for the next.
func TestInterruptedReadTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 80, Options{})
		b.typ("kept\r")
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		p := make([]byte, 100)
		if n, err := b.e.Read(ctx, p); n != 0 || !errors.Is(err, ninep.ErrIntr) {
			t.Errorf("interrupted: %q, %v", p[:n], err)
		}
		if n, err := b.e.Read(context.Background(), p); string(p[:n]) != "kept\n" || err != nil {
			t.Errorf("after that: %q, %v", p[:n], err)
		}
	})
}
