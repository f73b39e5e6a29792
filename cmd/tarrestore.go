package cmd

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"ufo/cmd/tar"
	"ufo/ninep"
	"ufo/proc"
)

// restore lists or extracts files, for t and x.
func (a *archiver) restore(names []string) error {
	fd := 0
	if a.file != "" {
		var err error
		if fd, err = a.p.Open(a.file, ninep.OREAD); err != nil {
			return fmt.Errorf("can't open archive %s: %w", a.file, err)
		}
	}
	in := input(a.p, fd)
	if a.ignore {
		in = bufio.NewReaderSize(&zeroReader{p: a.p, fd: fd, name: a.name()}, iounit)
	}
	src, err := expanded(in)
	if err != nil {
		return fmt.Errorf("%s: %w", a.name(), unpackError(err))
	}
	r := tar.NewReader(src)
	if a.resync {
		r.Resync = func(e *tar.Entry) { warn(a.p, "skipped to next archive header in %s: %s", a.name(), e.Name) }
	}
	err = a.entries(r, names)
	a.finishDirs()
	return err
}

// entries does all entries of the archive that are wanted.
func (a *archiver) entries(r *tar.Reader, names []string) error {
	out := stdout(a.p)
	defer flush(a.p, out)
	for {
		e, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w reading archive %s", err, a.name())
		}
		if !wanted(e.Name, names) {
			continue
		}
		if a.verb == 't' {
			a.list(out, e)
		} else if err := a.extract(r, e); err != nil {
			return err
		}
	}
}

// expanded returns in, or what it is the compressed form of.
func expanded(in *bufio.Reader) (io.Reader, error) {
	b, _ := in.Peek(len(gzipMagic))
	switch string(b) {
	case gzipMagic:
		return gzip.NewReader(in)
	case "BZh":
		return bzip2.NewReader(in), nil
	}
	return in, nil
}

// wanted reports whether a file in the archive is one of those named, or below
// one.
func wanted(name string, names []string) bool {
	name = path.Clean(name)
	for _, n := range names {
		if n = path.Clean(n); name == n || strings.HasPrefix(name, n+"/") {
			return true
		}
	}
	return len(names) == 0
}

// list prints an entry.
func (a *archiver) list(out *bufio.Writer, e *tar.Entry) {
	name := plainName(e.Name)
	if !a.absolute && strings.HasPrefix(name, "/") {
		name = "." + name
	}
	if a.verbose {
		t := localzone(a.p).in(time.Unix(int64(e.Mtime), 0))
		fmt.Fprintf(out, "%v %8d  %-12s %-4s ", e.Mode, e.Size, t.Format("Jan _2 15:04"), t.Format("2006"))
	}
	fmt.Fprintln(out, name)
}

// extract makes the file that an entry stands for. The error is one that ends
// all: what cannot be created is reported and passed over.
func (a *archiver) extract(r io.Reader, e *tar.Entry) error {
	name := e.Local()
	if a.absolute {
		name = path.Clean(e.Name)
	}
	if name == "" {
		name = "."
	}
	name = plainName(name)
	switch e.Kind {
	case tar.Link:
		warn(a.p, "can't make (sym)link %s", name)
		return nil
	case tar.Fifo:
		warn(a.p, "can't make fifo %s", name)
		return nil
	case tar.Device:
		warn(a.p, "can't make device %s", name)
		return nil
	}
	if d, err := a.p.Stat(name); err == nil && (a.keep || e.Kind == tar.Dir && d.IsDir()) {
		return nil
	}
	fd, err := a.create(name, e)
	if err != nil {
		warn(a.p, "can't create %s: %v", name, err)
		return nil
	}
	defer a.p.Close(fd)
	if a.verbose {
		fmt.Fprintln(a.p.Stderr(), name)
	}
	if e.Kind == tar.Dir {
		if a.settime || e.Mode&0o700 != 0o700 {
			a.dirs = append(a.dirs, madedir{name, e})
		}
		return nil
	}
	if _, err := io.Copy(packWriter{a.p.FD(fd)}, r); err != nil {
		return fmt.Errorf("extracting %s from %s: %w", name, a.name(), err)
	}
	if a.settime {
		a.p.Fwstat(fd, a.meta(e))
		owners(e, func(d ninep.Dir) { a.p.Fwstat(fd, d) })
	}
	return nil
}

// create creates a file or a directory and the directories above it. A
// directory can be written until the end.
func (a *archiver) create(name string, e *tar.Entry) (int, error) {
	mode, perm := ninep.OWRITE, e.Mode
	if e.Kind == tar.Dir {
		mode, perm = ninep.OREAD, e.Mode|0o700
	}
	fd, err := a.p.Create(name, mode, perm)
	if err == nil {
		return fd, nil
	}
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		if _, serr := a.p.Stat(name[:i]); serr != nil && makedirs(a.p, name[:i], 0o777) {
			return a.p.Create(name, mode, perm)
		}
	}
	return -1, err
}

// meta returns the changes that make an extracted file what its entry says.
func (a *archiver) meta(e *tar.Entry) ninep.Dir {
	d := ninep.NullDir
	d.Mode = e.Mode
	if a.settime {
		d.Mtime = e.Mtime
	}
	return d
}

// owners has set change the group and the owner, as far as the file server
// lets it: an error is none.
func owners(e *tar.Entry, set func(ninep.Dir)) {
	if e.GID != "" {
		d := ninep.NullDir
		d.GID = e.GID
		set(d)
	}
	if e.UID != "" {
		d := ninep.NullDir
		d.UID = e.UID
		set(d)
	}
}

// finishDirs gives the directories that were made their modes and times, the
// last one first: those above last.
func (a *archiver) finishDirs() {
	for _, made := range slices.Backward(a.dirs) {
		if err := a.p.Wstat(made.name, a.meta(made.e)); err != nil {
			warn(a.p, "can't wstat %s: %v", made.name, err)
		}
		if a.settime {
			owners(made.e, func(d ninep.Dir) { a.p.Wstat(made.name, d) })
		}
	}
}

// A zeroReader reads a file, and zeros where it cannot be read.
type zeroReader struct {
	p    *proc.Proc
	fd   int
	name string
}

func (r *zeroReader) Read(b []byte) (int, error) {
	n, err := r.p.Read(r.fd, b)
	switch {
	case err == nil && n == 0:
		return 0, io.EOF
	case err != nil:
		warn(r.p, "ignoring error reading %s: %v", r.name, err)
		clear(b)
		n = len(b)
		r.p.Seek(r.fd, int64(n), 1) // on a pipe there is nothing to pass over
	}
	return n, nil
}
