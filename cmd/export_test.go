package cmd

import (
	"testing"

	"ufo/auth"
	"ufo/dev"
	"ufo/ninep"
	"ufo/proc"
)

// What tests of the network use, which are in a package of their own because
// package grid, that has the wire, imports this one.

// OnWire runs main as a process of a node that is plugged in at the wire that
// plug returns.
func OnWire(t *testing.T, plug func(t *testing.T) dev.Wire, main proc.Main) {
	t.Helper()
	onWire(t, plug, main)
}

// Update is the flag -update.
var Update = update

// RcOutput runs commands by rc and returns what they print, and the exit status.
func RcOutput(p *proc.Proc, cmds string) string { return rcOutput(p, cmds) }

// Speak9P returns a client on a file in /srv.
func Speak9P(t *testing.T, p *proc.Proc, file string) *ninep.Client {
	t.Helper()
	return speak9P(t, p, file)
}

// AttachSaid calls f with the root of a server in /srv that p attaches to as a user.
func AttachSaid(p *proc.Proc, file, user string, f func(root ninep.File) error) error {
	return attachSaid(p, file, user, f)
}

// AuthUserpasswd checks a password and returns what came of it.
func AuthUserpasswd(p *proc.Proc, user, password string) (*auth.Info, error) {
	return authUserpasswd(p, user, password)
}

// AuthProxy authenticates on a connection.
func AuthProxy(p *proc.Proc, fd int, params string) (*auth.Info, error) {
	return authProxy(p, fd, nil, params)
}

// AuthChuid becomes the user that an authentication came to.
func AuthChuid(p *proc.Proc, info *auth.Info) error { return authChuid(p, info, "/lib/namespace") }

// Forms returns the forms in the SYNOPSIS of a command's page.
func Forms(t *testing.T, c Command) []string { return forms(t, c) }

// Samples returns commands whose words are worth to be tried with changes.
func Samples() (all [][]string) {
	for _, line := range speeds {
		args, _ := speedCommand(line)
		all = append(all, args)
	}
	for _, line := range wild {
		args, _ := oracleLine(line)
		all = append(all, args)
	}
	return all
}

// TarOf returns an archive.
func TarOf(t *testing.T) string { return tarOf(t, plain("d/a", "hello\n"), plain("b", "there\n")) }

// Gz returns text, compressed.
func Gz(t *testing.T, text string) string { return gz(t, text, "") }

// Gunzipped returns what is in a compressed file of the host.
func Gunzipped(t *testing.T, name string) string { return gunzipped(t, name) }

// wild are commands with numbers that are too great, loops, and servers that tell
// of their messages.
var wild = []string{
	"exportfs -d -s", "ramfs -i -D",
	"uniq -999999999999999999 f", "seq -w 1 1e18", "seq -w 0 .0001 1e18", "seq -w 0 1e-300 1", "seq 0 1e-300 1", "seq -f %999999999g 3",
	"sort +999999999999999999 f", "sort -k999999999999999999.99999 f", "sort -k1.999999999999999999 f",
	"join -1 999999999999999999 f f", "tail +999999999999 f", "tail -999999999999c f", "split -n 999999999999 f",
	"dd -skip 999999999999999999", "dd -iseek 999999999999999999 -ibs 1m", "dd -oseek 999999999999999999 -of o",
	"dd -bs 16m", "strings -m 999999999999 f", "du -b 999999999999k", "sed :a;ba f", "sed '$!{:a' f", "sleep 1e300",
	"cmp f g 999999999999999999", "tr '\\0-\\xffff' x", "tr -c '\\0-\\xffff' abc", "read -n 999999999999999999", "xd -r /dev/null",
	"grep '((((((((((a*)*)*)*)*)*)*)*)*)*$' f",
}
