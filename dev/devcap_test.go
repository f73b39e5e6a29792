package dev_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

// capHash returns what a capability's maker writes to caphash.
func capHash(users, key string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(users))
	return string(h.Sum(nil))
}

// TestCap uses capabilities: the host owner makes one of ken's to be glenda, another
// user writes something to capuse. Used is who he is then.
func TestCap(t *testing.T) {
	const key = "rosebud"
	for _, c := range []struct {
		name, made, user, used string
		want, is               string // the error, and the user afterwards
	}{
		{"good", "ken@glenda", "ken", "ken@glenda@rosebud", "", "glenda"},
		{"good, with its zero", "ken@glenda", "ken", "ken@glenda@rosebud\x00more", "", "glenda"},
		{"for anybody", "rob", "ken", "rob@rosebud", "", "rob"},
		{"of somebody else", "ken@glenda", "rob", "ken@glenda@rosebud", "capability must match user", "rob"},
		{"one's own name for another's", "ken@glenda", "rob", "rob@glenda@rosebud", "invalid capability rob@glenda", "rob"},
		{"forged", "", "ken", "ken@glenda@rosebud", "invalid capability ken@glenda", "ken"},
		{"another key", "ken@glenda", "ken", "ken@glenda@rosebux", "invalid capability ken@glenda", "ken"},
		{"to be another", "ken@rob", "ken", "ken@glenda@rosebud", "invalid capability ken@glenda", "ken"},
		{"names moved into the key", "ken@glenda", "ken", "ken@glenda@@rosebud", "invalid capability ken@glenda@", "ken"},
		{"the first name left out", "ken@glenda", "ken", "glenda@rosebud", "invalid capability glenda", "ken"},
		{"to be nobody", "ken@", "ken", "ken@@rosebud", "invalid capability ken@", "ken"},
		{"no @", "ken@glenda", "ken", "rosebud", "i/o count too small", "ken"},
		{"nothing", "ken@glenda", "ken", "", "i/o count too small", "ken"},
		{"endless", "ken@glenda", "ken", strings.Repeat("x", 1024), "read or write too large", "ken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t, dev.ConsConfig{})
			m.run("glenda", func(x user) {
				if c.made != "" {
					same(t, "made", x.echo(capHash(c.made, key), "#¤/caphash"), "")
				}
			})
			m.run(c.user, func(x user) {
				same(t, "capuse", x.echo(c.used, "#¤/capuse"), c.want)
				same(t, "user", x.cat("#c/user"), c.is)
			})
		})
	}
}

// TestCapOnce replays capabilities: a good one, and one that another one like it
// was made of.
func TestCapOnce(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("glenda", func(x user) {
		for range 2 {
			same(t, "made", x.echo(capHash("ken", "k"), "#¤/caphash"), "")
		}
		for _, want := range []string{"", "", "invalid capability ken"} {
			same(t, "used", x.echo("ken@k", "#¤/capuse"), want)
		}
		same(t, "as ken, who makes none", x.echo(capHash("glenda", "k"), "#¤/caphash"), "permission denied")
	})
}

// TestCapExpires uses capabilities just before a minute is over, and just after.
func TestCapExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		m.run("glenda", func(x user) {
			for _, key := range []string{"a", "b"} {
				same(t, "made", x.echo(capHash("ken", key), "#¤/caphash"), "")
			}
			x.p.Sleep(time.Minute - 1)
			same(t, "in time", x.echo("ken@a", "#¤/capuse"), "")
			x.p.Sleep(2)
			same(t, "too late", x.echo("ken@b", "#¤/capuse"), "invalid capability ken")
		})
	})
}

