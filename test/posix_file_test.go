package test

// posixFiles are rows about the contents of files.
var posixFiles = []posixRow{
	{name: "create and read", sh: `echo hello >f; cat f; wc -c <f`, want: "hello\n6"},
	{name: "empty file", sh: `: >f; cat f; stat -c %s f`, want: "0"},
	{name: "opening to write truncates", sh: `echo longer >f; echo s >f; cat f`, want: "s"},
	{name: "append", sh: `echo a >f; echo b >>f; echo c >>f; cat f`, want: "a\nb\nc"},
	{name: "append creates", sh: `echo a >>f; cat f`, want: "a"},
	{name: "two descriptors that append", sh: `exec 3>>f 4>>f; echo a >&3; echo b >&4; echo c >&3; cat f`, want: "a\nb\nc"},
	{name: "two processes that append", sh: `
		for p in 1 2; do (exec >>f; for i in $(seq 200); do echo $p $i; done) & done; wait
		wc -l <f; sort -u f | wc -l`, want: "400\n400"},
	{name: "many processes that append", sh: `
		for p in $(seq 20); do (echo $p >>f) & done; wait; sort -n f | tr '\n' ' '`,
		want: "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "},
	{name: "one open file shared by processes", sh: `
		{ echo a; sh -c 'echo b'; echo c; } >f; { read x; cat; } <f`, want: "b\nc"},
	{name: "write in the middle", sh: `
		printf abcdef >f; printf XY | dd of=f bs=1 seek=2 conv=notrunc status=none; cat f`, want: "abXYef"},
	{name: "read from the middle", sh: `printf abcdef >f; dd if=f bs=1 skip=2 count=3 status=none`, want: "cde"},
	{name: "read and write one descriptor", sh: `printf abcdef >f; exec 3<>f; head -c 2 <&3; printf X >&3; exec 3>&-; cat f`, want: "ababXdef"},
	{name: "truncate to less", sh: `printf abcdef >f; truncate -s 3 f; cat f`, want: "abc"},
	{name: "truncate to more", sh: `printf abc >f; truncate -s 6 f; od -An -c f`, want: `   a   b   c  \0  \0  \0`},
	{name: "what is cut off does not come back", sh: `
		printf abcdef >f; truncate -s 2 f; truncate -s 6 f; od -An -c f`, want: `   a   b  \0  \0  \0  \0`},
	{name: "a hole reads as zeros", sh: `
		printf x | dd of=f bs=1 seek=5000000 status=none; stat -c %s f; tr -d '\0' <f; head -c 5 f | od -An -c`,
		want: "5000001\nx  \\0  \\0  \\0  \\0  \\0"},
	{name: "beyond 4 gigabytes", sh: `
		printf end | dd of=f bs=1 seek=5000000000 status=none; stat -c %s f; tail -c 3 f`, want: "5000000003\nend"},
	{name: "noclobber", sh: `set -C; echo a >f; errno sh -c 'set -C; echo b >f'; cat f`, want: "File exists\na"},
	{name: "exclusive create by many", sh: `
		for i in $(seq 10); do (set -C; echo $i 2>/dev/null >f && echo won) 2>/dev/null & done; wait`, want: "won"},
	{name: "an open file survives rm", sh: `echo hi >f; exec 3<f; rm f; cat <&3; ls`, want: "hi"},
	{name: "a removed file can be written", py: `
fd = os.open('f', os.O_RDWR|os.O_CREAT)
os.unlink('f')
os.write(fd, b'hello')
print(os.pread(fd, 10, 0), os.fstat(fd).st_size, os.listdir('.'))`, want: "b'hello' 5 []"},
	{name: "a file replaced while it is open", sh: `
		echo old >f; exec 3<f; echo new >g; mv g f; cat - f <&3`, want: "old\nnew"},
	{name: "a file renamed while it is open", sh: `
		echo a >f; exec 3>>f; mv f g; echo b >&3; cat g`, want: "a\nb"},
	{name: "10 megabytes", sh: `
		head -c 10000000 /dev/urandom >$OUT/x; cp $OUT/x x; cmp $OUT/x x; cat x | cmp - $OUT/x; stat -c %s x`, want: "10000000"},
	{name: "dd with blocks of all sizes", sh: `
		head -c 300000 /dev/urandom >$OUT/x
		for bs in 7777 4096 65536 131072 1000000; do dd if=$OUT/x of=x bs=$bs status=none; dd if=x bs=$bs status=none | cmp - $OUT/x; done; echo same`,
		want: "same"},
	{name: "dd skip seek count", sh: `
		seq 1000 >a; dd if=a of=b bs=10 skip=3 seek=2 count=5 status=none; stat -c %s b; tail -c +21 b | cmp -n 50 - $(tail -c +31 a >c; echo c) && echo same`,
		want: "70\nsame"},
	{name: "head and tail", sh: `seq 10000 >f; head -c 4 f; head -n 2 f | tail -n 1; tail -n 1 f; tail -c 3 f; tail -n +9999 f | head -n 1`,
		want: "1\n2\n2\n10000\n00\n9999"},
	{name: "tail -f sees what is appended", sh: `
		echo a >f; timeout 10 tail -s 0.05 -f f >$OUT/o & 
		await grep -q a $OUT/o; echo b >>f; await grep -q b $OUT/o; kill $!; cat $OUT/o`, want: "a\nb"},
	{name: "tee -a", sh: `echo a | tee f; echo b | tee -a f g; cat f g`, want: "a\nb\na\nb\nb"},
	{name: "split and join", sh: `
		head -c 100000 /dev/urandom >f; split -b 7000 f p.; ls p.* | wc -l; cat p.* | cmp - f`, want: "15"},
	{name: "sort onto itself", sh: `seq 2000 | sort -R >f; sort -n -o f f; seq 2000 | cmp - f; wc -l <f`, want: "2000"},
	{name: "sed -i", sh: `echo one >f; sed -i s/one/two/ f; cat f; ls`, want: "two\nf"},
	{name: "perl -i with a copy", needs: "perl", sh: `echo one >f; perl -pi.bak -e s/one/two/ f; cat f f.bak; ls`, want: "two\none\nf\nf.bak"},
	{name: "ed", needs: "ed", sh: `echo one >f; printf 's/one/two/\na\nthree\n.\nw\nq\n' | ed -s f; cat f`, want: "two\nthree"},
	{name: "cat knows its output", sh: `echo a >f; errno sh -c 'cat f >>f'; cat f`, want: "input file is output file\na"},
	{name: "cp knows the same file", sh: `echo a >f; errno cp f ./f; cat f`, want: "'f' and './f' are the same file\na"},
	{name: "gzip in place", sh: `seq 10000 >f; gzip f; ls; gzip -t f.gz; gunzip f.gz; ls; seq 10000 | cmp - f`, want: "f.gz\nf"},
	{name: "md5sum -c", sh: `echo a >a; echo b >b; md5sum a b >sums; md5sum -c sums`, want: "a: OK\nb: OK"},
	{name: "cmp finds the byte", sh: `seq 100 >a; sed s/50/51/ a >b; cmp a b || true`, want: "a b differ: byte 140, line 50"},
	{name: "grep -r", sh: `mkdir -p a/b; echo x >a/f; echo x >a/b/g; echo y >h; grep -r x . | sort`, want: "./a/b/g:x\n./a/f:x"},
	{name: "patch", needs: "patch", sh: `
		seq 9 >f; sed s/5/five/ f >g; diff -u f g >p || true; patch -s f p; cmp f g; ls`, want: "f\ng\np"},
	{name: "sync and fsync", sh: `echo a >f; sync; sync f; sync -d f; sync .; dd if=f of=g conv=fsync status=none; cat g`, want: "a"},
	{name: "reading a directory", sh: `mkdir d; errno cat d; errno dd if=d of=/dev/null status=none`, want: "Is a directory\nIs a directory"},
	{name: "writing a directory", sh: `mkdir d; errno tee d </dev/null`, want: "Is a directory"},
	{name: "a file is no directory", sh: `echo a >f; errno cat f/x; errno touch f/x; errno ls f/; errno sh -c 'cd f'`,
		want: "Not a directory\nNot a directory\nNot a directory\ncan't cd to f"},
	{name: "what is not there", sh: `errno cat f; errno touch d/f; errno rm f; errno mv f g; errno stat f; errno mkdir d/e`,
		want: "No such file or directory\nNo such file or directory\nNo such file or directory\nNo such file or directory\nNo such file or directory\nNo such file or directory"},
	{name: "splitting a line among writers", sh: `
		seq 3000 >f; { while read a; do echo $a; [ $a != 10 ] || break; done; head -n 1; } <f | tail -n 1`, want: "11"},
	{name: "pwrite and pread", py: `
fd = os.open('f', os.O_RDWR|os.O_CREAT|os.O_EXCL, 0o644)
os.pwrite(fd, b'hello', 3)
print(os.lseek(fd, 0, os.SEEK_CUR), os.pread(fd, 4, 2), os.lseek(fd, 0, os.SEEK_END))`, want: "0 b'\\x00hel' 8"},
	{name: "seek and tell", py: `
with open('f', 'w+') as f:
    f.write('abcdef')
    f.seek(2)
    print(f.read(2), f.tell())
    err(os.lseek, f.fileno(), -1, os.SEEK_SET)`, want: "cd 4\nInvalid argument"},
	{name: "sendfile", py: `
put('a', 'x' * 100000)
a, b = os.open('a', os.O_RDONLY), os.open('b', os.O_WRONLY|os.O_CREAT)
n = 0
while True:
    m = os.sendfile(b, a, n, 1 << 20)
    if m == 0: break
    n += m
print(n, get('b') == get('a'))`, want: "100000 True"},
	{name: "copy_file_range", py: `
put('a', 'x' * 100000)
a, b = os.open('a', os.O_RDONLY), os.open('b', os.O_WRONLY|os.O_CREAT)
while os.copy_file_range(a, b, 1 << 20): pass
print(get('b') == get('a'))`, want: "True"},
	{name: "scatter and gather", py: `
fd = os.open('f', os.O_RDWR|os.O_CREAT)
print(os.writev(fd, [b'abc', b'', b'def']))
os.lseek(fd, 0, 0)
x, y = bytearray(2), bytearray(9)
print(os.readv(fd, [x, y]), bytes(x), bytes(y[:4]))`, want: "6\n6 b'ab' b'cdef'"},
	{name: "the descriptor is for one thing", py: `
put('f', 'a')
err(os.write, os.open('f', os.O_RDONLY), b'x')
err(os.read, os.open('f', os.O_WRONLY), 1)
err(os.ftruncate, os.open('f', os.O_RDONLY), 0)`, want: "Bad file descriptor\nBad file descriptor\nInvalid argument"},
	{name: "seek to data and holes", py: `
put('f', 'abc')
fd = os.open('f', os.O_RDONLY)
print(os.lseek(fd, 0, os.SEEK_DATA), os.lseek(fd, 0, os.SEEK_HOLE))
err(os.lseek, fd, 3, os.SEEK_DATA)`, want: "0 3\nNo such device or address"},
	{name: "preallocation", py: `
fd = os.open('f', os.O_RDWR|os.O_CREAT)
os.posix_fallocate(fd, 0, 5000)
print(os.fstat(fd).st_size)`, want: "5000"},
}
