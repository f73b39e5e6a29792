package cmd

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"ufo/cmd/tar"
	"ufo/ninep"
)

// save adds files to the archive, for c and r.
func (a *archiver) save(names []string) error {
	if a.compress && a.verb == 'r' {
		return errors.New("can't append to a compressed archive")
	}
	if a.compress && (strings.HasSuffix(a.file, "bz") || strings.HasSuffix(a.file, "bz2") || strings.HasSuffix(a.file, "Z")) {
		return fmt.Errorf("can't compress %s: only gzip is known", a.file)
	}
	fd, at, err := a.target()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.p.FD(fd), tar.RecordSize)
	w := &tarWriter{archiver: a, out: out, n: at}
	var z *gzip.Writer
	if a.compress {
		z = gzip.NewWriter(out)
		z.OS = gzipInferno
		w.out = z
	}
	for _, name := range names {
		if err := w.add(name); err != nil {
			return err
		}
	}
	// Two empty blocks, and then to the end of a record.
	w.write(make([]byte, 2*tar.BlockSize))
	w.write(make([]byte, (tar.RecordSize-w.n%tar.RecordSize)%tar.RecordSize))
	if z != nil && w.err == nil {
		w.err = z.Close()
	}
	if w.err == nil {
		w.err = out.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("error writing %s: %w", a.name(), w.err)
	}
	return nil
}

// target opens the archive for writing, at its end for r, and returns where
// that is.
func (a *archiver) target() (fd int, at int64, err error) {
	switch {
	case a.file == "":
		return 1, 0, nil
	case a.verb == 'c':
		fd, err = a.p.Create(a.file, ninep.OWRITE, 0o666)
	default:
		fd, err = a.p.Open(a.file, ninep.ORDWR)
	}
	if err != nil {
		return -1, 0, fmt.Errorf("can't open archive %s: %w", a.file, err)
	}
	if a.verb == 'c' {
		return fd, 0, nil
	}
	in := input(a.p, fd)
	if b, _ := in.Peek(len(gzipMagic)); string(b) == gzipMagic {
		return -1, 0, errors.New("can't append to a compressed archive")
	}
	if at, err = tar.NewReader(in).End(); err == nil {
		_, err = a.p.Seek(fd, at, 0)
	}
	if err != nil {
		return -1, 0, fmt.Errorf("%s: %w", a.file, err)
	}
	return fd, at, nil
}

// A tarWriter writes an archive. An error of writing is kept, and ends it.
type tarWriter struct {
	*archiver
	out io.Writer
	n   int64 // bytes in the archive
	err error
}

func (w *tarWriter) write(b []byte) {
	if w.err != nil {
		return
	}
	_, w.err = w.out.Write(b)
	w.n += int64(len(b))
}

// add adds a file and what is below it. What cannot be read is reported and
// left out; the error is one of writing, or of reading in the middle of a
// file.
func (w *tarWriter) add(name string) error {
	fd, err := w.p.Open(plainName(name), ninep.OREAD)
	if err != nil {
		warn(w.p, "can't open %s: %v", name, err)
		return nil
	}
	defer w.p.Close(fd)
	d, err := w.p.Fstat(fd)
	if err != nil {
		return fmt.Errorf("can't fstat %s: %w", name, err)
	}
	head, err := w.form.Header(d, name)
	if err != nil {
		warn(w.p, "%v: %s", err, name)
		return nil
	}
	w.write(head)
	if d.IsDir() {
		return w.tree(name)
	}
	if err := w.contents(fd, name, d.Length); err != nil {
		return err
	}
	if w.verbose {
		fmt.Fprintln(w.p.Stderr(), name)
	}
	return w.err
}

// tree adds what is in a directory.
func (w *tarWriter) tree(name string) error {
	dirs, err := readdir(w.p, plainName(name))
	if err != nil {
		warn(w.p, "can't read %s: %v", name, err)
	}
	for _, d := range dirs {
		if err := w.add(name + "/" + d.Name); err != nil {
			return err
		}
		if w.err != nil {
			return nil
		}
	}
	return nil
}

// contents adds the first n bytes of a file, which is what its header has
// promised: zeros follow if it has become shorter.
func (w *tarWriter) contents(fd int, name string, n int64) error {
	b := make([]byte, iounit)
	for left := n; left > 0; {
		part := b[:min(left, iounit)]
		got, err := w.p.Read(fd, part)
		switch {
		case err != nil && !w.ignore:
			return fmt.Errorf("error reading %s: %w", name, err)
		case err != nil:
			warn(w.p, "ignoring error reading %s: %v", name, err)
			clear(part)
			got = len(part)
			w.p.Seek(fd, n-left+int64(got), 0)
		case got == 0:
			clear(part)
			got = len(part)
		}
		w.write(part[:got])
		left -= int64(got)
	}
	w.write(tar.Padding(n))
	return nil
}

// plainName returns the name to open for a file called name: one that begins
// with "#" is meant, and not a device.
func plainName(name string) string {
	if strings.HasPrefix(name, "#") {
		return "./" + name
	}
	return name
}
