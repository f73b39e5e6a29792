package ninep_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	. "ufo/ninep"
)

func TestErrorOf(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want Error
	}{
		{"an Error", ErrPerm, ErrPerm},
		{"one with a name around it", fmt.Errorf("'x' %w", ErrNotExist), ErrNotExist},
		{"cancelled", fmt.Errorf("read: %w", context.Canceled), ErrIntr},
		{"out of time", context.DeadlineExceeded, ErrIntr},
		{"not there", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist}, ErrNotExist},
		{"there", fs.ErrExist, ErrExist},
		{"not permitted", fs.ErrPermission, ErrPerm},
		{"another", errors.New("disk on fire"), "disk on fire"},
		{"NUL", errors.New("a\x00b"), "a b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ErrorOf(tt.err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestErrorIs(t *testing.T) {
	targets := []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrInvalid, fs.ErrClosed}
	for i, err := range []Error{ErrNotExist, ErrExist, ErrPerm, ErrBadArg, ErrBadFD} {
		for j, target := range targets {
			if errors.Is(err, target) != (i == j) {
				t.Errorf("%v is %v: %v", err, target, i != j)
			}
		}
		if !errors.Is(fmt.Errorf("'x' %w", err), Error(string(err))) {
			t.Errorf("%v is not the same error any more", err)
		}
	}
}
