package cmd

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// sort - sort and/or merge files
//
// Sort sorts lines of all the files together and writes the result on the
// standard output. If no input files are named, the standard input is
// sorted; the name - means the standard input, too.
//
// The default sort key is an entire line. Default ordering is lexicographic
// by runes. The ordering is affected globally by the following options, one
// or more of which may appear.
//
//	-M    Compare as months. The first three non-white space characters
//	      of the field are folded to upper case and compared so that JAN
//	      precedes FEB, etc. Invalid fields compare low to JAN.
//	-b    Ignore leading white space (spaces and tabs) in field
//	      comparisons.
//	-d    `Phone directory' order: only letters, accented letters, digits
//	      and white space are significant in comparisons.
//	-f    Fold lower case letters onto upper case. Accented characters
//	      are folded to their non-accented upper case form.
//	-i    Ignore characters outside the ASCII range 040-0176 in
//	      non-numeric comparisons.
//	-w    Like -i, but ignore only tabs and spaces.
//	-n    An initial numeric string, consisting of optional white space,
//	      optional plus or minus sign, and zero or more digits with
//	      optional decimal point, is sorted by arithmetic value.
//	-g    Numbers, like -n but with optional e-style exponents, are
//	      sorted by value.
//	-r    Reverse the sense of comparisons.
//	-t x  `Tab character' separating fields is x.
//
// The notation +pos1 -pos2 restricts a sort key to a field beginning at pos1
// and ending just before pos2. Pos1 and pos2 each have the form m.n,
// optionally followed by one or more of the flags Mbdfginr, where m tells a
// number of fields to skip from the beginning of the line and n tells a
// number of characters to skip further. If any flags are present they
// override all the global ordering options for this key. A missing .n means
// .0; a missing -pos2 means the end of the line. Under the -t x option,
// fields are strings separated by x; otherwise fields are non-empty strings
// separated by white space. White space before a field is part of the field,
// except under option -b. A b flag may be attached independently to pos1 and
// pos2.
//
// The notation -k pos1[,pos2] is how POSIX sort defines fields: pos1 and
// pos2 have the same format but different meanings. The value of m is origin
// 1 instead of origin 0 and a missing .n in pos2 is the end of the field.
//
// When there are multiple sort keys, later keys are compared only after all
// earlier keys compare equal. Lines that otherwise compare equal are ordered
// with all bytes significant.
//
// These option arguments are also understood:
//
//	-c         Check that the single input file is sorted according to
//	           the ordering rules; give no output unless the file is out
//	           of sort.
//	-m         Merge; assume the input files are already sorted.
//	-u         Suppress all but one in each set of equal lines. Ignored
//	           bytes and bytes outside keys do not participate in this
//	           comparison.
//	-o output  The name of an output file to use instead of the standard
//	           output. This file may be the same as one of the inputs.
//	-T dir     Put temporary files in dir rather than in /tmp.
//	-l n       Hold at most n lines in memory; the default is as many as
//	           have 64 megabytes.
//
// # EXAMPLES
//
// Print in alphabetical order all the unique spellings in a list of words
// where capitalized words differ from uncapitalized.
//
//	sort -u +0f +0 list
//
// Print the users file sorted by user name (the second colon-separated
// field).
//
//	sort -t: +1 /adm/users
//
// Print the first instance of each month in an already sorted file. Options
// -um with just one input file make the choice of a unique representative
// from a set of equal lines predictable.
//
//	sort -umM dates
//
// A stable sort: input lines that compare equal will come out in their
// original order.
//
//	grep -n '^' input | sort -t: +1f +0n | sed 's/[0-9]*://'
//
// # FILES
//
//	/tmp/sort.<pid>.<ordinal>
//	           lines that do not fit in memory; they go when sort ends
//
// # SEE ALSO
//
// comm(1), join(1), uniq(1)
//
// # DIAGNOSTICS
//
// Sort comments and exits with non-null status for various trouble
// conditions and for disorder discovered under option -c.
//
// # BUGS
//
// Files to be merged are sorted all the same.
func sortMain(p *proc.Proc) error {
	arg := argbegin(p, "[-cmuMbdfginrw] [-t x] [+pos1 [-pos2]] ... [-k pos1[,pos2]] ... "+
		"[-o output] [-T dir] [-l n] [file ...]")
	s := sorter{p: p, keys: make([]sortkey, 1), dir: "/tmp", limit: sortLimit, maxlines: 1 << 30}
	names := s.options(arg)
	for i := range s.keys[1:] {
		s.keys[i+1].inherit(s.keys[0].flags)
	}
	s.global, s.keys = s.keys[0], s.keys[1:]
	if len(s.keys) == 0 {
		s.keys = []sortkey{s.global}
	}
	s.plain = s.isplain()
	switch {
	case s.check && len(names) > 1:
		warn(p, "-c can have at most one input file")
		return status("option")
	case s.tab == '\n':
		warn(p, "aw come on, rob")
		return status("rob")
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		if err := s.read(name); err != nil {
			return err
		}
	}
	if s.check {
		return nil
	}
	return s.write()
}

// sortLimit is how many bytes of lines and keys are held in memory.
const sortLimit = 64 << 20

// A sorter holds the options and the lines.
type sorter struct {
	p             *proc.Proc
	check, unique bool
	output        string
	tab           rune      // 0: blanks separate fields
	global        sortkey   // the options that hold for all
	keys          []sortkey // while options are read the first is global
	plain         bool      // the only key is the line

	items           []sortitem
	size            int // of what the items hold
	limit, maxlines int // of size, and of the items' number
	slab            []byte

	dir  string
	nrun int
	runs []int // descriptors of sorted temporary files
}

