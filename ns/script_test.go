package ns_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/ns"
)

// A world is a name space to try things in: the root is a ramfs, #r another
// one, #r1 the same again under another specifier, #s serves the ramfs of #r
// for mounting.
type world struct {
	t    *testing.T
	ctx  context.Context
	v    ns.View
	post *ns.Chan
}

func newWorld(t *testing.T) (*world, func()) {
	ctx := context.Background()
	root := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	other := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	devs := ns.NewDevtab(map[rune]ninep.Server{'/': root, 'r': anyspec{other}})
	slash, err := devs.Root(ctx, "glenda")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: ctx, post: ns.Post(ctx, devs, "#s/r", other, nil)}
	w.v = ns.View{Pgrp: ns.NewPgrp(), Slash: slash, Dot: slash.Incref(), User: "glenda", Devs: devs}
	return w, func() {
		w.v.Pgrp.Close()
		w.post.Close()
		w.v.Dot.Close()
		slash.Close()
		for _, s := range []*ninetest.StrictServer{root, other} {
			if err := s.Check(); err != nil {
				t.Error(err)
			}
		}
	}
}

// anyspec attaches whatever the specifier.
type anyspec struct{ ninep.Server }

func (s anyspec) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return s.Server.Attach(ctx, user, "")
}

// script runs a script: a line is commands and, after =>, what the last of
// them prints. The others print nothing.
func (w *world) script(script string) {
	w.t.Helper()
	for line := range strings.SplitSeq(script, "\n") {
		line, want, _ := strings.Cut(strings.TrimLeft(line, "\t"), " =>")
		cmds := strings.Split(line, "; ")
		for i, cmd := range cmds {
			if strings.TrimSpace(cmd) == "" {
				continue
			}
			expect := ""
			if i == len(cmds)-1 {
				expect = strings.TrimPrefix(want, " ")
			}
			if got := w.do(cmd); got != expect {
				w.t.Errorf("%s: %q, want %q", cmd, got, expect)
			}
		}
	}
}

// do runs one command and returns what it has to say.
func (w *world) do(line string) string {
	f := strings.Fields(line)
	out, err := w.run(f[0], f[1:])
	if err != nil {
		return err.Error()
	}
	return out
}

func (w *world) run(cmd string, args []string) (string, error) {
	flag := 0
	if len(args) > 0 && args[0][0] == '-' {
		for _, c := range args[0][1:] {
			flag |= map[rune]int{'a': ns.MAFTER, 'b': ns.MBEFORE, 'c': ns.MCREATE}[c]
		}
		args = args[1:]
	}
	switch cmd {
	case "bind":
		return "", w.v.Bind(w.ctx, args[0], args[1], flag)
	case "mount":
		return "", w.v.Mount(w.ctx, w.post, args[0], flag, "")
	case "unmount":
		if len(args) == 1 {
			return "", w.v.Unmount(w.ctx, "", args[0])
		}
		return "", w.v.Unmount(w.ctx, args[0], args[1])
	case "mkdir":
		return w.create(args[0], "", ninep.OREAD|ninep.OEXCL, ninep.DMDIR|0777)
	case "echo": // echo text file
		return w.create(args[1], args[0], ninep.OWRITE, 0666)
	case "make":
		return w.create(args[0], "", ninep.OWRITE|ninep.OEXCL, 0666)
	case "cat":
		return w.cat(args[0], ninep.OREAD)
	case "once": // read and remove
		return w.cat(args[0], ninep.OREAD|ninep.ORCLOSE)
	case "exec":
		return w.cat(args[0], ninep.OEXEC)
	case "rm":
		return "", w.v.Remove(w.ctx, args[0])
	case "stat":
		d, err := w.v.Stat(w.ctx, args[0])
		return fmt.Sprintf("%c %d %s", rune(d.Type), d.Dev, d.Name), err
	case "cd":
		c, err := w.v.Dir(w.ctx, args[0])
		if err == nil {
			w.v.Dot.Close()
			w.v.Dot = c
		}
		return "", err
	case "pwd":
		return w.v.Dot.Name(), nil
	case "explain", "explain-w", "explain-c":
		to := map[string]ns.Access{"explain": ns.ToStat, "explain-w": ns.ToWrite, "explain-c": ns.ToCreate}[cmd]
		steps, err := w.v.Explain(w.ctx, args[0], to)
		out := stepsText(steps)
		if err != nil {
			out += "! " + err.Error()
		}
		return out, nil
	case "deny":
		w.v.Pgrp.Deny(args[0], false)
		return "", nil
	case "ns":
		return strings.ReplaceAll(strings.TrimSpace(w.v.Pgrp.String()), "\n", "; "), nil
	}
	panic(cmd)
}

