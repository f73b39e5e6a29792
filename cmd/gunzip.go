package cmd

import (
	"bufio"
	"compress/bzip2"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// gunzip - expand data compressed by gzip
//
// Gunzip undoes gzip(1). A file becomes one of the working directory, called
// by the last element of its name with .gz stripped off, or with .tar in place
// of .tgz; that must not be the file itself. The original stays. Without files
// the standard input is expanded to the standard output. Files that were
// compressed one by one and then concatenated are expanded into one.
//
//	-c  write to the standard output rather than to a file
//	-t  print the names which the files had when they were compressed,
//	    and expand nothing; with -v sizes and times, too
//	-T  give the output the modification time that the header has
//	-v  name the files on the standard error
//	-D  the same
//
// # SEE ALSO
//
// gzip(1), bunzip2(1), tar(1)
//
// # DIAGNOSTICS
//
// What comes after compressed data and is none is ignored, with a message.
// With any other error a faulty output file is removed.
func gunzipMain(p *proc.Proc) error {
	u := gunzipper{p: p}
	k := packing{p: p, magic: gzipMagic, isnot: "gzip deflate",
		suffixes: []suffix{{".gz", ""}, {".tgz", ".tar"}}}
	arg := argbegin(p, "[-ctvTD] [file ...]")
	for c := range arg.flags() {
		switch c {
		case 'c':
			k.stdout = true
		case 't':
			k.nowhere = true
		case 'T':
			u.settimes = true
		case 'v', 'D':
			u.verbose = true
		default:
			arg.usage()
		}
	}
	u.table = k.nowhere
	k.convert = u.convert
	return k.files(arg.args)
}

// A gunzipper expands files.
type gunzipper struct {
	p                        *proc.Proc
	table, settimes, verbose bool
}

// convert expands all parts of a file. See packing.
func (u gunzipper) convert(in *bufio.Reader, name string, fd int, ofile string) (keep bool, err error) {
	if name == "" {
		name = "<stdin>"
	}
	src := &countReader{in: in}
	for done := int64(0); ; done = src.n {
		if _, err := in.Peek(1); err == io.EOF {
			return true, nil
		}
		err := u.part(src, fd, ofile)
		switch {
		case err == nil:
		case done > 0:
			return true, fatal(u.p, "%s: corrupted data after byte %d ignored", name, done)
		default:
			return false, fatal(u.p, "%s: %v", name, err)
		}
	}
}

// part expands one part: a header, data, and their sum.
func (u gunzipper) part(src *countReader, fd int, ofile string) error {
	z, err := gzip.NewReader(src)
	if err != nil {
		return unpackError(err)
	}
	z.Multistream(false)
	was := latin1(z.Name)
	if was == "" {
		was = "<unnamed file>"
	}
	if u.verbose && !u.table {
		warn(u.p, "extracting %s to %s", was, ofile)
	}
	out := output(u.p, fd)
	n, err := io.Copy(packWriter{out}, z)
	if err == nil {
		err = packWriter{out}.end(out.Flush())
	}
	switch {
	case err != nil:
		return unpackError(err)
	case u.table && u.verbose:
		err = puts(u.p, fmt.Sprintf("%-32s %10d %s\n", was, n, ctime(u.p, z.ModTime)))
	case u.table:
		err = puts(u.p, was+"\n")
	case u.settimes && fd > 1 && !z.ModTime.IsZero():
		d := ninep.NullDir
		d.Mtime = uint32(z.ModTime.Unix())
		err = u.p.Fwstat(fd, d)
	}
	return err
}

// bunzip2 - expand data compressed by bzip2
//
// Bunzip2 expands files that were compressed by the Burrows-Wheeler
// transform. A file becomes one of the working directory, called by the last
// element of its name with .bz2 stripped off, or with .tar in place of .tbz or
// .tbz2; that must not be the file itself. The original stays. Without files
// the standard input is expanded to the standard output.
//
//	-c  write to the standard output rather than to a file
//	-v  name the files on the standard error
//	-D  the same
//
// # SEE ALSO
//
// gzip(1), gunzip(1), tar(1)
//
// # BUGS
//
// There is no bzip2.
func bunzip2Main(p *proc.Proc) error {
	verbose := false
	k := packing{p: p, magic: "BZh", isnot: "bzip2", suffixes: []suffix{{".bz2", ""}, {".tbz", ".tar"}, {".tbz2", ".tar"}}}
	arg := argbegin(p, "[-cvD] [file ...]")
	for c := range arg.flags() {
		switch c {
		case 'c':
			k.stdout = true
		case 'v', 'D':
			verbose = true
		default:
			arg.usage()
		}
	}
	k.convert = func(in *bufio.Reader, name string, fd int, ofile string) (bool, error) {
		if name == "" {
			name = "<stdin>"
		}
		if verbose {
			warn(p, "extracting %s to %s", name, ofile)
		}
		out := output(p, fd)
		_, err := io.Copy(packWriter{out}, bzip2.NewReader(in))
		if err == nil {
			err = packWriter{out}.end(out.Flush())
		}
		if err != nil {
			return false, fatal(p, "%s: %v", name, unpackError(err))
		}
		return false, nil
	}
	return k.files(arg.args)
}

// unpackError returns what Plan 9's programs say where Go's library says err.
func unpackError(err error) error {
	var corrupt flate.CorruptInputError
	var structural bzip2.StructuralError
	var write packWriteError
	switch {
	case errors.As(err, &write):
		return err
	case errors.Is(err, gzip.ErrHeader):
		return errors.New("bad gzip file magic")
	case errors.Is(err, gzip.ErrChecksum):
		return errors.New("crc mismatch")
	case errors.As(err, &corrupt), errors.As(err, &structural):
		return errors.New("decompress failed: corrupted data")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("decompress failed: unexpected eof")
	}
	return fmt.Errorf("decompress failed: %w", err)
}

// A packWriter tells errors of writing from those of what is read.
type packWriter struct{ w io.Writer }

type packWriteError struct{ err error }

func (e packWriteError) Error() string { return "write error: " + e.err.Error() }

func (w packWriter) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	return n, w.end(err)
}

// end returns err, if it is one, as an error of writing.
func (w packWriter) end(err error) error {
	if err == nil {
		return nil
	}
	return packWriteError{err}
}

// latin1 returns the bytes of a text that was read as Latin-1: Plan 9's names
// are UTF-8.
func latin1(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// ctime returns a time as ctime has it in Plan 9, without the newline.
func ctime(p *proc.Proc, t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return localzone(p).in(t).Format("Mon Jan _2 15:04:05 MST 2006")
}

// A countReader counts the bytes that are read. It has ReadByte, so that
// package flate takes no more than it needs.
type countReader struct {
	in *bufio.Reader
	n  int64
}

func (r *countReader) Read(b []byte) (int, error) {
	n, err := r.in.Read(b)
	r.n += int64(n)
	return n, err
}

func (r *countReader) ReadByte() (byte, error) {
	c, err := r.in.ReadByte()
	if err == nil {
		r.n++
	}
	return c, err
}
