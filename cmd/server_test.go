package cmd

import (
	"context"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/proc"
)

func TestServers(t *testing.T) {
	rcRows(t, []row{
		{name: "ramfs mounts itself", cmd: `mkdir d; ramfs -m d; echo hi >d/f; cat d/f; unmount d; ls d`, want: "hi\n"},
		{name: "ramfs ends when it cannot be reached", cmd: `mkdir d; ramfs -m d; if(! ps | grep -s ramfs) echo not there; unmount d; sleep 1; if(ps | grep -s ramfs) echo still there; status=()`},
		{name: "ramfs posts itself", cmd: `ramfs -S x; mount -c /srv/x /n; echo hi >/n/f; rm /srv/x; cat /n/f; ls /srv/x`,
			want: "hi\nls: /srv/x: '/srv/x' file does not exist\nstatus: errors\n"},
		{name: "ramfs posts and mounts", cmd: `ramfs -S x -m /n; echo hi >/n/f; mount /srv/x /mnt; cat /mnt/f`, want: "hi\n"},
		{name: "ramfs in a union", cmd: `mkdir d; echo 1 >d/a; ramfs -bc -m d; echo 2 >d/b; cat d/a d/b; ls d`, want: "1\n2\nd/a\nd/b\n"},
		{name: "ramfs in a pipeline does not keep it", cmd: `ramfs -S x | cat; echo done`, want: "done\n"},
		{name: "ramfs -D", cmd: `ramfs -D -m /n >[2]log; ls /n; grep -c Tattach log`, want: "1\n"},
		{name: "a killed server hangs up", cmd: `ramfs -m /n; slay ramfs | rc; sleep 1; ls /n; ls /n/x`,
			want: "ls: /n: '/n' i/o on hungup channel\nls: /n/x: '/n/x' i/o on hungup channel\nstatus: errors\n"},
		{name: "ramfs on a bad place", cmd: `ramfs -m nosuch`, want: "ramfs: mount nosuch: 'nosuch' file does not exist\nstatus: mount nosuch: 'nosuch' file does not exist\n"},
		{name: "srv of a command", cmd: `srv -ce 'ramfs -i' x /n; touch /n/f; ls /n; ls -q /srv/x >/dev/null`, want: "/n/f\n"},
		{name: "srv complains", cmd: `ramfs -S x; srv tcp!n1 x; srv -q tcp!n1 x`, want: "srv: /srv/x already exists\n"},
		{name: "srv without a network", cmd: `srv tcp!10.9.0.1 x`,
			want: "srv: dial tcp!10.9.0.1: '/net/tcp' file does not exist\nstatus: dial tcp!10.9.0.1: '/net/tcp' file does not exist\n"},
		{name: "srv -r runs its command again", cmd: `mkdir d; echo hi >d/f; srv -r -e 'exportfs -r d' x; mount /srv/x /n; cat /n/f; slay exportfs | rc; cat /n/f; {cat; slay exportfs | rc; cat} </n/f`,
			want: "hi\nhi\nhi\n"},
		{name: "srv -r ends when it cannot be reached", cmd: `mkdir d; srv -r -e 'exportfs -r d' x /n; slay exportfs | rc; ls /n; unmount /n; rm /srv/x; sleep 1; if(ps | grep -s 'srv|exportfs') echo still there; status=()`},
		{name: "srv -r is killed", cmd: `mkdir d; srv -r -e 'exportfs -r d' x /n; slay srv | rc; sleep 1; ls /n`, want: "ls: /n: '/n' i/o on hungup channel\nstatus: errors\n"},
		{name: "srv -r without a network", cmd: `srv -r tcp!10.9.0.1 x; ls /srv/x`,
			want: "srv: dial tcp!10.9.0.1: '/net/tcp' file does not exist\nls: /srv/x: '/srv/x' file does not exist\nstatus: errors\n"},
		{name: "srv -r of what does not speak 9P", cmd: `srv -r -e 'echo hello' x; ls /srv/x`,
			want: "srv: i/o on hungup channel\nls: /srv/x: '/srv/x' file does not exist\nstatus: errors\n"},
		{name: "srv -r of what says nothing", cmd: `srv -r -e 'sleep 1000' x`, want: "srv: connection timed out\nstatus: connection timed out\n"},
		{name: "exportfs", cmd: `mkdir d; echo hi >d/f; srv -e 'exportfs -r d' x /n; cat /n/f; echo there >/n/f; cat d/f`, want: "hi\nthere\n"},
		{name: "exportfs sees its name space", cmd: `mkdir d; ramfs -m d; echo hi >d/f; srv -e 'exportfs -r /tmp' x /n; cat /n/d/f`, want: "hi\n"},
		{name: "exportfs -R", cmd: `mkdir d; echo hi >d/f; srv -ce 'exportfs -R -r d' x /n; cat /n/f; rm /n/f; mv /n/f /n/g; chmod 600 /n/f; mkdir /n/g; cp d/f /n/f`,
			want: "hi\nrm: /n/f: '/n/f' file system read only\n" +
				"mv: can't create /n/g: '/n/g' file system read only\n" +
				"chmod: can't wstat /n/f: '/n/f' file system read only\n" +
				"mkdir: can't create /n/g: '/n/g' file system read only\n" +
				"cp: can't create /n/f: '/n/f' file system read only\nstatus: errors\n"},
		{name: "exportfs -P", cmd: `mkdir d d/a d/b; touch d/a/x d/b/x d/a/y; {echo '+ ^/(a.*)?$'; echo '- /y$'} >p; srv -e 'exportfs -P p -r d' x /n; walk /n; cat /n/b/x`,
			want: "/n/a/x\n/n/a\n/n\ncat: can't open /n/b/x: '/n/b' file does not exist\nstatus: can't open /n/b/x: '/n/b' file does not exist\n"},
		{name: "exportfs -P of what is hidden", cmd: `mkdir d d/a d/a/b; touch d/a/b/x; echo '- /b$' >p; srv -e 'exportfs -P p -r d' x; mount /srv/x /n a/b; mount /srv/x /n a/b/..; walk /n; mount /srv/x /n x/../a/b`,
			want: "mount: mount /n: file does not exist\n/n\nmount: mount /n: file does not exist\nstatus: mount\n"},
		{name: "exportfs of what is above", cmd: `mkdir d d/a; touch d/a/x; echo hidden >y; srv -e 'exportfs -r d' x; mount /srv/x /n a; walk /n; mount /srv/x /n ../../; walk /n; mount /srv/x /n ../../tmp`,
			want: "/n/x\n/n\n/n/a/x\n/n/a\n/n\nmount: mount /n: file does not exist\nstatus: mount\n"},
		{name: "exportfs of two", cmd: `exportfs -S /srv/files -S /srv/files </dev/null`, want: "usage: exportfs [-adhnsR] [-A address] [-m msize] [-r root] [-t seconds] [-P patternfile] [-S service]\nstatus: usage\n"},
		{name: "exportfs -S", cmd: `srv -e 'exportfs -S /srv/files' x /n; touch /tmp/f; ls /n/f`, want: "/n/f\n"},
		{name: "exportfs -t", cmd: `mkdir d; echo hi >d/f; srv -e 'exportfs -t 60 -r d' x /n; sleep 59; cat /n/f; sleep 59; cat /n/f; sleep 61; cat /n/f`,
			want: "hi\nhi\nexportfs: connection timed out\ncat: can't open /n/f: '/n/f' i/o on hungup channel\nstatus: can't open /n/f: '/n/f' i/o on hungup channel\n"},
		{name: "exportfs -h, mounted in time", cmd: `mkdir d; echo hi >d/f; srv -e 'exportfs -h -r d' x; sleep 59; mount /srv/x /n; cat /n/f; sleep 100000; cat /n/f`, want: "hi\nhi\n"},
		{name: "exportfs -h, of who does not mount", cmd: `srv -e 'exportfs -h -s' x; sleep 59; ps | grep -c ' exportfs'; sleep 2; ps | grep -c ' exportfs'; status=()`, want: "1\nexportfs: connection timed out\n0\n"},
		{name: "exportfs -h, of who names no tree", cmd: `srv -e 'exportfs -h' x; sleep 59; ps | grep -c ' exportfs'; sleep 2; ps | grep -c ' exportfs'; status=()`, want: "1\n0\n"},
		{name: "exportfs -t, of who names no tree", cmd: `srv -e 'exportfs -t 600' x; sleep 59; ps | grep -c ' exportfs'; sleep 2; ps | grep -c ' exportfs'; status=()`, want: "1\n0\n"},
		{name: "exportfs -t of no time", cmd: `exportfs -t 0 -s </dev/null >[2]/dev/null`, want: "status: usage\n"},
		{name: "exportfs of nothing", cmd: `exportfs -r nosuch </dev/null`, want: "exportfs: 'nosuch' file does not exist\nstatus: 'nosuch' file does not exist\n"},
		{name: "srvfs", cmd: `mkdir d; touch d/f; srvfs x d; mount /srv/x /n; ls /n; ls -l /srv/x | sed 's/ .*//'`, want: "/n/f\n--rw-------\n"},
		{name: "srvfs of a rooted name", cmd: `mkdir d; touch d/f; srvfs -p 640 /srv/x d; mount /srv/x /n; ls /n; ls -l /srv/x | sed 's/ .*//'`, want: "/n/f\n--rw-r-----\n"},
		{name: "mntgen", cmd: `mntgen; mkdir d; touch d/f; ls /n; bind d /n/a/; ls /n /n/a; ls /n/b/c; unmount /n/a; ls /n`,
			want: "/n/a\n/n/a/f\nls: /n/b/c: '/n/b/c' file does not exist\n"},
	})
}

