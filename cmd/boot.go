package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"ufo/auth"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// boot - connect to the root file server
//
// Boot is the first program a kernel runs, never run by hand. It posts the
// connection to the file server of the root as /srv/boot, unless the kernel
// has its file tree itself and has posted it already, and becomes init(8).
//
// What it is to do it is told by the kernel's configuration, the files of
// #ec, which stand for the lines of plan9.ini:
//
//	fs       address of the root file server: an ip address, or an address
//	         to dial(2)
//	service  cpu or terminal
//	cputype  kind of processor, and the name of the folder in / for its
//	         programs
//	authproto
//	         p9sk1: the machine uses that protocol, too
//
// A file server that does not answer yet is called again for ten seconds.
// Then boot goes on without: init has a console for you that needs none.
//
// With -c boot is the first program on a further console of a node that is
// up, and its descriptors 0, 1 and 2 are that console. It makes a name space,
// runs a login rc(1) there, or cmd by rc, and exits when that does.
//
// A machine that remembers a key in nvram, see rtc(3), has a factotum(4) from then
// on, /srv/factotum, that uses it for the machine's owner, whose domain
// is in /dev/hostdomain. By it boot shows the file server who the owner is, if that
// wants to know.
//
// # FILES
//
//	#ec
//	#r/nvram
//	#s/boot
//	#s/factotum
//	/boot/namespace, /boot/cpurc
//	    used when there is no root
//
// # SEE ALSO
//
// cons(3), env(3), root(3), cpurc(8), init(8)
func bootMain(p *proc.Proc) error {
	console := ""
	arg := argbegin(p, "[-c console [cmd ...]]")
	for c := range arg.flags() {
		switch c {
		case 'c':
			console = arg.eargf()
		default:
			arg.usage()
		}
	}
	bareNamespace(p)
	if console != "" {
		return session(p, console, arg.args)
	}
	if err := startFactotum(p); err != nil {
		warn(p, "no factotum: %v", err)
	}
	if err := postRoot(p, dialPatiently); err != nil {
		warn(p, "no root: %v", err)
	}
	return fatal(p, "%v", p.Exec("/bin/init", []string{"init"}))
}

// bareNamespace makes the name space of a node without file server: devices,
// and the commands in the kernel.
func bareNamespace(p *proc.Proc) {
	b := nsbuilder{p: p}
	b.run(BootFiles()["namespace"])
}

// BootFiles returns the files that a kernel should have in #/boot: what a
// node needs when there is no file server.
func BootFiles() map[string]string {
	return map[string]string{
		"namespace": `# The name space of a node that has no file server: namespace(6).
bind #c /dev
bind #d /fd
bind -c #e /env
bind #p /proc
bind -c #s /srv
bind #I /net
bind /ufo/bin /bin
mount -b /srv/dns /net
mount -a /srv/cs /net
mount -a /srv/slashn /n
mount -a /srv/slashmnt /mnt
mount -b /srv/factotum /mnt
mount /srv/grid /mnt/grid
`,
		"cpurc": `#!/bin/rc
# what a node does that has no file server: let others see it
dom=` + "`{cat '#c/hostdomain'}" + `
ask=()
if(! ~ $#dom 0 && ! test -e '#ec/noauth17007') ask=-a
if(test -e '#ec/publish17007') ask=($ask -h)
aux/listen1 -bt tcp!*!17007 /bin/exportfs $ask
`,
	}
}

// config returns a line of the kernel's configuration, "" for none.
func config(p *proc.Proc, name string) string {
	b, _ := p.ReadFile("#ec/" + name)
	return strings.TrimRight(string(b), "\n\x00")
}

// machineKind returns what the machine is for: cpu or terminal.
func machineKind(p *proc.Proc) string { return cmp.Or(config(p, "service"), "terminal") }

// startFactotum starts the agent of the machine's owner, if the machine remembers his
// key.
func startFactotum(p *proc.Proc) error {
	nv, err := readNvram(p)
	if err != nil || nv.Key == (auth.Key{}) {
		return nil
	}
	defer nv.Key.Zero()
	if err := p.WriteFile("#c/hostdomain", []byte(nv.Authdom)); err != nil {
		return err
	}
	args := []string{"/bin/auth/factotum", "-S", "-s", "factotum"}
	if config(p, "authproto") == "p9sk1" {
		args = append(args, "-o")
	}
	return run(p, args...)
}

// How long boot calls a root file server that does not answer, and how long
// a console waits for one that did.
const (
	bootPatience = 10 * time.Second
	rootPatience = 3 * time.Second
	longestPause = 100 * time.Millisecond // between two calls
)

// postRoot posts the connection to the root file server as #s/boot; call dials
// it.
func postRoot(p *proc.Proc, call func(p *proc.Proc, addr string) (conn, error)) error {
	if _, err := p.Stat("#s/boot"); err == nil {
		fmt.Fprintln(p.Stderr(), "boot: root is local")
		return nil
	}
	addr := config(p, "fs")
	if addr == "" {
		return errors.New("the configuration has no fs=")
	}
	if !strings.Contains(addr, "!") {
		addr = "tcp!" + addr + "!564"
	}
	fmt.Fprintf(p.Stderr(), "boot: root is from %s\n", addr)
	c, err := call(p, addr)
	if err != nil {
		return fmt.Errorf("%s: %w", addr, err)
	}
	p.Close(c.ctl)
	srvfd, err := postfd(p, "boot", c.fd, 0, 0666)
	if err != nil {
		return err
	}
	p.Close(srvfd)
	return p.Close(c.fd)
}

