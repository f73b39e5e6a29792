package cmd

import (
	"fmt"
	"io"
	"unicode/utf8"

	"ufo/cmd/filetype"
	"ufo/ninep"
	"ufo/proc"
)

// file - determine file type
//
// File looks at its argument files and prints for each what it contains, as
// far as that can be seen: a directory, a device file, an executable for Plan
// 9 or elsewhere, an archive, compressed data, an image, sound, a font, a
// script, a program in some language, mail, HTML, a page of the manual,
// English text. What has no apparent form is told apart by its characters:
// ASCII, extended ASCII, Latin ASCII, or the blocks of Unicode that occur. If
// all else fails it is binary. Without files the standard input is looked at.
//
//	-m  print MIME types
//
// # SEE ALSO
//
// ls(1), strings(1)
//
// # DIAGNOSTICS
//
// What cannot be opened or read is told on the standard error, and passed
// over.
//
// # BUGS
//
// It can make mistakes.
//
// Object files of Plan 9's compilers are not known.
func fileMain(p *proc.Proc) error {
	mime := false
	arg := argbegin(p, "[-m] [file ...]")
	for c := range arg.flags() {
		switch c {
		case 'm':
			mime = true
		default:
			arg.usage()
		}
	}
	say := func(label, text, typ string) error {
		if mime {
			text = typ
		}
		return puts(p, label+text+"\n")
	}
	if len(arg.args) == 0 {
		label := "stdin: "
		if mime {
			label = ""
		}
		text, typ, err := fileType(p, 0, "")
		if err != nil {
			return fatal(p, "%v", err)
		}
		return say(label, text, typ)
	}
	width := 0
	for _, name := range arg.args {
		width = max(width, utf8.RuneCountInString(name))
	}
	for _, name := range arg.args {
		label := fmt.Sprintf("%s:%*s", name, width-utf8.RuneCountInString(name)+1, "")
		if mime && len(arg.args) == 1 {
			label = ""
		}
		text, typ, err := namedType(p, name)
		if err != nil {
			warn(p, "%s: %v", name, err)
			continue
		}
		if err := say(label, text, typ); err != nil {
			return err
		}
	}
	return nil
}

// namedType is fileType for a file that is not open.
func namedType(p *proc.Proc, name string) (text, mime string, err error) {
	fd, err := p.Open(name, ninep.OREAD)
	if err != nil {
		return "", "", fmt.Errorf("cannot open: %w", err)
	}
	defer p.Close(fd)
	return fileType(p, fd, name)
}

// fileType returns what the open file is, in words and as a MIME type.
func fileType(p *proc.Proc, fd int, name string) (text, mime string, err error) {
	const octet = "application/octet-stream"
	d, err := p.Fstat(fd)
	if err != nil {
		return "", "", fmt.Errorf("cannot stat: %w", err)
	}
	if d.IsDir() {
		return "directory", octet, nil
	}
	switch rune(d.Type) {
	case 'M', '|', '/', 'U': // files of file servers, and pipes
	default:
		return fmt.Sprintf("special file #%c/%s", rune(d.Type), d.Name), octet, nil
	}
	head := make([]byte, filetype.Size)
	n, err := io.ReadFull(p.FD(fd), head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", "", fmt.Errorf("cannot read: %w", err)
	}
	src := filetype.Source{Head: head[:n], Name: name, Length: d.Length,
		Exists: func(name string) bool { _, err := p.Stat(name); return err == nil },
	}
	if d.Length > int64(n) {
		src.At = func(off int64, n int) []byte {
			b := make([]byte, n)
			n, err := p.Pread(fd, b, off)
			if err != nil {
				return nil
			}
			return b[:n]
		}
	}
	text, mime = filetype.Name(src)
	return text, mime, nil
}
