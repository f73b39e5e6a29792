package ninep

import "context"

// A ServerFunc is a Server that is one function, its Attach: of a server that
// gives each user a tree, or rights, of his own.
//
//	srv := ninep.ServerFunc(func(ctx context.Context, user, spec string) (ninep.File, error) {
//		if user == "glenda" {
//			return tree.Attach(ctx, user, spec)
//		}
//		return ninep.ReadOnly(tree).Attach(ctx, user, spec)
//	})
//
// There being no authentication, who somebody is is what he says.
type ServerFunc func(ctx context.Context, user, spec string) (File, error)

// Attach calls f.
func (f ServerFunc) Attach(ctx context.Context, user, spec string) (File, error) {
	return f(ctx, user, spec)
}

// ReadOnly returns a Server of the files of srv that changes none of them:
// what would is answered with ErrReadOnly, as exportfs -R does. A file whose
// reading changes something, as that of a clone file, is read all the same.
func ReadOnly(srv Server) Server {
	view := ServerFunc(func(ctx context.Context, user, spec string) (File, error) {
		return asReadOnly(srv.Attach(ctx, user, spec))
	})
	if a, ok := srv.(Auther); ok {
		return &readOnlyAuther{view, a}
	}
	return view
}

// A readOnlyAuther is a ReadOnly of a Server with authentication, which is
// spoken as ever.
type readOnlyAuther struct {
	ServerFunc
	auther Auther
}

func (s *readOnlyAuther) Auth(ctx context.Context, user, spec string) (File, error) {
	return s.auther.Auth(ctx, user, spec)
}

func (s *readOnlyAuther) AttachAuth(ctx context.Context, auth File, user, spec string) (File, error) {
	return asReadOnly(s.auther.AttachAuth(ctx, auth, user, spec))
}

// A readOnly is a File that is not to be changed. It is no [Wrapper]: what else
// the File can do might change it.
type readOnly struct{ File }

func asReadOnly(f File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return &readOnly{f}, nil
}

// TrueLength is that of the file: see [Measurer].
func (f *readOnly) TrueLength(ctx context.Context) (int64, bool) {
	m, ok := As[Measurer](f.File)
	if !ok {
		return 0, false
	}
	return m.TrueLength(ctx)
}

func (f *readOnly) Clone(ctx context.Context) (File, error) { return asReadOnly(f.File.Clone(ctx)) }

func (f *readOnly) Walk(ctx context.Context, name string) (File, error) {
	return asReadOnly(f.File.Walk(ctx, name))
}

// WalkNames costs what it does without ReadOnly.
func (f *readOnly) WalkNames(ctx context.Context, names []string) (File, []Qid, error) {
	nf, qids, err := WalkNames(ctx, f.File, names)
	if err != nil {
		return nil, qids, err
	}
	return &readOnly{nf}, qids, nil
}

func (f *readOnly) Open(ctx context.Context, mode Mode) error {
	if mode.CanWrite() || mode&(OTRUNC|ORCLOSE) != 0 {
		return ErrReadOnly
	}
	return f.File.Open(ctx, mode)
}

func (f *readOnly) Create(context.Context, string, Perm, Mode) (File, error) {
	return nil, ErrReadOnly
}

func (f *readOnly) Write(context.Context, []byte, int64) (int, error) { return 0, ErrReadOnly }

// Wstat refuses all but the request to make the file safe, which changes none.
func (f *readOnly) Wstat(ctx context.Context, d Dir) error {
	if d != NullDir {
		return ErrReadOnly
	}
	return f.File.Wstat(ctx, d)
}

func (f *readOnly) Remove(context.Context) error { return ErrReadOnly }
