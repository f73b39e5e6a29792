// Package filetype tells what a file contains from its first bytes, and a few
// further in, with the names that Plan 9's file(1) has for it.
//
// The checks are made in a fixed order, from those that hardly err to guesses
// from the frequency of letters.
package filetype

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// Size is how many bytes of a file are looked at.
const Size = 6000

// A Source is a file that is to be named.
type Source struct {
	Head   []byte // up to Size bytes of the beginning
	Name   string // by which what it mentions is found
	Length int64  // of the whole file; 0 if that cannot be known

	// At returns n bytes at an offset, or fewer if there are no more. Nil
	// stands for a file of which there is only its Head.
	At func(off int64, n int) []byte
	// Exists reports whether there is a file of that name. Nil: no.
	Exists func(name string) bool
}

// A kind is a name and a MIME type.
type kind struct{ text, mime string }

const (
	octet = "application/octet-stream"
	plain = "text/plain"
)

// A file is a Source while it is looked at.
type file struct {
	Source
	b []byte // Head as UTF-8 if it is marked as something else
	histogram
}

// Name returns what the file is, in words and as a MIME type.
func Name(src Source) (text, mime string) {
	if len(src.Head) == 0 {
		return "empty file", plain
	}
	f := &file{Source: src}
	prefix := f.convert()
	f.count()
	checks := []func(*file) kind{
		number, start, elf, executable, script, container, offset, unifiedDiff, email, mailbox, tarFile,
		html, limbo, cProgram, assembler, font, image, richText, dos, icon, face, targa, ogg, mp4, mp3,
		encrypted, english,
	}
	for _, check := range checks {
		if k := check(f); k.text != "" {
			return prefix + k.text, k.mime
		}
	}
	k := f.gross()
	return prefix + k.text, k.mime
}

// convert makes UTF-8 of what is marked as UTF-16, drops the mark of UTF-8,
// and returns what is to be said of it.
func (f *file) convert() string {
	f.b = f.Head
	if len(f.b) < 4 {
		return ""
	}
	var order binary.ByteOrder = binary.BigEndian
	prefix := "utf-16be "
	switch {
	case bytes.HasPrefix(f.b, []byte("\x00\x00\xfe\xff")):
		return "utf-32be "
	case bytes.HasPrefix(f.b, []byte("\xff\xfe\x00\x00")):
		return "utf-32le "
	case bytes.HasPrefix(f.b, []byte("\xef\xbb\xbf")):
		f.b = f.b[3:]
		return ""
	case bytes.HasPrefix(f.b, []byte("\xfe\xff")):
	case bytes.HasPrefix(f.b, []byte("\xff\xfe")):
		order, prefix = binary.LittleEndian, "utf-16le "
	default:
		return ""
	}
	var units []uint16
	for b := f.b[2:]; len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	f.b = []byte(string(utf16.Decode(units)))
	return prefix
}

// at returns n bytes at off, or nil.
func (f *file) at(off int64, n int) []byte {
	var b []byte
	switch {
	case off+int64(n) <= int64(len(f.Head)):
		b = f.Head[off:]
	case f.At != nil:
		b = f.At(off, n)
	}
	if len(b) < n {
		return nil
	}
	return b[:n]
}

// word returns the 32 bits at off, the first byte being the least.
func (f *file) word(off int64) (uint32, bool) {
	b := f.at(off, 4)
	if b == nil {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b), true
}

func number(f *file) kind {
	var b [4]byte // a shorter file is followed by zeros
	copy(b[:], f.b)
	x := binary.LittleEndian.Uint32(b[:])
	for _, n := range numbers {
		if x&n.mask == n.value {
			return n.kind
		}
	}
	return kind{}
}

func start(f *file) kind {
	for _, s := range starts {
		if bytes.HasPrefix(f.b, []byte(s.start)) {
			return s.kind
		}
	}
	if rest, ok := bytes.CutPrefix(f.b, []byte("TYPE=")); ok {
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		return kind{string(line) + " picture", octet}
	}
	return kind{}
}

func offset(f *file) kind {
	for _, o := range offsets {
		if x, ok := f.word(o.off); ok && x&o.mask == o.value {
			return o.kind
		}
	}
	for _, t := range texts {
		if string(f.at(t.off, len(t.text))) == t.text {
			return t.kind
		}
	}
	return kind{}
}
