package filetype

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"unicode/utf16"

	"ufo/cmd/tar"
	"ufo/ninep"
)

// utf16le returns s as UTF-16 with its mark.
func utf16le(s string) string {
	b := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// sector returns 512 bytes that begin with s.
func sector(s string) string { return s + strings.Repeat("\x00", 512-len(s)) }

// at returns zeros with s at off, and one more behind.
func at(off int, s string) string { return strings.Repeat("\x00", off) + s + "\x00" }

func TestName(t *testing.T) {
	ustar, err := tar.Form{}.Header(ninep.Dir{Length: 3}, "file")
	if err != nil {
		t.Fatal(err)
	}
	old, err := tar.Form{Old: true}.Header(ninep.Dir{Length: 3}, "file")
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 1000)
	rand.New(rand.NewSource(1)).Read(noise)
	noise[0] = 1
	image := func(format string, r ...int) string {
		return fmt.Sprintf("%11s %11d %11d %11d %11d ", format, r[0], r[1], r[2], r[3])
	}
	for _, test := range []struct{ name, data, text, mime string }{
		{"nothing", "", "empty file", plain},
		{"a word", "hello\n", "English text", plain},
		{"no word", "xyz\n", "short Ascii", plain},
		{"english", "This is a sentence, as one would write it in English. There are more of them, and they are all of the same kind; nothing is odd in any.\n", "English text", plain},
		{"greek", "λόγος\n", "short Greek text", plain},
		{"two scripts", strings.Repeat("the word λόγος is here\n", 10), "Ascii & Greek text", plain},
		{"korean", "가나다\n", "short UTF text", plain},
		{"latin", strings.Repeat("déjà vu, là-bas, où?\n", 10), "latin ascii", plain},
		{"no UTF-8", "abc\xff\xfe\xfd", "short binary", octet},
		{"cut in a character", "λόγο\xcf", "short Greek text", plain},
		{"control characters", "a\x1b[1mb\n", "short extended ascii", plain},
		{"zeros", strings.Repeat("\x00", 200), "binary", octet},
		{"marked UTF-8", "\xef\xbb\xbf<?xml version", "HTML file", "text/html"},
		{"UTF-16", utf16le("λόγος and more\n"), "utf-16le short Ascii & Greek text", plain},
		{"rc", "#!/bin/rc\necho\n", "rc executable file", plain},
		{"sh", "#! /bin/sh -e\n", "sh executable file", "application/x-sh"},
		{"bash", "#!/usr/bin/bash\n", "bash executable file", "application/x-sh"},
		{"another script", "#!/usr/bin/lua\n", "unknown executable file", plain},
		{"no script", "#!\n", "unknown executable file", plain},
		{"amd64", sector("\x00\x00\x8a\x97"), "amd64 plan 9 executable", octet},
		{"386", sector("\x00\x00\x01\xeb"), "386 plan 9 executable", octet},
		{"arm", sector("\x00\x00\x06\x47"), "arm plan 9 executable", octet},
		{"mips", sector("\x00\x00\x04\x07"), "mips plan 9 executable BE", octet},
		{"386 kernel", sector("\x00\x00\x01\xeb" + strings.Repeat("\x00", 16) + "\xf0\x10\x00\x20"), "386 plan 9 boot image", octet},
		{"amd64 kernel", sector("\x00\x00\x8a\x97" + strings.Repeat("\x00", 28) + "\xff\xff\xff\xff\x80\x11\x00\x00"), "amd64 plan 9 boot image", octet},
		{"module", sector("\x80\x00\x01\xeb"), "386 plan 9 dlm", octet},
		{"linux", sector("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"), "AMD64 ELF executable", "application/x-elf-executable"},
		{"sparc", sector("\x7fELF\x01\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x02"), "SPARC ELF shared library", "application/x-elf-executable"},
		{"unknown elf", sector("\x7fELF"), "unknown ELF unknown", "application/x-elf-executable"},
		{"tar", string(ustar), "posix tar archive", "application/x-ustar"},
		{"old tar", string(old), "tar archive", "application/x-tar"},
		{"zip", "PK\x03\x04....", "zip archive", "application/zip"},
		{"gzip", "\x1f\x8b\x08\x00", "gzip compressed", "application/x-gzip"},
		{"bzip2", "BZh9", "bzip2 compressed", "application/x-bzip2"},
		{"ar", "!<arch>\nx", "archive", octet},
		{"cpio", "070707000", "cpio archive - ascii header", octet},
		{"png", "\x89PNG\r\n", "PNG image", "image/png"},
		{"gif", "GIF89a", "GIF image", "image/gif"},
		{"jpeg", "\xff\xd8\xff\xe0", "jpeg", "image/jpeg"},
		{"pdf", "%PDF-1.4", "PDF", "application/pdf"},
		{"postscript", "%!PS", "postscript", "application/postscript"},
		{"wave", "RIFF\x00\x00\x00\x00WAVE", "wave audio", "audio/wave"},
		{"riff", "RIFF", "riff file", octet},
		{"mp4", "\x00\x00\x00\x18ftypisom....", "mp4 video", "video/mp4"},
		{"ogg", "OggS" + strings.Repeat("\x00", 25) + "vorbis", "Ogg Vorbis I profile", "audio/ogg;codecs=vorbis"},
		{"manual page", ".TH CAT 1\n", "manual page", "text/troff"},
		{"diff", "diff -u a b\n--- a\n+++ b\n@@ -1 +1 @@\n", "unified diff output", plain},
		{"mail", "From: ken\nTo: rob\nSubject: x\n\nhi\n", "email file", "message/rfc822"},
		{"mail box", "From ken Sat Jan  1 00:00:00 GMT 2000\nhi\n", "mail box", "application/mbox"},
		{"html", "<p>a<b>b</b> c", "HTML file", "text/html"},
		{"c", "#include <u.h>\n#include <libc.h>\n\nvoid\nmain(void)\n{\n}\n", "c program", plain},
		{"limbo", "implement Echo;\ninclude \"draw.m\";\nx: con 1;\nself: ref array;\nmodule\n", "limbo program", plain},
		{"as", "TEXT a(SB), $0\n\tRET\nTEXT b(SB), $0\n", "as program", plain},
		{"image", image("r8g8b8", 0, 0, 2, 1) + "123456", "plan 9 image, depth 24, size 2x1", "image/p9bit"},
		{"old image", image("3", 1, 1, 3, 2) + "12", "old plan 9 image, depth 8, size 2x1", "image/p9bit"},
		{"subfont", image("k8", 0, 0, 2, 1) + "12" + fmt.Sprintf("%11d %11d %11d ", 3, 4, 2), "subfont file, depth 8, size 2x1", "image/p9bit"},
		{"compressed image", "compressed\n" + image("k1", 0, 0, 8, 8), "Compressed plan 9 image or subfont, depth 1, size 8x8", "image/p9bit"},
		{"font", "16 12\n0x20 0x7f lucm.latin1\n0x100 0x1ff 1 /lib/x\n", "font file", plain},
		{"face", strings.Repeat("0x0001, 0x0002, 0x0003,\n", 4), "face image depth 1", "application/x-face"},
		{"icon", "\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00", "Microsoft icon file", "image/x-icon"},
		{"dos", "MZ\x90\x00", "MSDOS executable", "application/x-msdownload"},
		{"iso", at(32*1024, "\x01CD001\x01"), "ISO9660 CD image", "application/x-iso9660-image"},
		{"boot sector", at(510, "\x55\xaa"), "bootable disk image", octet},
		{"arenas", at(256*1024, "\xa9\xe4\xa5\xe7"), "venti arenas partition", octet},
		{"noise", string(noise), "encrypted", octet},
	} {
		t.Run(test.name, func(t *testing.T) {
			exists := func(name string) bool { return name == "/lib/font/lucm.latin1.0" || name == "/lib/x" }
			far := func(off int64, n int) []byte {
				b := test.data[min(off, int64(len(test.data))):]
				return []byte(b[:min(n, len(b))])
			}
			text, mime := Name(Source{Head: []byte(test.data[:min(Size, len(test.data))]), Name: "/lib/font/f", Length: int64(len(test.data)), At: far, Exists: exists})
			if text != test.text || mime != test.mime {
				t.Errorf("%q, %q; want %q, %q", text, mime, test.text, test.mime)
			}
		})
	}
}

// FuzzName looks at anything.
func FuzzName(f *testing.F) {
	f.Add([]byte("compressed\n    r8g8b8           0"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if text, mime := Name(Source{Head: b}); text == "" || mime == "" {
			t.Errorf("%q: %q, %q", b, text, mime)
		}
	})
}
