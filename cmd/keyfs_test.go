package cmd

import (
	"strings"
	"testing"

	"ufo/proc"
)

// TestKeyfs uses the files of keyfs, and the file they are kept in.
func TestKeyfs(t *testing.T) {
	const start = `mkdir m; fn keys{echo a password | auth/keyfs -p -m m $* k}; fn lsk{ls -p m | tr '\012' ' '; echo}; `
	rcRows(t, []row{
		{name: "users", cmd: start + `keys; mkdir m/ken; echo x >m/ken/secret; rfork n; keys; cat m/ken/secret`,
			want: "0 keys read in AES format\n1 keys read in AES format\nx\n"},
		{name: "nobody else reads the file", cmd: start + `keys >/dev/null; mkdir m/ken; ls -l k | sed 's/ .*//'`, want: "--rw-------\n"},
		{name: "another password", cmd: start + `keys >/dev/null; mkdir m/ken; echo another one | auth/keyfs -p k; echo`,
			want: "auth/keyfs: k: wrong key, or not a key file\n\n"},
		{name: "a file that is cut off", cmd: start + `keys >/dev/null; mkdir m/ken; dd -if k -of j -bs 1 -count 100 >[2]/dev/null; echo a password | auth/keyfs -p j; echo`,
			want: "auth/keyfs: j: key file truncated\n\n"},
		{name: "read only", cmd: start + `keys -r >/dev/null; mkdir m/ken; lsk`, want: "mkdir: can't create m/ken: 'm/ken' mounted read-only\n\n"},
		{name: "stopped while the file was written", cmd: start + `keys >/dev/null; mkdir m/ken; rfork n; mv k k.new; keys; lsk; mkdir m/rob; ls k*; echo junk >k.new; mkdir m/zoë; ls k*; rfork n; keys; lsk`,
			want: "1 keys read in AES format\nken \nk\nk\n3 keys read in AES format\nken rob zoë \n"},
		{name: "two at once", cmd: start + `keys >/dev/null; @{rfork n; keys; mkdir m/ken}; lsk`, want: "0 keys read in AES format\nken \n"},
		{name: "no password", cmd: `auth/keyfs -p k </dev/null; echo`, want: "auth/keyfs: no password: input aborted\n\n"},
		{name: "nvram without a key", cmd: `auth/keyfs k </dev/null; echo`,
			want: "bad nvram des key\ncan't read NVRAM, please enter machine key\nauth/keyfs: no password: input aborted\n\n"},
		{name: "a file that cannot be written", cmd: start + `mkdir d; echo a password | auth/keyfs -p -m m d/k; chmod 555 d; mkdir m/ken; lsk`,
			want: "0 keys read in AES format\nmkdir: can't create m/ken: 'm/ken' 'd/k.new' permission denied\n\n"},
	})
}

// TestConvkeys encrypts a file with another key.
func TestConvkeys(t *testing.T) {
	const start = `mkdir m; echo one password | auth/keyfs -p -m m k >/dev/null; mkdir m/ken; echo x >m/ken/secret; unmount m; fn say{for(i) echo $i}; `
	const asked = "enter password file is encoded with\nenter password to reencode with\n"
	rcRows(t, []row{
		{name: "another password", cmd: start + `say 'one password' 'one password' other other | auth/convkeys -p k; echo other | auth/keyfs -p -m m k; cat m/ken/secret`,
			want: asked + "1 keys read in AES format\nx\n"},
		{name: "the machine's key", cmd: start + `say o d '' 'one password' 'one password' no | auth/wrkey; say y y | auth/convkeys k; echo y | auth/keyfs -p -m m k; cat m/ken/secret`,
			want: "enter password to reencode with\n1 keys read in AES format\nx\n"},
		{name: "the wrong password", cmd: start + `cp k was; say a a b b | auth/convkeys -p k; cmp k was`, want: asked + "auth/convkeys: k: wrong key, or not a key file\n"},
		{name: "no file", cmd: `{echo a; echo a; echo b; echo b} | auth/convkeys -p k; echo`, want: asked + "auth/convkeys: k: 'k' file does not exist\n\n"},
	})
}

// TestKeyfsOthers has processes of other users, in the same name space, look at keys.
func TestKeyfsOthers(t *testing.T) {
	onAuth(t, func(p *proc.Proc) {
		p.Fork(proc.RFFDG, func(c *proc.Proc) error {
			if _, err := c.ReadFile("/mnt/keys/ken/key"); err != nil {
				t.Errorf("the owner: %v", err)
			}
			becomeUser(c, "none")
			for _, name := range []string{"", "/ken", "/ken/key", "/ken/aeskey", "/ken/secret", "/ken/log"} {
				if _, err := c.ReadFile("/mnt/keys" + name); err == nil || !strings.Contains(err.Error(), "permission denied") {
					t.Errorf("none reads %s: %v", name, err)
				}
			}
			if err := makeuser(c, "evil"); err == nil || !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("none makes a user: %v", err)
			}
			if err := c.Remove("/mnt/keys/ken"); err == nil || !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("none removes a user: %v", err)
			}
			return nil
		})
		p.Wait()
	})
}
