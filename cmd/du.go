package cmd

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// du - disk usage
//
// Du gives the number of Kbytes allocated to data blocks of named files and,
// recursively, of files in named directories. It assumes storage is
// quantized in units of 1024 bytes (Kbytes) by default. If file is missing,
// the current directory is used. The count for a directory includes the
// counts of the contained files and directories. The options are
//
//	-a            Print the number of blocks for every file in a
//	              directory. Normally counts are printed only for
//	              contained directories.
//	-b size       The unit of storage: a number of bytes, optionally
//	              suffixed k to specify multiplication by 1024.
//	-f            Suppress the printing of warning messages.
//	-n            Print the size in bytes and the name of each file; sets
//	              -a.
//	-t            Print, in the format of du -n, the modified time of each
//	              file rather than the size. If the options -tu are
//	              specified then the accessed time is printed.
//	-q            Print, in the format of du -n, the QID path of each file
//	              rather than the size.
//	-s            Descend the hierarchy as always, but print only a
//	              summary line for each file.
//	-e            Print values (sizes, times or QID paths) in `scientific
//	              notation', as %g does.
//	-h            Print values in scientific notation, scaled to less than
//	              1024, and with a suitable SI prefix (e.g., G for binary
//	              gigabytes).
//	-p SI-prefix  Print values in units of SI-prefix. Case is ignored.
//	              An empty SI-prefix corresponds to a scale factor of 1
//	              (e.g., print sizes in bytes).
//
// # EXAMPLES
//
// Print the size of /tmp in fractional binary gigabytes.
//
//	du -sepg /tmp
//
// Print the size of /tmp in bytes and in scientific notation.
//
//	du -sep '' /tmp
//
// # SEE ALSO
//
// ls(1), walk(1)
func duMain(p *proc.Proc) error {
	arg := argbegin(p, "[-aefhnqstu] [-b size] [-p SI-prefix] [file ...]")
	u := usage{p: p, out: stdout(p), block: 1024, seen: map[fileid]bool{}}
	defer flush(p, u.out)
	for c := range arg.flags() {
		switch c {
		case 'b':
			if !u.setblock(arg.eargf()) {
				arg.usage()
			}
		case 'p':
			prefix := arg.eargf()
			i := siIndex(prefix)
			if i < 0 {
				return fatal(p, "unknown suffix %s", prefix)
			}
			u.unit = 1 << (10 * i)
		case 'n':
			u.flags += "a"
			u.block, u.unit = 1, 1
		case 'a', 'e', 'f', 'h', 'q', 's', 't', 'u':
			u.flags += string(c)
		default:
			arg.usage()
		}
	}
	if u.unit == 0 {
		u.unit = 1024
		if u.has('q') || u.has('t') || u.has('u') || u.has('h') {
			u.unit = 1
		}
	}
	names := arg.args
	if len(names) == 0 {
		names = []string{"."}
	}
	for _, name := range names {
		d, err := p.Stat(name)
		if err != nil {
			u.warn(name, err)
			u.print(0, name)
			continue
		}
		_, v := u.measure(name, d)
		u.print(v, name)
	}
	return nil
}

// A usage adds up sizes.
type usage struct {
	p           *proc.Proc
	out         *bufio.Writer
	flags       string
	block, unit int64           // sizes are multiples of block, printed in units
	seen        map[fileid]bool // directories
}

func (u *usage) has(flag rune) bool { return strings.ContainsRune(u.flags, flag) }

// siPrefixes are the prefixes of units, each 1024 times the one before; the
// first is none.
const siPrefixes = " kMGTPE"

// siIndex returns the place of a prefix, -1 if it is none.
func siIndex(s string) int {
	if s == "" {
		return 0
	}
	if len(s) > 1 {
		return -1
	}
	return strings.Index(strings.ToLower(siPrefixes), strings.ToLower(s))
}

// setblock reads the argument of -b.
func (u *usage) setblock(s string) bool {
	digits := strings.TrimRight(s, "k")
	n, err := strconv.ParseInt(digits, 0, 40)
	if digits == "" {
		n, err = 1, nil
	}
	u.block = max(n<<(10*(len(s)-len(digits))), 1)
	return err == nil
}

func (u *usage) warn(name string, err error) {
	if !u.has('f') {
		warn(u.p, "%s: %v", name, err)
	}
}

// measure returns the size of a file or directory, and the value to be
// printed for it. It prints what is below.
func (u *usage) measure(name string, d ninep.Dir) (size, value int64) {
	if !d.IsDir() {
		size = (d.Length + u.block - 1) / u.block * u.block
		return size, u.value(d, size)
	}
	u.seen[idof(d)] = true
	entries, err := readdir(u.p, name)
	if err != nil {
		u.warn(name, err)
	}
	for _, e := range entries {
		if e.IsDir() && u.seen[idof(e)] {
			continue // do not go round
		}
		below := name + "/" + e.Name
		n, v := u.measure(below, e)
		size += n
		if u.has('a') || e.IsDir() && !u.has('s') {
			u.print(v, below)
		}
	}
	return size, u.value(d, size)
}

// value returns what is asked for of a file.
func (u *usage) value(d ninep.Dir, size int64) int64 {
	switch {
	case u.has('q'):
		return int64(d.Qid.Path)
	case u.has('t') && u.has('u'):
		return int64(d.Atime)
	case u.has('t'):
		return int64(d.Mtime)
	}
	return size
}

// print prints a line.
func (u *usage) print(v int64, name string) {
	amount := ""
	switch {
	case u.has('h'):
		f, i := float64(v)/float64(u.unit), 0
		for ; f >= 1024 && i < len(siPrefixes)-1; i++ {
			f /= 1024
		}
		amount = fmt.Sprintf("%.6g%s", f, strings.TrimSpace(siPrefixes[i:i+1]))
	case u.has('e'):
		amount = fmt.Sprintf("%.6g", float64(v)/float64(u.unit))
	case u.has('q'):
		amount = fmt.Sprintf("%016x", uint64(v))
	default:
		amount = fmt.Sprint((v + u.unit - 1) / u.unit)
	}
	fmt.Fprintf(u.out, "%s\t%s\n", amount, ninep.Quote(name))
}
