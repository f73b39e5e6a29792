package cmd_test

import (
	"strings"
	"testing"

	"ufo/auth"
	"ufo/cmd"
	"ufo/proc"
)

// TestSecretsElsewhere logs in with a password that is one key, and asks for another, and
// then looks for them wherever something of the machine can be read, by its owner.
func TestSecretsElsewhere(t *testing.T) {
	const marker = "Sesame-open"
	plug := new(lab).plug(func(t *testing.T, l *lab) { realmOf(t, l, marker) })
	for _, c := range []struct{ name, read string }{
		{"arguments", "cat /proc/*/args"},
		{"descriptors", "cat /proc/*/fd"},
		{"name spaces", "cat /proc/*/ns"},
		{"what the kernel knows of processes", "cat /proc/*/proc /proc/*/status /proc/*/segment"},
		{"variables", "cat '#e'/*"},
		{"those of the machine", "cat '#ec'/*"},
		{"messages of the kernel", "echo; cat /dev/kmesg"},
		{"files in /srv", "ls -l /srv; cat '#s'/clone"},
		{"connections", "cat /net/tcp/*/status /net/tcp/*/remote; netstat"},
		{"the network database", "cat /net/ndb /lib/ndb/local /net/cs"},
		{"factotum's keys", "cat /mnt/factotum/ctl"},
		{"factotum's log", "sed 8q /mnt/factotum/log"},
		{"its trace of 9P and of itself", "cat /tmp/trace"},
		{"a snapshot of factotum", "snap -o /tmp/snap `{ps | awk '$NF == \"factotum\" {print $2}'}; cat /tmp/snap"},
		{"what debug and explain say", "auth/debug; explain auth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd.OnWire(t, plug, func(p *proc.Proc) error {
				p.WriteFile("/tmp/key1", []byte("key proto=dp9ik dom=lab user=glenda !password="+marker))
				p.WriteFile("/tmp/key2", []byte("key proto=pass service=x user=glenda !password="+marker))
				out := cmd.RcOutput(p, inNdb+"bind '#p' /proc; bind '#c' /dev; >trace\n"+
					"auth/factotum -dD >[2]/tmp/trace\n"+
					"cat key1 >/mnt/factotum/ctl; cat key2 >/mnt/factotum/ctl; rm key1 key2\n"+
					"srv tcp!n1!564 x; mount /srv/x /n; cat /n/f; auth/userpasswd service'='x proto'='pass >/dev/null; echo done\n"+c.read)
				before, found, ok := strings.Cut(out, "hello\ndone\n")
				if !ok || before != "" || found == "" {
					t.Fatalf("nothing to look at: %s", out)
				}
				if strings.Contains(found, "Sesame") || strings.Contains(found, string(auth.PassKey(marker).AES[:])) {
					t.Errorf("%s", found)
				}
				return nil
			})
		})
	}
}
