//go:build linux

package fuse

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// TestFiles does to a ramfs what programs of the host do.
func TestFiles(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"write and read", "echo hello > a; cat a; wc -c < a", "hello\n6"},
		{"append", "echo a > f; echo b >> f; echo c >> f; cat f", "a\nb\nc"},
		{"truncate by opening", "echo long text > f; echo x > f; cat f; stat -c %s f", "x\n2"},
		{"truncate", "echo long text > f; truncate -s 4 f; cat f; echo; truncate -s 6 f; od -An -c f", "long\n   l   o   n   g  \\0  \\0"},
		{"write in the middle", "echo abcdef > f; printf XY | dd of=f bs=1 seek=2 conv=notrunc status=none; cat f", "abXYef"},
		{"directories", "mkdir -p d/e; touch d/e/f; find d; rmdir d", "d\nd/e\nd/e/f\nrmdir: failed to remove 'd': Directory not empty\nexit status 1"},
		{"remove a tree", "mkdir -p d/e; touch d/e/f; rm -r d; ls -a", ".\n.."},
		{"rename", "echo a > a; mv a b; cat b; ls", "a\nb"},
		{"rename onto a file", "echo a > a; echo b > b; mv a b; cat b; ls", "a\nb"},
		{"rename a directory", "mkdir a; echo x > a/f; mv a b; cat b/f; ls", "x\nb"},
		{"rename onto an empty directory", "mkdir a b; touch a/f; mv -T a b; ls; ls b", "b\nf"},
		{"rename onto a full directory", "mkdir a b; touch a/x b/y; mv -T a b 2>&1 | grep -o 'Directory not empty'; ls *", "Directory not empty\na:\nx\n\nb:\ny"},
		{"rename without replacing", "echo a > a; echo b > b; mv -n a b; cat a b", "a\nb"},
		{"move to another directory", "mkdir d; echo a > a; mv a d; cat d/a; ls", "a\nd"},
		{"work in a renamed directory", "mkdir a; cd a; mv ../a ../b; echo x > f; cat ../b/f", "x"},
		{"permissions", "touch f; chmod 640 f; stat -c %a f; chmod u+x f; stat -c %a f; mkdir -m 700 d; stat -c %a d", "640\n740\n700"},
		{"times", "touch -d '2001-02-03 04:05:06' f; stat -c %y f; touch -a f; stat -c %y f", "2001-02-03 04:05:06.000000000 +0000\n2001-02-03 04:05:06.000000000 +0000"},
		{"copy with times", "touch -d 2001-02-03 f; cp -p f g; stat -c %Y g", "981158400"},
		{"owners", "touch f; [ $(stat -c %u f) = $(id -u) ] && chown $(id -u):$(id -g) f && echo mine", "mine"},
		{"owners stay", "touch f; chown 4321 f 2>&1 | grep -o 'Operation not permitted'", "Operation not permitted"},
		{"no links", "touch f; ln f g 2>&1 | grep -o 'Operation not permitted'; ln -s f g 2>&1 | grep -o 'Operation not permitted'; mkfifo p 2>&1 | grep -o 'Operation not permitted'", "Operation not permitted\nOperation not permitted\nOperation not permitted"},
		{"an open file that is removed", "exec 3<> f; rm f; echo text >&3; stat -L -c %s /dev/fd/3; ls -a", "5\n.\n.."},
		{"removed while it is written", "(rm f; echo more; cat f) > f 2>&1; ls", ""},
		{"no such file", "cat f", "cat: f: No such file or directory\nexit status 1"},
		{"a file as a directory", "touch f; cat f/g", "cat: f/g: Not a directory\nexit status 1"},
		{"must not exist", "set -C; echo a > f; (echo b > f) 2> /dev/null || cat f", "a"},
		{"names", "touch 'a b' \"$(printf '\\303\\244\\n')\" -- -x; ls -b", "-x\na\\ b\n\\303\\244"},
		{"a long name", "touch $(printf %0255d 0); ls | wc -c; touch $(printf %0256d 0) 2>&1 | grep -o 'File name too long'", "256\nFile name too long"},
		{"locks", "touch f; flock f echo locked", "locked"},
		{"space", "[ $(stat -f -c %a .) -gt 1000 ] && echo room", "room"},
		{"execute", "cp /bin/echo .; ./echo runs; printf '#!/bin/sh\\necho script\\n' > s; chmod +x s; ./s", "runs\nscript"},
		{"a big file", "seq 200000 > f; cksum < f > /tmp/x.$$; seq 200000 | cksum | cmp - /tmp/x.$$ && echo same; rm /tmp/x.$$; tail -n 1 f", "same\n200000"},
		{"sparse", "dd if=/dev/zero of=f bs=1 count=1 seek=1000000 status=none; cp f g; cmp f g && stat -c %s g", "1000001"},
		{"archive", "mkdir d; seq 1000 > d/a; touch d/b; tar cf t.tar d; rm -r d; tar xf t.tar; wc -l d/a", "1000 d/a"},
		{"no holes known", "echo a > f; cp --sparse=always f g; cat g", "a"},
	} {
		for _, cache := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, cache %v", tt.name, cache), func(t *testing.T) {
				dir, _ := mountAt(t, ramfs.New("glenda", time.Now, 0), Options{Cache: cache})
				wants(t, sh(t, dir, tt.script), tt.want)
			})
		}
	}
}

