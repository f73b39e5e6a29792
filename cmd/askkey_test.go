package cmd

import (
	"bytes"
	"strings"
	"testing"

	"ufo/auth"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// typing makes keys what is typed at the console of a node, and calls f. It returns
// what is printed on it, and how the keys were read.
func typing(t *testing.T, p *proc.Proc, keys string, f func()) (printed, mode string) {
	t.Helper()
	mine, its, err := p.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	name := "#d/" + string(rune('0'+its))
	if err := p.Bind(name, "/dev/cons", ns.MREPL); err != nil {
		t.Fatal(err)
	}
	p.WriteFile("/tmp/consctl", nil)
	p.Bind("/tmp/consctl", "/dev/consctl", ns.MREPL)
	p.Write(mine, []byte(keys))
	f()
	p.Unmount("", "/dev/cons")
	p.Unmount("", "/dev/consctl")
	p.Close(its)
	var all []byte
	for b := make([]byte, 512); ; {
		n, err := p.Read(mine, b)
		if n == 0 || err != nil {
			break
		}
		all = append(all, b[:n]...)
	}
	p.Close(mine)
	b, _ := p.ReadFile("/tmp/consctl")
	return string(all), string(b)
}

// TestPromptKey asks for keys.
func TestPromptKey(t *testing.T) {
	for _, c := range []struct{ name, template, keys, printed, line, err string }{
		{"all there is", "proto=pass", "", "\n!Adding key: proto=pass\n!\n", "key proto=pass", ""},
		{"a user and a password", "proto=dp9ik dom=lab user? !password?", "ken\nsecret\r",
			"\n!Adding key: proto=dp9ik dom=lab\nuser[glenda]: password: \n!\n", "key proto=dp9ik dom=lab user='ken' !password='secret'", ""},
		{"the user that there is", "!password? proto=dp9ik user?", "\nit's a secret\n",
			"\n!Adding key: proto=dp9ik\nuser[glenda]: password: \n!\n", "key proto=dp9ik user='glenda' !password='it''s a secret'", ""},
		{"blanks", "proto=pass service='a b' !password?", "x\n", "\n!Adding key: proto=pass 'service=a b'\npassword: \n!\n",
			"key proto=pass 'service=a b' !password='x'", ""},
		{"misspelled", "!x?", "sec\x7fd\b\bcret\n", "\n!Adding key:\nx: \n!\n", "key !x='scret'", ""},
		{"of several bytes", "!x?", "sé\bü\n", "\n!Adding key:\nx: \n!\n", "key !x='sü'", ""},
		{"erased", "!x?", "\bsec\x15cret\n", "\n!Adding key:\nx: \nx: \n!\n", "key !x='cret'", ""},
		{"control", "!x?", "s\x01\tx\n", "\n!Adding key:\nx: \n!\n", "key !x='sx'", ""},
		{"too long", "!x?", strings.Repeat("x", 600) + "\n", "\n!Adding key:\nx: \n!\n", "key !x='" + strings.Repeat("x", maxTyped) + "'", ""},
		{"interrupted", "user? !x?", "\nsec\x03", "\n!Adding key:\nuser[glenda]: x: \n", "key user='glenda'", "user terminated key input: input aborted"},
		{"ended", "!x?", "sec\x04", "\n!Adding key:\nx: \n", "key", "user terminated key input: input aborted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onNode(t, func(p *proc.Proc) error {
				var line []byte
				var err error
				printed, mode := typing(t, p, c.keys, func() { line, err = promptKey(p, c.template) })
				if printed != c.printed || string(line) != c.line || err == nil && c.err != "" || err != nil && err.Error() != c.err {
					t.Errorf("printed %q, line %q, %v", printed, line, err)
				}
				if want := strings.Contains(c.template, "!"); want != (mode == "rawon") {
					t.Errorf("consctl: %q", mode)
				}
				return nil
			})
		})
	}
}

// TestAskKey has a key asked for by whoever needs it.
func TestAskKey(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		if err := askKey(p, "proto=pass"); err == nil || !strings.Contains(err.Error(), "opening /mnt/factotum/ctl") {
			t.Errorf("without factotum: %v", err)
		}
		if got := rcOutput(p, "auth/factotum"); got != "" {
			t.Fatal(got)
		}
		typing(t, p, "\nsecret\n", func() {
			user, password, err := getUserpasswd(p, authGetkey, "proto=pass service=x")
			if user != "glenda" || password != "secret" || err != nil {
				t.Errorf("%q, %q, %v", user, password, err)
			}
		})
		typing(t, p, "\nsec\x03", func() {
			if _, _, err := getUserpasswd(p, authGetkey, "proto=pass service=y"); err == nil {
				t.Error("nothing was said")
			}
		})
		if err := askKey(p, "proto=pass"); err == nil || !strings.Contains(err.Error(), "sending key to factotum: no user attribute") {
			t.Errorf("half a key: %v", err)
		}
		for _, c := range []struct{ params, want string }{
			{"proto=pass service=z", "needkey !password? proto=pass service=z user?"},
			{"proto=rot13", "unknown protocol rot13"},
			{"proto=cram role=client", "bad answer from factotum"},
		} {
			_, _, err := getUserpasswd(p, nil, c.params)
			if err == nil || err.Error() != c.want && c.want != "bad answer from factotum" {
				t.Errorf("%s: %v", c.params, err)
			}
		}
		return nil
	})
}

const factotumUsage = "usage: auth/factotum [-DdnopuS] [-a asaddr] [-s srvname] [-m mtpt]\n       auth/factotum -g attribute=value ... attribute? ...\nstatus: usage\n"

