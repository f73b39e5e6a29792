package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPost serves what nodes have in /srv at sockets of the host.
func TestPost(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	at := filepath.Join(dir, "boot")
	write("mine", "keep me\n")(t, dir)
	want(t, "", 0, "", "post", "n2", "boot", at)
	want(t, "", 0, at+" n2 boot\n", "post")
	want(t, "", 0, ".* ok, 0 failed, .*\n", "check", "-u", "none", "-ro", "unix!"+at)
	want(t, "", 1, ".*not authenticated.*", "check", "-u", "glenda", "unix!"+at)
	disk := filepath.Join(dir, "disk") // of n1 itself, which knows who asks
	want(t, "", 0, "", "post", "n1", "boot", disk)
	want(t, "", 0, ".* ok, 0 failed, .*\n", "check", "-u", "glenda", "unix!"+disk)
	want(t, "", 0, "", "unpost", disk)
	want(t, "", 1, "ufo: listen unix "+at+": bind: address already in use\n|ufo: .*"+at+".*", "post", "n3", "boot", at)
	want(t, "", 1, "ufo: n9: no such node.*", "post", "n9", "boot", at)
	want(t, "", 1, "ufo: post: /srv/none of n2: file does not exist\n", "post", "n2", "none", filepath.Join(dir, "none"))
	want(t, "", 1, "ufo: .*mine.*", "post", "n2", "boot", filepath.Join(dir, "mine"))
	if b, err := os.ReadFile(filepath.Join(dir, "mine")); string(b) != "keep me\n" {
		t.Errorf("a file in the way: %q, %v", b, err)
	}
	if info, err := os.Stat(at); err != nil || info.Mode().Perm() != 0600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	want(t, "", 0, "", "unpost", at)
	if _, err := os.Stat(at); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
	want(t, "", 1, "ufo: unpost: "+at+": file does not exist: ufo post lists what is posted\n", "unpost", at)
	want(t, "", 0, "", "post", "n2", "boot", at)
	want(t, "", 0, "", "down")
	if _, err := os.Stat(at); !os.IsNotExist(err) {
		t.Errorf("the socket outlives the grid: %v", err)
	}
}

// TestPublish shows a service of a node at an address of the host, and has a
// node of another grid use it.
func TestPublish(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strings.TrimPrefix(l.Addr().String(), "127.0.0.1:")
	t.Setenv("UFO_STATE", t.TempDir())
	grant := "publish=n1!564->" + port + " noauth"
	want(t, "", 1, "ufo: publish=.*address already in use.*", "up", "-mem", "-host", grant, "-c", "echo booted")
	l.Close()
	want(t, "", 0, "ufo: 127.0.0.1:"+port+": every user of this host can use port 564 of n1 without saying who he is\nn1 .*", "up", "-d", "-mem", "-host", grant)
	t.Cleanup(func() { ufo("down", "-g", "four") })
	want(t, "", 0, "tcp!.* ok, 0 failed, .*\n", "check", "-u", "glenda", "tcp!127.0.0.1!"+port)
	want(t, "", 0, "/n/back/lib\n", "-mem", "-host", "net=host", "-c",
		"srv -q tcp!127.0.0.1!"+port+" back; mount /srv/back /n/back; ls -d /n/back/lib")
	want(t, "", 1, "srv: .*", "-mem", "-c", "srv -q tcp!127.0.0.1!"+port+" back")
}

// TestHostCommands runs commands of the host, those that were granted.
func TestHostCommands(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("src/a", "of the host\n")(t, dir)
	grants := []string{"-mem", "-host", "hostcmd=cat hostcmd=sh", "-host", "hostfs=" + filepath.Join(dir, "src"), "-c"}
	want(t, "", 0, "of the host\n", append(grants, "cd '#U"+dir+"/src'; os -n cat a")...)
	want(t, "", 3, "", append(grants, "os sh -c 'exit 3'")...)
	want(t, "typed\n", 0, "typed\n", append(grants, "os cat")...)
	want(t, "", 1, "os: date: permission denied\n", append(grants, "os date")...)
	want(t, "", 1, "os: .*", "-mem", "-c", "os cat")
}