func (w *world) create(name, text string, mode ninep.Mode, perm ninep.Perm) (string, error) {
	c, err := w.v.Create(w.ctx, name, mode, perm)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if text != "" {
		_, err = c.Write(w.ctx, []byte(text))
	}
	return "", err
}

func (w *world) cat(name string, mode ninep.Mode) (string, error) {
	c, err := w.v.Open(w.ctx, name, mode)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if !c.Qid().IsDir() {
		b := make([]byte, 100)
		n, err := c.Read(w.ctx, b)
		return string(b[:n]), err
	}
	dirs, err := w.v.ReadDir(w.ctx, c)
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name)
	}
	return strings.Join(names, " "), err
}

// Each row is a script; a line is a command and what it prints, or its error.
func TestNames(t *testing.T) {
	for _, row := range []struct{ name, script string }{
		{"a bind changes names, not files", `
			echo north n; echo south s; bind s n; cat n => south
			echo changed n; cat s => changed
			unmount n; cat n => north`},
		{"a bind takes what is there now", `
			mkdir one; mkdir two; mkdir lib; echo 1 one/x; bind one two; bind lib one; cat two => x`},
		{"a union lists all, duplicates too", `
			mkdir a; mkdir b; echo A a/f; echo B b/f; echo g b/g
			bind -a b a; cat a/f => A
			cat a => f f g
			unmount a; bind -b b a; cat a/f => B`},
		{"a union does not go deeper", `
			mkdir a; mkdir b; mkdir a/sub; mkdir b/sub; make a/sub/1; make b/sub/2
			bind -a b a; cat a/sub => 1
			cat a/sub/2 => 'a/sub/2' file does not exist`},
		{"creation wants -c", `
			mkdir a; mkdir b; bind -a b a
			make a/h => 'a/h' mounted directory forbids creation
			bind -ac b a; make a/h; cat b => h`},
		{"creation goes to the first -c", `
			mkdir a; mkdir b; mkdir c; bind -bc b a; bind -ac c a; make a/h; cat b => h
			cat c => `},
		{"a union is not bound for creation", `
			mkdir a; mkdir b; mkdir c; bind -a b a
			bind -c a c => 'c' inconsistent mount
			bind a c; make a/x => 'a/x' mounted directory forbids creation`},
		{"a mount with -c can be bound with -c", `
			mkdir root; mkdir r; mount -c /root; bind -c /root /r; make r/x; cat root => x`},
		{"a mount without -c cannot", `
			mkdir root; mkdir r; mount /root; bind -c /root /r => '/r' inconsistent mount`},
		{"binding a union copies it", `
			mkdir a; mkdir b; mkdir c; make a/1; make b/2; bind -a b a; bind a c; cat c => 1 2
			unmount a; cat c => 1 2`},
		{"files onto files only", `
			mkdir d; make f; make g
			bind f d => 'd' inconsistent mount
			bind d f => 'f' inconsistent mount
			bind -a g f => 'f' inconsistent mount
			bind -ab g f => 'f' bad arg in system call`},
		{"unmount of one and of all", `
			mkdir a; mkdir b; mkdir c; make b/b; make c/c
			unmount a => 'a' not mounted
			bind -a b a; bind -a c a; unmount b a; cat a => c
			unmount b a => 'a' not in union
			unmount a; cat a => `},
		{"unmount by what was mounted", `
			mkdir a; echo x #r/x; mount a; cat a => x
			unmount #r a => 'a' not in union
			unmount a a; cat a => `},
		{"dot-dot leaves through the mount point", `
			mkdir a; mkdir a/m; mkdir b; mkdir b/s; make a/here; bind b a/m
			cd a/m/s; pwd => /a/m/s
			cat .. => s
			cat ../.. => m here
			cd ../..; pwd => /a
			cat m/../m/s/../../here => `},
		{"dot-dot of the root is the root", `
			make x; cat ../../x => 
			cd ..; pwd => /`},
		{"dot is on the near side", `
			mkdir a; mkdir b; make b/x; cd a; bind /b .; cat . => x
			cat ../a => x
			unmount .; cat . => `},
		{"mounts on the root are seen", `
			mkdir b; make b/x; bind -a /b /; cat /x => 
			cat /b/../x => `},
		{"sharp names see no mounts", `
			echo dev #r/x; mkdir #r/d; mkdir a; make a/y; bind a #r/d; cat #r/d => 
			bind #r /a; cat a/d => y
			cat #r/d/.. => x d`},
		{"the device / has no specifiers", `
			mkdir a; make a/x; bind #r /a; cat #/a => x
			cat #//a => x`},
		{"sharp errors", `
			cat #z => '#z' unknown device in # filename
			cat #r/nope => '#r/nope' file does not exist
			deny r; cat #r/x => mount/attach disallowed
			deny M; mkdir m; mount m => mount/attach disallowed`},
		{"errors name the element", `
			mkdir a; make a/f
			cat a/b/c/d => 'a/b' file does not exist
			cat /a//./b/c => '/a//./b' file does not exist
			cat a/f/g => 'a/f' not a directory
			make a/g; bind a/g a/f; cat a/f/g/h => 'a/f' not a directory
			cat a/f/ => 'a/f/' not a directory
			cd a/f => 'a/f' not a directory`},
		{"creation errors", `
			mkdir a; mkdir a => 'a' file already exists
			make .. => '..' file already exists
			make a/x/ => 'a/x/' create without DMDIR
			make a/.. => 'a/..' file already exists
			make no/x => 'no' file does not exist
			echo x a => 'a' file is a directory
			once a => 'a' file is a directory`},
		{"create truncates, OEXCL does not", `
			echo long f; echo s f; cat f => s
			make f => 'f' file already exists
			cat f => s`},
		{"remove on close", `
			echo x f; once f => x
			cat f => 'f' file does not exist`},
		{"a mount point cannot be removed", `
			mkdir a; mkdir b; bind b a; rm a => 'a' is a mount point
			unmount a; rm a; cat . => b`},
		{"a directory is not executed", `
			mkdir d; exec d => 'd' cannot exec directory
			echo x f; exec f => 'f' permission denied`},
		{"stat says which device", `
			mkdir m; echo x #r/x; echo y #r1/y; stat m => / 0 m
			stat #r/x => r 0 x
			stat #r1/y => r 1 y
			mount m; stat m => M 2 m
			stat m/x => M 2 x
			stat / => / 0 /`},
		{"a listing shows what is mounted", `
			mkdir a; mkdir b; make f; echo g g; bind g f; cat . => a b f g`},
		{"ns rebuilds", `
			mkdir a; mkdir b; mkdir 'q; bind -a /a b; mount -bc /b; bind #r1 a; bind a 'q
			ns => bind  /b /b; bind -a /a /b; mount -bc '#s/r' /b; bind  '#r1' /a; bind  '#r1' '/''q'
			unmount b; ns => bind  '#r1' /a; bind  '#r1' '/''q'`},
		{"ns binds a mount by its name", `
			mkdir root; mount -c /root; bind -ac /root /
			ns => mount -c '#s/r' /root; bind  / /; bind -ac /root /`},
		{"bad characters", "make a\x01b => 'a\x01b' bad character in file name"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w, done := newWorld(t)
			defer done()
			w.script(row.script)
		})
	}
}
