package cmd

import (
	"slices"
	"strings"
	"testing"
)

func TestTelnetProtocol(t *testing.T) {
	const (
		will, wont = "\xff\xfb", "\xff\xfc"
		do, dont   = "\xff\xfd", "\xff\xfe"
		sb, se     = "\xff\xfa", "\xff\xf0"
	)
	for _, test := range []struct{ name, in, data, answer string }{
		{"text", "hello", "hello", ""},
		{"a byte of 255", "a\xff\xffb", "a\xffb", ""},
		{"will echo", will + "\x01", "", do + "\x01"},
		{"will echo, said twice", will + "\x01" + will + "\x01", "", do + "\x01"},
		{"will echo, then not", will + "\x01" + wont + "\x01", "", do + "\x01" + dont + "\x01"},
		{"wont what it does not", wont + "\x01", "", ""},
		{"do echo", do + "\x01", "", wont + "\x01"},
		{"binary", do + "\x00" + will + "\x00", "", will + "\x00" + do + "\x00"},
		{"binary no more", do + "\x00" + dont + "\x00", "", will + "\x00" + wont + "\x00"},
		{"dont what is not", dont + "\x00", "", ""},
		{"go ahead", will + "\x03" + do + "\x03", "", do + "\x03" + will + "\x03"},
		{"unknown options", will + "\x63" + do + "\x1f", "", dont + "\x63" + wont + "\x1f"},
		{"terminal", do + "\x18" + sb + "\x18\x01" + se + "x", "x", will + "\x18" + sb + "\x18\x00vt\xff\xff" + se},
		{"another subnegotiation", sb + "\x20\x01\xff\xff" + se + "x", "x", ""},
		{"long subnegotiation", sb + strings.Repeat("y", 1000) + se + "x", "x", ""},
		{"empty subnegotiation", sb + se, "", ""},
		{"are you there", "\xff\xf6", "", "ufo telnet\r\n"},
		{"other commands", "a\xff\xf1\xff\xf9\xff\xf0b", "ab", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			whole := telproto{term: "vt\xff"}
			data, answer := whole.take([]byte(test.in))
			if string(data) != test.data || string(answer) != test.answer {
				t.Errorf("got %q, %q; want %q, %q", data, answer, test.data, test.answer)
			}
			pieces := telproto{term: "vt\xff"} // it may come in any pieces
			data, answer = nil, nil
			for b := range slices.Chunk([]byte(test.in), 1) {
				d, a := pieces.take(b)
				data, answer = append(data, d...), append(answer, a...)
			}
			if string(data) != test.data || string(answer) != test.answer {
				t.Errorf("in pieces: got %q, %q", data, answer)
			}
		})
	}
	cooked := telproto{cooked: true}
	if _, answer := cooked.take([]byte(will + "\x01")); string(answer) != dont+"\x01" {
		t.Errorf("with -C, will echo: %q", answer)
	}
}

func TestTelnetPrintable(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"newlines", "a\r\nb\r\n", "a\nb\n"},
		{"several returns", "a\r\r\r\nb", "a\nb"},
		{"a return alone", "a\rb", "a\nb"},
		{"a return and a null", "a\r\x00b", "a\nb"},
		{"a null", "a\x00b", "a\x00b"},
		{"bare newlines", "a\n\nb", "a\n\nb"},
		{"two lines", "a\r\n\r\nb", "a\n\nb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tn telnet
			got := string(tn.printable([]byte(test.in)))
			var pieces telnet
			var each string
			for b := range slices.Chunk([]byte(test.in), 1) {
				each += string(pieces.printable(b))
			}
			if got != test.want || each != test.want {
				t.Errorf("got %q, in pieces %q, want %q", got, each, test.want)
			}
		})
	}
}
