package cmd

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// ls - list contents of directory
//
// For each directory argument, ls lists the contents of the directory; for
// each file argument, ls repeats its name and any other information
// requested. When no argument is given, the current directory is listed. By
// default, the output is sorted alphabetically by name.
//
// There are a number of options:
//
//	-d  If argument is a directory, list it, not its contents.
//	-l  List in long format, giving mode (see below), file system type
//	    (e.g., for devices, the # code letter that names it; see
//	    intro(3)), the instance or subdevice number, owner, group, size
//	    in bytes, and time of last modification for each file.
//	-m  List the name of the user who most recently modified the file.
//	-n  Don't sort the listing.
//	-p  Print only the final path element of each file name.
//	-q  List the qid (see stat(2)) of each file; the printed fields are
//	    in the order path, version, and type.
//	-r  Reverse the order of sort.
//	-s  Give size in Kbytes for each entry.
//	-t  Sort by time modified (latest first) instead of by name.
//	-u  Under -t sort by time of last access; under -l print time of
//	    last access.
//	-F  Add the character / after all directory names and the character
//	    * after all executable files.
//	-T  Print the character t before each file if it has the temporary
//	    flag set, and - otherwise.
//	-Q  By default, printed file names are quoted if they contain
//	    characters special to rc(1). The -Q flag disables this behavior.
//
// The mode printed under the -l option contains 11 characters. The first is
// d if the entry is a directory, a if it is an append-only file, - if it is
// a plain file. The next is l if the file is exclusive access (one writer or
// reader at a time). The last 9 characters are three sets of three bits
// each: permissions of the owner, of others in the same user-group, and of
// all others. Within each set the three characters indicate permission
// respectively to read, to write, or to execute the file as a program. For a
// directory, `execute' permission is interpreted to mean permission to
// search the directory for a specified file.
//
// # SEE ALSO
//
// lc(1), mc(1), stat(2)
func lsMain(p *proc.Proc) error {
	arg := argbegin(p, "[-dlmnpqrstuFQT] [file ...]")
	ls := &lister{p: p, out: stdout(p)}
	defer flush(p, ls.out)
	for c := range arg.flags() {
		if !strings.ContainsRune("dlmnpqrstuFQT", c) {
			arg.usage()
		}
		ls.flags += string(c)
	}
	if ls.has('l') {
		ls.now, ls.zone = p.Now(), localzone(p)
	}
	var err error
	if len(arg.args) == 0 {
		err = ls.list(".", "")
	}
	for _, name := range arg.args {
		name = trimslash(name)
		if e := ls.list(name, name); e != nil {
			err = status("errors")
		}
	}
	ls.flush()
	return err
}

// A lister collects entries and prints them. The column widths grow from one
// directory to the next, as the original's do.
type lister struct {
	p       *proc.Proc
	out     *bufio.Writer
	flags   string
	now     time.Time
	zone    zone
	entries []entry
	width   [7]int // of the columns: see the constants
}

const (
	colSize = iota // -s
	colMuid        // -m
	colVers        // -q
	colDev         // -l and the rest
	colOwner
	colGroup
	colLength
)

// An entry is a file to be printed. A name is printed below prefix.
type entry struct {
	ninep.Dir
	prefix string
}

func (ls *lister) has(flag rune) bool { return strings.ContainsRune(ls.flags, flag) }

// list adds the file, or prints the contents of the directory, with names
// below prefix.
func (ls *lister) list(name, prefix string) error {
	d, err := ls.p.Stat(name)
	if err != nil {
		return fatal(ls.p, "%s: %v", name, err)
	}
	if !d.IsDir() || ls.has('d') {
		dir := ""
		if i := strings.LastIndexByte(name, '/'); i >= 0 && name != "/" {
			dir = name[:max(i, 1)]
		}
		ls.entries = append(ls.entries, entry{d, dir})
		return nil
	}
	ls.flush() // the files before this directory
	dirs, err := readdir(ls.p, name)
	if err != nil {
		return fatal(ls.p, "%s: %v", name, err)
	}
	for _, d := range dirs {
		ls.entries = append(ls.entries, entry{d, prefix})
	}
	ls.flush()
	return nil
}

