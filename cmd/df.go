package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// df - room on disks
//
// Df tells, in units of 1024 bytes, how large each file server's disk is, how
// much of it is used, and how much is free; - is what it does not know.
// Without arguments it asks the file server of the root, and then lists the
// partitions of the disks of this node. Of these it only knows the size: what
// is used in one the file server knows that has it.
//
// A file server is asked by mounting it with the spec stats, and reading the
// file stats. Disk(4) answers. Of one that does not df says so.
//
// # FILES
//
//	/srv/boot
//	#S/sdC0/ctl
//
// # SEE ALSO
//
// du(1), sd(3), disk(4)
//
// # BUGS
//
// Other file servers than disk(4) do not answer. A disk in memory is as large
// as it can become, which nobody knows.
func dfMain(p *proc.Proc) error {
	arg := argbegin(p, "[server ...]")
	arg.noflags()
	servers := arg.args
	if len(servers) == 0 {
		servers = []string{"/srv/boot"}
	}
	out := stdout(p)
	defer flush(p, out)
	head := fmt.Sprintf("%10s %10s %10s disk\n", "kbytes", "used", "free")
	row := func(size, used, free int64, name string) {
		fmt.Fprintf(out, "%s%10s %10s %10s %s\n", head, kbytesOrDash(size), kbytesOrDash(used), kbytesOrDash(free), name)
		head = ""
	}
	failed := ""
	for _, name := range servers {
		used, free, err := askServer(p, name)
		if err != nil {
			warn(p, "%s: does not tell: %v", name, err)
			failed = "df"
			continue
		}
		size := int64(-1)
		if free >= 0 {
			size = used + free
		}
		row(size, used, free, name)
	}
	if len(arg.args) == 0 {
		partitions(p, func(name string, size int64) { row(size, -1, -1, name) })
	}
	return status(failed)
}

// kbytesOrDash returns a number of bytes in units of 1024; - for one that is not
// known.
func kbytesOrDash(n int64) string {
	if n < 0 {
		return "-"
	}
	return strconv.FormatInt((n+1023)/1024, 10)
}

// askServer returns how many bytes the disk of a file server has in use, and
// how many are free: -1 if it does not know that.
func askServer(p *proc.Proc, name string) (used, free int64, err error) {
	p.Rfork(proc.RFNAMEG)
	const dir = "/mnt"
	if err := mountfile(p, name, dir, ns.MREPL, false, "stats"); err != nil {
		return 0, 0, err
	}
	defer p.Unmount("", dir)
	text, err := p.ReadFile(dir + "/stats")
	if err != nil {
		return 0, 0, err
	}
	used, free = -1, -1
	for line := range strings.Lines(string(text)) {
		what, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseInt(number, 10, 64)
		switch {
		case err != nil:
			return 0, 0, ninep.ErrIO
		case what == "used":
			used = n
		case what == "free":
			free = n
		}
	}
	return used, free, nil
}

// partitions calls f for each partition of the disks of the node, with its
// size in bytes. A node without disks, or a process that may not see them, has
// none.
func partitions(p *proc.Proc, f func(name string, size int64)) {
	units, _ := readdir(p, "#S")
	for _, unit := range units {
		if !unit.IsDir() {
			continue
		}
		dir := "#S/" + unit.Name
		parts, _ := readdir(p, dir)
		for _, part := range parts {
			if part.Name != "ctl" && part.Name != "raw" {
				f(dir+"/"+part.Name, part.Length)
			}
		}
	}
}
