package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestHostFolders gives nodes folders of the host, on the command line and by
// a topology.
func TestHostFolders(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	t.Chdir(dir)
	write("src/a", "of the host\n")(t, dir)
	write("lab/own/b", "beside the topology\n")(t, dir)
	write("lab/lab.ndb", "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0 fs=one\nsys=one ip=10.9.0.1\n\trole=fs role=terminal\n\thostfs=own ro\n")(t, dir)
	u := "'#U" + dir
	want(t, "", 0, "of the host\n", "-mem", "-host", "hostfs=src", "-c", "cat "+u+"/src/a'")
	want(t, "", 1, ".*permission denied\n", "-mem", "-host", "hostfs=src", "-c", "echo x >"+u+"/src/a'")
	want(t, "", 0, "", "-mem", "-host", "hostfs=src rw", "-c", "echo x >"+u+"/src/b'")
	if b, err := os.ReadFile("src/b"); string(b) != "x\n" {
		t.Errorf("what was written: %q, %v", b, err)
	}
	want(t, "", 0, "beside the topology\n", "up", "lab/lab.ndb", "-mem", "-c", "cat "+u+"/lab/own/b'")
	want(t, "", 0, "n2\n", "up", "-mem", "-host", "sys=n2 hostfs=src", "-c", "ls /n/n2/dev/sysname >/dev/null; cat /n/n2/dev/sysname; echo")
	want(t, "", 1, "ls: .*unknown device in # filename\n", "-mem", "-c", "ls "+u+"/src'")
}

// A grid's own programs grant nothing: they could write into its database that
// they may do anything on the host.
func TestNoGrantsFromWithin(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	want(t, "", 0, "", "-c", "echo 'sys=x ip=10.9.0.5 role=cpu hostfs=/etc exec=host' >>/lib/ndb/local; echo 'publish=x!564->5640 noauth' >>/lib/ndb/local")
	want(t, "", 0, "ufo: /lib/ndb/local: what it grants of the host is left out: .*-host.*", "up", "one", "-c", "! ls /n/x/root '#U' >[2]/dev/null")
}
