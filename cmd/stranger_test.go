package cmd

import (
	"fmt"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// stranger begins what a stranger tries: glenda's machine has her factotum, users in
// keyfs, and files that are hers. Others have a name space with all of it.
const stranger = `{echo 'bind #c /dev'; echo 'bind -c #e /env'; echo 'bind #p /proc'; echo 'bind -c #s /srv'; echo 'bind /ufo/bin /bin'; echo 'mount -c #s/files /root'; echo 'bind -c /root /tmp'} >ns
chmod 666 '#s/files'
mkdir private open
echo secret >private/f; chmod 700 private
echo hers >f; chmod 644 f
echo hers >open/f; chmod 755 open
echo hidden >shut; chmod 600 shut
auth/factotum -s factotum
echo 'key proto=pass user=glenda !password=secret' >/mnt/factotum/ctl
echo 'key proto=cram user=glenda owner=rob !password=secret' >/mnt/factotum/ctl
sleep 1000 & victim=$apid
`

// TestStrangers has none, and ken, who is somebody, try what only glenda may.
func TestStrangers(t *testing.T) {
	const factotum = "mount /srv/factotum /mnt; "
	for _, c := range []struct{ name, cmd, want string }{
		{"writes a file", "echo x >/tmp/f", "permission denied"},
		{"makes it empty", ">/tmp/f", "permission denied"},
		{"makes a file in a directory", "echo x >/tmp/open/g", "permission denied"},
		{"removes a file", "rm /tmp/open/f", "permission denied"},
		{"gives a file another name", "mv /tmp/open/f /tmp/open/g", "permission denied"},
		{"lets himself in", "chmod 777 /tmp/private", "not owner"},
		{"gives a file to another group", "chgrp none /tmp/f", "not owner"},
		{"reads what is hidden", "cat /tmp/shut", "permission denied"},
		{"looks into a directory", "ls /tmp/private", "permission denied"},
		{"walks through it", "cat /tmp/private/f", "permission denied"},
		{"becomes the owner", "echo -n glenda >'#c/user'", "permission denied"},
		{"says who owns the machine", "echo -n none >'#c/hostowner'", "permission denied"},
		{"gives the machine a name", "echo -n evil >'#c/sysname'", "permission denied"},
		{"halts the machine", "echo halt >'#c/reboot'", "permission denied"},
		{"reads the machine's key", "cat '#r/nvram'", "permission denied"},
		{"writes a key of his own", "echo evil >'#r/nvram'", "permission denied"},
		{"sets the clock", "echo 0 >'#r/rtc'", "permission denied"},
		{"makes a capability", "echo -n aaaaaaaaaaaaaaaaaaaa >'#¤/caphash'", "permission denied"},
		{"keeps others from making any", "rm '#¤/caphash'", "permission denied"},
		{"uses one that is made up", "echo -n glenda@x >'#¤/capuse'", "invalid capability glenda"},
		{"kills a process", "echo kill >/proc/$victim/ctl", "permission denied"},
		{"sends it a note", "echo hangup >/proc/$victim/note", "permission denied"},
		{"sends its group a note", "echo hangup >/proc/$victim/notepg", "permission denied"},
		{"stops it", "echo stop >/proc/$victim/ctl", "permission denied"},
		{"freezes it", "snap $victim", "only programs made for Plan 9 can be frozen"},
		{"reads the memory of factotum", "cat /proc/$factotum/mem", "file does not exist"},
		{"kills factotum", "echo kill >/proc/$factotum/ctl", "permission denied"},
		{"freezes factotum", "snap $factotum", "only programs made for Plan 9 can be frozen"},
		{"takes the place of factotum", "rm /srv/factotum", "permission denied"},
		{"looks at keys", factotum + "{cat /mnt/factotum/ctl; echo no key} | sed 1q", "no key\n"},
		{"adds a key", factotum + "echo 'key proto=pass user=x !password=x' >/mnt/factotum/ctl", "permission denied"},
		{"deletes keys", factotum + "echo delkey >/mnt/factotum/ctl", "permission denied"},
		{"has all steps logged", factotum + "echo debug >/mnt/factotum/ctl", "permission denied"},
		{"reads factotum's log", factotum + "cat /mnt/factotum/log", "permission denied"},
		{"confirms what is asked", factotum + "cat /mnt/factotum/confirm", "permission denied"},
		{"brings keys that are asked for", factotum + "cat /mnt/factotum/needkey", "permission denied"},
		{"asks for a password", factotum + "auth/userpasswd 'proto=pass user=glenda'", "no key matches"},
		{"has a challenge answered", factotum + "{echo -n 'start proto=cram role=client user=glenda' >[1=3]; dd -quiet 1 -bs 4096 -count 1 <[0=3]; echo -n 'write x' >[1=3]; dd -quiet 1 -bs 4096 -count 1 <[0=3]} <>[3]/mnt/factotum/rpc", "no key matches"},
		{"says he is glenda", "mount -n /srv/files /n && cat /n/shut", "permission denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, who := range []string{"none", "ken"} {
				onNode(t, func(p *proc.Proc) error {
					as := "auth/as -n ns " + who + " rc -c "
					out := rcOutput(p, fmt.Sprintf("%sfactotum=`{ps | awk '$NF == \"factotum\" {print $2}'}\n%s'%s'\nkill sleep | rc\n", stranger, as, strings.ReplaceAll(c.cmd, "'", "''")))
					if !strings.Contains(out, c.want) || strings.Contains(out, "secret") || strings.Contains(out, "hidden") {
						t.Errorf("%s: %s", who, out)
					}
					return nil
				})
			}
		})
	}
}

