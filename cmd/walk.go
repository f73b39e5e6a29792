package cmd

import (
	"bufio"
	"fmt"
	"math"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// walk - walk a path
//
// Walk recursively descends any directory arguments, printing the name of
// each file on a separate line. When no arguments are given, the working
// directory is assumed. Non-directory arguments are checked for existence,
// then printed, if so.
//
// Options are:
//
//	-d          Print only directories. The last of -d and -f holds.
//	-f          Print only non-directories.
//	-t          Print a file only if it has the temporary flag set.
//	-x          Print a file only if it has any executable bits set.
//	-u          Unbuffered output.
//	-n min,max  Set the inclusive range of depths for filtering in
//	            results. Both min and max are optional. An argument of n
//	            with no comma is equivalent to 0,n.
//	-e statfmt  Specify the output format. Each character in statfmt
//	            specifies a file attribute to display. The printed
//	            attributes are separated by spaces.
//
// The statfmt characters are as follows:
//
//	U  owner name (uid)
//	G  group name (gid)
//	M  name of last user to modify (muid)
//	a  last access time (atime)
//	m  last modification time (mtime)
//	n  final path element (name)
//	p  path
//	q  qid path.version.type (see stat(2))
//	s  size in bytes
//	x  permissions
//	D  server device
//	T  server type (kernel device rune)
//
// The default statfmt is simply p.
//
// # EXAMPLES
//
// List files in a directory, sorted by modification time.
//
//	walk -femp catpics | sort -n | sed 's/^[^ ]+ //'
//
// Print the size and path of files (excluding dirs) in the working
// directory.
//
//	walk -fn1 -esp
//
// # SEE ALSO
//
// ls(1), du(1)
//
// # BUGS
//
// File names are assumed to not contain newlines.
//
// A directory that has been seen, by another name, is not entered again.
func walkMain(p *proc.Proc) error {
	arg := argbegin(p, "[-dftxu] [-n mind,maxd] [-e statfmt] [name ...]")
	w := walker{p: p, out: stdout(p), dirs: true, files: true, max: math.MaxInt, format: "p", seen: map[fileid]bool{}}
	defer flush(p, w.out)
	for c := range arg.flags() {
		switch c {
		case 'd':
			w.dirs, w.files = true, false
		case 'f':
			w.dirs, w.files = false, true
		case 't':
			w.temp = true
		case 'x':
			w.exec = true
		case 'u':
			w.unbuffered = true
		case 'n':
			if !w.depths(arg.eargf()) {
				arg.usage()
			}
		case 'e':
			w.format = arg.eargf()
			if strings.Trim(w.format, "UGMamnpqsxDT") != "" {
				return fatal(p, "bad stfmt: %s", w.format)
			}
		default:
			arg.usage()
		}
	}
	names := arg.args
	if len(names) == 0 {
		names = []string{""}
	}
	for _, name := range names {
		path := name
		if name == "" {
			name = "."
		} else {
			name = cleanname(name)
			path = name
		}
		d, err := p.Stat(name)
		if err != nil {
			w.out.Flush()
			warn(p, "path: %s: %v", name, err)
			continue
		}
		w.walk(name, path, d, 0)
	}
	return nil
}

// A walker prints the files of trees.
type walker struct {
	p           *proc.Proc
	out         *bufio.Writer
	dirs, files bool // which to print
	temp, exec  bool // only those
	min, max    int  // depths to print
	unbuffered  bool
	format      string
	seen        map[fileid]bool // directories
}

// A fileid tells files apart: the server's type and number, and the qid.
type fileid struct {
	typ  uint16
	dev  uint32
	path uint64
}

func idof(d ninep.Dir) fileid { return fileid{d.Type, d.Dev, d.Qid.Path} }

// depths reads the argument of -n.
func (w *walker) depths(s string) bool {
	lo, hi, ok := strings.Cut(s, ",")
	if !ok {
		lo, hi = "0", s
	}
	var errlo, errhi error
	if lo != "" {
		w.min, errlo = strconv.Atoi(lo)
	}
	if hi != "" {
		w.max, errhi = strconv.Atoi(hi)
	}
	return s != "" && errlo == nil && errhi == nil
}

// walk prints the file and, of a directory, first its contents. The working
// directory's own path is empty: it is not printed.
func (w *walker) walk(name, path string, d ninep.Dir, depth int) {
	if !d.IsDir() {
		if w.files {
			w.print(path, d, depth)
		}
		return
	}
	if w.seen[idof(d)] {
		return
	}
	w.seen[idof(d)] = true
	if depth < w.max {
		entries, err := readdir(w.p, name)
		if err != nil {
			w.out.Flush()
			warn(w.p, "couldn't open %s: %v", name, err)
			return
		}
		for _, e := range entries {
			below := e.Name
			if path != "" {
				below = strings.TrimSuffix(path, "/") + "/" + e.Name
			}
			w.walk(below, below, e, depth+1)
		}
	}
	if w.dirs && path != "" {
		w.print(path, d, depth)
	}
}

// print prints the attributes of a file.
func (w *walker) print(path string, d ninep.Dir, depth int) {
	if depth < w.min || w.temp && d.Mode&ninep.DMTMP == 0 || w.exec && d.Mode&0o111 == 0 {
		return
	}
	words := make([]string, 0, len(w.format))
	for _, c := range w.format {
		words = append(words, attribute(c, path, d))
	}
	fmt.Fprintln(w.out, strings.Join(words, " "))
	if w.unbuffered {
		w.out.Flush()
	}
}

// attribute returns what a character of a statfmt stands for.
func attribute(c rune, path string, d ninep.Dir) string {
	switch c {
	case 'U':
		return d.UID
	case 'G':
		return d.GID
	case 'M':
		return d.MUID
	case 'a':
		return fmt.Sprint(d.Atime)
	case 'm':
		return fmt.Sprint(d.Mtime)
	case 'n':
		return d.Name
	case 'q':
		return fmt.Sprintf("%x.%d.%02x", d.Qid.Path, d.Qid.Vers, uint8(d.Qid.Type))
	case 's':
		return fmt.Sprint(d.Length)
	case 'x':
		return d.Mode.String()
	case 'D':
		return fmt.Sprint(d.Dev)
	case 'T':
		return string(rune(d.Type))
	}
	return path
}
