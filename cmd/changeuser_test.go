package cmd

import (
	"testing"

	"ufo/auth"
	"ufo/proc"
)

// inKeys begins a row in which the users are in /mnt/keys.
const inKeys = `mkdir adm; ramfs -m /mnt; mkdir /mnt/keys; fn say{for(i) echo $i}; echo a password | auth/keyfs -p k >/dev/null; `

// TestChangeuser installs users as scripts do, and asks after them.
func TestChangeuser(t *testing.T) {
	const ken = inKeys + `say 'a good one' 'a good one' | auth/changeuser ken >/dev/null; `
	rcRows(t, []row{
		{name: "a new user", cmd: ken + `auth/status ken; cat /mnt/keys/ken/secret; ls adm`,
			want: "user ken: plan 9 key status is ok and never expires\n"},
		{name: "passwords that are not taken", cmd: inKeys + `say short 'change me' 'em egnahc' 'a good one' 'another' 'longer than what there is room for' 'a good one' 'a good one' | auth/changeuser ken`,
			want: "password must be at least 8 chars, try again\ntrivial password, try again\ntrivial password, try again\nmismatch, try again\n" +
				"password longer than 27 characters\nuser ken installed for Plan 9\n"},
		{name: "no password", cmd: inKeys + `auth/changeuser ken </dev/null; ls /mnt/keys`, want: "auth/changeuser: no password: input aborted\n"},
		{name: "all there is to ask", cmd: inKeys + `say 'a good one' 'a good one' y n secretly secretly tomorrow 20050101 20010203 '' 'Ken T' 112 '' boss | auth/changeuser ken; auth/status ken; cat /mnt/keys/ken/secret; echo`,
			want: "expiration time must fall between now and 2 years from now\nexpiration time must fall between now and 2 years from now\n" +
				"user ken installed for Plan 9\nuser ken: plan 9 key status is ok and expires on Sat Feb  3 00:00:00 UTC 2001\nken||Ken T|112|ken|boss\nsecretly\n"},
		{name: "the secret is the password", cmd: inKeys + `say 'a good one' 'a good one' y y | auth/changeuser ken; cat /mnt/keys/ken/secret; echo`,
			want: "user ken installed for Plan 9\na good one\n"},
		{name: "one who is there", cmd: ken + `xd /mnt/keys/ken/aeskey >was; say n n never '' 'Ken T' | auth/changeuser ken; xd /mnt/keys/ken/aeskey >now; cmp now was; say n n '' '' '' 5 | auth/changeuser ken; cat /adm/keys.who`,
			want: "user ken installed for Plan 9\nuser ken installed for Plan 9\nken||Ken T||ken\nken||Ken T|5|ken\n"},
		{name: "one who is there, another password", cmd: ken + `xd /mnt/keys/ken/aeskey >was; say y 'another one' 'another one' | auth/changeuser ken; xd /mnt/keys/ken/aeskey >now; cmp -s now was || echo another`,
			want: "user ken installed for Plan 9\nanother\n"},
		{name: "bad names", cmd: inKeys + `for(i in 'a b' ../ken . aaaaaaaaaaaaaaaaaaaaaaaaaaaa) say 'a good one' 'a good one' | auth/changeuser $i; ls /mnt/keys`,
			want: "auth/changeuser: can't create user a b: '/mnt/keys/a b' bad user name\nauth/changeuser: bad user name\nauth/changeuser: bad user name\n" +
				"auth/changeuser: can't create user aaaaaaaaaaaaaaaaaaaaaaaaaaaa: '/mnt/keys/aaaaaaaaaaaaaaaaaaaaaaaaaaaa' bad user name\n"},
		{name: "no keyfs", cmd: `{echo a good one; echo a good one} | auth/changeuser ken; echo`, want: "auth/changeuser: no key database in /mnt/keys: start auth/keyfs\n\n"},
		{name: "no keyfs, where a mntgen has its place", cmd: `mkdir mnt; mntgen /mnt; {echo a good one; echo a good one} | auth/changeuser ken; echo`, want: "auth/changeuser: no key database in /mnt/keys: start auth/keyfs\n\n"},
		{name: "disable and enable", cmd: ken + `auth/disable ken; auth/status ken; cat /mnt/keys/ken/key; auth/enable ken; auth/status ken; auth/disable nobody; auth/enable ../ken; auth/status nobody; ls /mnt/keys`,
			want: "user ken: plan 9 key status is disabled and never expires\ncat: error reading /mnt/keys/ken/key: user disabled\nuser ken: plan 9 key status is ok and never expires\n" +
				"auth/disable: '/mnt/keys/nobody' file does not exist\nauth/enable: bad user name\nauth/status: '/mnt/keys/nobody' file does not exist\n/mnt/keys/ken\n"},
		{name: "expired", cmd: ken + `echo 946684700 >/mnt/keys/ken/expire; auth/status ken`, want: "user ken: plan 9 key has expired\n"},
	})
}

