package cmd

import (
	"context"
	"errors"
	"sync"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// An imageServer serves the file systems that are in images: the spec of an
// attach is the name of the file that is one, as the server sees it. It is
// opened for the first who attaches and closed behind the last.
type imageServer struct {
	view func() ns.View
	file string // for an empty spec; "": there is none
	mode ninep.Mode
	open func(ctx context.Context, img *image) (ninep.Server, error)

	mu     sync.Mutex // guards images, and what is in them
	images map[string]*mountedImage
}

// A mountedImage is an image in use. The imageServer's mu guards its fields;
// those below ready are set before that is closed, and then stay.
type mountedImage struct {
	of    *imageServer
	name  string
	refs  int    // Files, and Attaches that have not returned
	id    fileid // of the file, once it is open; the zero one before
	ready chan struct{}

	img *image
	srv ninep.Server
	err error
}

// Attach returns the root of the file system in the file called spec.
func (s *imageServer) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	name := spec
	if name == "" {
		name = s.file
	}
	if name == "" {
		return nil, ninep.ErrBadSpec
	}
	m, mine := s.take(name)
	if mine {
		m.img, m.srv, m.err = s.load(ctx, m)
		close(m.ready)
	}
	select {
	case <-m.ready:
	case <-ctx.Done():
		m.drop()
		return nil, ctx.Err()
	}
	var f ninep.File
	err := m.err
	if err == nil {
		f, err = m.srv.Attach(ctx, user, "")
	}
	if err != nil {
		m.drop()
		return nil, err
	}
	return imageFile{f, m}, nil
}

// take returns the image of that name with one more reference. It is mine for
// the caller who has to load it.
func (s *imageServer) take(name string) (m *mountedImage, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.images[name]; m != nil {
		m.refs++
		return m, false
	}
	if s.images == nil {
		s.images = make(map[string]*mountedImage)
	}
	m = &mountedImage{of: s, name: name, refs: 1, ready: make(chan struct{})}
	s.images[name] = m
	return m, true
}

// load opens an image.
func (s *imageServer) load(ctx context.Context, m *mountedImage) (*image, ninep.Server, error) {
	img, err := openImage(ctx, s.view(), m.name, s.mode)
	if err != nil {
		return nil, nil, err
	}
	if !s.claim(m, img.id) {
		img.close()
		return nil, nil, ninep.ErrInUse
	}
	srv, err := s.open(ctx, img)
	if err != nil {
		img.close()
		return nil, nil, err
	}
	return img, srv, nil
}

// claim notes which file m is. It is not ok for two names to be one file if it
// can be changed: nobody would know of the other's changes.
func (s *imageServer) claim(m *mountedImage, id fileid) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.images {
		if s.mode.CanWrite() && other != m && other.id == id {
			return false
		}
	}
	m.id = id
	return true
}

// keep counts one more reference.
func (m *mountedImage) keep() {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	m.refs++
}

// drop gives one reference back. The last one closes the image.
func (m *mountedImage) drop() {
	m.of.mu.Lock()
	m.refs--
	last := m.refs == 0
	if last {
		delete(m.of.images, m.name)
	}
	m.of.mu.Unlock()
	if last && m.img != nil {
		m.img.close()
	}
}

// An imageFile is a File that keeps its image open.
type imageFile struct {
	ninep.File
	m *mountedImage
}

// wrap makes an imageFile of what a call returned.
func (f imageFile) wrap(nf ninep.File, err error) (ninep.File, error) {
	if err != nil {
		return nil, err
	}
	f.m.keep()
	return imageFile{nf, f.m}, nil
}

func (f imageFile) Clone(ctx context.Context) (ninep.File, error) { return f.wrap(f.File.Clone(ctx)) }

func (f imageFile) Walk(ctx context.Context, name string) (ninep.File, error) {
	return f.wrap(f.File.Walk(ctx, name))
}

func (f imageFile) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	return f.wrap(f.File.Create(ctx, name, perm, mode))
}

func (f imageFile) Close() error {
	err := f.File.Close()
	f.m.drop()
	return err
}

// Unwrap returns the file system's own File.
func (f imageFile) Unwrap() ninep.File { return f.File }

// startImages runs s: posted as /srv/name or, with stdio, on the descriptors
// 0 and 1.
func startImages(p *proc.Proc, s *imageServer, name string, stdio, verbose bool) error {
	var srv server
	srv.Server = s
	srv.name, srv.perm, srv.trace = name, 0666, verbose
	var err error
	if stdio {
		s.view = p.View
		err = serve9p(p, s, 0, 1, ninep.ServeOptions{})
	} else {
		srv.init = func(sp *proc.Proc) error {
			s.view = sp.View
			return nil
		}
		err = srv.start(p)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// errImage returns what a client should see when a file system is none.
func errImage(err error) error {
	var e ninep.Error
	if errors.As(err, &e) {
		return err
	}
	return ninep.Error(err.Error())
}
