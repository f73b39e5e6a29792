package ninep

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

func TestCtl(t *testing.T) {
	var got []string
	note := func(_ context.Context, args []string) error {
		got = args
		return nil
	}
	ctl := Ctl{
		{Name: "reset", Do: note},
		{Name: "add", Args: "n", Do: note},
		{Name: "connect", Args: "addr [port]", Do: note},
		{Name: "exec", Args: "path [arg ...]", Do: note},
		{Name: "words", Args: "...", Do: note},
		{Name: "number", Args: "n", Do: func(context.Context, []string) error { return fmt.Errorf("x: %w", ErrCmdArgs) }},
		{Name: "kill", Do: func(context.Context, []string) error { return ErrPerm }},
	}
	for _, tt := range []struct {
		name, msg string
		want      []string
		err       error
	}{
		{"a verb alone", "reset", nil, nil},
		{"one too many", "reset it", nil, Error("usage: reset")},
		{"a newline", "add 2\n", []string{"2"}, nil},
		{"quotes", "add 'two words'", []string{"two words"}, nil},
		{"one too few", "add", nil, Error("usage: add n")},
		{"without what is optional", "connect a", []string{"a"}, nil},
		{"with what is optional", "connect a 1", []string{"a", "1"}, nil},
		{"more than is optional", "connect a 1 2", nil, Error("usage: connect addr [port]")},
		{"without what is first", "exec", nil, Error("usage: exec path [arg ...]")},
		{"any number, none", "exec p", []string{"p"}, nil},
		{"any number", "exec p a b c d", []string{"p", "a", "b", "c", "d"}, nil},
		{"nothing but dots", "words a b", []string{"a", "b"}, nil},
		{"makes no sense", "number x", nil, Error("usage: number n")},
		{"refused", "kill", nil, ErrPerm},
		{"unknown", "frob 1", nil, ErrCtlUnknown},
		{"the beginning of a verb", "ad 1", nil, ErrCtlUnknown},
		{"nothing", " \n", nil, ErrCtlShort},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got = nil
			err := ctl.Do(t.Context(), []byte(tt.msg))
			if err != tt.err || !slices.Equal(got, tt.want) {
				t.Errorf("%q: got %q, %v; want %q, %v", tt.msg, got, err, tt.want, tt.err)
			}
		})
	}
}
