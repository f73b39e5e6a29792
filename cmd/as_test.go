package cmd

import "testing"

// inNs begins a row with a namespace file, which has commands and /tmp.
const inNs = `{echo 'bind #c /dev'; echo 'bind -c #e /env'; echo 'bind /ufo/bin /bin'; echo 'mount -c #s/files /root'} >ns; `

// TestAs becomes other users, as who may and who may not.
func TestAs(t *testing.T) {
	rcRows(t, []row{
		{name: "another user", cmd: inNs + `auth/as -n ns ken cat '#c/user'; echo; cat '#c/user'; echo`, want: "ken\nglenda\n"},
		{name: "in his name space", cmd: inNs + `auth/as -n ns ken rc -c 'echo $user $home; pwd; ls /tmp'`,
			want: "ken /usr/ken\n/\n"},
		{name: "the caller's name space stays", cmd: inNs + `auth/factotum -s factotum; bind -a /tmp /mnt; auth/as -n ns ken cat '#c/user'; echo; ls -d /mnt/ns`,
			want: "ken\n/mnt/ns\n"},
		{name: "from another user", cmd: inNs + `auth/as -n ns ken auth/as -n /tmp/ns glenda cat '#c/user'; echo`,
			want: "auth/as: can't change uid for glenda: '#¤/caphash' permission denied\n\n"},
		{name: "from none", cmd: inNs + `auth/none -n ns auth/as -n /tmp/ns glenda cat '#c/user'; echo`,
			want: "auth/as: can't change uid for glenda: '#¤/caphash' permission denied\n\n"},
		{name: "without caphash", cmd: inNs + `rm '#¤/caphash'; auth/as -n ns ken date; echo`,
			want: "auth/as: can't change uid for ken: '#¤/caphash' file does not exist\n\n"},
		{name: "nobody", cmd: inNs + `auth/as -n ns '' date; echo`, want: "auth/as: can't change uid for : invalid capability glenda@\n\n"},
		{name: "without a name space", cmd: `auth/as -n nofile ken date; echo`, want: "auth/as: can't build namespace: 'nofile' file does not exist\n\n"},
	})
}

// TestBox runs commands in boxes, and tries to see out of them.
func TestBox(t *testing.T) {
	const start = `mkdir d; echo in d >d/f; echo out >g; `
	rcRows(t, []row{
		{name: "a file", cmd: start + `auth/box -r d/f cat d/f /tmp/d/f; auth/box -r /tmp/d cat d/f`, want: "in d\nin d\nin d\n"},
		{name: "no other", cmd: start + `auth/box -r d/f cat g; auth/box -r d/f cat /tmp/g; echo`, want: "cat: can't open g: 'g' file does not exist\ncat: can't open /tmp/g: '/tmp/g' file does not exist\n\n"},
		{name: "what is there", cmd: start + `auth/box -r d walk / | sort`, want: "/\n/bin\n/bin/walk\n/tmp\n/tmp/d\n/tmp/d/f\n"},
		{name: "a directory for files", cmd: start + `auth/box -c d touch d/new; auth/box -r d touch d/newer; ls d`,
			want: "touch: d/newer: cannot create: 'd/newer' mounted directory forbids creation\nd/f\nd/new\n"},
		{name: "out by a device", cmd: start + `for(i in '#e' '#s' '#p' '#¤' '#c') auth/box ls $i; echo`,
			want: "ls: #e: mount/attach disallowed\nls: #s: mount/attach disallowed\nls: #p: mount/attach disallowed\nls: #¤: mount/attach disallowed\nls: #c: mount/attach disallowed\n\n"},
		{name: "a device", cmd: `auth/box -e c ls '#c/time' '#e'; echo`, want: "ls: #e: mount/attach disallowed\n'#c/time'\n\n"},
		{name: "up and out", cmd: start + `auth/box -r d ls /tmp/d/../../root /..; echo`, want: "ls: /tmp/d/../../root: '/tmp/d/../../root' file does not exist\n/../bin\n/../tmp\n\n"},
		{name: "a shell", cmd: `mkdir rc; auth/box -s -- -c 'ls -d /*; echo $#*' `, want: "/bin\n/env\n/rc\n/srv\n/tmp\n0\n"},
		{name: "outside all is as before", cmd: start + `auth/box -r d true >[2]/dev/null; ls; echo /newroot*`, want: "d\ng\nlib\n/newroot*\n"},
		{name: "no such command", cmd: `auth/box nosuch; echo`, want: "auth/box: '/bin/nosuch' file does not exist\n\n"},
		{name: "no such file", cmd: `auth/box -r nosuch date; echo`, want: "auth/box: '/tmp/nosuch' file does not exist\n\n"},
	})
}
