package cmd

import (
	"bufio"
	"io"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// A packing is what gzip and its kin have in common: each file named is read,
// and what it becomes is put into a file of the working directory with another
// name. The original stays.
type packing struct {
	p        *proc.Proc
	stdout   bool   // write there
	nowhere  bool   // write nothing: list, or check
	magic    string // what the input must begin with
	isnot    string // what it is not if it does not
	suffixes []suffix
	fallback string // to be added when no suffix fits; "": that is an error

	// convert reads in, the file called name, and writes to descriptor fd,
	// the file called ofile; -1 is nowhere. It reports what goes wrong
	// itself, with report; keep says that the output is of use all the same.
	convert func(in *bufio.Reader, name string, fd int, ofile string) (keep bool, err error)
}

// A suffix is how the end of a file's name changes.
type suffix struct{ from, to string }

// files does all files, or the standard input, and returns the exit status.
func (k packing) files(names []string) error {
	failed := ""
	if len(names) == 0 {
		fd := 1
		if k.nowhere {
			fd = -1
		}
		if _, err := k.convert(input(k.p, 0), "", fd, "<stdout>"); err != nil {
			failed = "errors"
		}
	}
	for _, name := range names {
		if err := k.file(name); err != nil {
			failed = "errors"
		}
	}
	return status(failed)
}

// file does one file.
func (k packing) file(name string) error {
	ifd, err := k.p.Open(name, ninep.OREAD)
	if err != nil {
		return fatal(k.p, "can't open %s: %v", name, err)
	}
	defer k.p.Close(ifd)
	if d, err := k.p.Fstat(ifd); err == nil && d.IsDir() {
		return fatal(k.p, "%s is a directory", name)
	}
	in := input(k.p, ifd)
	if b, _ := in.Peek(len(k.magic)); string(b) != k.magic {
		return fatal(k.p, "%s is not a %s file", name, k.isnot)
	}
	if k.nowhere {
		_, err := k.convert(in, name, -1, "")
		return err
	}
	if k.stdout {
		_, err := k.convert(in, name, 1, "<stdout>")
		return err
	}
	ofile, ok := k.rename(name)
	if !ok {
		return fatal(k.p, "can't overwrite %s", name)
	}
	ofd, err := k.p.Create(ofile, ninep.OWRITE, 0o666)
	if err != nil {
		return fatal(k.p, "can't create %s: %v", ofile, err)
	}
	defer k.p.Close(ofd)
	keep, err := k.convert(in, name, ofd, ofile)
	if err != nil && !keep {
		warn(k.p, "removing output file %s", ofile)
		k.p.Remove(ofile)
	}
	return err
}

// rename returns the name of the output for the file called name. It is not
// ok if that is the file itself.
func (k packing) rename(name string) (string, bool) {
	_, base := splitname(name)
	for _, s := range k.suffixes {
		if stem, ok := strings.CutSuffix(base, s.from); ok && stem != "" {
			return stem + s.to, true
		}
	}
	ofile := base + k.fallback
	return ofile, ofile != name
}

// output returns descriptor fd buffered, or for -1 what takes everything.
func output(p *proc.Proc, fd int) *bufio.Writer {
	if fd < 0 {
		return bufio.NewWriter(io.Discard)
	}
	return bufio.NewWriterSize(p.FD(fd), iounit)
}
