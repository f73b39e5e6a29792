package tty

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A key is a character that was typed, or one of the names below.
type key rune

// Keys that are not characters. Control characters stand for themselves.
const (
	keyUp key = utf8.MaxRune + 1 + iota
	keyDown
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyDelete
	keyWordLeft
	keyWordRight
	keyKillWord
	keyPaste   // what follows is pasted
	keySize    // the terminal says how large it is
	keyPastes  // keySize, and that it can say what is pasted
	keyUnknown // a sequence without a meaning
)

func ctrl(c rune) key { return key(c & 0x1f) }

// sequences are what a terminal sends for a key after ESC [ or ESC O, and what
// it sends after ESC alone for a letter typed with Alt.
var sequences = map[string]key{
	"[A": keyUp, "[B": keyDown, "[C": keyRight, "[D": keyLeft, "[H": keyHome, "[F": keyEnd,
	"OA": keyUp, "OB": keyDown, "OC": keyRight, "OD": keyLeft, "OH": keyHome, "OF": keyEnd,
	"[1~": keyHome, "[7~": keyHome, "[4~": keyEnd, "[8~": keyEnd, "[3~": keyDelete,
	"[1;5C": keyWordRight, "[1;5D": keyWordLeft, "[1;3C": keyWordRight, "[1;3D": keyWordLeft,
	"b": keyWordLeft, "f": keyWordRight, "d": keyKillWord, "\x7f": ctrl('w'), "\b": ctrl('w'),
	"[200~": keyPaste,
}

// next takes one key off the front of b. It returns n = 0 when b is not yet a
// whole one. For keySize and keyPastes it returns the size, too.
func next(b []byte) (k key, n, width, height int) {
	if len(b) == 0 {
		return 0, 0, 0, 0
	}
	if b[0] == 0x1b {
		return escape(b)
	}
	if !utf8.FullRune(b) {
		return 0, 0, 0, 0
	}
	r, n := utf8.DecodeRune(b)
	return key(r), n, 0, 0
}

// escape is next for what begins with ESC.
func escape(b []byte) (k key, n, width, height int) {
	if len(b) == 1 {
		return 0, 0, 0, 0
	}
	n = 2
	if b[1] == '[' || b[1] == 'O' {
		for {
			if n == len(b) {
				return 0, 0, 0, 0
			}
			c := b[n]
			n++
			if c >= '@' && c <= '~' {
				break
			}
			if c < ' ' || c > '~' {
				return keyUnknown, n - 1, 0, 0
			}
		}
	}
	seq := string(b[1:n])
	if h, w, pastes, ok := sizeOf(seq); ok && pastes {
		return keyPastes, n, w, h
	} else if ok {
		return keySize, n, w, h
	}
	if k, ok := sequences[seq]; ok {
		return k, n, 0, 0
	}
	return keyUnknown, n, 0, 0
}

// Size returns what the bytes coming from a terminal contain to say how large
// it is: xterm's answer to the question for it. A Size of 0 by 0 says that
// there is no terminal.
func Size(width, height int) string {
	return "\x1b[8;" + strconv.Itoa(height) + ";" + strconv.Itoa(width) + "t"
}

// Hello returns what a terminal of the given kind, as $TERM has it, says first:
// a Size, in which one more number says that it can tell what is pasted from
// what is typed.
func Hello(kind string, width, height int) string {
	size := Size(width, height)
	if Pastes(kind) {
		return strings.TrimSuffix(size, "t") + ";" + pasteMode + "t"
	}
	return size
}

// pasteMode is the mode of a terminal in which it encloses what is pasted:
// xterm's "bracketed paste".
const pasteMode = "2004"

// setPasteMode returns what turns that mode on or off.
func setPasteMode(on bool) string {
	if on {
		return "\x1b[?" + pasteMode + "h"
	}
	return "\x1b[?" + pasteMode + "l"
}

// Pastes reports whether terminals of a kind, as $TERM has it, have that mode.
func Pastes(kind string) bool {
	return slices.ContainsFunc(pasting, func(p string) bool { return strings.HasPrefix(kind, p) })
}

// pasting are the kinds that do, up to a variant.
var pasting = []string{
	"xterm", "tmux", "screen", "rxvt", "alacritty", "foot", "st-", "kitty", "ghostty", "wezterm",
	"vte", "gnome", "konsole", "iterm", "contour", "mintty", "putty",
}

// sizeOf takes a Size or a Hello apart again, without the ESC.
func sizeOf(seq string) (height, width int, pastes, ok bool) {
	f := strings.Split(strings.TrimSuffix(seq, "t"), ";")
	if len(f) == 4 && f[3] == pasteMode {
		f, pastes = f[:3], true
	}
	if len(f) != 3 || f[0] != "[8" {
		return 0, 0, false, false
	}
	height, err1 := strconv.Atoi(f[1])
	width, err2 := strconv.Atoi(f[2])
	return height, width, pastes, err1 == nil && err2 == nil
}

// partOfSize reports whether b could be the beginning of a Size.
func partOfSize(b []byte) bool {
	const head = "\x1b[8;"
	if len(b) <= len(head) {
		return strings.HasPrefix(head, string(b))
	}
	numbers, ok := bytes.CutPrefix(b, []byte(head))
	return ok && len(numbers) < 24 && len(bytes.Trim(numbers, "0123456789;")) == 0
}
