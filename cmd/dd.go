package cmd

import (
	"bytes"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// dd - convert and copy a file
//
// Dd copies the input file to the output file with possible conversions. The
// standard input and output are used by default. The sizes of the blocks read
// and written may be given, to please a device. The options are
//
//	-if f      Open file f for input.
//	-of f      Open file f for output.
//	-ibs n     Read n bytes at a time (default 512).
//	-obs n     Write n bytes at a time (default 512).
//	-bs n      Read and write n bytes at a time, whatever -ibs and -obs
//	           say. If there is no conversion a short block is written as
//	           it is read, and not packed with the next.
//	-cbs n     The size of the conversion buffer: of a record.
//	-skip n    Read n input blocks and forget them before copying.
//	-iseek n   Seek n blocks forward on the input before copying.
//	-oseek n   Seek n blocks from the beginning of the output before
//	           copying; -seek is the same.
//	-files n   Go on after the end of n-1 files: for tapes.
//	-count n   Copy only n input blocks.
//	-trunc n   With 0, do not truncate the output file, which must exist.
//	-quiet n   With 1, do not print how much was copied.
//	-conv c,...
//	           Convert:
//	           ascii    from EBCDIC to ASCII
//	           ebcdic   from ASCII to EBCDIC
//	           ibm      like ebcdic, with a slightly different map
//	           block    lines to records of fixed length
//	           unblock  records of fixed length to lines
//	           lcase    map letters to lower case
//	           ucase    map letters to upper case
//	           swab     swap every pair of bytes
//	           noerror  do not stop at an error
//	           sync     pad every input block to -ibs bytes with zeros
//
// A number counts bytes or blocks. It may end with a sequence of the letters
// m, k and b, for multiples of 1048576, 1024 and 512; x between two numbers
// stands for their product.
//
// Of the first five conversions the last one is done. If -cbs is given, ascii
// and unblock take records of that size, remove blanks at the end and add a
// newline; ebcdic, ibm and block take lines and add blanks up to that size, or
// cut them. Without -cbs the structure stays as it is.
//
// # EXAMPLES
//
// Look at the second kilobyte of a file.
//
//	dd -if file -bs 1k -iseek 1 -count 1 -quiet 1 | xd
//
// # SEE ALSO
//
// cp(1), xd(1)
//
// # DIAGNOSTICS
//
// Dd reports on the standard error the numbers of full and partial blocks
// read and written, and of records that were cut.
//
// # BUGS
//
// A block has at most 16 megabytes.
func ddMain(p *proc.Proc) error {
	arg := argbegin(p, "[option value] ...")
	if len(arg.args) == 1 && arg.args[0] == "-?" {
		arg.usage()
	}
	d := &dd{p: p, ofd: 1, files: 1, ibs: 512, obs: 512, trunc: 1}
	if err := d.options(arg.args); err != nil {
		return err
	}
	if err := d.open(); err != nil {
		return err
	}
	if d.bs != 0 {
		d.ibs, d.obs = d.bs, d.bs
	}
	switch {
	case d.ibs == 0 || d.obs == 0:
		warn(p, "counts: cannot be zero")
		return status("counts")
	case d.ibs > maxline || d.obs > maxline:
		warn(p, "not enough memory")
		return status("memory")
	}
	d.prepare()
	err := d.copy()
	if d.quiet == 0 {
		d.stats()
	}
	return err
}

// A dd has the options and what has been done.
type dd struct {
	p                       *proc.Proc
	ifile, ofile            string
	ifd, ofd                int
	ibs, obs, bs, cbs       int64
	skip, iseek, oseek      int64
	count, files            int64 // of blocks, 0 is all; of ends of file
	trunc, quiet            int64
	conv                    string // ascii, ebcdic, ibm, block, unblock or ""
	lcase, ucase            bool
	swab, noerror, syncpads bool

	ibuf, obuf []byte
	table      *[256]byte // of a conversion; nil for none
	col        int64      // bytes of the record so far
	blanks     int64      // that were read and not yet written

	in, out ddcount
	cut     int64 // records
}

// A ddcount counts blocks.
type ddcount struct{ full, partial int64 }

// ddBig is the limit of what counts bytes and files, other numbers have 63
// bits.
const ddBig, ddVeryBig = 1<<31 - 1, 1<<63 - 1

// options takes all the arguments. The error is the exit status.
func (d *dd) options(args []string) error {
	small := map[string]*int64{
		"-ibs": &d.ibs, "-obs": &d.obs, "-bs": &d.bs, "-cbs": &d.cbs,
		"-trunc": &d.trunc, "-quiet": &d.quiet, "-files": &d.files,
	}
	large := map[string]*int64{
		"-skip": &d.skip, "-seek": &d.oseek, "-oseek": &d.oseek, "-iseek": &d.iseek, "-count": &d.count,
	}
	names := map[string]*string{"-if": &d.ifile, "-of": &d.ofile}
	for ; len(args) > 0; args = args[2:] {
		key := args[0]
		if len(args) == 1 {
			warn(d.p, "arg %s needs a value", key)
			return status("arg")
		}
		var err error
		switch {
		case small[key] != nil:
			*small[key], err = d.number(args[1], ddBig)
		case large[key] != nil:
			*large[key], err = d.number(args[1], ddVeryBig)
		case names[key] != nil:
			*names[key] = args[1]
		case key == "-conv":
			err = d.conversions(args[1])
		default:
			warn(d.p, "bad arg: %s", key)
			err = status("arg")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// number reads a number that is at most big: 1kx2 is 2048.
func (d *dd) number(s string, big uint64) (int64, error) {
	product := uint64(1)
	for _, word := range strings.Split(s, "x") {
		n := uint64(0)
		for word != "" && '0' <= word[0] && word[0] <= '9' {
			n, word = min(n*10+uint64(word[0]-'0'), 1<<60), word[1:]
		}
		for ; word != ""; word = word[1:] {
			shift := map[byte]int{'m': 20, 'k': 10, 'b': 9}[word[0]]
			if shift == 0 {
				warn(d.p, "invalid size suffix '%c'", word[0])
				return 0, status("invalid")
			}
			n = min(n, 1<<63>>shift) << shift
		}
		if n != 0 && product > ddVeryBig/n {
			n, product = 1, 1<<63
		}
		product *= n
	}
	if product > big {
		warn(d.p, "argument %s out of range", s)
		return 0, status("range")
	}
	return int64(product), nil
}

// conversions reads the list of -conv.
func (d *dd) conversions(list string) error {
	flags := map[string]*bool{
		"lcase": &d.lcase, "ucase": &d.ucase, "swab": &d.swab, "noerror": &d.noerror, "sync": &d.syncpads,
	}
	for _, word := range strings.Split(list, ",") {
		switch {
		case word == "":
		case flags[word] != nil:
			*flags[word] = true
		case strings.Contains(" ascii ebcdic ibm block unblock ", " "+word+" "):
			d.conv = word
		default:
			warn(d.p, "bad conv %s", list)
			return status("arg")
		}
	}
	return nil
}

// open opens the files. The error is the exit status.
func (d *dd) open() (err error) {
	if d.ifile != "" {
		if d.ifd, err = d.p.Open(d.ifile, ninep.OREAD); err != nil {
			warn(d.p, "open %s: %v", d.ifile, err)
			return status("open")
		}
	}
	switch {
	case d.ofile == "":
		return nil
	case d.trunc != 0:
		d.ofd, err = d.p.Create(d.ofile, ninep.OWRITE, 0o664)
	default:
		d.ofd, err = d.p.Open(d.ofile, ninep.OWRITE)
	}
	if err != nil {
		warn(d.p, "create %s: %v", d.ofile, err)
		return status("create")
	}
	return nil
}

// prepare makes the buffers and goes to where the copy begins. What cannot
// seek does not.
func (d *dd) prepare() {
	d.ibuf = make([]byte, d.ibs)
	d.obuf = make([]byte, 0, d.obs)
	if d.oseek != 0 {
		d.p.Seek(d.ofd, ddProduct(d.obs, d.oseek), 1)
	}
	if d.iseek != 0 {
		d.p.Seek(d.ifd, ddProduct(d.ibs, d.iseek), 1)
	}
	for ; d.skip > 0; d.skip-- {
		if n, err := d.p.Read(d.ifd, d.ibuf); err != nil || n == 0 {
			break
		}
	}
}

// ddProduct returns the product of two numbers that are not negative, or the
// largest number there is.
func ddProduct(a, b int64) int64 {
	if a != 0 && b > ddVeryBig/a {
		return ddVeryBig
	}
	return a * b
}

// copy copies block by block. The error is the exit status.
func (d *dd) copy() error {
	whole := d.ibs == d.obs && d.conv == "" && !d.lcase && !d.ucase
	d.table = d.ddtable()
	for {
		n, err := 0, error(nil)
		if d.count == 0 || d.in.full+d.in.partial != d.count {
			n, err = d.read()
		}
		if err != nil {
			return err
		}
		if n == 0 {
			if d.files--; d.files <= 0 {
				return d.flush()
			}
		}
		d.in.add(n, d.ibs)
		if n < len(d.ibuf) && d.syncpads {
			n = len(d.ibuf)
		}
		b := d.ibuf[:n]
		if d.swab {
			for i := 0; i+1 < len(b); i += 2 {
				b[i], b[i+1] = b[i+1], b[i]
			}
		}
		if whole {
			d.obuf = b
			err = d.flush()
		} else {
			err = d.convert(b)
		}
		if err != nil {
			return err
		}
	}
}

// read reads a block. After an error that is to be passed over the block is
// what did arrive of it.
func (d *dd) read() (int, error) {
	if d.noerror || d.syncpads {
		clear(d.ibuf)
	}
	n, err := d.p.Read(d.ifd, d.ibuf)
	if err == nil {
		return n, nil
	}
	warn(d.p, "read: %v", err)
	if !d.noerror || err == ninep.ErrIntr {
		d.flush()
		return 0, status("errors")
	}
	n = len(bytes.TrimRight(d.ibuf, "\x00"))
	if _, err := d.p.Seek(d.ifd, d.ibs, 1); err != nil {
		return 0, status("errors") // it would be the same error for ever
	}
	d.stats()
	return n, nil
}

// put adds a byte to the output.
func (d *dd) put(c byte) error {
	d.obuf = append(d.obuf, c)
	if int64(len(d.obuf)) < d.obs {
		return nil
	}
	return d.flush()
}

// flush writes the output block.
func (d *dd) flush() error {
	if len(d.obuf) == 0 {
		return nil
	}
	n, err := d.p.Write(d.ofd, d.obuf)
	if err == nil && n != len(d.obuf) {
		d.out.partial++
		err = ninep.ErrIO
	}
	if err != nil {
		warn(d.p, "write: %v", err)
		return status("errors")
	}
	d.out.add(n, d.obs)
	d.obuf = d.obuf[:0]
	return nil
}

// add counts a block of n bytes.
func (c *ddcount) add(n int, size int64) {
	if int64(n) == size {
		c.full++
	} else {
		c.partial++
	}
}

// stats prints how much was copied.
func (d *dd) stats() {
	s := fmt.Sprintf("%d+%d records in\n%d+%d records out\n", d.in.full, d.in.partial, d.out.full, d.out.partial)
	if d.cut > 0 {
		s += fmt.Sprintf("%d truncated records\n", d.cut)
	}
	fmt.Fprint(d.p.Stderr(), s)
}