// TestFactotumSaid has processes attach to glenda's factotum as who they say they are, as
// an exportfs of theirs does for its client. Who is not whom he says has no keys.
func TestFactotumSaid(t *testing.T) {
	const hers, kens = "key proto=pass user=glenda !password?\n", "key proto=pass user=ken owner=ken !password?\n"
	for _, c := range []struct{ name, caller, said, want string }{
		{"the owner", "glenda", "glenda", hers + kens},
		{"a user", "ken", "ken", kens},
		{"a user as the owner", "ken", "glenda", ""},
		{"another as a user", "rob", "ken", ""},
		{"none as a user", "none", "ken", ""},
		{"the owner as a user", "glenda", "ken", ""},
	} {
		onNode(t, func(p *proc.Proc) error {
			rcOutput(p, "auth/factotum -s factotum; for(k in 'user=glenda' 'user=ken owner=ken') echo key 'proto=pass '^$k^' !password=secret' >/mnt/factotum/ctl")
			p.Fork(proc.RFFDG, func(k *proc.Proc) error {
				k.SetUser(c.caller)
				if got, err := keysSaid(k, c.said); err != nil || got != c.want {
					t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
				}
				return nil
			})
			p.Wait()
			return nil
		})
	}
}

// keysSaid returns the keys that factotum shows p, which says to be a user's.
func keysSaid(p *proc.Proc, user string) (keys string, err error) {
	err = attachSaid(p, "/srv/factotum", user, func(root ninep.File) error {
		b, err := ninep.ReadFile(p.Context(), root, "factotum/ctl")
		keys = string(b)
		return err
	})
	return keys, err
}

// attachSaid calls f with the root of a server in /srv that p attaches to as a user.
func attachSaid(p *proc.Proc, file, user string, f func(root ninep.File) error) error {
	fd, err := p.Open(file, ninep.ORDWR)
	if err != nil {
		return err
	}
	defer p.Close(fd)
	c, err := p.FdChan(fd)
	if err != nil {
		return err
	}
	defer c.Close()
	srv, release, err := ns.Dial(p.Context(), c)
	if err != nil {
		return err
	}
	defer release()
	root, err := srv.Attach(p.Context(), user, "")
	if err != nil {
		return err
	}
	defer root.Close()
	return f(root)
}
