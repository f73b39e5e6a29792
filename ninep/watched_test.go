package ninep_test

import (
	"context"

	. "ufo/ninep"
)

// A watched is a server that calls before for each read and write of a file,
// which may take its time; an error of it is the answer.
type watched struct {
	Server
	before func(call MsgType, n int, off int64) error
}

func (s watched) Attach(ctx context.Context, user, spec string) (File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	return watchedFile{f, s}, err
}

type watchedFile struct {
	File
	s watched
}

func (f watchedFile) Walk(ctx context.Context, name string) (File, error) {
	nf, err := f.File.Walk(ctx, name)
	return watchedFile{nf, f.s}, err
}

func (f watchedFile) Clone(ctx context.Context) (File, error) {
	nf, err := f.File.Clone(ctx)
	return watchedFile{nf, f.s}, err
}

func (f watchedFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	nf, err := f.File.Create(ctx, name, perm, mode)
	return watchedFile{nf, f.s}, err
}

func (f watchedFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	if err := f.s.before(Tread, len(p), off); err != nil {
		return 0, err
	}
	return f.File.Read(ctx, p, off)
}

func (f watchedFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	if err := f.s.before(Twrite, len(p), off); err != nil {
		return 0, err
	}
	return f.File.Write(ctx, p, off)
}
