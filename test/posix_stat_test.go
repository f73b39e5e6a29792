package test

// posixStats are rows about what is known of files, and what Plan 9's do not
// have: links, pipes with a name, other owners.
var posixStats = []posixRow{
	{name: "chmod", sh: `echo >f; for m in 600 444 755 000 640; do chmod $m f; stat -c %a f; done; chmod u+x f; stat -c %A f`,
		want: "600\n444\n755\n0\n640\n-rwxr-----"},
	{name: "chmod of a directory", sh: `mkdir d; chmod 700 d; stat -c '%a %F' d; chmod g+rx d; stat -c %A d`, want: "700 directory\ndrwxr-x---"},
	{name: "umask", sh: `umask 077; echo >f; mkdir d; umask 022; echo >g; mkdir e; umask 027; echo >h; stat -c %a f d g e h`, want: "600\n700\n644\n755\n640"},
	{name: "no umask", sh: `umask 0; echo >f; mkdir d; stat -c %a f d`, want: "666\n777", ours: "644\n755"},
	{name: "created with execute bits", py: "os.close(os.open('f', os.O_CREAT|os.O_WRONLY, 0o755))\nprint(oct(os.stat('f').st_mode))", want: "0o100755"},
	{name: "created without write bits", py: `
fd = os.open('f', os.O_CREAT|os.O_WRONLY, 0o444)
print(os.write(fd, b'hello'), oct(os.fstat(fd).st_mode), get('f'))`, want: "5 0o100444 hello"},
	{name: "set user id", sh: `echo >f; chmod 4755 f && stat -c %a f`, want: "4755", ours: "755"},
	{name: "times are set", sh: `echo >f; touch -d '2001-02-03 04:05:06' f; stat -c %y f; touch -r f g; stat -c %Y g; touch -d @0 f; stat -c %Y f`,
		want: "2001-02-03 04:05:06.000000000 +0000\n981173106\n0"},
	{name: "times are set to now", py: `
import time
put('f', '')
os.utime('f', (5, 5))
os.utime('f')
print(abs(os.stat('f').st_mtime - time.time()) < 3)`, want: "True"},
	{name: "parts of a second", sh: `echo >f; touch -d @1000000000.5 f; stat -c %.3Y f`, want: "1000000000.500", ours: "1000000000.000"},
	{name: "times of an open file", py: `
fd = os.open('f', os.O_CREAT|os.O_WRONLY)
os.utime(fd, (7, 9))
print(int(os.fstat(fd).st_mtime))
os.mkdir('d')
os.utime('d', (7, 9))
print(int(os.stat('d').st_mtime))`, want: "9\n9"},
	{name: "writing changes the time", sh: `echo >f; touch -d @5 f; echo >>f; test $(stat -c %Y f) -gt 5; touch -d @5 .; echo >g; test $(stat -c %Y .) -gt 5; echo yes`, want: "yes"},
	{name: "reading does not change the time", sh: `echo >f; touch -d @5 f; cat f >/dev/null; stat -c %Y f`, want: "5"},
	{name: "newer and older", sh: `touch -d @5 a; touch -d @7 b; test b -nt a; test a -ot b; find . -newer a -type f; test a -ef ./a; ! test a -ef b`, want: "./b"},
	{name: "make", needs: "make", sh: `
		printf 'out: in\n\tcp in out\n' >Makefile; echo 1 >in; touch -d @1000000000 in; make; make; touch -d @7 out; make; cat out`,
		want: "cp in out\nmake: 'out' is up to date.\ncp in out\n1"},
	{name: "kinds of file", sh: `echo hi >f; : >e; mkdir d; stat -c %F f e d`, want: "regular file\nregular empty file\ndirectory"},
	{name: "sizes", sh: `for n in 0 1 4095 4096 100000; do head -c $n /dev/zero >f; stat -c %s f; done`, want: "0\n1\n4095\n4096\n100000"},
	{name: "the size grows as one writes", py: `
fd = os.open('f', os.O_CREAT|os.O_WRONLY)
for i in range(3):
    os.write(fd, b'x' * 1000)
    print(os.stat('f').st_size, os.fstat(fd).st_size)`, want: "1000 1000\n2000 2000\n3000 3000"},
	{name: "blocks", py: `
put('f', 'x' * 100000)
s = os.stat('f')
print(s.st_blocks * 512 >= 100000, s.st_blksize >= 512)`, want: "True True"},
	{name: "the inode stays", sh: `
		echo >f; mkdir d; i=$(stat -c %i f d); echo >>f; mv f g; touch g d/x; test "$i" = "$(stat -c %i g d)"; ls -i | awk '{print $1}' | sort >$OUT/a; stat -c %i * | sort | cmp - $OUT/a; echo same`,
		want: "same"},
	{name: "inodes differ", sh: `mkdir a b; echo >a/f; echo >b/f; find . -printf '%i\n' | sort -u | wc -l; stat -c %d . a a/f | sort -u | wc -l`, want: "5\n1"},
	{name: "dot and dot-dot", sh: `mkdir -p a/b; i=$(stat -c %i a); test $i = $(stat -c %i a/.); test $i = $(stat -c %i a/b/..); ls -di a/b/.. | grep -c "^ *$i "`, want: "1"},
	{name: "links are counted", sh: `echo >f; mkdir d; stat -c %h f; test $(stat -c %h d) -ge 1; echo yes`, want: "1\nyes"},
	{name: "owner", sh: `echo >f; mkdir d; test $(stat -c %u f) = $(id -u); test -O f; test -O d; echo mine`, want: "mine"},
	{name: "chown to oneself", sh: `echo >f; chown $(id -u) f; chown $(id -u):$(id -g) f; chgrp $(id -g) f; stat -c %u f | grep -cx $(id -u)`, want: "1"},
	{name: "chown to another", user: true, sh: `echo >f; errno chown 12345 f`, want: "Operation not permitted"},
	{name: "access", user: true, sh: `
		echo >f; for m in 400 200 500 644; do chmod $m f; for x in r w x; do ! test -$x f || printf $x; done; echo; done`, want: "r\nw\nrx\nrw"},
	{name: "no permission to read", user: true, sh: `echo >f; chmod 200 f; errno cat f; chmod 400 f; errno sh -c 'echo >>f'; rm -f f; ls`,
		want: "Permission denied\nPermission denied"},
	{name: "no permission in a directory", user: true, sh: `
		mkdir d; echo >d/f; chmod 500 d; errno touch d/g; errno rm -f d/f; chmod 600 d; errno cat d/f; chmod 300 d; errno ls d; chmod 700 d; cat d/f`,
		want: "Permission denied\nPermission denied\nPermission denied\nPermission denied"},
	{name: "no permission to execute", sh: `echo 'echo hi' >f; errno sh -c ./f; chmod +x f; ./f`, want: "Permission denied\nhi"},
	{name: "symbolic links", py: `
err(os.symlink, 'a', 'b')
print(os.listdir('.'))`, want: "None\n['b']", ours: "Operation not permitted\n[]"},
	{name: "ln -s", sh: `errno ln -s a b; ls`, want: "b", ours: "Operation not permitted"},
	{name: "ln", sh: `echo a >a; errno ln a b; ls`, want: "a\nb", ours: "Operation not permitted\na"},
	{name: "readlink of a file", py: "put('f', '')\nerr(os.readlink, 'f')", want: "Invalid argument"},
	{name: "mkfifo", sh: `errno mkfifo p; ls`, want: "p", ours: "Operation not permitted"},
	{name: "socket", py: `
import socket
s = socket.socket(socket.AF_UNIX)
err(s.bind, 'sock')`, want: "None", ours: "Operation not permitted"},
	{name: "mknod of a file", sh: `errno python3 -SEc "import os; os.mknod('f', 0o644)"; stat -c %F f`, needs: "python3", want: "regular empty file"},
	{name: "extended attributes", py: `
put('f', '')
err(os.setxattr, 'f', 'user.a', b'x')
err(os.getxattr, 'f', 'user.b')`, want: "None\nNo data available", ours: "Operation not supported\nOperation not supported"},
	{name: "df", sh: `df . | wc -l; df -i . | wc -l; df -P . | tail -n 1 | awk '{print NF}'`, want: "2\n2\n6"},
	{name: "statfs", py: `
s = os.statvfs('.')
print(s.f_namemax >= 255, s.f_bsize >= 512, s.f_blocks >= s.f_bfree >= s.f_bavail)`, want: "True True True"},
	{name: "flock", needs: "flock", sh: `
		: >l; exec 3<l; flock -n 3; flock -n l true || echo held; exec 3<&-; flock -n l echo free; flock -s l flock -n -s l echo shared`, want: "held\nfree\nshared"},
	{name: "lockf", py: `
import fcntl, subprocess
f = open('l', 'w')
fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
child = '''
import fcntl
try:
    fcntl.lockf(open('l', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)
    print('free')
except OSError as e: print(e.strerror)'''
run = lambda: print(subprocess.run([sys.executable, '-SEc', child], capture_output=True, text=True).stdout.strip())
run()
fcntl.lockf(f, fcntl.LOCK_UN)
run()`, want: "Resource temporarily unavailable\nfree"},
	{name: "locks of ranges", py: `
import fcntl
put('l', 'x' * 100)
f = open('l', 'r+')
fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
pid = os.fork()
if pid == 0:
    g = open('l', 'r+')
    err(fcntl.lockf, g, fcntl.LOCK_EX|fcntl.LOCK_NB, 10, 20)
    err(fcntl.lockf, g, fcntl.LOCK_EX|fcntl.LOCK_NB, 10, 5)
    sys.stdout.flush()
    os._exit(0)
os.waitpid(pid, 0)`, want: "None\nResource temporarily unavailable"},
	{name: "map to read", py: `
import mmap
put('f', 'hello' * 10000)
with open('f') as f:
    m = mmap.mmap(f.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
    print(len(m), m[49995:], m.find(b'o'))`, want: "50000 b'hello' 4"},
	{name: "map a copy", py: `
import mmap
put('f', 'hello')
with open('f') as f:
    m = mmap.mmap(f.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ|mmap.PROT_WRITE)
    m[0:1] = b'J'
    print(m[:], get('f'))`, want: "b'Jello' hello"},
	{name: "map to write", py: `
import mmap
put('f', 'hello')
def shared():
    with open('f', 'r+') as f:
        m = mmap.mmap(f.fileno(), 0, mmap.MAP_SHARED)
        m[0:1] = b'J'
        m.flush()
        m.close()
        return get('f')
err(shared)`, want: "Jello"},
	{name: "a file without name", py: `
err(lambda: os.write(os.open('.', os.O_TMPFILE|os.O_RDWR), b'x'))
print(os.listdir('.'))`, want: "1\n[]", ours: "Operation not supported\n[]"},
	{name: "truncate by name", py: `
put('f', 'hello')
os.truncate('f', 2)
fd = os.open('f', os.O_RDWR)
os.ftruncate(fd, 4)
print(os.read(fd, 9))
err(os.truncate, '.', 0)
err(os.truncate, 'g', 0)`, want: "b'he\\x00\\x00'\nIs a directory\nNo such file or directory"},
	{name: "flags of open", py: `
put('f', 'hello')
print(os.read(os.open('f', os.O_RDONLY|os.O_NOFOLLOW|os.O_CLOEXEC|os.O_NOATIME), 9))
fd = os.open('f', os.O_WRONLY|os.O_APPEND|os.O_SYNC)
os.write(fd, b'x')
os.fsync(fd)
os.fdatasync(fd)
fd = os.open('f', os.O_RDWR|os.O_TRUNC|os.O_DSYNC)
print(os.fstat(fd).st_size)
os.open('g', os.O_RDONLY|os.O_CREAT)
print(sorted(os.listdir('.')))`, want: "b'hello'\n0\n['f', 'g']"},
}
