package cmd

import (
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// cp - copy files
//
// In the first form file1 is any name and file2 is any name except an
// existing directory. In the second form cp copies one or more files into a
// directory under their original file names, as if by a sequence of commands
// in the first form. Thus
//
//	cp f1 f2 dir
//
// is equivalent to
//
//	cp f1 dir/f1; cp f2 dir/f2
//
// Cp copies the contents of plain file1 to file2. The mode and owner of file2
// are preserved if it already exists; the mode of file1 is used otherwise.
// The options are
//
//	-x  Set the mode and modified time of file2 from file1.
//	-g  Set the group id.
//	-u  Set the group id and user id, which is usually only possible if
//	    the file server is in an administrative mode.
//
// A long file is copied in parts by several processes, each of which waits for
// the file servers by itself. Where that fails, parts behind the one that is
// reported may have been written.
//
// # SEE ALSO
//
// cat(1), mv(1), stat(2), read(5)
//
// # DIAGNOSTICS
//
// Cp refuses to copy files onto themselves.
func cpMain(p *proc.Proc) error {
	arg := argbegin(p, "[-gux] file1 file2\n[-gux] file ... directory")
	var f cpflags
	for c := range arg.flags() {
		switch c {
		case 'g':
			f.gid = true
		case 'u':
			f.uid, f.gid = true, true
		case 'x':
			f.mode = true
		default:
			arg.usage()
		}
	}
	n := len(arg.args) - 1
	if n < 1 {
		arg.usage()
	}
	to := arg.args[n]
	d, err := p.Stat(to)
	todir := err == nil && d.IsDir()
	exists := err == nil
	if n > 1 && !todir {
		warn(p, "%s not a directory", to)
		return status("bad usage")
	}
	failed := ""
	for _, from := range arg.args[:n] {
		name := to
		if todir {
			name = to + "/" + from[strings.LastIndexByte(from, '/')+1:]
			d, err = p.Stat(name)
			exists = err == nil
		}
		if copyfile(p, from, name, d, exists, f) != nil {
			failed = "errors"
		}
	}
	return status(failed)
}

// cpflags say what a copy takes from the original besides its contents.
type cpflags struct{ mode, uid, gid bool }

// copyfile copies a plain file, and reports what goes wrong. Dt is the entry of
// the other, if that exists.
func copyfile(p *proc.Proc, from, to string, dt ninep.Dir, exists bool, f cpflags) error {
	d, err := p.Stat(from)
	if err != nil {
		return fatal(p, "can't stat %s: %v", from, err)
	}
	if d.IsDir() {
		return fatal(p, "%s is a directory", from)
	}
	if exists && samefile(d, dt) {
		return fatal(p, "%s and %s are the same file", from, to)
	}
	in, err := p.Open(from, ninep.OREAD)
	if err != nil {
		return fatal(p, "can't open %s: %v", from, err)
	}
	defer p.Close(in)
	out, err := p.Create(to, ninep.OWRITE, d.Mode&0o777)
	if err != nil {
		return fatal(p, "can't create %s: %v", to, err)
	}
	defer p.Close(out)
	if err := copyplain(p, in, out, d.Length, from, to); err != nil {
		return err
	}
	if f == (cpflags{}) {
		return nil
	}
	nd := ninep.NullDir
	if f.mode {
		nd.Mtime, nd.Mode = d.Mtime, d.Mode
	}
	if f.uid {
		nd.UID = d.UID
	}
	if f.gid {
		nd.GID = d.GID
	}
	if err := p.Fwstat(out, nd); err != nil {
		warn(p, "warning: can't wstat %s: %v", to, err)
	}
	return nil
}