// TestHandshake speaks both parts of what import and exportfs say before 9P.
func TestHandshake(t *testing.T) {
	for _, test := range []struct{ name, tree, want string }{
		{"a tree", "/tmp", ""},
		{"a tree and a newline", "/tmp\n", ""},
		{"no such tree", "/nosuch", "bad remote tree: '/nosuch' file does not exist"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onNode(t, func(p *proc.Proc) error {
				fd, err := connectcmd(p, "exportfs >[2]/dev/null")
				if err != nil {
					t.Fatal(err)
				}
				err = askTree(p, fd, test.tree)
				if err == nil {
					err = p.Mount(fd, -1, "/n", 0, "")
				}
				if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				return nil
			})
		})
	}
}

func TestHangup(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		fd, err := connectcmd(p, "exportfs >[2]/dev/null")
		if err == nil {
			err = p.Close(fd)
		}
		if err != nil {
			t.Error(err)
		}
		p.Sleep(time.Second)
		if out := rcOutput(p, "ps | grep exportfs; echo"); out != "\n" {
			t.Errorf("exportfs is still there: %s", out)
		}
		return nil
	})
}

// The servers keep the rules of 9P.
func TestConformance(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		files := ramfs.New("glenda", time.Now, 0)
		filter := filterServer{Server: files}
		if err := filter.parse("+ .\n- ^secret$\n"); err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			srv ninep.Server
			opt ninetest.Options
		}{
			"ramfs":  {ramfs.New("glenda", time.Now, 0), ninetest.Options{}},
			"filter": {filter, ninetest.Options{}},
			"cs":     {ninep.NewTree("glenda", (&connserver{}).tree()), ninetest.Options{ReadOnly: true}},
		} {
			if err := test.opt.Test(context.Background(), test.srv); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := test.opt.TestWire(context.Background(), test.srv); err != nil {
				t.Errorf("%s over a wire: %v", name, err)
			}
		}
		return nil
	})
}

