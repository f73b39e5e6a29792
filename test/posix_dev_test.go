package test

// posixDevices are rows about files that are not kept but made: those of a
// node's devices. They are run in the root of the name space of node n2,
// where a process called "sleep $SLEEP" is to be had.
var posixDevices = []posixRow{
	{name: "cat", sh: `cat dev/sysname; echo; cat dev/sysname dev/sysname`, want: "n2\nn2n2"},
	{name: "cp", sh: `cp dev/sysname $OUT/a; cat $OUT/a; cp proc/1/ns $OUT/ns; cmp proc/1/ns $OUT/ns; test -s $OUT/ns`, want: "n2"},
	{name: "wc", sh: `wc -c <dev/sysname; wc -c dev/sysname; wc -w <dev/time; wc -l <proc/1/status`, want: "2\n2 dev/sysname\n4\n1"},
	{name: "head and tail of devices", sh: `head -c 1 dev/sysname; tail -c 1 dev/sysname; head -n 1 proc/1/ns | wc -l; tail -n 1 proc/1/ns | cut -c 1-3`, want: "n21\ncd "},
	{name: "head of what has no end", sh: `head -c 100000 dev/zero | wc -c; head -c 1000 dev/random | wc -c; dd if=dev/zero bs=1k count=3 status=none | wc -c`,
		want: "100000\n1000\n3072"},
	{name: "null", sh: `cat dev/null; echo x >dev/null; echo x >>dev/null; seq 100000 >dev/null; wc -c <dev/null`, want: "0"},
	{name: "dd byte by byte", sh: `dd if=dev/sysname bs=1 status=none; dd if=dev/sysname bs=1 skip=1 status=none`, want: "n22"},
	{name: "read of the shell", sh: `read a b c d <dev/time || true; test $a -gt 1000000000; read x <proc/1/status; echo ${x%% *}`, want: "init"},
	{name: "grep", sh: `grep -c init proc/1/status; grep -l init proc/1/args; grep -q '^cd' proc/1/ns; grep -c . dev/sysname`, want: "1\nproc/1/args\n1"},
	{name: "sort cut awk md5sum", sh: `sort proc/1/ns | grep -c '^cd'; awk '{print $1}' proc/1/status; printf n2 | cmp - dev/sysname; printf n2 | md5sum >$OUT/a; md5sum <dev/sysname | cmp - $OUT/a`,
		want: "1\ninit"},
	{name: "od and cmp", sh: `od -An -c dev/sysname; cmp dev/sysname dev/sysname; diff proc/1/ns proc/1/ns`, want: "   n   2"},
	{name: "globs of devices", sh: `cat proc/*/status 2>/dev/null | wc -l >$OUT/n; test $(cat $OUT/n) -gt 3; echo proc/1/[an]*s`, want: "proc/1/args proc/1/ns"},
	{name: "ls", sh: `ls proc/1 | tr '\n' ' '; ls -d proc dev net srv env | tr "\n" " "; ls -l proc/1/status | cut -c 1-10; ls -ld proc/1 | cut -c 1-10`,
		want: "args ctl fd note noteid notepg ns ppid proc segment status text wait dev env net proc srv -r--r--r--\ndr-xr-xr-x"},
	{name: "ls -lR of devices", sh: `ls -lR dev net srv >$OUT/a 2>/dev/null || true; grep -c ' sysname$' $OUT/a; grep -c ' clone$' $OUT/a`, want: "1\n3"},
	{name: "find of devices", sh: `find proc/1 | wc -l; find dev -name sys\* | sort; find net -maxdepth 1 -type d -name tcp; find . -maxdepth 2 -path ./n -prune -o -path ./dev/null -print`,
		want: "14\ndev/sysname\ndev/sysstat\nnet/tcp\n./dev/null"},
	{name: "find while processes come and go", sh: `for i in 1 2 3; do find proc -type d >/dev/null & done; wait; ls proc >/dev/null; echo ok`, want: "ok"},
	{name: "kinds and sizes", sh: `stat -c %F proc dev/null proc/1/ctl | sort -u | sed 's/regular.*/file/' | uniq; test -d proc/1; test -f dev/sysname; ! test -e proc/99999`,
		want: "directory\nfile"},
	{name: "python reads", py: `
print(get('dev/sysname'), len(get('dev/time').split()), get('proc/1/args'))
with open('dev/sysname', 'rb', buffering=0) as f: print(f.read(1), f.read(1), f.read(1))`, want: "n2 4 init\nb'n' b'2' b''"},
	{name: "python reads a byte at a time", py: `
fd = os.open('proc/1/ns', os.O_RDONLY)
text = b''
while True:
    b = os.read(fd, 1)
    if not b: break
    text += b
print(text.decode() == get('proc/1/ns'), len(text) > 100)`, want: "True True"},
	{name: "python reads from the middle", py: `
fd = os.open('proc/1/ns', os.O_RDONLY)
print(os.pread(fd, 10, 5) == get('proc/1/ns').encode()[5:15], os.lseek(fd, 5, os.SEEK_SET), os.read(fd, 10) == get('proc/1/ns').encode()[5:15])`,
		want: "True 5 True"},
	{name: "python sends a file", py: `
out = os.open(os.environ['OUT'] + '/a', os.O_RDWR|os.O_CREAT)
fd = os.open('proc/1/ns', os.O_RDONLY)
while os.sendfile(out, fd, None, 100000): pass
print(os.pread(out, 100000, 0).decode() == get('proc/1/ns'))`, want: "True"},
	{name: "python copies a file", py: `
import shutil
shutil.copyfile('proc/1/ns', os.environ['OUT'] + '/a')
shutil.copy('dev/sysname', os.environ['OUT'] + '/b')
print(get(os.environ['OUT'] + '/a') == get('proc/1/ns'), get(os.environ['OUT'] + '/b'))`, want: "True n2"},
	{name: "read only", sh: `errno sh -c 'echo x >proc/1/status'; errno sh -c 'echo x >>proc/1/ns'; errno truncate -s 0 proc/1/ns; errno tee dev/drivers/x </dev/null`,
		want: "Permission denied\nPermission denied\nPermission denied\nNot a directory"},
	{name: "nothing is made in proc", sh: `errno touch proc/x; errno mkdir proc/x; errno touch proc/1/x; errno ln -s a proc/x; ls -d proc/x 2>/dev/null || true`,
		want: "Operation not permitted\nOperation not permitted\nPermission denied\nOperation not permitted"},
	{name: "nothing goes away in proc", sh: `errno rm -f proc/1/status; errno rmdir proc/1; errno mv proc/1/status proc/1/x; ls proc/1 | wc -l`,
		want: "Permission denied\nPermission denied\nPermission denied\n13"},
	{name: "modes in proc stay", sh: `errno chmod 777 proc/1/status; errno touch -d @5 proc/1/status`, want: "Operation not permitted\nPermission denied"},
	{name: "a process that is not there", sh: `errno cat proc/99999/status; errno sh -c 'echo kill >proc/99999/ctl'; errno ls proc/x`,
		want: "No such file or directory\nDirectory nonexistent\nNo such file or directory"},
	{name: "kill", sh: `
		p=$(grep -l "sleep.*$SLEEP" proc/*/args 2>/dev/null | cut -d / -f 2); test -d proc/$p; grep -c sleep proc/$p/status
		echo kill >proc/$p/ctl; await test ! -e proc/$p; errno cat proc/$p/status`, want: "1\nNo such file or directory"},
	{name: "a note", sh: `
		p=$(grep -l "sleep.*$SLEEP" proc/*/args 2>/dev/null | cut -d / -f 2)
		printf interrupt >proc/$p/note; await test ! -e proc/$p; echo gone`, want: "gone"},
	{name: "ctl of an open file", sh: `
		p=$(grep -l "sleep.*$SLEEP" proc/*/args 2>/dev/null | cut -d / -f 2)
		exec 3>proc/$p/ctl 4<proc/$p/status; head -c 5 <&4; echo; echo kill >&3; await test ! -e proc/$p; errno sh -c 'echo kill | dd status=none >&3'`,
		want: "sleep\nNo such process"},
	{name: "a word that ctl does not know", sh: `errno sh -c 'printf nonsense >proc/1/ctl'; printf nonsense | errno tee proc/1/ctl; printf nonsense | errno dd of=proc/1/ctl status=none`,
		want: "I/O error\nInvalid argument\nInvalid argument"},
	{name: "clone", sh: `
		exec 3<>net/tcp/clone; read n <&3 || true; ls net/tcp/$n | tr '\n' ' '; cut -d ' ' -f 1 net/tcp/$n/status
		echo 'connect 10.9.0.1!564' >&3; cut -d ' ' -f 1 net/tcp/$n/status; cat net/tcp/$n/remote
		exec 3>&-; await sh -c '! grep -q Established net/tcp/$1/status 2>/dev/null' x $n; echo closed`,
		want: "ctl data err listen local remote status Closed\nEstablished\n10.9.0.1!564\nclosed"},
	{name: "each opening of clone is another", sh: `
		exec 3<>net/tcp/clone 4<>net/tcp/clone; read a <&3 || true; read b <&4 || true; test -n "$a"; test $a != $b; echo differ`, want: "differ"},
	{name: "a call", py: `
import subprocess
ctl = os.open('net/tcp/clone', os.O_RDWR)
n = os.read(ctl, 20).decode().strip()
os.write(ctl, b'announce *!7777')
child = '''
import os
ctl = os.open('net/tcp/clone', os.O_RDWR)
n = os.read(ctl, 20).decode().strip()
os.write(ctl, b'connect 10.9.0.2!7777')
data = os.open('net/tcp/%s/data' % n, os.O_RDWR)
os.write(data, b'hello')
print(os.read(data, 100))'''
caller = subprocess.Popen([sys.executable, '-SEc', child])
call = os.open('net/tcp/%s/listen' % n, os.O_RDWR)
m = os.read(call, 20).decode().strip()
data = os.open('net/tcp/%s/data' % m, os.O_RDWR)
print(os.read(data, 100)); sys.stdout.flush()
os.write(data, b'and ' + b'good bye')
caller.wait()
os.close(call)
print(os.read(data, 100))`, want: "b'hello'\nb'and good bye'\nb''"},
	{name: "a connection that is refused", sh: `exec 3<>net/tcp/clone; errno sh -c "printf 'connect 10.9.0.1!9' | dd status=none >&3"; errno sh -c 'printf nonsense | dd status=none >&3'`,
		want: "Connection refused\nInvalid argument"},
	{name: "a read that waits ends with a signal", sh: `
		for f in dev/kprint dev/cons; do timeout 0.3 cat $f >/dev/null || echo $?; done
		exec 3<>net/tcp/clone; read n <&3 || true; echo 'announce 7778' >&3; timeout 0.3 cat net/tcp/$n/listen || echo $?`,
		want: "124\n124\n124"},
	{name: "a read that waits ends with kill -9", sh: `exec 3<>net/tcp/clone; read n <&3 || true; echo 'announce 7779' >&3; cat net/tcp/$n/listen & sleep 0.1; kill -9 $!; { wait $! || echo $?; } 2>/dev/null`, want: "137"},
	{name: "the console", sh: `echo "hello from $OUT" >dev/cons; grep -c "hello from $OUT" dev/kmesg; tail -c 20 dev/kmesg | wc -c`, want: "1\n20"},
	{name: "tail -f of what another node writes", sh: `
		f=usr/glenda/tmp/tailed; echo a >$f; timeout 10 tail -s 0.05 -f $f >$OUT/o & await grep -q a $OUT/o
		echo b >>n/n1/usr/glenda/tmp/tailed; await grep -q b $OUT/o; kill $!; cat $OUT/o`, want: "a\nb"},
	// Of a node that calls no other: one with a domain shows who it is.
	{name: "a device that is written", sh: `d=n/n3/dev/hostdomain; echo lab >$d; cat $d; echo; echo lab.local >$d; cat $d; echo; printf lab >>$d; tail -c 3 $d`,
		want: "lab\nlab.local\nlab"},
	{name: "python maps a text", py: `
import mmap
with open('proc/1/ns') as f: print(mmap.mmap(f.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)[:] == get('proc/1/ns').encode())`, want: "True"},
	{name: "variables", sh: `echo a >env/posix1; cat env/posix1; echo b >>env/posix1; cat env/posix1; ls env | grep -c posix1; mv env/posix1 env/posix2 2>/dev/null || true; rm env/posix[12]; ls env | grep -c posix[12] || true; cat env/sysname`,
		want: "a\na\nb\n1\n0\nn2"},
	{name: "a service speaks 9P", py: `
fd = os.open('srv/slashn', os.O_RDWR)
os.write(fd, b'\x13\0\0\0\x64\xff\xff\x00\x20\0\0\x06\x009P2000')
print(os.read(fd, 100))`, want: `b'\x13\x00\x00\x00e\xff\xff\x00 \x00\x00\x06\x009P2000'`},
	{name: "a post that is taken away", sh: `ls srv | grep -c '^slashn$'; test -f srv/slashn; errno mkdir srv/d`, want: "1\nPermission denied"},
	{name: "other nodes", sh: `cat n/n1/dev/sysname; echo; cat n/term/dev/sysname; echo; grep -c init n/n4/proc/1/args; ls n/n3 | grep -c '^dev$'`, want: "n1\nterm\n1\n1"},
	{name: "the distribution", sh: `
		cat lib/namespace | grep -c '^bind.*#p'; test $(ls rc/bin | wc -l) -gt 3; grep -rl 'exportfs' sys/man | grep -c /exportfs; cp -r rc/bin $OUT/bin; diff -r rc/bin $OUT/bin; tar cf - lib | tar tf - | grep -c '^lib/namespace$'`,
		want: "1\n1\n1"},
	{name: "commands are files", sh: `cat bin/cat; ls bin | grep -cx cat; test -x bin/cat; head -c 9 bin/9fs`, want: "#builtin cat\n1\n#!/bin/rc"},
	{name: "df of devices", sh: `df . | wc -l; df dev | wc -l; stat -f -c %T . | wc -l`, want: "2\n2\n1"},
	{name: "a path that goes up", sh: `cat proc/../dev/sysname; cd proc/1; cat ../../dev/sysname; cat ./status | cut -c 1-4`, want: "n2n2init"},
}