// flush sorts and prints what has been collected.
func (ls *lister) flush() {
	if !ls.has('n') {
		slices.SortStableFunc(ls.entries, ls.compare)
		if ls.has('r') {
			slices.Reverse(ls.entries)
		}
	}
	for _, e := range ls.entries {
		ls.measure(e)
	}
	for _, e := range ls.entries {
		ls.print(e)
	}
	ls.entries = ls.entries[:0]
	ls.out.Flush()
}

func (ls *lister) compare(a, b entry) int {
	if ls.has('t') {
		return cmp.Compare(ls.time(b), ls.time(a))
	}
	return cmp.Or(strings.Compare(a.prefix, b.prefix), strings.Compare(a.Name, b.Name))
}

// time returns the time the flags ask for.
func (ls *lister) time(e entry) uint32 {
	if ls.has('u') {
		return e.Atime
	}
	return e.Mtime
}

// quote quotes a user's or a file's name unless -Q forbids.
func (ls *lister) quote(s string) string {
	if ls.has('Q') {
		return s
	}
	return ninep.Quote(s)
}

// measure widens the columns to hold e.
func (ls *lister) measure(e entry) {
	grow := func(col int, v any) {
		ls.width[col] = max(ls.width[col], utf8.RuneCountInString(fmt.Sprint(v)))
	}
	grow(colSize, kbytes(e.Length))
	grow(colMuid, "["+ninep.Quote(e.MUID)+"]")
	grow(colVers, e.Qid.Vers)
	grow(colDev, e.Dev)
	grow(colOwner, ninep.Quote(e.UID))
	grow(colGroup, ninep.Quote(e.GID))
	grow(colLength, e.Length)
}

func kbytes(n int64) int64 { return (n + 1023) / 1024 }

// print writes the line of e.
func (ls *lister) print(e entry) {
	w := ls.width
	if ls.has('s') {
		fmt.Fprintf(ls.out, "%*d ", w[colSize], kbytes(e.Length))
	}
	if ls.has('m') {
		fmt.Fprintf(ls.out, "%-*s ", w[colMuid], "["+ninep.Quote(e.MUID)+"]")
	}
	if ls.has('q') {
		fmt.Fprintf(ls.out, "(%016x %*d %02x) ", e.Qid.Path, w[colVers], e.Qid.Vers, uint8(e.Qid.Type))
	}
	if ls.has('T') {
		c := '-'
		if e.Mode&ninep.DMTMP != 0 {
			c = 't'
		}
		fmt.Fprintf(ls.out, "%c ", c)
	}
	if ls.has('l') {
		fmt.Fprintf(ls.out, "%v %c %*d %-*s %-*s %*d %s ", e.Mode, rune(e.Type), w[colDev], e.Dev,
			w[colOwner], ninep.Quote(e.UID), w[colGroup], ninep.Quote(e.GID), w[colLength], e.Length, ls.date(e))
	}
	name := e.Name
	if !ls.has('p') && e.prefix != "" {
		name = strings.TrimSuffix(e.prefix, "/") + "/" + name
	}
	switch name = ls.quote(name); {
	case !ls.has('F'):
	case e.IsDir():
		name += "/"
	case e.Mode&0o111 != 0:
		name += "*"
	}
	fmt.Fprintln(ls.out, name)
}

// date returns the time of e: with the year instead of the time of day if it
// is more than 180 days past or a day ahead.
func (ls *lister) date(e entry) string {
	sec, now := int64(ls.time(e)), ls.now.Unix()
	t := ls.zone.in(time.Unix(sec, 0))
	if sec < now-180*24*3600 || now+24*3600 < sec {
		return t.Format("Jan _2  2006")
	}
	return t.Format("Jan _2 15:04")
}

// trimslash removes doubled and trailing slashes.
func trimslash(name string) string {
	for strings.Contains(name, "//") {
		name = strings.ReplaceAll(name, "//", "/")
	}
	if name == "/" {
		return name
	}
	return strings.TrimSuffix(name, "/")
}
