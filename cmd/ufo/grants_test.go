package main

import (
	"os"
	"path/filepath"
	"strings"
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

// TestDisks gives nodes files of the host as disks, and disks of their own.
func TestDisks(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	t.Chdir(dir)
	image := strings.Repeat("0123456789abcde\n", 64<<10/16)
	write("disk.img", image)(t, dir)
	write("lab.ndb", "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0 fs=one\nsys=one ip=10.9.0.1\n\trole=fs role=terminal\n\tdisk=sdC0 size=64k hostdisk=disk.img unit=sd00\n")(t, dir)
	part := "bind -a '#S' /dev; echo part a 1 3 >/dev/sdD0/ctl; "

	want(t, "", 0, "inquiry host disk.img\ngeometry 128 512\npart data 0 128\npart a 1 3\n", "-mem", "-host", "hostdisk=disk.img", "-c", part+"cat /dev/sdD0/ctl")
	want(t, "", 0, "0123456789abcde\n +64 +1024\n", "-mem", "-host", "hostdisk=disk.img", "-c", part+"sed 1q /dev/sdD0/a; wc -lc </dev/sdD0/a")
	want(t, "", 1, ".*permission denied\n", "-mem", "-host", "hostdisk=disk.img", "-c", part+"echo x >/dev/sdD0/a")
	want(t, "", 0, "", "-mem", "-host", "hostdisk=disk.img rw", "-c", part+"echo hello >/dev/sdD0/a")
	if b, err := os.ReadFile("disk.img"); string(b) != image[:512]+"hello\n"+image[518:] {
		t.Errorf("what the host has then: %d bytes, %v", len(b), err)
	}
	want(t, "", 1, "ufo: disk sdD0 of term: .*/disk.img: is a disk of another node or grid already\n",
		"up", "-mem", "-host", "hostdisk=disk.img", "-host", "sys=n2 hostdisk=disk.img rw unit=sdD1", "-c", "date")

	lab := func(status int, output, cmd string, flags ...string) {
		t.Helper()
		want(t, "", status, output, append(append([]string{"up"}, flags...), "lab.ndb", "-c", "bind -a '#S' /dev; "+cmd)...)
	}
	lab(0, " +kbytes +used +free disk\n +[0-9]+ +[0-9]+ +[0-9]+ /srv/boot\n +64 +- +- #S/sd00/data\n +64 +- +- #S/sdC0/data\n", "df")
	lab(0, "sd0 disk 1 units\nsdC disk 1 units\n", "echo kept >/dev/sdC0/data; cat /dev/sdctl")
	lab(0, "kept\n0123456789abcde\n", "sed 1q /dev/sdC0/data; sed 1q /dev/sd00/data")
	lab(0, "sd0 disk 1 units\nsdC memory 1 units\n", "cmp /dev/sdC0/data <{dd -if /dev/zero -bs 65536 -count 1 -quiet 1}; cat /dev/sdctl", "-mem")
	lab(0, "kept\n", "sed 1q /dev/sdC0/data")
	lab(1, "", "grep kept /dev/sdC0/data", "-fresh")
	if b, err := os.ReadFile(filepath.Join("state", "lab", "one.sdC0.old")); !strings.HasPrefix(string(b), "kept\n") {
		t.Errorf("the disk of before: %d bytes, %v", len(b), err)
	}
}

// TestNvram has nodes remember what was written, in a file that only its owner can
// read, until the grid begins anew.
func TestNvram(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	file := filepath.Join(dir, "one", "term.nvram")
	read := "tr -d '\\0' <'#r/nvram' | sed -n 's/^(key).*/\\1/p; s/.*(glenda).*/\\1/p' | sed q"
	want(t, "", 0, "glenda\n", "-c", read) // the grid's own key
	if info, err := os.Stat(file); err != nil || info.Mode() != 0600 || info.Size() != 512 {
		t.Errorf("the file: %v, %v", info, err)
	}
	want(t, "", 0, "", "-c", "{echo -n key; dd -if /dev/zero -bs 509 -count 1 -quiet 1} >'#r/nvram'")
	want(t, "", 0, "key\n", "-c", read)
	want(t, "", 0, "glenda\n", "-mem", "-c", read)
	want(t, "", 0, "glenda\n", "-fresh", "-c", read)
	if b, err := os.ReadFile(file + ".old"); !strings.HasPrefix(string(b), "key\x00") {
		t.Errorf("what it was: %q, %v", b, err)
	}
	if err := os.WriteFile(file, []byte("short"), 0600); err != nil {
		t.Fatal(err)
	}
	read = "tr -d '\\0' <'#r/nvram'; echo"
	want(t, "", 0, "short\n", "-c", read)
	if err := os.Mkdir(file+".new", 0700); err != nil {
		t.Fatal(err)
	}
	want(t, "", 1, ".*i/o error.*\n", "-c", "echo x >'#r/nvram'")
	want(t, "", 0, "short\n", "-c", read)
}