// TestPython does what only a program can, not a shell.
func TestPython(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3: ", err)
	}
	tests := []struct{ name, script, want string }{
		{"map", "f=open('f','w+b'); f.write(b'x'*10000); f.flush(); m=mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ); print(len(m), m[9999:])", "10000 b'x'"},
		{"map a copy", "f=open('f','w+b'); f.write(b'x'*10000); f.flush(); m=mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY); m[0:1]=b'y'; f.seek(0); print(f.read(2), m[:2])", "b'xx' b'yx'"},
		{"unlinked", "f=open('f','w+'); f.write('abc'); f.flush(); os.unlink('f'); f.seek(0); print(f.read(), os.fstat(f.fileno()).st_size, os.path.exists('f'))", "abc 3 False"},
		{"replaced", "open('a','w').write('A'); open('b','w').write('B'); g=open('b'); os.replace('a','b'); print(g.read(), open('b').read())", "B A"},
		{"ftruncate", "f=open('f','w+b'); f.write(b'12345678'); f.flush(); os.ftruncate(f.fileno(), 3); f.seek(0); print(f.read(), os.fstat(f.fileno()).st_size)", "b'123' 3"},
		{"append knows its offset", "a=open('f','ab',0); b=open('f','ab',0); a.write(b'1'); b.write(b'2'); a.write(b'3'); print(open('f').read())", "123"},
		{"sendfile", "open('a','wb').write(b'z'*100000); shutil.copyfile('a','b'); print(os.stat('b').st_size)", "100000"},
		{"write without permission to", "f=os.open('f', os.O_CREAT|os.O_WRONLY, 0o400); print(os.write(f, b'x'), oct(os.stat('f').st_mode))", "1 0o100400"},
		{"same inode", "open('f','w'); print(os.stat('f').st_ino == os.fstat(os.open('f',0)).st_ino)", "True"},
		{"rewind a directory", "open('a','w')\nprint(sorted(os.listdir('.'))); open('b','w'); print(sorted(os.listdir('.')))", "['a']\n['a', 'b']"},
		{"pread", "f=open('f','w+b'); f.write(b'0123456789'); f.flush(); print(os.pread(f.fileno(), 3, 4), os.pread(f.fileno(), 3, 100))", "b'456' b''"},
	}
	// One Python runs them all, each in a directory of its own: it takes longer
	// to start than to do its work.
	script := "import os, mmap, shutil\n"
	for i, tt := range tests {
		script += fmt.Sprintf("os.mkdir('%d'); os.chdir('%[1]d')\n%s\nprint(end='\\f'); os.chdir('..')\n", i, tt.script)
	}
	for _, cache := range []bool{false, true} {
		dir, _ := mountAt(t, ramfs.New("glenda", time.Now, 0), Options{Cache: cache})
		got := strings.Split(sh(t, dir, "python3 - <<'END'\n"+script+"END\n"), "\f")
		for i, tt := range tests {
			t.Run(fmt.Sprintf("%s, cache %v", tt.name, cache), func(t *testing.T) {
				if i >= len(got) {
					t.Fatal("not reached")
				}
				wants(t, got[i], tt.want)
			})
		}
	}
}

// TestManyFiles lists a big directory completely, however it is read.
func TestManyFiles(t *testing.T) {
	for _, cache := range []bool{false, true} {
		t.Run(fmt.Sprintf("cache %v", cache), func(t *testing.T) {
			srv := ramfs.New("glenda", time.Now, 0)
			const n = 10000
			for i := range n {
				write(t, srv, fmt.Sprintf("file%05d", i), "text")
			}
			dir, _ := mountAt(t, srv, Options{Cache: cache})
			wants(t, sh(t, dir, "ls | wc -l; ls | sort -u | wc -l; find . -type f -size 4c | wc -l; rm -r *; ls | wc -l"),
				strings.Repeat(fmt.Sprintln(n), 3)+"0")
		})
	}
}

// TestExclusive opens a file for exclusive use by one at a time. A program that
// has closed it can open it again at once.
func TestExclusive(t *testing.T) {
	srv := ramfs.New("glenda", time.Now, 0)
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, perm := range map[string]ninep.Perm{"lock": ninep.DMEXCL | 0666, "log": ninep.DMAPPEND | 0666} {
		f, err := root.Create(t.Context(), name, perm, ninep.OREAD)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	dir, _ := mountAt(t, srv, Options{})
	wants(t, sh(t, dir, "i=0; while [ $i -lt 100 ]; do echo $i > lock || exit; i=$((i+1)); done; exec 3< lock; cat lock 2>&1 | grep -o busy; cat <&3"), "busy\n99")
	wants(t, sh(t, dir, "echo a > log; echo b > log; cat log; chmod 600 log"), "a\nb")
	f, err := root.Walk(t.Context(), "log")
	if err != nil {
		t.Fatal(err)
	}
	if d, err := f.Stat(t.Context()); err != nil || d.Mode != ninep.DMAPPEND|0600 {
		t.Errorf("chmod made it %v, %v", d.Mode, err)
	}
}

// TestReadOnly refuses changes.
func TestReadOnly(t *testing.T) {
	srv := ramfs.New("glenda", time.Now, 0)
	write(t, srv, "f", "text")
	dir, _ := mountAt(t, srv, Options{ReadOnly: true})
	wants(t, sh(t, dir, "cat f; echo; touch g 2>&1 | grep -o 'Read-only file system'"), "text\nRead-only file system")
}
