package cmd

import (
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/auth"
	"ufo/cmd/ndb"
	"ufo/proc"
)

// onAuth runs main as a process of a node where the users glenda, ken and rob are in
// /mnt/keys, each with a password of his name and " secret".
func onAuth(t *testing.T, main func(p *proc.Proc)) {
	t.Helper()
	onNode(t, func(p *proc.Proc) error {
		cmds := strings.Replace(inKeys, "ramfs -m /mnt", "ramfs -S mnt; mount -c /srv/mnt /mnt", 1) + "mkdir -p lib/ndb sys/log; >sys/log/auth; "
		for _, user := range []string{"glenda", "ken", "rob"} {
			cmds += fmt.Sprintf("say '%s secret' '%s secret' | auth/changeuser %s >/dev/null; ", user, user, user)
		}
		if out := rcOutput(p, cmds); out != "" {
			t.Fatal(out)
		}
		p.WriteFile("/tmp/lib/ndb/auth", []byte("hostid=glenda\n\tuid=!rob uid=*\n"))
		main(p)
		return nil
	})
}

// keysOutput is rcOutput, which unmounts what was in /mnt, with another keyfs there.
func keysOutput(p *proc.Proc, cmds string) string {
	return rcOutput(p, "mount -c /srv/mnt /mnt; echo a password | auth/keyfs -p k >/dev/null; "+cmds)
}