// TestFactotum runs the command.
func TestFactotum(t *testing.T) {
	rcRows(t, []row{
		{name: "keys", cmd: "auth/factotum -n -m /tmp; cd /tmp/factotum; echo 'key proto=pass user=a !password=b' >ctl; cat ctl; ls",
			want: "key proto=pass user=a !password?\nconfirm\nctl\nlog\nneedkey\nproto\nrpc\n"},
		{name: "posted, for everybody", cmd: "auth/factotum -s factotum; ls -l /srv/factotum | sed 's/ .*//'; mount /srv/factotum /n; cat /n/factotum/proto",
			want: "--rw-rw-rw-\napop\nchap\ncram\ndp9ik\nhttpdigest\np9any\npass\n"},
		{name: "old protocols", cmd: "auth/factotum -o; grep p9sk1 /mnt/factotum/proto", want: "p9sk1\n"},
		{name: "a machine without memory", cmd: "auth/factotum -S; cat /mnt/factotum/ctl", want: ""},
		{name: "its log", cmd: "auth/factotum -d; auth/userpasswd 'proto=cram role=client'",
			want: "1: start 22 in phase Notstarted yields phase CNeedChal: ok\n1: read 0 in phase CNeedChal yields phase CNeedChal: phase protocol phase error: read in state CNeedChal\nauth/userpasswd: bad answer from factotum\nstatus: bad answer from factotum\n"},
		{name: "a password", cmd: "auth/factotum; echo 'key proto=pass user=a !password=''b c''' >/mnt/factotum/ctl; auth/userpasswd 'proto=pass user=a'", want: "a\nb c\n"},
		{name: "no factotum", cmd: "auth/userpasswd 'proto=pass user=a'",
			want: "auth/userpasswd: opening /mnt/factotum/rpc: '/mnt/factotum' file does not exist\nstatus: opening /mnt/factotum/rpc: '/mnt/factotum' file does not exist\n"},
		{name: "the owner of the machine", cmd: "user=ken auth/factotum -u", want: "auth/factotum: setting /dev/hostowner to ken: '/dev/hostowner' permission denied\n"},
		{name: "usage", cmd: "auth/factotum x", want: factotumUsage},
		{name: "nothing to ask for", cmd: "auth/factotum -g", want: factotumUsage},
		{name: "nowhere to be mounted", cmd: "auth/factotum -m /none", want: "auth/factotum: mount /none: '/none' file does not exist\nstatus: mount /none: '/none' file does not exist\n"},
	})
}

// TestFactotumNvram has a machine's factotum take its key from memory.
func TestFactotumNvram(t *testing.T) {
	good, err := (&auth.Nvram{Key: *auth.PassKey("secret"), Authid: "bootes", Authdom: "lab"}).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const key = "key proto=dp9ik user=bootes dom=lab !hex? !password?\n"
	for _, c := range []struct {
		name, nvram, want string
	}{
		{"told", string(good), key},
		{"never told", "", ""},
		{"told nonsense", strings.Repeat("x", len(good)), "auth/factotum: warning: cannot read nvram: bad nvram des key\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onNode(t, func(p *proc.Proc) error {
				p.WriteFile("#r/nvram", []byte(c.nvram))
				if got := rcOutput(p, "auth/factotum -S; cat /mnt/factotum/ctl"); got != c.want {
					t.Errorf("%q, want %q", got, c.want)
				}
				return nil
			})
		})
	}
}

// TestFactotumTrace looks at a trace in which nothing is secret.
func TestFactotumTrace(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		out := rcOutput(p, "auth/factotum -D; echo 'key proto=pass user=a !password=sesame' >/mnt/factotum/ctl; auth/userpasswd 'proto=pass' >/dev/null")
		if strings.Contains(out, "sesame") || !strings.Contains(out, " count 39\nRwrite") {
			t.Error(out)
		}
		var b bytes.Buffer
		srv := ninep.Trace(dataless{&b}, ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{
			ninep.Text("f", "sesame"), ninep.TextFunc("g", func() string { return "sesame" }),
		}}))
		root, err := srv.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		ninep.ReadFile(t.Context(), root, "f")
		if got := b.String(); strings.Contains(got, "sesame") || !strings.Contains(got, "Rread tag 0 count 6\n") || !strings.Contains(got, `aname ""`) {
			t.Error(got)
		}
		return nil
	})
}

// speak9P returns a client on a file in /srv: who has it can say any name.
func speak9P(t *testing.T, p *proc.Proc, file string) *ninep.Client {
	t.Helper()
	fd, err := p.Open(file, ninep.ORDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(fd)
	conn, err := p.Conn(fd)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ninep.NewClient(p.Context(), conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestFactotumNames speaks 9P with the file in /srv, and says that it is the owner.
func TestFactotumNames(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		rcOutput(p, "auth/factotum -m / -s factotum; echo 'key proto=pass user=a !password=b' >/factotum/ctl")
		client := speak9P(t, p, "/srv/factotum")
		root, err := client.Attach(p.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := ninep.ReadFile(p.Context(), root, "factotum/ctl"); len(b) > 0 || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		for _, name := range []string{"log", "confirm", "needkey"} {
			if _, err := ninep.OpenFile(p.Context(), root, "factotum/"+name, ninep.OREAD); err != ninep.ErrPerm {
				t.Errorf("%s: %v", name, err)
			}
		}
		root.Close()
		return client.Close()
	})
}
