package cmd_test

import "testing"

// TestLogin logs in at a machine whose factotum has its key.
func TestLogin(t *testing.T) {
	begin := inNdb + "auth/factotum -n\n" + bootesKey + spaces + "bind #d /fd\nbind #e /env'} >/lib/namespace; cd /tmp; echo secret >in; echo Secret >bad\n"
	const look = "echo secret; echo 'cat /dev/user; echo; cat /mnt/factotum/ctl /env/home; echo; ls /srv; whatis service x'"
	netRows(t, realm, []netrow{
		{"usage", "auth/login", "usage: auth/login [-a authdom] user\nstatus: usage\n"},
		{"right", begin + "x=y; {" + look + "} >in; auth/login -a lab ken <in >[2]/dev/null",
			"ken\nkey proto=dp9ik dom=lab user=ken !password?\n/usr/ken\n/srv/clone\n/srv/cs\n/srv/files\n/srv/out\nservice=con\nstatus: not found\n"},
		{"the caller stays who he is", begin + "auth/login -a lab ken <in >[2]/dev/null; cat /dev/user; grep user /mnt/factotum/ctl", "glendakey proto=dp9ik dom=lab user=bootes !password?\n"},
		{"wrong", begin + "auth/login -a lab ken <bad", "auth/login: login incorrect: bad key: proto=dp9ik dom=lab user=ken: refused by net!n1!ticket\n" +
			"status: login incorrect: bad key: proto=dp9ik dom=lab user=ken: refused by net!n1!ticket\n"},
		{"no answer", begin + "auth/login -a lab ken </dev/null", "auth/login: no password: input aborted\nstatus: no password: input aborted\n"},
		{"no capabilities", "rm '#¤/caphash'\n" + begin + "auth/login -a lab ken <in", "auth/login: can't change uid: no capability\nstatus: can't change uid: no capability\n"},
		{"a machine without domain", begin + "auth/login ken <in", "auth/login: can't start factotum: invalid argument\nstatus: can't start factotum: invalid argument\n"},
		{"a cpu server", begin + "service=cpu; auth/login ken </dev/null", "auth/login: warning: running on a cpu server!\nauth/login: no password: input aborted\nstatus: no password: input aborted\n"},
		{"no factotum", "cd /tmp; echo secret >in; auth/login ken <in", "auth/login: login incorrect: opening /mnt/factotum/rpc: '/mnt/factotum' file does not exist\nstatus: login incorrect: opening /mnt/factotum/rpc: '/mnt/factotum' file does not exist\n"},
	})
}
