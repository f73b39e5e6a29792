package tapefs

import (
	"archive/zip"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"ufo/ninep"
)

// Zip returns the files of the zip archive that img is, of the given size. The
// files belong to cfg's Owner: the archive does not say whose they are.
func Zip(ctx context.Context, img Image, size int64, cfg Config) (ninep.Server, error) {
	a := &zipped{img: img, r: &Reader{ctx, img}, turn: make(chan struct{}, 1)}
	z, err := zip.NewReader(a.r, size)
	if err != nil {
		return nil, zipError(err)
	}
	t := newTree(cfg)
	for _, f := range z.File {
		mode := ninep.Perm(f.Mode().Perm())
		switch {
		case strings.HasSuffix(f.Name, "/"):
			mode |= ninep.DMDIR | 0o111
		case !f.Mode().IsRegular():
			continue // links and the like
		case f.Method != zip.Store && f.Method != zip.Deflate, f.Flags&1 != 0:
			t.warn("%s: can't read what is compressed by method %d or encrypted; skipped", f.Name, f.Method)
			continue
		}
		mtime := uint32(0)
		if !f.Modified.IsZero() {
			mtime = uint32(f.Modified.Unix())
		}
		e := file{name: f.Name, mode: mode, mtime: mtime, size: int64(f.UncompressedSize64), uid: cfg.Owner, gid: cfg.Owner}
		if mode.IsDir() {
			e.size = 0
		}
		e.open = func(ctx context.Context) (readFunc, error) { return a.open(ctx, f) }
		t.add(e)
	}
	return t.server(), nil
}

// zipError returns what a user can do something with where package zip speaks
// of itself.
func zipError(err error) error {
	if errors.Is(err, zip.ErrFormat) {
		return errors.New("not a zip archive")
	}
	return err
}

// A zipped is an archive that is read.
type zipped struct {
	img  Image
	turn chan struct{} // held by who uses r
	r    *Reader       // what package zip reads
}

// open returns what reads a file that is opened.
func (a *zipped) open(ctx context.Context, f *zip.File) (readFunc, error) {
	start, err := a.start(ctx, f)
	if err != nil {
		return nil, err
	}
	data := within(a.img, start, int64(f.CompressedSize64))
	if f.Method == zip.Store {
		return data, nil
	}
	in := &inflater{data: data, size: int64(f.UncompressedSize64), crc: f.CRC32, turn: make(chan struct{}, 1)}
	return in.readAt, nil
}

// start returns where in the archive a file's contents begin.
func (a *zipped) start(ctx context.Context, f *zip.File) (int64, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	a.r.Ctx = ctx
	return f.DataOffset()
}

// An inflater expands the contents of an open file. Reading forward costs
// nothing more; reading backward begins anew.
type inflater struct {
	data readFunc
	size int64
	crc  uint32

	turn chan struct{} // held by who uses what follows
	ctx  context.Context
	z    io.Reader // nil: to begin
	in   int64     // offset in data
	at   int64     // offset in the contents
	sum  uint32    // of the contents before at
}

func (f *inflater) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	f.ctx = ctx
	n, err := f.read(p, off)
	if err != nil {
		f.z = nil
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, fmt.Errorf("%w: %w", ninep.ErrIO, err)
	}
	return n, nil
}

// read is readAt for who has the turn.
func (f *inflater) read(p []byte, off int64) (int, error) {
	if off >= f.size {
		return 0, nil
	}
	if f.z == nil || off < f.at {
		f.in, f.at, f.sum = 0, 0, 0
		f.z = flate.NewReader(inflaterData{f})
	}
	skip := make([]byte, min(off-f.at, 32<<10))
	for f.at < off {
		if err := f.next(skip[:min(off-f.at, int64(len(skip)))]); err != nil {
			return 0, err
		}
	}
	p = p[:min(int64(len(p)), f.size-off)]
	if err := f.next(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// next expands the next bytes, and checks the sum behind the last.
func (f *inflater) next(p []byte) error {
	n, err := io.ReadFull(f.z, p)
	if err != nil {
		return err
	}
	f.at += int64(n)
	f.sum = crc32.Update(f.sum, crc32.IEEETable, p)
	if f.at == f.size && f.sum != f.crc {
		return errors.New("crc mismatch")
	}
	return nil
}

// inflaterData is what an inflater expands.
type inflaterData struct{ f *inflater }

func (d inflaterData) Read(p []byte) (int, error) {
	n, err := d.f.data(d.f.ctx, p, d.f.in)
	if n == 0 && err == nil {
		return 0, io.ErrUnexpectedEOF
	}
	d.f.in += int64(n)
	return n, err
}
