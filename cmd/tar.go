package cmd

import (
	"strconv"
	"strings"

	"ufo/cmd/tar"
	"ufo/proc"
)

// tar - archiver
//
// Tar saves file trees in an archive and restores them. Key is a function
// letter and modifiers, with or without a minus before them. The other
// arguments are the files to save or to restore; a directory stands for
// everything below it. The functions are:
//
//	c  create a new archive of the files
//	r  append the files to the archive
//	t  list the named files in the archive, or all if none is named
//	x  extract the named files from the archive, or all; of a file that is
//	   there several times the last one wins. Modes are restored
//
// Extracted files go below the current directory, whatever their names say.
// The modifiers are:
//
//	f  use the next argument as the archive, instead of the standard
//	   input (t, x) or output (c, r)
//	g  use the next argument as the group number in the headers written
//	i  go on after errors of reading, as if zeros had been read
//	k  keep files that exist: do not extract those
//	m  leave modification times alone in spite of a T before it
//	p  write POSIX's ustar headers: that is so anyhow
//	P  write headers of the old form, with names of up to 100 bytes
//	R  respect a leading slash, and dot-dot, when extracting
//	s  where a header should be and is none, look for the next one
//	T  set modification times, modes and, where the file server permits
//	   it, owners and groups, to what the archive says
//	u  use the next argument as the user number in the headers written
//	v  print the names of files as they are done; with t, tell more
//	z  compress what c writes, by gzip(1). Compressed archives, by gzip or
//	   bzip2, are always recognized when they are read
//
// Names longer than 256 bytes, and files of 8 gigabytes and more, are
// written with the headers of pax; those of pax and of GNU are understood.
//
// # EXAMPLES
//
// Copy a tree:
//
//	@{cd fromdir && tar c .} | @{cd todir && tar xT}
//
// # SEE ALSO
//
// gzip(1), bunzip2(1), dircp(1), tarfs(4)
//
// # BUGS
//
// There is no way to ask for any but the last occurrence of a file.
//
// Links, fifos and devices are not extracted.
//
// A compressed archive cannot be appended to.
//
// Append-only and exclusive-use files are archived as plain ones.
func tarMain(p *proc.Proc) error {
	arg := argbegin(p, "{crtx}[PRTfgikmpsuvz] [archive] [file ...]")
	a := archiver{p: p}
	if len(arg.args) == 0 {
		arg.usage()
	}
	key := strings.TrimPrefix(arg.args[0], "-")
	arg.args = arg.args[1:]
	for _, c := range key {
		a.modifier(c, arg)
	}
	var err error
	switch a.verb {
	case 'c', 'r':
		err = a.save(arg.args)
	case 't', 'x':
		err = a.restore(arg.args)
	default:
		arg.usage()
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// An archiver is what one tar is asked to do.
type archiver struct {
	p        *proc.Proc
	verb     rune // c, r, t or x
	file     string
	form     tar.Form
	ignore   bool // errors of reading
	keep     bool // files that exist
	absolute bool // names as they are
	resync   bool
	settime  bool
	verbose  bool
	compress bool

	dirs []madedir // made by x, to be given their modes in the end
}

// A madedir is a directory that was extracted.
type madedir struct {
	name string
	e    *tar.Entry
}

// modifier does what one letter of the key says.
func (a *archiver) modifier(c rune, arg *argv) {
	switch c {
	case 'c', 'r', 't', 'x':
		if a.verb != 0 && a.verb != c {
			arg.usage()
		}
		a.verb = c
	case 'f':
		a.file = wordarg(arg)
	case 'g':
		a.form.GID = numarg(arg)
	case 'u':
		a.form.UID = numarg(arg)
	case 'i':
		a.ignore = true
	case 'k':
		a.keep = true
	case 'm':
		a.settime = false
	case 'p':
		a.form.Old = false
	case 'P':
		a.form.Old = true
	case 'R':
		a.absolute = true
	case 's':
		a.resync = true
	case 'T':
		a.settime = true
	case 'v':
		a.verbose = true
	case 'z':
		a.compress = true
	default:
		arg.usage()
	}
}

// wordarg returns the next argument, which must be there.
func wordarg(arg *argv) string {
	if len(arg.args) == 0 {
		arg.usage()
	}
	s := arg.args[0]
	arg.args = arg.args[1:]
	return s
}

// numarg is wordarg for a number.
func numarg(arg *argv) int {
	n, err := strconv.ParseInt(wordarg(arg), 0, 32)
	if err != nil || n < 0 {
		arg.usage()
	}
	return int(n)
}

// name returns the archive's name for messages.
func (a *archiver) name() string {
	if a.file == "" {
		return "archive"
	}
	return a.file
}
