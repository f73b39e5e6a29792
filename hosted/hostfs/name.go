package hostfs

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ufo/ninep"
)

// Names of the host are bytes; those of Plan 9 are UTF-8 that people can
// type. What differs is shown as \xNN, two hexadecimal digits in lower case
// for each byte: bytes that are not UTF-8, and control characters. A backslash
// before what would look like that is \x5c; any other stands for itself. So
// each name of the host has one form here, and each form one name.

const hex = "0123456789abcdef"

// escaped reports whether \xNN with this byte is an escape.
func escaped(b byte) bool { return b != 0 && b < ' ' || b >= 0x7f || b == '\\' }

// escape returns the form in which a name of the host is shown.
func escape(host string) string {
	var b strings.Builder
	for i := 0; i < len(host); {
		r, n := utf8.DecodeRuneInString(host[i:])
		_, looks := escapeAt(host[i:])
		if r == utf8.RuneError && n == 1 || unicode.IsControl(r) || looks {
			for _, c := range []byte(host[i : i+n]) {
				b.WriteString(`\x`)
				b.WriteByte(hex[c>>4])
				b.WriteByte(hex[c&15])
			}
		} else {
			b.WriteString(host[i : i+n])
		}
		i += n
	}
	return b.String()
}

// escapeAt returns the byte that s begins with an escape of.
func escapeAt(s string) (byte, bool) {
	if len(s) < 4 || s[0] != '\\' || s[1] != 'x' {
		return 0, false
	}
	hi, lo := strings.IndexByte(hex, s[2]), strings.IndexByte(hex, s[3])
	if hi < 0 || lo < 0 || !escaped(byte(hi<<4|lo)) {
		return 0, false
	}
	return byte(hi<<4 | lo), true
}

// unescape returns the name on the host of what is shown as name. It is false
// for what no name of the host is shown as.
func unescape(name string) (string, bool) {
	if !ninep.ValidName(name) {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		if c, ok := escapeAt(name[i:]); ok {
			b.WriteByte(c)
			i += 4
			continue
		}
		b.WriteByte(name[i])
		i++
	}
	host := b.String()
	return host, escape(host) == name
}
