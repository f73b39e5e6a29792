package cmd

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"ufo/proc"
)

// gzip - compress data
//
// Gzip encodes files by a combination of the Lempel-Ziv algorithm of 1977 and
// Huffman codes which is called deflate. What comes out is usually smaller,
// and never much bigger. A file becomes one of the working directory, called
// by the last element of its name with .gz added; if that ends in .tar.gz it
// ends in .tgz instead. The original stays. Without files the standard input
// is compressed to the standard output.
//
//	-c      write to the standard output rather than to a file
//	-n      put no modification time into the header, so that the same
//	        input always gives the same output; otherwise it is that of
//	        the file, or the current time for the standard input
//	-v      name the files on the standard error
//	-D      the same
//	-1..-9  the level of compression: 1 for speed, 9 for size; 6 if
//	        nothing is said
//
// # SEE ALSO
//
// gunzip(1), bunzip2(1), tar(1)
//
// # BUGS
//
// A file that has been written in part, because something went wrong, is
// removed.
func gzipMain(p *proc.Proc) error {
	level, notime, verbose := 6, false, false
	k := packing{p: p, suffixes: []suffix{{".tar", ".tgz"}}, fallback: ".gz"}
	arg := argbegin(p, "[-cvnD] [-1-9] [file ...]")
	for c := range arg.flags() {
		switch {
		case c == 'c':
			k.stdout = true
		case c == 'n':
			notime = true
		case c == 'v', c == 'D':
			verbose = true
		case '1' <= c && c <= '9':
			level = int(c - '0')
		default:
			arg.usage()
		}
	}
	k.convert = func(in *bufio.Reader, name string, fd int, ofile string) (bool, error) {
		mtime := uint32(p.Now().Unix())
		if name != "" {
			if d, err := p.Stat(name); err == nil {
				mtime = d.Mtime
			}
		}
		if notime {
			mtime = 0
		}
		if verbose && name != "" {
			warn(p, "compressing %s to %s", name, ofile)
		}
		out := output(p, fd)
		err := gzipTo(out, in, name, mtime, level)
		if err == nil {
			err = out.Flush()
		}
		if err != nil {
			return false, fatal(p, "error compressing to %s: %v", ofile, err)
		}
		return false, nil
	}
	return k.files(arg.args)
}

// The bytes of a gzip file: RFC 1952.
const (
	gzipMagic   = "\x1f\x8b\x08" // the last is the method: deflate
	gzipName    = 8              // flag: the header has the file's name
	gzipInferno = 13             // the system it was made on, as Plan 9 says it
)

// gzipTo writes in compressed to out. The header has the name, if it is not
// empty, byte by byte: compress/gzip would refuse what is not Latin-1.
func gzipTo(out io.Writer, in io.Reader, name string, mtime uint32, level int) error {
	head := []byte(gzipMagic)
	if name == "" {
		head = append(head, 0)
	} else {
		head = append(head, gzipName)
	}
	head = binary.LittleEndian.AppendUint32(head, mtime)
	head = append(head, 0, gzipInferno)
	if name != "" {
		head = append(append(head, name...), 0)
	}
	if _, err := out.Write(head); err != nil {
		return err
	}
	w, err := flate.NewWriter(out, level)
	if err != nil {
		return err
	}
	crc := crc32.NewIEEE()
	n, err := io.Copy(io.MultiWriter(w, crc), in)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	tail := binary.LittleEndian.AppendUint32(nil, crc.Sum32())
	tail = binary.LittleEndian.AppendUint32(tail, uint32(n))
	_, err = out.Write(tail)
	return err
}
