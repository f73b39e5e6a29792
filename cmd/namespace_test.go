package cmd

import (
	"strings"
	"testing"

	"ufo/proc"
)

func TestNamespaceCommands(t *testing.T) {
	rcRows(t, []row{
		{name: "bind replaces", cmd: `mkdir a b; echo b >b/f; bind b a; cat a/f`, want: "b\n"},
		{name: "bind before and after", cmd: `mkdir a b; echo a >a/f; echo b >b/f; bind -a b a; cat a/f; unmount b a; bind -b b a; cat a/f`, want: "a\nb\n"},
		{name: "union forbids creation", cmd: `mkdir a b; bind -b b a; touch a/f`,
			want: "touch: a/f: cannot create: 'a/f' mounted directory forbids creation\nstatus: touch\n"},
		{name: "bind names the missing file", cmd: `bind nosuch /tmp`,
			want: "bind: nosuch: 'nosuch' file does not exist\nstatus: bind\n"},
		{name: "bind of a file on a directory", cmd: `mkdir a; touch f; bind f a`, want: "bind f a: 'a' inconsistent mount\nstatus: bind\n"},
		{name: "bind -q", cmd: `bind -q nosuch /tmp`},
		{name: "bind -ab", cmd: `bind -ab a b`, want: "usage: bind [-a|-b] [-cq] new old\nstatus: usage\n"},
		{name: "unmount", cmd: `mkdir a b; echo b >b/f; bind b a; unmount a; ls a; unmount a`,
			want: "unmount: 'a' not mounted\nstatus: 'a' not mounted\n"},
		{name: "mount of no server", cmd: `mount /srv/nosuch /n`,
			want: "mount: can't open /srv/nosuch: '/srv/nosuch' file does not exist\nstatus: mount\n"},
		{name: "mount as none", cmd: `mkdir -p /n/x >[2]/dev/null; mount -N /srv/files /mnt && cat /dev/user`, want: "glenda"},
		{name: "chdev", cmd: `rfork n; chdev -r p; ls '#p'; chdev ce; ls '#s'`,
			want: "ls: #p: mount/attach disallowed\nls: #s: mount/attach disallowed\nstatus: errors\n"},
		{name: "ns of another process", cmd: `ns 1 | grep root`, want: "mount -c /srv/files /root\nbind -ac /root /\nbind -c /root /tmp\n"},
		{name: "ns of none", cmd: `ns 99`, want: "ns: can't read /proc/99/ns: '/proc/99' file does not exist\nstatus: can't read /proc/99/ns: '/proc/99' file does not exist\n"},
		{name: "ns rebuilds the name space", cmd: `mkdir 'a b'; bind -b /bin 'a b'; ns >n; auth/newns -d -n n ns | diff n -`},
	})
}

func TestNewns(t *testing.T) {
	rcRows(t, []row{
		{name: "variables and comments", cmd: `x=/tmp/d y=f; mkdir d d/f; echo 1 >d/f/1
			cat >n <<'!'
# a comment

  bind $x/$y /mnt
bind '$x' /n
!
			auth/newns -a -n n ls /mnt; auth/newns -ad -n n ls /n`,
			want: "/mnt/1\nauth/newns: bind $x /n: '$x' file does not exist\n"},
		{name: "clean", cmd: `bind /bin /n; {echo bind '#c' /dev; echo bind '#s' /srv; echo mount /srv/files /tmp; echo bind /ufo/bin /bin} >n; auth/newns -n n ls /n; auth/newns -n n pwd`, want: "/\n"},
		{name: "home", cmd: `echo bind /ufo/bin /bin >n; auth/newns -n n ls '#e/home' '#e/user'`, want: "'#e/home'\n'#e/user'\n"},
		{name: "include", cmd: `echo . m >n; echo bind /bin /n >m; auth/newns -a -n n ls -d /n/cat`, want: "/n/cat\n"},
		{name: "include itself", cmd: `echo . /tmp/n >n; auth/newns -ad -n n echo ok`, want: "auth/newns: . /tmp/n: /tmp/n: included too deep\nok\n"},
		{name: "syntax", cmd: `{echo bound a b; echo bind -x a b; echo cd} >n; auth/newns -ad -n n echo ok`,
			want: "auth/newns: bound a b: not a name space operation\nauth/newns: bind -x a b: not a name space operation\nauth/newns: cd: not a name space operation\nok\n"},
		{name: "chdev", cmd: `echo chdev -r p >n; auth/newns -a -n n ls '#p'`, want: "ls: #p: mount/attach disallowed\nstatus: errors\n"},
		{name: "no file", cmd: `auth/newns -n nosuch`, want: "auth/newns: can't build name space: 'nosuch' file does not exist\nstatus: can't build name space: 'nosuch' file does not exist\n"},
	})
}

func TestNamespaceWords(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		setenv(p, "x", "X Y")
		b := nsbuilder{p: p}
		for line, want := range map[string]string{
			"a b":           "a|b",
			"a \t b":        "a|b",
			"$x/$x$x b":     "X Y/X YX Y|b",
			"'a b' c":       "a b|c",
			"'it''s' '$x'":  "it's|$x",
			"a'b c'd":       "ab cd",
			"''":            "",
			"'never closed": "never closed",
			"$nosuch a":     "|a",
			"#s$nosuch":     "#s",
		} {
			if got := strings.Join(b.words(line), "|"); got != want {
				t.Errorf("%s: %q, want %q", line, got, want)
			}
		}
		return nil
	})
}
