package cmd

import (
	"strings"
	"testing"
)

func TestGetflags(t *testing.T) {
	const format = "e:example, x, a:arg with args"
	for _, test := range []struct{ name, format, args, want string }{
		{"the page's", format, "-exa|arg|list|positional|stuff", "example=() flagx=() arg=() example=1 flagx=1 arg=(arg list) *=(positional stuff) status=''"},
		{"no flags", format, "a|b", "example=() flagx=() arg=() *=(a b) status=''"},
		{"no arguments", "x", "", "flagx=() *=() status=''"},
		{"no format", "", "a", "*=(a) status=''"},
		{"quoted", "o file", "-o|it's|a b|$x||é", "flago=() flago=('it''s') *=('a b' '$x' '' é) status=''"},
		{"argument in the word", "o file,", "-ofile|x", "flago=() flago=(file) *=(x) status=''"},
		{"end of flags", "x", "-x|--|-x", "flagx=() flagx=1 *=(-x) status=''"},
		{"a bare minus", "x", "-|-x", "flagx=() *=(- -x) status=''"},
		{"twice", "o file", "-o|a|-o|b", "flago=() flago=(a) flago=(b) *=() status=''"},
		{"unknown", "x", "-xy", "flagx=() flagx=1 !"},
		{"no argument", "x,o a b", "-o|1", "flagx=() flago=() !"},
		{"a letter of several bytes", "é:accent", "-é", "accent=() accent=1 *=() status=''"},
		{"a name that is none", "x: file", "-x|1", "flagx=() flagx=(1) *=() status=''"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var args []string
			if test.args != "" {
				args = strings.Split(test.args, "|")
			}
			got, ok := getflags(parseFlagfmt(test.format), args)
			got = strings.TrimSpace(strings.ReplaceAll(got, "\n", " "))
			if !ok {
				got += " !"
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// In rc, by which the commands are meant to be evaluated.
func TestGetflagsRc(t *testing.T) {
	const script = `{echo '#!/bin/rc'
echo 'flagfmt=''v:verbose, n, o:output file, m from to, w'''
echo 'args=''name ...'''
echo 'if(! ifs=() eval ` + "`" + `{aux/getflags $*} || ~ $#* 0){'
echo '	aux/usage'
echo '	exit usage'
echo '}'
echo 'echo v $verbose n $flagn o $output m $flagm rest $*'} >s; chmod +x s; `
	const use = "usage: s [-vn] [-o file] [-m from to] [-w] name ...\nstatus: usage\n"
	rcRows(t, []row{
		{name: "flags", cmd: script + "./s -vo 'a  b' -m 1 2 x y", want: "v 1 n o a  b m 1 2 rest x y\n"},
		{name: "no flags", cmd: script + "./s x", want: "v n o m rest x\n"},
		{name: "no arguments", cmd: script + "./s", want: use},
		{name: "a bad flag", cmd: script + "./s -z x", want: use},
		{name: "no format", cmd: "rm -f /env/flagfmt; aux/getflags a", want: "$flagfmt not set\nexit 'missing flagfmt'\n"},
		{name: "usage without flags or arguments", cmd: "{echo '#!/bin/rc'; echo aux/usage} >s; chmod +x s; ./s", want: "usage: s\nstatus: usage 6: usage\n"},
	})
}

func TestNone(t *testing.T) {
	rcRows(t, []row{
		{name: "none", cmd: "{echo bind '''#c''' /dev; echo bind /ufo/bin /bin} >ns; auth/none -n ns cat /dev/user; echo; cat '#c/user'", want: "none\nglenda"},
		{name: "what fails is told", cmd: "{echo bind '''#c''' /dev; echo bind /nosuch /mnt; echo bind /ufo/bin /bin} >ns; auth/none -dn ns echo x >[2=1] | sed 's/.*nosuch.*/told/'", want: "told\nx\n"},
		{name: "no file", cmd: "auth/none -n nosuch echo", want: "auth/none: can't build namespace: 'nosuch' file does not exist\nstatus: can't build namespace: 'nosuch' file does not exist\n"},
	})
}
