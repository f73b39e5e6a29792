package ninep

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// listen opens a stream's file and returns what reads from it.
func listen(t *testing.T, e *Events) func(ctx context.Context, size int) (string, error) {
	t.Helper()
	srv := NewTree("glenda", &Node{Children: []*Node{e.File("events")}})
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := OpenFile(t.Context(), root, "events", OREAD)
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, size int) (string, error) {
		p := make([]byte, size)
		n, err := f.Read(ctx, p, 0)
		return string(p[:n]), err
	}
}

func TestEvents(t *testing.T) {
	for _, tt := range []struct {
		name string
		e    *Events
		size int // of the reads
		want string
	}{
		{"one record to a read", &Events{}, 100, "three|four|five"},
		{"in pieces", &Events{}, 3, "thr|ee|fou|r|fiv|e"},
		{"what was before", &Events{Past: true}, 100, "one|two|three|four|five"},
		{"the oldest are lost", &Events{Past: true, Keep: 12}, 100, "four|five"},
		{"and one is told", &Events{Keep: 5, Lost: "lost %d"}, 100, "lost 2|five"},
		{"a long one is kept", &Events{Keep: 2}, 100, "five"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.e.Send("one")
			tt.e.Send("two")
			read := listen(t, tt.e)
			tt.e.Send("three")
			tt.e.Send("")
			tt.e.Send("four")
			tt.e.Send("five")
			tt.e.Close()
			tt.e.Send("six")
			var got []string
			for {
				s, err := read(t.Context(), tt.size)
				if err != nil {
					t.Fatal(err)
				}
				if s == "" {
					break
				}
				got = append(got, s)
			}
			if got := strings.Join(got, "|"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if s, err := read(t.Context(), tt.size); s != "" || err != nil {
				t.Errorf("after the end: %q, %v", s, err)
			}
		})
	}
}

// TestEventsWait: a read waits, each reader gets each record, and one who is
// interrupted loses none.
func TestEventsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := new(Events)
		one, two := listen(t, e), listen(t, e)
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan string, 2)
		go func() { // ends with cancel
			s, err := one(ctx, 100)
			got <- fmt.Sprint(s, err)
		}()
		go func() { // ends with Send
			s, err := two(t.Context(), 100)
			got <- fmt.Sprint(s, err)
		}()
		synctest.Wait()
		cancel()
		if s := <-got; s != string(ErrIntr) {
			t.Errorf("interrupted: %s", s)
		}
		e.Send("news")
		if s := <-got; s != "news<nil>" {
			t.Errorf("who waited got %s", s)
		}
		if s, err := one(t.Context(), 100); s != "news" || err != nil {
			t.Errorf("who was interrupted got %q, %v", s, err)
		}
	})
}