// callAuth starts an authsrv and calls a function with a connection to it, which it
// then closes. It returns what is in the log.
func callAuth(t *testing.T, p *proc.Proc, flags string, f func(rw io.ReadWriter) error) (string, error) {
	t.Helper()
	p.WriteFile("/tmp/sys/log/auth", nil)
	near, far, err := p.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Fork(proc.RFFDG|proc.RFREND|proc.RFNAMEG, func(c *proc.Proc) error {
		c.Dup(far, 0)
		c.Dup(far, 1)
		c.Close(near)
		c.Close(far)
		return c.Exec("/bin/auth/authsrv", strings.Fields("auth/authsrv "+flags))
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Close(far)
	err = f(p.FD(near))
	p.Close(near)
	if w, e := p.Wait(); e != nil || w.Msg != "" {
		t.Errorf("authsrv: %q, %v", w.Msg, e)
	}
	log, _ := p.ReadFile("/tmp/sys/log/auth")
	return string(log), err
}

// tickets gets tickets for a user at glenda's machine, and reports who can open
// them.
func tickets(host, password, uid string) func(rw io.ReadWriter) error {
	return func(rw io.ReadWriter) error {
		tr := &auth.Ticketreq{Type: auth.AuthTreq, Authid: "glenda", Authdom: "lab", Hostid: host, Uid: uid}
		server := auth.PassKey("glenda secret").Hash("glenda").PAK(true)
		ybs, key, err := auth.RequestPair(rw, tr, auth.PassKey(password).Hash(host), server.Public())
		if err != nil {
			return err
		}
		b, err := auth.RequestTickets(rw, tr, key)
		if err != nil {
			return err
		}
		tc, rest, err := auth.OpenTicket(b, key, auth.AuthTc)
		if err != nil {
			return err
		}
		skey, err := server.Finish(ybs)
		if err != nil {
			return err
		}
		ts, _, err := auth.OpenTicket(rest, skey, auth.AuthTs)
		if err == nil && (tc.Suid != uid || ts.Suid != uid) {
			err = errors.New("tickets of others")
		}
		return err
	}
}

// TestAuthsrvTickets is about who gets tickets. To whom gets none all looks the same.
func TestAuthsrvTickets(t *testing.T) {
	for _, c := range []struct {
		name, before        string // commands
		host, password, uid string
		good                bool
		logged              string
	}{
		{"one for himself", "", "ken", "ken secret", "ken", true, `ticket for "ken" as "ken" at "glenda"`},
		{"the owner for another", "", "glenda", "glenda secret", "ken", true, `ticket for "glenda" as "ken" at "glenda"`},
		{"the wrong password", "", "ken", "a guess", "ken", false, "ticket"},
		{"nobody", "", "nobody", "nobody secret", "nobody", false, `no AES key for "nobody"` + "\n"},
		{"the owner for one he must not be", "", "glenda", "glenda secret", "rob", false, `"glenda" does not speak for "rob"`},
		{"one for another", "", "ken", "ken secret", "rob", false, `"ken" does not speak for "rob"`},
		{"one for the owner", "", "ken", "ken secret", "glenda", false, `"ken" does not speak for "glenda"`},
		{"no rules", "rm lib/ndb/auth", "glenda", "glenda secret", "ken", false, "no /lib/ndb/auth"},
		{"no rules, for himself", "rm lib/ndb/auth", "ken", "ken secret", "ken", true, `ticket for "ken"`},
		{"disabled", "auth/disable ken", "ken", "ken secret", "ken", false, `no AES key for "ken": user disabled`},
		{"enabled again", "auth/disable ken; auth/enable ken", "ken", "ken secret", "ken", true, ""},
		{"expired", "echo 946684700 >/mnt/keys/ken/expire", "ken", "ken secret", "ken", false, `no AES key for "ken": user expired`},
		{"in purgatory", "for(i in 1 2 3 4 5 6 7 8 9 10) echo bad >/mnt/keys/ken/log", "ken", "ken secret", "ken", false, `no AES key for "ken": user in purgatory`},
		{"out of it", "for(i in 1 2 3 4 5 6 7 8 9 10) echo bad >/mnt/keys/ken/log; sleep 10", "ken", "ken secret", "ken", true, ""},
		{"removed", "rm /mnt/keys/ken", "ken", "ken secret", "ken", false, `no AES key for "ken"`},
		{"renamed", "mv /mnt/keys/ken /mnt/keys/kenneth", "ken", "ken secret", "ken", false, `no AES key for "ken"`},
		{"by another way", "", "../keys/ken", "ken secret", "../keys/ken", false, `no AES key for "../keys/ken"`},
		{"dot dot", "", "..", "ken secret", "..", false, `no AES key for ".."`},
		{"the server is not there", "rm /mnt/keys/glenda", "ken", "ken secret", "ken", false, `no AES key for "glenda"`},
		{"no database", "unmount /mnt/keys", "ken", "ken secret", "ken", false, `no AES key for "ken"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			onAuth(t, func(p *proc.Proc) {
				if out := keysOutput(p, c.before); out != "" {
					t.Fatal(out)
				}
				log, err := callAuth(t, p, "-N", tickets(c.host, c.password, c.uid))
				if (err == nil) != c.good || err != nil && !errors.Is(err, auth.ErrBadKey) {
					t.Error(err)
				}
				if !strings.Contains(log, c.logged) || strings.Contains(log, "secret") {
					t.Errorf("log: %s", log)
				}
			})
		})
	}
}

// TestAuthsrvSameWork counts the system calls it takes to answer, of users who are there
// and of others.
func TestAuthsrvSameWork(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		keysOutput(p, "auth/disable rob")
		calls := func(user string) (all, opens string) {
			var list []string
			a := &authserver{p: p}
			p.Trace(func(_ *proc.Proc, c proc.Call) { list = append(list, c.Name) })
			defer p.Trace(nil)
			a.key(p.Context(), user)
			a.secret(p.Context(), user)
			slices.Sort(list)
			all = strings.Join(list, " ")
			return all, fmt.Sprint(strings.Count(all, "Open"))
		}
		want, opens := calls("ken")
		if opens != "6" {
			t.Fatalf("for ken: %s", want)
		}
		for _, user := range []string{"nobody", "../keys/ken", "", "?"} {
			if got, _ := calls(user); got != want {
				t.Errorf("for %q: %s, want %s", user, got, want)
			}
		}
		if _, got := calls("rob"); got != opens {
			t.Errorf("for one who is disabled %s files are opened, want %s", got, opens)
		}
	})
}

// TestAuthsrvDES asks for tickets of p9sk1, which are only given with -1.
func TestAuthsrvDES(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		ask := func(rw io.ReadWriter) error {
			tr := &auth.Ticketreq{Type: auth.AuthTreq, Authid: "glenda", Authdom: "lab", Hostid: "ken", Uid: "ken"}
			key := auth.PassKey("ken secret").Cipher()
			b, err := auth.RequestTickets(rw, tr, key)
			if err == nil {
				_, _, err = auth.OpenTicket(b, key, auth.AuthTc)
			}
			return err
		}
		for flags, want := range map[string]string{"": "remote: DES is disabled", "-N": "remote: DES is disabled", "-1": "<nil>", "-1 -N": "remote: DES is disabled"} {
			if _, err := callAuth(t, p, flags, ask); fmt.Sprint(err) != want {
				t.Errorf("authsrv %s: %v, want %s", flags, err, want)
			}
		}
	})
}

// TestAuthsrvSlow tries passwords, which takes longer and longer.
func TestAuthsrvSlow(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		var took []string
		_, err := callAuth(t, p, "-N", func(rw io.ReadWriter) error {
			for range 8 {
				begin := p.Now()
				if err := tickets("ken", "a guess", "ken")(rw); !errors.Is(err, auth.ErrBadKey) {
					return err
				}
				took = append(took, p.Now().Sub(begin).Round(time.Second).String())
			}
			return nil
		})
		if got, want := strings.Join(took, " "), "0s 1s 2s 4s 8s 16s 32s 32s"; got != want || err != nil {
			t.Errorf("it took %s, want %s; %v", got, want, err)
		}
	})
}

// TestAuthsrvEnds calls and says nothing, which is listened to for ten minutes.
func TestAuthsrvEnds(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		begin := p.Now()
		near, far, _ := p.Pipe()
		p.Fork(proc.RFFDG|proc.RFREND, func(c *proc.Proc) error {
			c.Dup(far, 0)
			c.Dup(far, 1)
			c.Close(near)
			c.Close(far)
			return c.Exec("/bin/auth/authsrv", []string{"auth/authsrv"})
		})
		p.Close(far)
		if n, err := p.Read(near, make([]byte, 1)); n != 0 {
			t.Errorf("it says something: %v", err)
		}
		if took := p.Now().Sub(begin); took != 10*time.Minute {
			t.Errorf("it took %v", took)
		}
		p.Close(near)
		p.Wait()
	})
}

// TestAuthsrvStrangers sends what is no request: drawterm's question for a secstore,
// and junk. It is hung up on at once.
func TestAuthsrvStrangers(t *testing.T) {
	hello := "secstore\tPAK\nC=glenda\nm=0\n"
	for _, c := range []struct{ name, text, logged string }{
		{"drawterm", string([]byte{0x80, byte(len(hello))}) + hello, "unknown looks for a secstore, which is not here\n"},
		{"TLS", "\x80\x2e\x01\x03\x01", "unknown says what is no request\n"},
		{"a type that is none", "\x7f" + strings.Repeat("x", auth.TicketreqLen), "unknown client broke the protocol: type 127\n"},
		{"MSCHAP", "\x0b" + strings.Repeat("\x00", auth.TicketreqLen), "unknown client broke the protocol: type 11\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onAuth(t, func(p *proc.Proc) {
				begin := p.Now()
				log, err := callAuth(t, p, "", func(rw io.ReadWriter) error {
					if _, err := io.WriteString(rw, c.text); err != nil {
						return err
					}
					if n, err := rw.Read(make([]byte, 100)); n != 0 || !errors.Is(err, io.EOF) {
						return fmt.Errorf("%d bytes, %w", n, err)
					}
					return nil
				})
				if _, line, _ := strings.Cut(log, "00:00:00 "); line != c.logged || err != nil || p.Now() != begin {
					t.Errorf("log: %s, %v, after %v", log, err, p.Now().Sub(begin))
				}
			})
		})
	}
}

// TestAuthsrvPassword changes passwords and secrets, or tries to.
func TestAuthsrvPassword(t *testing.T) {
	for _, c := range []struct {
		name, before, user string
		r                  auth.Passwordreq
		want               string
		secret             string // afterwards
	}{
		{"a password", "", "ken", auth.Passwordreq{Old: "ken secret", New: "a new secret"}, "<nil>", ""},
		{"a secret", "", "ken", auth.Passwordreq{Old: "ken secret", ChangeSecret: true, Secret: "apop"}, "<nil>", "apop"},
		{"too short", "", "ken", auth.Passwordreq{Old: "ken secret", New: "short"}, "remote: password must be at least 8 chars", ""},
		{"the wrong old one", "", "ken", auth.Passwordreq{Old: "a guess", New: "a new secret"}, "bad key", ""},
		{"nobody", "", "nobody", auth.Passwordreq{Old: "nobody secret", New: "a new secret"}, "bad key", ""},
		{"disabled", "auth/disable ken; ", "ken", auth.Passwordreq{Old: "ken secret", New: "a new secret"}, "bad key", ""},
		{"a database that cannot be changed", "unmount /mnt/keys; echo a password | auth/keyfs -p -r k >/dev/null; ", "ken",
			auth.Passwordreq{Old: "ken secret", New: "a new secret"}, "remote: can't write key", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			onAuth(t, func(p *proc.Proc) {
				keysOutput(p, c.before)
				log, err := callAuth(t, p, "-N", func(rw io.ReadWriter) error { return auth.ChangePassword(rw, c.user, &c.r, false) })
				if fmt.Sprint(err) != c.want || strings.Contains(log, "secret") {
					t.Errorf("%v, want %s\n%s", err, c.want, log)
				}
				password := "ken secret"
				if c.want == "<nil>" && c.r.New != "" {
					password = c.r.New
				}
				keysOutput(p, "auth/enable ken >[2]/dev/null")
				if _, err := callAuth(t, p, "-N", tickets("ken", password, "ken")); err != nil {
					t.Errorf("afterwards %q is not his password: %v", password, err)
				}
				if secret, err := p.ReadFile("/mnt/keys/ken/secret"); string(secret) != c.secret {
					t.Errorf("afterwards the secret is %q, %v, want %q", secret, err, c.secret)
				}
			})
		})
	}
}

// TestAuthsrvAPOP answers a challenge with a user's secret, which only one has.
func TestAuthsrvAPOP(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		keysOutput(p, "echo -n bunny >/mnt/keys/ken/secret")
		for _, c := range []struct{ user, secret, want string }{
			{"ken", "bunny", "<nil>"},
			{"ken", "funny", "remote: bad response"},
			{"rob", "", "remote: bad response"},
			{"nobody", "", "remote: bad response"},
			{"../keys/ken", "bunny", "remote: bad response"},
		} {
			log, err := callAuth(t, p, "-N", func(rw io.ReadWriter) error {
				tr := &auth.Ticketreq{Type: auth.AuthApop, Hostid: "glenda"}
				if _, err := auth.RequestPAK(rw, tr, auth.PassKey("glenda secret").Hash("glenda")); err != nil {
					return err
				}
				b, _ := tr.Bytes()
				rw.Write(b)
				chal, err := auth.ReadAnswer(rw, 200)
				if err != nil {
					return err
				}
				tr.Uid = c.user
				b, _ = tr.Bytes()
				rw.Write(fmt.Appendf(b, "%x", md5.Sum([]byte(string(chal)+c.secret))))
				_, err = auth.ReadAnswer(rw, 1) // or more: a ticket
				return err
			})
			if fmt.Sprint(err) != c.want || strings.Contains(log, "unny") {
				t.Errorf("%s with %q: %v, want %s\n%s", c.user, c.secret, err, c.want, log)
			}
		}
		if b, err := p.ReadFile("/mnt/keys/ken/log"); string(b) != "1\n" {
			t.Errorf("log: %q, %v", b, err)
		}
	})
}

// TestAuthsrvTried has attempts noted, of users who are there.
func TestAuthsrvTried(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		a := &authserver{p: p}
		for _, c := range []struct {
			user string
			good bool
			want string
		}{{"ken", false, "1\n"}, {"ken", false, "2\n"}, {"rob", true, "2\n"}, {"nobody", false, "2\n"}, {"../keys/ken", false, "2\n"}, {"ken", true, "0\n"}} {
			a.tried(p.Context(), c.user, c.good)
			if b, err := p.ReadFile("/mnt/keys/ken/log"); string(b) != c.want {
				t.Errorf("%s %v: %q, %v", c.user, c.good, b, err)
			}
		}
		if _, err := p.Stat("/mnt/keys/nobody"); err == nil {
			t.Error("nobody is there")
		}
	})
}

// TestAuthsrvSeed has the server make its secret, which stays.
func TestAuthsrvSeed(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		var seeds []string
		for range 2 {
			callAuth(t, p, "", func(rw io.ReadWriter) error { return tickets("ken", "ken secret", "ken")(rw) })
			seeds = append(seeds, keysOutput(p, "xd /adm/keyseed; ls -l /adm/keyseed | sed 's/ .*//'"))
		}
		if seeds[0] != seeds[1] || !strings.HasSuffix(seeds[0], "0000020 \n--rw-------\n") {
			t.Errorf("%s\n%s", seeds[0], seeds[1])
		}
	})
}

// TestSpeaksFor is about the rules.
func TestSpeaksFor(t *testing.T) {
	const rules = `hostid=bootes
	uid=!sys uid=!adm uid=*
hostid=one uid=ken
hostid=one uid=rob
hostid=late uid=* uid=!sys
hostid=empty
	uid=
hostid=none
hostid=odd uid=!* uid=!!x
`
	for _, c := range []struct {
		name, host, user string
		want             bool
	}{
		{"anybody", "bootes", "ken", true},
		{"not those", "bootes", "sys", false},
		{"nor those", "bootes", "adm", false},
		{"the one", "one", "ken", true},
		{"another entry", "one", "rob", false},
		{"those, said late", "late", "sys", false},
		{"nobody", "empty", "ken", false},
		{"nobody at all", "none", "ken", false},
		{"a host that is not there", "ken", "rob", false},
		{"a user like a rule", "bootes", "!sys", true},
		{"a user that is a star", "one", "*", false},
		{"not a star", "odd", "*", false},
		{"not one with a mark", "odd", "!x", false},
		{"no host", "", "ken", false},
	} {
		db, err := ndb.Parse("auth", rules)
		if err != nil {
			t.Fatal(err)
		}
		if got := speaksFor(db, c.host, c.user); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// FuzzSpeaksFor has nobody speak for another whose entry does not have that name, or
// a star.
func FuzzSpeaksFor(f *testing.F) {
	f.Add("hostid=bootes\n\tuid=!sys uid=*\n", "bootes", "ken")
	f.Add("hostid=bootes uid='a b'\n", "bootes", "a b")
	f.Fuzz(func(t *testing.T, rules, host, user string) {
		db, err := ndb.Parse("auth", rules)
		if err != nil || !speaksFor(db, host, user) {
			return
		}
		all := db.Search("hostid", host)[0].All("uid")
		for _, uid := range all {
			if uid == "!"+user {
				t.Errorf("%q speaks for %q against %q", host, user, all)
			}
		}
		if all = append(all, "*"); !strings.Contains(rules, user) && !strings.Contains(rules, "*") {
			t.Errorf("%q speaks for %q by %q", host, user, all)
		}
	})
}
