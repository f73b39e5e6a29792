package cmd

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// iostats - file system to measure I/O
//
// Iostats is a file server between a command and the name space: the command
// sees, in a name space of its own, the files that iostats serves, which are
// those of the present one. When the command has exited, a report is printed
// on the standard error.
//
// It has three parts: how many bytes were read and written, at what rate, and
// how many requests that took; for each message of intro(5) the number of
// requests, the fastest, the slowest, all and the average in milliseconds, and
// the bytes of data in requests and replies; for each file the number of times
// it was opened, read and written, and bytes.
//
// The environment, the open files and the pid of a process are its own, and
// not counted. Mounting the server is.
//
//	-d  write all messages to dbfile
//	-f  the file for that; by default iostats.out
//	-C  contents of files may be cached
//
// # EXAMPLES
//
// What does ls(1) read?
//
//	iostats ls -l /lib
//
// # SEE ALSO
//
// 9ptrace(1), ratrace(1), exportfs(4), intro(5)
//
// # BUGS
//
// Messages are calls here, so there is no telling how many bytes they would
// have beside data.
//
// Files that are mounted by the command itself, and those of other processes
// that are different for each, as /dev/user is, are not what they would be
// without iostats, or not counted.
func iostatsMain(p *proc.Proc) error {
	debug, dbfile, flag := false, "iostats.out", ns.MREPL
	arg := argbegin(p, "[-dC] [-f dbfile] cmd [args ...]")
	for c := range arg.flags() {
		switch c {
		case 'd':
			debug = true
		case 'f':
			dbfile = arg.eargf()
		case 'C':
			flag |= ns.MCACHE
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	var log io.Writer
	if debug {
		fd, err := p.Create(dbfile, ninep.OWRITE|ninep.OCEXEC, 0666)
		if err != nil {
			return fatal(p, "can't create %s: %v", dbfile, err)
		}
		w, err := p.Conn(fd)
		if err != nil {
			return fatal(p, "%v", err)
		}
		defer w.Close()
		log = w
	}
	count := newIOCount(nil, p.Now)
	c, err := ioserver(count, log).fork(p)
	if err != nil {
		return fatal(p, "%v", err)
	}
	fd, err := p.AddFd(c)
	if err != nil {
		return fatal(p, "%v", err)
	}
	dir := p.Getwd()
	began := p.Now()
	err = runTraced(p, proc.RFNAMEG, arg.args, func(k *proc.Proc) { seeThrough(k, fd, flag, dir) })
	took := p.Now().Sub(began)
	io.WriteString(p.Stderr(), count.report(took))
	return err
}

// ioserver returns the server that count will count the calls of: the name
// space of its process.
func ioserver(count *iocount, log io.Writer) server {
	return server{Server: count, init: func(s *proc.Proc) error {
		count.Server = s.View().Export("/")
		if log != nil {
			count.Server = ninep.Trace(log, count.Server)
		}
		return nil
	}}
}

// seeThrough makes the name space of k what the server behind fd serves, but
// for what is different for each process.
func seeThrough(k *proc.Proc, fd, flag int, dir string) {
	if err := k.Mount(fd, -1, "/", flag|ns.MCREATE, ""); err != nil {
		k.Exits(fatal(k, "mount /: %v", err).Error())
	}
	for _, b := range [][2]string{{"#c/pid", "/dev/pid"}, {"#c/ppid", "/dev/ppid"}, {"#d", "/fd"}} {
		k.Bind(b[0], b[1], ns.MREPL)
	}
	k.Bind("#e", "/env", ns.MREPL|ns.MCREATE)
	if err := k.Chdir(dir); err != nil {
		k.Exits(fatal(k, "%s: %v", dir, err).Error())
	}
}

// ops are the messages in the order of the report.
var ops = []string{"attach", "walk", "open", "create", "read", "write", "clunk", "remove", "stat", "wstat"}

// report returns the report on what a command did in a time.
func (c *iocount) report(took time.Duration) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	var read, written int64
	requests := 0
	for _, o := range c.ops {
		read, written, requests = read+o.out, written+o.in, requests+o.n
	}
	rate := func(n int64) float64 {
		if took <= 0 {
			return 0
		}
		return float64(n) / 1024 / took.Seconds()
	}
	fmt.Fprintf(&b, "read      %8d bytes, %.4g Kb/sec\n", read, rate(read))
	fmt.Fprintf(&b, "write     %8d bytes, %.4g Kb/sec\n", written, rate(written))
	fmt.Fprintf(&b, "rpc       %8d count\n\n", requests)
	fmt.Fprintf(&b, "%-10s %5s %9s %9s %9s %9s %8s %8s\n", "Message", "Count", "Low", "High", "Time", "Averg", "in", "out")
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d)/float64(time.Millisecond)) }
	for _, op := range ops {
		if o := c.ops[op]; o != nil {
			fmt.Fprintf(&b, "%-10s %5d %9s %9s %9s %9s %8d %8d\n", op, o.n,
				ms(o.low), ms(o.high), ms(o.all), ms(o.all/time.Duration(o.n)), o.in, o.out)
		}
	}
	fmt.Fprintf(&b, "\n%5s %7s %9s %7s %9s %s\n", "Opens", "Reads", "(bytes)", "Writes", "(bytes)", "File")
	for _, name := range c.names() {
		f := c.files[name]
		if name == "" {
			name = "/"
		}
		fmt.Fprintf(&b, "%5d %7d %9d %7d %9d %s\n", f.opens, f.reads, f.read, f.writes, f.written, name)
	}
	return b.String()
}
