package test

// posixProgs are rows about whole programs.
var posixProgs = []posixRow{
	{name: "a script", sh: `printf '#!/bin/sh\necho hi $1 $(basename $0)\n' >s; chmod +x s; ./s you; PATH=.:$PATH; s me`, want: "hi you s\nhi me s"},
	{name: "a program", sh: `cp /bin/echo e; ./e hi; chmod -x e; errno sh -c './e hi'`, want: "hi\nPermission denied"},
	{name: "a program is removed while it runs", sh: `cp /bin/sleep s; ./s 10 & await test -e /proc/$!/exe; rm s; kill $!; ls`, want: ""},
	{name: "a program from C", needs: "gcc", sh: `
		printf '#include <stdio.h>\n#include "x.h"\nint main(void) { puts(X); return 0; }\n' >x.c; echo '#define X "hi"' >x.h
		gcc -o x x.c; ./x`, want: "hi"},
	{name: "a program from Go", needs: "go", sh: `
		mkdir hi; cd hi; printf 'module hi\n' >go.mod; mkdir word
		printf 'package word\n\nconst Hi = "hi"\n' >word/word.go
		printf 'package main\n\nimport "hi/word"\n\nfunc main() { println(word.Hi) }\n' >main.go
		go build; ls; ./hi; go vet ./...; go run .`, want: "go.mod\nhi\nmain.go\nword\nhi\nhi"},
	{name: "python modules", py: `
sys.dont_write_bytecode = False
sys.path.insert(0, '.')
os.mkdir('pkg')
put('pkg/__init__.py', 'x = 1')
put('pkg/mod.py', 'y = 2')
from pkg import mod, x
print(x, mod.y, sorted(n[:3] for n in os.listdir('pkg/__pycache__')))`, want: "1 2 ['__i', 'mod']"},
	{name: "python replaces a file", py: "put('a', 'new')\nput('b', 'old')\nos.replace('a', 'b')\nprint(get('b'), os.listdir('.'))", want: "new ['b']"},
	{name: "python copies a tree", py: `
import shutil
os.makedirs('a/b'); put('a/f', 'x'); put('a/b/g', 'y')
os.utime('a/f', (5, 5))
shutil.copytree('a', 'c')
print(get('c/b/g'), int(os.stat('c/f').st_mtime))
shutil.move('c', 'a/d')
shutil.rmtree('a')
print(os.listdir('.'))`, want: "y 5\n[]"},
	{name: "python temporary files", py: `
import tempfile
with tempfile.TemporaryDirectory(dir='.') as d:
    with tempfile.NamedTemporaryFile(dir=d) as f, tempfile.TemporaryFile(dir=d) as g:
        f.write(b'x'); f.flush()
        g.write(b'hello'); g.seek(1)
        print(os.stat(f.name).st_size, g.read(), len(os.listdir(d)))
print(os.listdir('.'))`, want: "1 b'ello' 1\n[]"},
	{name: "python archives", py: `
import zipfile
with zipfile.ZipFile('a.zip', 'w') as z: z.writestr('d/f', 'hi' * 10000, zipfile.ZIP_DEFLATED)
with zipfile.ZipFile('a.zip', 'a') as z: z.writestr('g', 'ho')
with zipfile.ZipFile('a.zip') as z: print(z.namelist(), z.testzip()); z.extractall('x')
print(len(get('x/d/f')), get('x/g'))`, want: "['d/f', 'g'] None\n20000 ho"},
	{name: "python dbm", py: `
import dbm.dumb
with dbm.dumb.open('db', 'c') as d:
    for i in range(100): d[str(i)] = str(i * i)
with dbm.dumb.open('db') as d: print(d['9'], len(d))`, want: "b'81' 100"},
	{name: "sqlite3", needs: "sqlite3", sh: `
		sqlite3 db 'create table t(a, b)'
		{ echo 'begin;'; for i in $(seq 1000); do echo "insert into t values($i, 'text $i');"; done; echo 'commit;'; } | sqlite3 db
		sqlite3 db 'select count(*), sum(a) from t; pragma integrity_check; pragma journal_mode'; ls`, want: "1000|500500\nok\ndelete\ndb"},
	{name: "sqlite3 rolls back", needs: "sqlite3", sh: `
		sqlite3 db 'create table t(a); insert into t values(1)'
		sqlite3 db 'begin; insert into t values(2); delete from t where a=1; rollback; select * from t'
		sqlite3 db 'begin; insert into t values(3); vacuum; commit' 2>&1 | sed 's/.*[:,] //; s/ (.*//'
		sqlite3 db 'pragma journal_mode=persist; insert into t values(4); pragma journal_mode=truncate; insert into t values(5); vacuum; select count(*) from t; pragma integrity_check'`,
		want: "1\ncannot VACUUM from within a transaction\npersist\ntruncate\n3\nok"},
	{name: "sqlite3 recovers from a crash", needs: "sqlite3", sh: `
		sqlite3 db 'create table t(a); insert into t values(1)'
		{ printf 'pragma cache_size=1;\nbegin;\n'; for i in $(seq 500); do echo "insert into t values(zeroblob(1000));"; done; echo '.shell kill -9 $PPID'; } | sqlite3 db || true
		test -s db-journal; sqlite3 db 'select count(*) from t; pragma integrity_check'; ls`, want: "Killed\n1\nok\ndb"},
	{name: "sqlite3 locks", needs: "sqlite3", sh: `
		sqlite3 db 'create table t(a)'
		{ printf "begin exclusive;\n.shell touch $OUT/held\n.shell while test ! -e $OUT/go; do sleep 0.02; done\ninsert into t values(1);\ncommit;\n"; } | sqlite3 db & 
		await test -e $OUT/held; sqlite3 db 'insert into t values(2)' 2>&1 | sed 's/.*[:,] //; s/ (.*//'; touch $OUT/go; wait; sqlite3 db 'select * from t'`,
		want: "database is locked\n1"},
	{name: "sqlite3 and many writers", needs: "sqlite3", sh: `
		sqlite3 db 'create table t(a)'
		for p in 1 2 3 4; do sqlite3 -cmd '.timeout 15000' db "begin immediate; insert into t values($p); insert into t values($p); commit" & done; wait
		sqlite3 db 'select count(*) from t; pragma integrity_check'`, want: "8\nok"},
	{name: "sqlite3 with a log", needs: "sqlite3", sh: `
		sqlite3 db 'pragma locking_mode=exclusive; pragma journal_mode=wal; create table t(a); insert into t values(1)'; sqlite3 db 'select * from t' 2>&1 | sed 's/.*: //'`,
		want: "exclusive\nwal\n1"},
	{name: "git", needs: "git", sh: `
		git init -q -b main .; echo a >f; mkdir d; echo b >d/g; git add .; git commit -qm one; echo c >>f; git status --short; git diff --stat | tail -n 1
		git commit -qam two; git log --format=%s; git status --short; git fsck`, want: " M f\n 1 file changed, 1 insertion(+)\ntwo\none"},
	{name: "git branches", needs: "git", sh: `
		git init -q -b main .; echo a >f; git add .; git commit -qm one; git checkout -qb side; echo b >g; rm f; git add -A; git commit -qm two
		git checkout -q main; ls; git checkout -q side; ls; git checkout -q main; echo c >h; git add .; git commit -qm three; git merge -q -m four side; ls
		git stash list; git rebase -q HEAD~1; git tag v1; git describe --tags`, want: "f\ng\ng\nh\nv1"},
	{name: "git clone", needs: "git", sh: `
		git init -q -b main a; cd a; for i in $(seq 30); do echo $i >f$i; done; git add .; git commit -qm one; cd ..
		git clone -q a b; ls b | wc -l; cd b; echo x >>f1; git commit -qam two; cd ../a; git pull -q ../b main; cat f1
		git clone -q --bare . ../c; git -C ../c log --oneline | wc -l; git -C ../b fetch -q ../c main`, want: "30\n1\nx\n2"},
	{name: "git push", needs: "git", sh: `
		git init -q --bare a; git clone -q a b 2>/dev/null; cd b; echo 1 >f; git add .; git commit -qm one; git push -q origin HEAD:main 2>$OUT/e && echo pushed || grep -o 'migrate.*' $OUT/e | head -n 1`,
		want: "pushed", ours: "migrate objects to permanent storage)"},
	{name: "git gc", needs: "git", sh: `
		git init -q -b main .; for i in 1 2 3; do seq $i 1000 >f; git add .; git commit -qm $i; done; git gc -q --prune=now; git fsck; git log --format=%s; git count-objects; ls .git/objects/pack | wc -l`,
		want: "3\n2\n1\n0 objects, 0 kilobytes\n2"},
	{name: "git worktree and config", needs: "git", sh: `
		git init -q -b main a; cd a; git config x.y z; echo 1 >f; git add .; git commit -qm one; git worktree add -q ../w; cat ../w/f; git config x.y; git -C ../w mv f g; git -C ../w status --short`,
		want: "1\nz\nR  f -> g"},
	{name: "vim", needs: "vim", sh: `echo one >f; TERM=dumb vim -u NONE -es -c 's/one/two/' -c wq f; cat f; ls`, want: "two\nf"},
	{name: "awk", sh: `seq 10 >f; awk '{ print >("part" $1 % 2) }' f; cat part0 part1 | tr '\n' ' '`, want: "2 4 6 8 10 1 3 5 7 9 "},
	{name: "a pipeline of files", sh: `
		seq 500 >a; sort -r a >b; paste a b >c; join a a | wc -l; comm -12 a b 2>/dev/null | wc -l >/dev/null; cut -f1 c | cmp - a; uniq a | wc -l; nl a | tail -n 1`,
		want: "500\n500\n   500\t500"},
	{name: "a background job's output", sh: `sh -c 'for i in 1 2 3; do echo $i; sleep 0.02; done' >f & await grep -q 3 f; cat f`, want: "1\n2\n3"},
}