// TestOwnKeys has a machine make its own key, and install its owner, without anybody
// being asked.
func TestOwnKeys(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		out := rcOutput(p, `ramfs -m /mnt; mkdir /mnt/keys; auth/wrkey -t || auth/wrkey -r; echo -n lab >'#c/hostdomain'; auth/wrkey -r && auth/wrkey -t && auth/keyfs k && auth/changeuser -o && auth/wrkey -r && auth/status glenda; read -c 16 /mnt/keys/glenda/aeskey >key`)
		if want := "auth/wrkey: error writing nvram: no authentication domain\n0 keys read in AES format\nuser glenda installed for Plan 9\nuser glenda: plan 9 key status is ok and never expires\n"; out != want {
			t.Errorf("%s\nwant:\n%s", out, want)
		}
		nv, err := readNvram(p)
		if err != nil || nv.Authid != "glenda" || nv.Authdom != "lab" || nv.Key.HasDES() || !nv.Key.HasAES() {
			t.Errorf("nvram: %+v, %v", nv, err)
		}
		if b, err := p.ReadFile("/tmp/key"); string(b) != string(nv.Key.AES[:]) {
			t.Errorf("key: %q, %v", b, err)
		}
		return nil
	})
}

// TestWrkey answers what wrkey asks.
func TestWrkey(t *testing.T) {
	for _, c := range []struct {
		name, answers string
		want          auth.Nvram
		out           string
	}{
		{"without p9sk1", "bootes\nlab.local\nstore\na password\na password\n\n",
			auth.Nvram{Key: auth.Key{AES: auth.PassKey("a password").AES}, Config: "store", Authid: "bootes", Authdom: "lab.local"}, ""},
		{"with p9sk1", "bootes\nlab\n\na password\nanother\na password\na password\nyes\n",
			auth.Nvram{Key: *auth.PassKey("a password"), Authid: "bootes", Authdom: "lab"}, "mismatch, try again\n"},
		{"too long", "an owner whose name is longer than names are\nbootes\nlab\na key that is too long\n\npw\npw\nno\n",
			auth.Nvram{Key: auth.Key{AES: auth.PassKey("pw").AES}, Authid: "bootes", Authdom: "lab"},
			"authid longer than 27 characters; try again\nsecstore key longer than 13 characters; try again\n"},
		{"stopped", "bootes\nlab\n", auth.Nvram{}, "auth/wrkey: error writing nvram: input aborted\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onNode(t, func(p *proc.Proc) error {
				p.WriteFile("/tmp/answers", []byte(c.answers))
				if out := rcOutput(p, "auth/wrkey <answers; echo -n ''"); out != c.out {
					t.Errorf("it says %q, want %q", out, c.out)
				}
				if nv, err := readNvram(p); *nv != c.want || (err == nil) != (c.want.Authid != "") {
					t.Errorf("nvram: %+v, %v", nv, err)
				}
				return nil
			})
		})
	}
}
