package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ufo/hosted/vm"
)

// TestThawElsewhere freezes a program that waits for its input into a folder of the
// host, and lets it go on in nodes of other programs of the host. It has its files,
// environment, names, directory and handler of notes, and what is not there is said.
func TestThawElsewhere(t *testing.T) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	text, err := os.ReadFile("testdata/moves.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir += "/x"
	write("moves.go", string(text))(t, dir)
	write("begin.rc", beginMoves)(t, dir)
	write("go.rc", goOnMoves)(t, dir)
	write("file", "first\nsecond\n")(t, dir)
	sh(t, "cd "+dir+" && GOOS=plan9 CGO_ENABLED=0 go build moves.go")
	node := func(script string) *child {
		return begin(t, "-mem", "-host", "hostfs="+dir+" rw", "-c", "bind -c '#U"+dir+"' /n/h; rc /n/h/"+script)
	}
	c := node("begin.rc")
	c.line("read first")
	c.line("frozen")
	c.end(0)

	c = node("go.rc")
	c.in.Write([]byte("go on\n"))
	c.line("thaw: file 11 is not /net/udp/clone: it was a conversation, and has ended")
	c.line("env kept")
	c.line("read second")
	c.line("number 3 in /tmp/bound")
	c.line("note hello")
	c.end(0)

	c = begin(t, "run", filepath.Join(dir, "job"))
	c.in.Write([]byte("go on\n"))
	c.line("thaw: bind -c '#U" + dir + "' /n/h: '#U" + dir + "' unknown device in # filename")
	c.line("thaw: bind  /tmp/from /tmp/bound: '/tmp/from' file does not exist")
	c.line("thaw: the directory is not /tmp/bound: '/tmp/bound' file does not exist")
	c.line("thaw: file 10 is not /n/h/file: '/n/h/file' file does not exist")
	c.line("thaw: file 11 is not /net/udp/clone: it was a conversation, and has ended")
	c.line("env kept")
	c.line("read /n/h/file: fd out of range or not open")
	c.end(1)
}

const beginMoves = `mkdir /tmp/from /tmp/bound
bind /tmp/from /tmp/bound
cd /tmp/bound
what=kept
{
	while(! test -s /n/h/ready) sleep 0.1
	snap -k -o /n/h/job ` + "`{ps | awk '$NF==\"moves\"{print $2; exit}'}" + ` && echo frozen
} &
/n/h/moves
wait
exit ''
`

const goOnMoves = `mkdir /tmp/from /tmp/bound
echo 3 >/tmp/from/number
/n/h/job
`