// A sortkey says what part of a line is compared, and how.
type sortkey struct {
	begin, end sortpos
	flags      string // of Mbdfginrw; a b from pos1 is skipbegin
	skipbegin  bool   // skip blanks before begin

	low *[utf8.RuneSelf]rune // what ASCII counts as: see fold
}

// A sortpos is a place in a line: so many fields, then characters, further.
type sortpos struct {
	set           bool
	fields, chars int
}

func (k *sortkey) has(flag rune) bool { return strings.ContainsRune(k.flags, flag) }

// inherit gives a key without options the global ones.
func (k *sortkey) inherit(flags string) {
	if k.flags == "" && !k.skipbegin {
		k.flags = flags
		k.skipbegin = k.has('b')
	}
}

// options reads the arguments, in which names and options may mix, and
// returns the names.
func (s *sorter) options(arg *argv) (names []string) {
	open := false // a +pos1 waits for its -pos2
	for len(arg.args) > 0 {
		word := arg.args[0]
		arg.args = arg.args[1:]
		isnum := len(word) > 1 && (word[1] == '.' || '0' <= word[1] && word[1] <= '9')
		switch {
		case word == "--":
			return append(names, arg.args...)
		case strings.HasPrefix(word, "+") && isnum:
			s.keys = append(s.keys, sortkey{})
			s.position(arg, word[1:], false, 0, 0)
			open = true
		case strings.HasPrefix(word, "-") && isnum:
			if !open {
				s.keys = append(s.keys, sortkey{})
			}
			s.position(arg, word[1:], true, 0, 0)
			open = false
		case len(word) > 1 && word[0] == '-':
			arg.word = word[1:]
			s.flags(arg)
			open = false
		default:
			names = append(names, word)
		}
	}
	return names
}

// flags takes a word of flags.
func (s *sorter) flags(arg *argv) {
	for arg.word != "" {
		c, n := utf8.DecodeRuneInString(arg.word)
		arg.word = arg.word[n:]
		switch c {
		case 'c':
			s.check = true
		case 'u':
			s.unique = true
		case 'm':
		case 'T':
			s.dir = arg.eargf()
		case 'l':
			n, err := strconv.Atoi(arg.eargf())
			if err != nil || n < 1 {
				arg.usage()
			}
			s.maxlines = n
		case 'o':
			s.output = arg.eargf()
		case 't':
			s.tab, _ = utf8.DecodeRuneInString(arg.eargf())
		case 'k':
			from, to, ok := strings.Cut(arg.eargf(), ",")
			s.keys = append(s.keys, sortkey{})
			s.position(arg, from, false, 1, 1)
			if ok {
				s.position(arg, to, true, 1, 0)
				if k := &s.keys[len(s.keys)-1]; k.end.chars == 0 {
					k.end.fields++
				}
			}
		default:
			if !strings.ContainsRune("Mbdfginrw", c) {
				arg.usage()
			}
			s.keys[0].flags += string(c)
		}
	}
}

// position reads m.n and flags into the last key; m and n count from the
// given origins.
func (s *sorter) position(arg *argv, word string, end bool, morigin, norigin int) {
	k := &s.keys[len(s.keys)-1]
	number := func(origin int) int {
		i := len(word) - len(strings.TrimLeft(word, "0123456789"))
		if i == 0 {
			return 0
		}
		n, err := strconv.Atoi(word[:i])
		if err != nil || n < origin {
			arg.usage()
		}
		word = word[i:]
		return n - origin
	}
	pos := sortpos{set: true}
	pos.fields = number(morigin)
	if strings.HasPrefix(word, ".") {
		word = word[1:]
		pos.chars = number(norigin)
	}
	if strings.Trim(word, "Mbdfginrw") != "" {
		arg.usage()
	}
	if end {
		k.end = pos
	} else {
		k.begin = pos
		k.skipbegin = strings.Contains(word, "b")
		word = strings.ReplaceAll(word, "b", "")
	}
	k.flags += word
}

// read adds the lines of a file, or checks their order.
func (s *sorter) read(name string) error {
	fd, err := openarg(s.p, name)
	if err != nil {
		return status("open")
	}
	in := lineReader{in: input(s.p, fd)}
	for {
		line, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fatal(s.p, "read %s: %v", name, err)
		}
		if line[len(line)-1] != '\n' {
			warn(s.p, "newline added")
		}
		item := s.item(bytes.TrimSuffix(line, []byte("\n")))
		if s.check {
			err = s.inorder(item)
		} else {
			err = s.add(item)
		}
		if err != nil {
			return err
		}
	}
	if fd != 0 {
		s.p.Close(fd)
	}
	return nil
}

// add adds a line. When memory is full all lines go to a file.
func (s *sorter) add(item sortitem) error {
	if len(s.items) >= s.maxlines || s.size >= s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.items = append(s.items, item)
	s.size += len(item.line) + len(item.key) + sortItemSize
	return nil
}

// inorder wants a line not to be less than the one before it.
func (s *sorter) inorder(item sortitem) error {
	if len(s.items) > 0 {
		c := s.compare(&s.items[0], &item)
		if c > 0 || c == 0 && s.unique {
			warn(s.p, "-c file not in sort")
			return status("order")
		}
	}
	s.items = append(s.items[:0], item)
	return nil
}

// write prints the sorted lines.
func (s *sorter) write() error {
	fd := 1
	if s.output != "" {
		var err error
		if fd, err = s.p.Create(s.output, ninep.OWRITE, 0o666); err != nil {
			warn(s.p, "create %s: %v", s.output, err)
			return status("create")
		}
	}
	s.sort()
	out := &sortwriter{s: s, out: bufio.NewWriterSize(s.p.FD(fd), iounit)}
	if len(s.runs) == 0 {
		for i := range s.items {
			out.put(&s.items[i])
		}
		return out.flush()
	}
	return s.merge(out, true)
}
