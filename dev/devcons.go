package dev

import "context"

// A Terminal is what stands behind a console: it prints, and it reads lines
// or keys. Editing a cooked line is the terminal's business.
type Terminal interface {
	// Read reads what was typed. Cooked, it returns a line with its
	// newline, or what there is of it when ^D was typed after it; 0 is ^D
	// on an empty line, or the end of the terminal. Raw, it returns the
	// keys as they come. A line longer than p is returned in pieces.
	// It returns ErrIntr when ctx is done, and ErrHungup when the
	// terminal has gone.
	Read(ctx context.Context, p []byte) (int, error)

	// Write prints p.
	Write(ctx context.Context, p []byte) (int, error)

	// SetRaw turns line editing off or on.
	SetRaw(on bool)

	// SetNote says whom to tell of keys that mean a note: f is called with
	// "interrupt" for ^C, with "hangup" when the terminal goes away. f does
	// not block.
	SetNote(f func(note string))
}
