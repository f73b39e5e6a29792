package cmd

import (
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// mv - move files
//
// In the first form mv moves file1 to file2, which is any name except an
// existing directory. In the second form it moves one or more files into a
// directory under their original file names.
//
// If the files are in the same directory, file1 is just renamed; otherwise
// mv behaves like cp -x followed by rm file1. Mv will rename directories, but
// it refuses to move a directory into another directory.
//
// # SEE ALSO
//
// cp(1), rm(1), stat(2)
//
// # DIAGNOSTICS
//
// Mv refuses to move files onto themselves.
func mvMain(p *proc.Proc) error {
	arg := argbegin(p, "file1 file2\nfile ... directory")
	arg.noflags()
	n := len(arg.args) - 1
	if n < 1 {
		arg.usage()
	}
	names := make([]string, n+1)
	for i, name := range arg.args {
		names[i] = cleanname(name)
	}
	todir, toelem := mvtarget(p, names)
	if n > 1 && toelem != "" {
		warn(p, "%s not a directory", arg.args[n])
		return status("bad usage")
	}
	failed := ""
	for _, from := range names[:n] {
		if mv(p, from, todir, toelem) != nil {
			failed = "failure"
		}
	}
	return status(failed)
}

// mvtarget returns the directory things are moved to, and the name they get
// there, "" for their own. A directory alone is moved onto a directory's
// name, not into it.
func mvtarget(p *proc.Proc, names []string) (dir, elem string) {
	to := names[len(names)-1]
	d, err := p.Stat(to)
	if err != nil || !d.IsDir() {
		return splitname(to)
	}
	if len(names) == 2 {
		if d, err := p.Stat(names[0]); err == nil && d.IsDir() {
			return splitname(to)
		}
	}
	return to, ""
}

// splitname divides a clean name into directory and last element.
func splitname(name string) (dir, elem string) {
	switch i := strings.LastIndexByte(name, '/'); {
	case i == 0:
		return "/", name[1:]
	case i > 0:
		return name[:i], name[i+1:]
	case name == "..":
		return "..", "."
	}
	return ".", name
}

// mv moves from to toelem in todir, and reports what goes wrong.
func mv(p *proc.Proc, from, todir, toelem string) error {
	d, err := p.Stat(from)
	if err != nil {
		return fatal(p, "can't stat %s: %v", from, err)
	}
	fromdir, fromelem := splitname(from)
	if toelem == "" {
		toelem = fromelem
	}
	if toelem == "" {
		return fatal(p, "null last name element moving %s", from)
	}
	to := strings.TrimRight(todir, "/") + "/" + toelem
	dt, toerr := p.Stat(to)
	if samedir(p, fromdir, todir) {
		if from == to || toerr == nil && samefile(d, dt) {
			return fatal(p, "%s and %s are the same", from, to)
		}
		if toerr == nil {
			if err := p.Remove(to); err != nil {
				return fatal(p, "can't remove %s: %v", to, err)
			}
		}
		nd := ninep.NullDir
		nd.Name = toelem
		if err = p.Wstat(from, nd); err == nil {
			return nil
		}
		if d.IsDir() {
			return fatal(p, "can't rename directory %s: %v", from, err)
		}
	}
	if d.IsDir() {
		return fatal(p, "%s is a directory, not copied to %s", from, to)
	}
	if toerr == nil && dt.Mode&ninep.DMAPPEND != 0 {
		// Create would not truncate it.
		if err := p.Remove(to); err != nil {
			return fatal(p, "can't remove %s: %v", to, err)
		}
	}
	if err := copyfile(p, from, to, dt, toerr == nil, cpflags{mode: true}); err != nil {
		return err
	}
	if err := p.Remove(from); err != nil {
		return fatal(p, "can't remove %s: %v", from, err)
	}
	return nil
}

func samedir(p *proc.Proc, a, b string) bool {
	if a == b {
		return true
	}
	da, erra := p.Stat(a)
	db, errb := p.Stat(b)
	return erra == nil && errb == nil && samefile(da, db)
}
