package cmd_test

import (
	"strings"
	"testing"

	"ufo/cmd"
	"ufo/proc"
)

// TestAuthDebug tests keys that are good for nothing, each in its own way.
func TestAuthDebug(t *testing.T) {
	const dialed = "\tdialing auth server net!n1!ticket\n\tsuccessfully dialed auth server\n"
	key := func(attrs string) string { return "echo 'key " + attrs + " !password=secret' >/mnt/factotum/ctl\n" }
	netRows(t, realm, []netrow{
		{"no factotum", "auth/debug", "auth/debug: cannot open /mnt/factotum/ctl: '/mnt/factotum' file does not exist\nstatus: cannot open /mnt/factotum/ctl: '/mnt/factotum' file does not exist\n"},
		{"arguments", "auth/debug x", "usage: auth/debug\nstatus: usage\n"},
		{"no keys", "auth/factotum\n" + key("proto=pass user=a") + "auth/debug", "no p9sk1/dp9ik keys found in factotum\nstatus: no p9sk1/dp9ik keys found in factotum\n"},
		{"a good one", inNdb + "auth/factotum\n" + goodKey + "auth/debug",
			"key: proto=dp9ik dom=lab user=glenda !password?\n" + dialed + "\tticket request using glenda@lab key succeeded\n"},
		{"with attributes of its own", inNdb + "auth/factotum\n" + goodKey + key("proto=dp9ik dom=lab user=glenda note=''a b''") + "auth/debug | sed 1,4d",
			"key: proto=dp9ik dom=lab user=glenda note='a b' !password?\n" + dialed + "\tticket request using glenda@lab key succeeded\n"},
		{"for servers", inNdb + "auth/factotum\n" + key("proto=dp9ik dom=lab user=glenda role=server") + "auth/debug",
			"key: proto=dp9ik dom=lab user=glenda role=server !password?\n\tonly for role=server: not tested\n"},
		{"disabled by hand", inNdb + "auth/factotum\n" + key("proto=dp9ik dom=lab user=glenda disabled") + "auth/debug",
			"key: proto=dp9ik dom=lab user=glenda disabled='' !password?\n\tkey is disabled by hand\nstatus: key is disabled by hand\n"},
		{"to be confirmed, and nobody does", inNdb + "auth/factotum\n" + key("proto=dp9ik dom=lab user=glenda confirm") + "auth/debug | sed 1,3d; echo -n",
			"\tticket request using glenda@lab key failed: confirm is closed\n"},
		{"p9sk1 is off", inNdb + "auth/factotum\n" + key("proto=p9sk1 dom=lab user=glenda") + "auth/debug | sed 1,3d; echo -n",
			"\tticket request using glenda@lab key failed: protocol p9sk1 is off\n"},
		{"the authentication server does not do p9sk1", inNdb + "auth/factotum -o\n" + key("proto=p9sk1 dom=lab user=glenda") + "auth/debug | sed 1,3d; echo -n",
			"\tticket request using glenda@lab key failed: auth server net!n1!ticket: remote: DES is disabled: proto=p9sk1 dom=lab user=glenda\n"},
		{"of an agent that is told of an address", "auth/factotum -a tcp!n1!567\n" + goodKey + "auth/debug",
			"key: proto=dp9ik dom=lab user=glenda !password?\n\tcsquery authdom=lab auth=* failed\n\tcsquery dom=lab auth=* failed\n\tdialing auth server net!p9auth.lab!ticket\n" +
				"\tcannot dial auth server: net!p9auth.lab!ticket: cs: can't translate service\nstatus: cannot dial auth server: net!p9auth.lab!ticket: cs: can't translate service\n"},
	})
}

// TestExplainAuth explains keys where little is known.
func TestExplainAuth(t *testing.T) {
	netRows(t, realm, []netrow{
		{"no factotum", "explain auth", "refused  '/mnt/factotum' file does not exist\n         nobody has keys here: auth/factotum starts an agent\nstatus: '/mnt/factotum' file does not exist\n"},
		{"neither key nor domain", "auth/factotum; explain auth | sed 1d; echo -n", "refused  factotum: no key, and this machine has no authentication domain\n"},
		{"for servers", "auth/factotum\necho 'key proto=dp9ik dom=lab user=glenda role=server !password=secret' >/mnt/factotum/ctl; explain auth | sed 1,2d",
			"ticket   none: the key is for role=server alone\n"},
		{"to be confirmed, and nobody does", inNdb + "auth/factotum\necho 'key proto=dp9ik dom=lab user=glenda confirm !password=secret' >/mnt/factotum/ctl; explain auth | grep refused; echo -n",
			"refused  factotum: confirm is closed\n"},
	})
}

// TestAuthDebugSecret has neither show what is secret.
func TestAuthDebugSecret(t *testing.T) {
	cmd.OnWire(t, new(lab).plug(realm), func(p *proc.Proc) error {
		out := cmd.RcOutput(p, inNdb+"auth/factotum\n"+goodKey+"auth/debug; explain auth; cat /proc/*/args /dev/kmesg")
		if strings.Contains(out, "secret") || !strings.Contains(out, "succeeded") {
			t.Error(out)
		}
		return nil
	})
}