// dialOnce dials a server that was dead, and may be silent now.
func dialOnce(p *proc.Proc, addr string) (c conn, err error) {
	err = within(p, rootPatience, func() error {
		c, err = dial(p, addr)
		return err
	})
	return c, err
}

// dialPatiently dials until it succeeds, or bootPatience is over: the other
// end may still be booting.
func dialPatiently(p *proc.Proc, addr string) (c conn, err error) {
	pause := time.Millisecond
	last := ninep.ErrTimedOut
	err = within(p, bootPatience, func() error {
		for {
			c, err = dial(p, addr)
			if err == nil || errors.Is(err, ninep.ErrIntr) {
				return err
			}
			errors.As(err, &last)
			if err := p.Sleep(pause); err != nil {
				return err
			}
			pause = min(2*pause, longestPause)
		}
	})
	if err != nil {
		err = last
	}
	return c, err
}

// setenvs sets the variables that every process on the node inherits.
func setenvs(p *proc.Proc) {
	sysname, _ := p.ReadFile("#c/sysname")
	cputype := config(p, "cputype")
	if cputype == "" {
		cputype = runtime.GOARCH
	}
	name := strings.TrimSpace(string(sysname))
	for name, val := range map[string]string{
		"sysname": name,
		"prompt":  name + "% \x00\t\x00", // a list of two
		"cputype": cputype,
		"objtype": cputype,
		"service": machineKind(p),
		"user":    p.User(),
	} {
		setenv(p, name, val)
	}
}

// userNamespace makes the name space of the node's user, from /lib/namespace,
// or from /boot/namespace if the root file server is dead, or does not answer.
// One that was dead is called once more: it may have been started again. The
// root tells the time zone, too. It reports whether there is one.
func userNamespace(p *proc.Proc) bool {
	file := "/lib/namespace"
	b := nsbuilder{p: p}
	if err := b.open(); err == nil {
		defer b.close()
	}
	err := b.mountRoot(file)
	if errors.Is(err, ninep.ErrHungup) {
		p.Remove("#s/boot")
	}
	if _, none := p.Stat("#s/boot"); none != nil {
		if err = postRoot(p, dialOnce); err == nil {
			err = b.mountRoot(file)
		}
	}
	if err != nil {
		warn(p, "no name space from the root: %v", err)
		file = "/boot/namespace"
	}
	if err := b.newns(file); err != nil {
		warn(p, "%v", err)
	}
	if file == "/boot/namespace" {
		return false
	}
	if zone, err := p.ReadFile("/adm/timezone/local"); err == nil {
		p.Putenv("timezone", string(zone))
	}
	return true
}

// mountRoot mounts the root file tree where the recipe in file can be read. What
// showed its server who the user is is good for the name space, too.
func (b *nsbuilder) mountRoot(file string) error {
	p := b.p
	return within(p, rootPatience, func() error {
		fd, err := p.Open(rootSrv, ninep.ORDWR)
		if err != nil {
			return fmt.Errorf("can't open %s: %w", rootSrv, err)
		}
		defer p.Close(fd)
		afd, unproven := b.show(fd)
		err = p.Mount(fd, afd, "/root", ns.MREPL, "")
		switch {
		case err != nil && unproven != nil:
			return fmt.Errorf("mount /root: %w: %w", unproven, err)
		case err != nil:
			return fmt.Errorf("mount /root: %w", err)
		}
		err = p.Bind("/root", "/", ns.MAFTER)
		if err == nil {
			_, err = p.Stat(file)
		}
		return err
	})
}

// show shows the server of the root, at the other end of fd, who the user is, if it
// wants to know. An authentication server that is needed for that, and refuses the call,
// may still be booting.
func (b *nsbuilder) show(fd int) (afd int, unproven error) {
	p := b.p
	for pause := time.Millisecond; ; pause = min(2*pause, longestPause) {
		if b.shown {
			p.Close(b.root)
			b.shown = false
		}
		if b.rpc == nil {
			return -1, nil
		}
		afd, err := p.Fauth(fd, "")
		if err != nil {
			return -1, nil
		}
		b.root, b.shown = afd, true
		unproven = b.prove(p, afd)
		if unproven == nil || !strings.Contains(unproven.Error(), string(ninep.ErrConRefused)) || p.Sleep(pause) != nil {
			return afd, unproven
		}
	}
}

// session is boot on a further console.
func session(p *proc.Proc, console string, cmd []string) error {
	setenvs(p)
	userNamespace(p)
	for _, file := range []string{"cons", "consctl", "winsize"} {
		if err := p.Bind("#c"+console+"/"+file, "/dev/"+file, ns.MREPL); err != nil {
			warn(p, "console %s: %v", console, err)
		}
	}
	args := []string{"rc", "-l"}
	if len(cmd) > 0 {
		args = append(args, "-c", strings.Join(cmd, " "))
	}
	return fatal(p, "%v", p.Exec("/bin/rc", args))
}
