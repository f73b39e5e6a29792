package cmd_test

import (
	"context"
	"io"
	"testing"

	"ufo/auth"
)

// What rows begin with: a secstore with an account, and a factotum's file in it.
const (
	secAccount = "mkdir /adm; auth/secstored; {echo a good one; echo a good one} | auth/secuser glenda >/dev/null; secstore=tcp!n2!5356\n"
	secFile    = "cd /tmp; {echo '# what I have'; echo; echo 'key proto=pass user=ken service=mail !password=hi'} >factotum; echo a good one | auth/secstore -p factotum\n"
	secBadFile = "cd /tmp; {echo 'key user=glenda !password=hi'; echo 'key proto=pass user=ken !password=hi'; echo x} >factotum; echo a good one | auth/secstore -p factotum\n"
	secKeys    = "; cat /mnt/factotum/ctl"
)

// TestFactotumSecstore starts factotums that look for a secstore. At n1 is one that
// takes calls and says nothing.
func TestFactotumSecstore(t *testing.T) {
	mute := func(t *testing.T, l *lab) {
		l.announce(t, "tcp!*!5356", func(c io.ReadWriter) { io.Copy(io.Discard, c) })
	}
	netRows(t, mute, []netrow{
		{"the keys are there", secAccount + secFile + "echo a good one | auth/factotum" + secKeys, "key proto=pass user=ken service=mail !password?\n"},
		{"with -n nobody is asked", secAccount + secFile + "echo a good one | {auth/factotum -n; cat}" + secKeys, "a good one\n"},
		{"as the agent of a machine, which remembers no password", secAccount + secFile + "echo a good one | {auth/factotum -S; cat}" + secKeys, "a good one\n"},
		{"one that does", secAccount + secFile + "{echo glenda; echo lab; echo a good one; echo secret; echo secret; echo n} | auth/wrkey; auth/factotum -S </dev/null" + secKeys,
			"key proto=dp9ik user=glenda dom=lab !hex? !password?\nkey proto=pass user=ken service=mail !password?\n"},
		{"no server", "secstore=tcp!n2!5356; echo a good one | {auth/factotum; cat}" + secKeys, "a good one\n"},
		{"no machine of that name", "secstore=n9; echo a good one | {auth/factotum; cat}" + secKeys, "a good one\n"},
		{"no network", "secstore=/net.alt/tcp!10.9.0.7!5356; echo a good one | {auth/factotum; cat}" + secKeys, "a good one\n"},
		{"a server that says nothing", "secstore=tcp!n1!5356; echo a good one | auth/factotum" + secKeys,
			"auth/factotum: secstore: authentication failed: connection timed out\n"},
		{"no account", "mkdir /adm; auth/secstored; secstore=tcp!n2!5356; echo a good one | auth/factotum" + secKeys,
			"auth/factotum: secstore: authentication failed: verifier didn't match\n"},
		{"no file", secAccount + "echo a good one | auth/factotum" + secKeys, "auth/factotum: secstore: remote file does not exist\n"},
		{"a password that nobody knows", secAccount + secFile + "echo a bad one | auth/factotum" + secKeys,
			"auth/factotum: secstore: authentication failed: verifier didn't match\n"},
		{"no answer", secAccount + secFile + "auth/factotum </dev/null" + secKeys, "auth/factotum: secstore: input aborted\n"},
		{"an empty one", secAccount + secFile + "echo | auth/factotum" + secKeys, "auth/factotum: secstore: null password, skipping secstore login\n"},
		{"lines that are wrong", secAccount + secBadFile + "echo a good one | auth/factotum" + secKeys,
			"auth/factotum: secstore: factotum:1: key without protos\nkey proto=pass user=ken !password?\n"},
	})
}

// rpcs are functions of rc for what a client's factotum says, and a server's.
const rpcs = `fn ask {echo -n $"* >[1=3]; dd -quiet 1 -bs 4096 -count 1 <[0=3]; echo}
fn server {ask $* >[3=9]}
fn client {ask $* >[3=8]}
fn greet {server 'start proto=cram role=server'; chal=` + "`{server read}" + `}
fn login {client 'start proto=cram role=client'; client write $chal(2); answer=` + "`{client read}" + `; server write ken; server write $answer(2); server read}
`

// TestFactotumChallenge has a factotum be the server of a protocol for which it needs
// the authentication server, over a network.
func TestFactotumChallenge(t *testing.T) {
	serve := func(t *testing.T, l *lab) {
		as := &auth.Server{
			Name:   "lab",
			Key:    func(context.Context, string) *auth.Key { return auth.PassKey("secret") },
			Secret: func(context.Context, string) string { return "bunny" },
		}
		l.announce(t, "tcp!*!567", func(c io.ReadWriter) { as.Serve(t.Context(), c) })
	}
	begin := inNdb + "auth/factotum -n\n" + bootesKey + "echo 'key proto=cram !password=bunny' >/mnt/factotum/ctl\n" + rpcs
	const both = " <>[8]/mnt/factotum/rpc <>[9]/mnt/factotum/rpc"
	netRows(t, serve, []netrow{
		{"at once", begin + "{greet; login}" + both, "ok\nok\nok\nok\nok\ndone haveai\n"},
		{"after a while", begin + "{greet; sleep 20; login}" + both, "ok\nok\nok\nok\nok\ndone haveai\n"},
		{"too late", begin + "{greet; sleep 40; login}" + both,
			"ok\nok\nok\nok\nerror auth server protocol botch: interrupted\nerror auth server protocol botch: interrupted\n"},
		{"no time at all", begin + "{greet; greet}" + both, "ok\nok\n"},
	})
}