func TestProcessCommands(t *testing.T) {
	rcRows(t, []row{
		{name: "kill", cmd: `sleep 100 & sleep 1; kill sleep | sed 's/[0-9]+/N/'; kill sleep | rc; wait; kill sleep`, want: "@{echo kill>/proc/N/note} # sleep\n"},
		{name: "slay", cmd: `sleep 100 & sleep 1; slay sleep | rc; wait; slay sleep`},
		{name: "stop and start", cmd: `sleep 9 & sleep 1; stop sleep | rc; ps | sed -n 's/.*(Stopped).*/\1/p'; start sleep | sed 's/[0-9]+/N/'; start sleep | rc; wait; echo done`,
			want: "Stopped\necho start>/proc/N/ctl\ndone\n"},
		{name: "broke", cmd: `broke`},
		{name: "ps", cmd: `sleep 100 & sleep 1; ps -a | sed -n 's/  */ /g; s/ [0-9]+ / N /; /sleep 100$/p'`, want: "glenda N 0:00 0:00 0K Sleep sleep 100\n"},
		{name: "the columns of ps -n", cmd: "ps -n | sed 's/Rfork/Await/; 1q'", want: "glenda            1       1    0:00   0:00        0K Await    test\n"},
		{name: "the columns of pstree", cmd: "pstree | sed 1q", want: "1           └test\n"},
		{name: "ps -n -r -p", cmd: `ps -nrp | sed -n 's/  */ /g; s/ [0-9]+ / N /; s/Rfork/Await/; 1p'`, want: "glenda N 1 0:00 0:00 0:00 10 10 0K Await test\n"},
		{name: "pstree", cmd: `sleep 100 & sleep 1; pstree | sed 's/^[0-9]+ *//; 2s/-c.*/-c .../; 3q'`, want: "└test\n└rc -c ...\n├sleep 100\n"},
		{name: "ps -A", cmd: `mkdir n1 n2 n1/proc n1/proc/7 other; echo cat glenda Pread 1000 2000 3000 0 0 0 4 10 10 >n1/proc/7/status; bind /tmp /n; ps -A`,
			want: "n1       glenda            7    0:01   0:02        4K Pread    cat\n"},
	})
}

func TestDialStrings(t *testing.T) {
	for _, test := range []struct{ addr, mkaddr, dir, rest string }{
		{"n1", "net!n1!9fs", "", "n1"},
		{"tcp!n1", "tcp!n1!9fs", "", "tcp!n1"},
		{"tcp!n1!7", "tcp!n1!7", "", "tcp!n1!7"},
		{"/net.alt/tcp!n1", "/net.alt/tcp!n1!9fs", "/net.alt", "tcp!n1"},
		{"/n/n1/net/tcp!n1!7", "/n/n1/net/tcp!n1!7", "/n/n1/net", "tcp!n1!7"},
		{"#I1/tcp!n1!7", "#I1/tcp!n1!7", "#I1", "tcp!n1!7"},
	} {
		if got := netmkaddr(test.addr, "", "9fs"); got != test.mkaddr {
			t.Errorf("netmkaddr(%q) = %q", test.addr, got)
		}
		if dir, rest := netdir(test.addr); dir != test.dir || rest != test.rest {
			t.Errorf("netdir(%q) = %q, %q", test.addr, dir, rest)
		}
	}
}