// TestCapMany makes more capabilities than there can be. Then the oldest goes of who
// has most of them.
func TestCapMany(t *testing.T) {
	type made struct {
		user  string // written behind the hash, but nobody
		count int    // their keys are the user and a number from 0
	}
	for _, c := range []struct {
		name        string
		made        []made
		good, wrong []string
	}{
		{"of one user", []made{{"ken", 257}}, []string{"ken1", "ken256"}, []string{"ken0"}},
		{"of who is not named", []made{{"nobody", 257}}, []string{"nobody1", "nobody256"}, []string{"nobody0"}},
		{"he logs in so often that another cannot", []made{{"glenda", 1}, {"ken", 1000}},
			[]string{"glenda0", "ken999", "ken745"}, []string{"ken744", "ken0"}},
		{"with a friend", []made{{"glenda", 1}, {"ken", 1000}, {"rob", 1000}, {"ken", 1000}},
			[]string{"glenda0", "ken999", "rob999"}, []string{"ken1", "rob1"}},
		{"so often that who is not named cannot", []made{{"nobody", 1}, {"ken", 300}}, []string{"nobody0"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			newMachine(t, dev.ConsConfig{}).run("glenda", func(x user) {
				for _, m := range c.made {
					for i := range m.count {
						hash := capHash(m.user, fmt.Sprint(m.user, i))
						if m.user != "nobody" {
							hash += m.user
						}
						same(t, "made", x.echo(hash, "#¤/caphash"), "")
					}
				}
				for _, key := range append(c.good, c.wrong...) {
					who, want := strings.TrimRight(key, "0123456789"), ""
					if slices.Contains(c.wrong, key) {
						want = "invalid capability " + who
					}
					same(t, key, x.echo(who+"@"+key, "#¤/capuse"), want)
				}
			})
		})
	}
}

// TestCapHash is about who may make capabilities, and no longer.
func TestCapHash(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	good := capHash("ken@glenda", "k")
	m.run("ken", func(x user) {
		same(t, "another user", x.echo(good, "#¤/caphash"), "permission denied")
		same(t, "another user removes", bare(x.p.Remove("#¤/caphash")), "permission denied")
		same(t, "reading", x.cat("#¤/capuse"), "permission denied")
	})
	m.run("glenda", func(x user) {
		same(t, "too short", x.echo(good[:19], "#¤/caphash"), "i/o count too small")
		same(t, "an endless name", x.echo(good+strings.Repeat("x", 1005), "#¤/caphash"), "read or write too large")
		fd := x.open("#¤/caphash", ninep.OWRITE)
		same(t, "none keeps the descriptor", x.echo("none", "#c/user"), "")
		if _, err := x.p.Write(fd, []byte(good)); bare(err) != "permission denied" {
			t.Errorf("none made a capability: %v", err)
		}
	})
	m.run("glenda", func(x user) {
		fd := x.open("#¤/caphash", ninep.OWRITE)
		same(t, "made", x.echo(good, "#¤/caphash"), "")
		if err := x.p.Remove("#¤/caphash"); err != nil {
			t.Fatal(err)
		}
		same(t, "afterwards", x.ls("#¤"), "capuse")
		same(t, "by name", x.echo(good, "#¤/caphash"), "file does not exist")
		if _, err := x.p.Write(fd, []byte(good)); bare(err) != "permission denied" {
			t.Errorf("made after removal: %v", err)
		}
	})
	m.run("ken", func(x user) {
		same(t, "what was made before is good", x.echo("ken@glenda@k", "#¤/capuse"), "")
	})
}

// TestCapHost is the device without a process: the host makes capabilities, and is
// nobody's to use.
func TestCapHost(t *testing.T) {
	x := tester{t, dev.NewCap(glenda), context.Background()}
	f := x.open("caphash", ninep.OWRITE)
	defer f.Close()
	if _, err := f.Write(x.ctx, []byte(capHash("ken", "k")), 0); err != nil {
		t.Error(err)
	}
	u := x.open("capuse", ninep.OWRITE)
	defer u.Close()
	if _, err := u.Write(x.ctx, []byte("ken@k"), 0); err != ninep.ErrPerm {
		t.Error(err)
	}
}

// FuzzCapuse writes anything to capuse while ken may become glenda, once: only who knows
// the key does.
func FuzzCapuse(f *testing.F) {
	for _, s := range []string{"ken@glenda@rosebud", "ken@glenda@rosebud\x00@", "glenda@rosebud", "ken@@rosebud", "@", "ken@glenda@", "ken@glenda@@rosebud"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := newMachine(t, dev.ConsConfig{})
		m.run("glenda", func(x user) { x.echo(capHash("ken@glenda", "rosebud"), "#¤/caphash") })
		m.run("ken", func(x user) {
			err := x.echo(text, "#¤/capuse")
			text, _, _ := strings.Cut(text, "\x00")
			want := "ken"
			if text == "ken@glenda@rosebud" {
				want = "glenda"
			}
			if got := x.cat("#c/user"); got != want || (err == "") != (want == "glenda") {
				t.Errorf("%q: %s, and he is %s", text, err, got)
			}
		})
	})
}
