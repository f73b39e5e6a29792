package test

// posixDirs are rows about directories and names.
var posixDirs = []posixRow{
	{name: "mkdir and rmdir", sh: `mkdir d; test -d d; rmdir d; ls`, want: ""},
	{name: "mkdir twice", sh: `mkdir d; errno mkdir d; echo >f; errno mkdir f`, want: "File exists\nFile exists"},
	{name: "mkdir -p", sh: `mkdir -p a/b/c; mkdir -p a/b/c; find . | sort`, want: ".\n./a\n./a/b\n./a/b/c"},
	{name: "mkdir -p by many", sh: `for i in 1 2 3 4 5 6 7 8; do mkdir -p a/b/c/d/e & done; wait; find . | wc -l`, want: "6"},
	{name: "rmdir of what is not empty", sh: `mkdir d; echo >d/f; errno rmdir d; rm -r d; ls`, want: "Directory not empty"},
	{name: "rmdir of a file", sh: `echo >f; errno rmdir f; mkdir d; errno rm d`, want: "Not a directory\nIs a directory"},
	{name: "unlink of a directory", py: "os.mkdir('d')\nerr(os.unlink, 'd')\nerr(os.rmdir, 'd/.')", want: "Is a directory\nInvalid argument"},
	{name: "a deep tree", sh: `
		p=d; for i in $(seq 60); do p=$p/d$i; done; mkdir -p $p; echo hi >$p/f; cat $p/f; find . | wc -l; (cd $p; cat f); rm -r d; ls`,
		want: "hi\n63\nhi"},
	{name: "ls and dot names", sh: `echo >.a; echo >..b; echo >...; echo >c; ls; ls -a`, want: "c\n.\n..\n...\n..b\n.a\nc"},
	{name: "a name of 255 bytes", sh: `n=$(printf '%0255d' 0); echo hi >$n; cat $n; ls | wc -c; mkdir d; mv $n d/; rm d/$n; ls d`, want: "hi\n256"},
	{name: "a name that is too long", sh: `n=$(printf '%0256d' 0); errno touch $n; errno mkdir $n; errno stat $n; echo >f; errno mv f $n; ls`,
		want: "File name too long\nFile name too long\nFile name too long\nFile name too long\nf"},
	{name: "names in Unicode", sh: `for n in grüße 世界 '∑ ☺'; do echo $n >"$n"; done; cat grüße 世界 '∑ ☺'; ls | wc -l`,
		want: "grüße\n世界\n∑ ☺\n3"},
	{name: "names that are no Unicode", py: `
put(b'a\xffb', 'hi')
print(os.listdir(b'.'), get(b'a\xffb'))`, want: "[b'a\\xffb'] hi"},
	{name: "names with blanks and quotes", sh: `
		for n in 'a b' ' c' "it's" '"q"' '#x' '*' '-r' 'a\b' '$x'; do printf '%s\n' "$n" >"./$n"; cat "./$n"; done; ls | wc -l; rm -- *; ls`,
		want: "a b\n c\nit's\n\"q\"\n#x\n*\n-r\na\\b\n$x\n9"},
	{name: "names with control characters", py: `
for n in 'new\nline', 'tab\t', '\x01\x7f':
    put(n, n)
print(sorted(os.listdir('.')), get('new\nline') == 'new\nline')`, want: `['\x01\x7f', 'new\nline', 'tab\t'] True`},
	{name: "names differ by case", sh: `echo a >a; echo A >A; cat a A`, want: "a\nA"},
	{name: "rename", sh: `echo a >f; mv f g; ls; cat g; errno cat f`, want: "g\na\nNo such file or directory"},
	{name: "rename over a file", sh: `echo a >f; echo b >g; mv f g; ls; cat g`, want: "g\na"},
	{name: "rename onto itself", py: "put('f', 'a')\nos.rename('f', 'f')\nprint(get('f'))", want: "a"},
	{name: "rename a directory", sh: `mkdir -p d/e; echo a >d/e/f; mv d g; cat g/e/f; errno ls d`, want: "a\nNo such file or directory"},
	{name: "rename over an empty directory", py: `
os.mkdir('a'); put('a/f', 'x'); os.mkdir('b')
os.rename('a', 'b')
print(os.listdir('.'), os.listdir('b'))`, want: "['b'] ['f']"},
	{name: "rename over a full directory", py: `
os.mkdir('a'); os.mkdir('b'); put('b/f', 'x')
err(os.rename, 'a', 'b')
print(os.listdir('b'))`, want: "Directory not empty\n['f']"},
	{name: "rename of unlike kinds", py: `
os.mkdir('d'); put('f', 'x')
err(os.rename, 'd', 'f')
err(os.rename, 'f', 'd')
print(sorted(os.listdir('.')))`, want: "Not a directory\nIs a directory\n['d', 'f']"},
	{name: "rename into itself", py: "os.makedirs('a/b')\nerr(os.rename, 'a', 'a/b/c')\nprint(os.listdir('a'))", want: "Invalid argument\n['b']"},
	{name: "rename to another directory", py: `
put('f', 'a'); os.mkdir('d')
err(os.rename, 'f', 'd/f')`, want: "None", ours: "Invalid cross-device link"},
	{name: "mv to another directory", sh: `echo a >f; chmod 640 f; touch -d @1000000000 f; mkdir d; mv f d; ls; ls d; stat -c '%a %Y' d/f; mv d/f g; cat g`,
		want: "d\nf\n640 1000000000\na"},
	{name: "mv a tree to another directory", sh: `mkdir -p a/b/c d; seq 100 >a/b/c/f; mv a d; ls; find d | sort; wc -l <d/a/b/c/f`,
		want: "d\nd\nd/a\nd/a/b\nd/a/b/c\nd/a/b/c/f\n100"},
	{name: "mv -n", sh: `echo a >f; echo b >g; mv -n f g; cat f g`, want: "a\nb"},
	{name: "mv --backup", sh: `echo a >f; echo b >g; mv -b f g; cat g g~`, want: "a\nb"},
	{name: "rename from elsewhere", sh: `echo a >$OUT/f; mv $OUT/f f; cat f; mv f $OUT/g; cat $OUT/g; ls`, want: "a\na"},
	{name: "a directory of one entry", sh: `echo >f; ls -f | sort`, want: ".\n..\nf"},
	{name: "a directory of 1000 entries", long: true, sh: `
		seq 1000 | xargs touch; ls | wc -l; ls -f | sort | uniq -d; ls | sort -n | tail -n 1; rm *; ls`, want: "1000\n1000"},
	{name: "a directory of 5000 entries", long: true, sh: `
		mkdir d; cd d; seq 5000 | xargs touch; cd ..; ls -f d | wc -l; find d -type f | sort -u | wc -l; rm -r d; ls`, want: "5002\n5000"},
	{name: "removing what is being read", long: true, py: `
for i in range(500): put('f%d' % i, '')
n = 0
with os.scandir('.') as it:
    for e in it:
        os.unlink(e.name)
        n += 1
print(n, os.listdir('.'))`, want: "500 []"},
	{name: "creating in what is being read", py: `
for i in range(200): put('f%d' % i, '')
seen = set()
with os.scandir('.') as it:
    for i, e in enumerate(it):
        if e.name[0] == 'f': seen.add(e.name)
        if i < 200: put('g%d' % i, '')
print(len(seen), len(os.listdir('.')))`, want: "200 400"},
	{name: "rewinding a directory", py: `
put('a', '')
fd = os.open('.', os.O_RDONLY|os.O_DIRECTORY)
print(os.listdir(fd))
put('b', '')
print(sorted(os.listdir(fd)))`, want: "['a']\n['a', 'b']"},
	{name: "find", sh: `
		mkdir -p a/b c; echo xyz >a/b/f; : >c/g; find . -type f | sort; find . -type d | sort; find . -name 'f*' -size -2; find . -empty; find . -mindepth 3`,
		want: "./a/b/f\n./c/g\n.\n./a\n./a/b\n./c\n./a/b/f\n./c/g\n./a/b/f"},
	{name: "find -delete", sh: `mkdir -p a/b/c d; echo >a/b/f; echo >d/g; find . -mindepth 1 -delete; ls -A`, want: ""},
	{name: "find -exec and xargs -0", sh: `
		mkdir 'a b'; echo 1 >'a b/x y'; echo 2 >z; find . -type f -exec cat {} + | sort; find . -type f -print0 | xargs -0 cat | sort`,
		want: "1\n2\n1\n2"},
	{name: "du", sh: `mkdir d; head -c 100000 /dev/zero >d/f; du -b d/f; test $(du -s d | cut -f1) -ge 98 && echo enough`, want: "100000\td/f\nenough"},
	{name: "ls -lR", sh: `mkdir -p a/b; echo hi >a/b/f; ls -lR | sed -n 's/^\(.......... *[0-9]*\) .* \([^ ]*\)$/\1 \2/p' | sed 's/ [0-9]* / /'`,
		want: "drwxr-xr-x a\ndrwxr-xr-x b\n-rw-r--r-- f"},
	{name: "globs", sh: `mkdir d e; echo >d/a1; echo >d/a2; echo >e/a3; echo */a[12] */; echo d/*`, want: "d/a1 d/a2 d/ e/\nd/a1 d/a2"},
	{name: "where one is", sh: `mkdir -p a/b; cd a/b; basename "$(pwd -P)"; cd ../..; test "$(realpath a/b/..)" = "$(pwd -P)/a"; readlink -f a/b | sed 's,.*/a,a,'`,
		want: "b\na/b"},
	{name: "a directory removed below one", sh: `mkdir d; cd d; rmdir ../d; errno touch x; cd ..; ls`, want: "No such file or directory"},
	{name: "renaming where one is", sh: `mkdir d; cd d; mv ../d ../e; echo hi >f; cat ../e/f`, want: "hi"},
	{name: "below an open directory", py: `
os.mkdir('d')
d = os.open('d', os.O_RDONLY|os.O_DIRECTORY)
os.close(os.open('f', os.O_CREAT|os.O_WRONLY, dir_fd=d))
os.mkdir('e', dir_fd=d)
os.rename('f', 'g', src_dir_fd=d, dst_dir_fd=d)
print(os.stat('g', dir_fd=d).st_size, sorted(os.listdir('d')))
os.unlink('g', dir_fd=d)
os.rmdir('e', dir_fd=d)
os.fsync(d)
print(os.listdir(d))`, want: "0 ['e', 'g']\n[]"},
	{name: "a file opened as a directory", py: `
put('f', '')
err(os.open, 'f', os.O_RDONLY|os.O_DIRECTORY)
err(os.open, '.', os.O_WRONLY)
err(os.open, 'f', os.O_WRONLY|os.O_CREAT|os.O_EXCL)`, want: "Not a directory\nIs a directory\nFile exists"},
	{name: "cp -r", sh: `mkdir -p a/b; echo 1 >a/f; echo 2 >a/b/g; cp -r a c; diff -r a c; find c | sort; cp -r a c; ls c`,
		want: "c\nc/b\nc/b/g\nc/f\na\nb\nf"},
	{name: "cp -a", sh: `
		mkdir -p a/b; echo 1 >a/f; chmod 640 a/f; chmod 750 a/b; touch -d @1000000000 a/f; touch -d @2000000000 a/b; cp -a a c; stat -c '%a %Y' c/f c/b`,
		want: "640 1000000000\n750 2000000000"},
	{name: "cp over a file", sh: `echo long text >a; echo s >b; cp b a; cat a; cp -f a b; cp -u a b; cp -b a b; ls`, want: "s\na\nb\nb~"},
	{name: "diff -r", sh: `mkdir a b; echo 1 >a/f; echo 2 >b/f; echo >a/g; diff -rq a b || true`, want: "Files a/f and b/f differ\nOnly in a: g"},
	{name: "tar there and back", sh: `
		mkdir -p a/b c; seq 1000 >a/f; echo x >a/b/g; chmod 600 a/f; touch -d @1000000000 a/f; tar cf - a | (cd c; tar xpf -); diff -r a c/a; stat -c '%a %Y' c/a/f
		tar czf t.tgz a; tar df t.tgz; tar tf t.tgz | sort`, want: "600 1000000000\na/\na/b/\na/b/g\na/f"},
	{name: "rsync", needs: "rsync", sh: `
		mkdir -p a/b; seq 100 >a/f; echo x >a/b/g; rsync -rtp a/ c; diff -r a c; echo y >>a/f; rsync -rtp --delete a/ c; diff -r a c; rsync -rtpni a/ c`, want: ""},
	{name: "install", sh: `echo hi >f; install -D -m 750 f a/b/g; stat -c %a a/b/g; cat a/b/g`, want: "750\nhi"},
	{name: "mktemp", sh: `f=$(mktemp -p .); d=$(mktemp -d -p .); stat -c '%a %F' $f $d; rm -r $f $d; ls`, want: "600 regular empty file\n700 directory"},
	{name: "many at work in one directory", long: true, sh: `
		seq 400 | xargs -P 4 -n 20 sh -c 'for i; do echo $i >f$i; mv f$i g$i; cat g$i; rm g$i; done' x | sort -n | uniq | wc -l; ls`, want: "400"},
}
