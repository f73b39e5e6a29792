// Package ninetest checks both sides of package ninep's interfaces:
// [TestServer] a Server, [Strict] those who call one, and [Suite] a server of
// whatever kind at the other end of a connection.
package ninetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"ufo/ninep"
)

// Strict returns a Server that does what srv does and watches how it is
// used, and what it answers, by the rules that [ninep.File] states. A call
// against the rules does not reach srv; it returns [ErrMisuse].
func Strict(srv ninep.Server) *StrictServer {
	return &StrictServer{srv: srv, live: make(map[*strictFile]bool)}
}

// ErrMisuse is what a call against the rules of File returns.
const ErrMisuse ninep.Error = "call against the rules of a File"

// A StrictServer is a Server that watches how it is used.
type StrictServer struct {
	srv ninep.Server

	mu      sync.Mutex // guards the fields below; taken after a strictFile's
	live    map[*strictFile]bool
	misuses []error
}

// maxMisuses is how many misuses are kept.
const maxMisuses = 20

// Check returns what was wrong until now: every misuse, and every File that
// is not closed. So call it when all should be.
func (s *StrictServer) Check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := slices.Clone(s.misuses)
	var names []string
	for f := range maps.Keys(s.live) {
		names = append(names, f.name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i == maxMisuses {
			errs = append(errs, fmt.Errorf("… %d files not closed", len(names)))
			break
		}
		errs = append(errs, fmt.Errorf("%s: not closed", name))
	}
	return errors.Join(errs...)
}

// Live returns how many Files are not closed.
func (s *StrictServer) Live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.live)
}

// misuse notes a misuse.
func (s *StrictServer) misuse(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.misuses) < maxMisuses {
		s.misuses = append(s.misuses, fmt.Errorf(format, args...))
	}
	return ErrMisuse
}

// Prompt says what the Server that is watched says.
func (s *StrictServer) Prompt(call ninep.MsgType) bool { return ninep.Prompt(s.srv, call) }

// Attach attaches to the Server that is watched.
func (s *StrictServer) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	f, err := s.srv.Attach(ctx, user, spec)
	return s.file("/", f, notOpen, err)
}

// Auth begins an authentication, if the Server that is watched wants one.
func (s *StrictServer) Auth(ctx context.Context, user, spec string) (ninep.File, error) {
	a, ok := s.srv.(ninep.Auther)
	if !ok {
		return nil, ninep.ErrNoAuth
	}
	f, err := a.Auth(ctx, user, spec)
	return s.file("auth", f, ninep.ORDWR, err)
}

// AttachAuth attaches with a File that Auth returned.
func (s *StrictServer) AttachAuth(ctx context.Context, auth ninep.File, user, spec string) (ninep.File, error) {
	a, ok := s.srv.(ninep.Auther)
	af, ok2 := ninep.As[*strictFile](auth)
	if !ok || !ok2 || af.s != s {
		return nil, s.misuse("AttachAuth with a file not from Auth")
	}
	f, err := a.AttachAuth(ctx, af.f, user, spec)
	return s.file("/", f, notOpen, err)
}

// file returns the File to use in place of f, which a call of the server has
// returned with err.
func (s *StrictServer) file(name string, f ninep.File, mode ninep.Mode, err error) (ninep.File, error) {
	switch {
	case err != nil && f != nil:
		s.misuse("%s: server returned a File with the error %v", name, err)
		return nil, err
	case err != nil:
		return nil, err
	case f == nil:
		return nil, s.misuse("%s: server returned neither a File nor an error", name)
	}
	sf := &strictFile{s: s, f: f, name: name, isDir: f.Qid().IsDir(), mode: mode}
	s.mu.Lock()
	s.live[sf] = true
	s.mu.Unlock()
	if w, ok := f.(ninep.NamesWalker); ok {
		return &strictWalker{sf, w}, nil
	}
	return sf, nil
}

// notOpen is the mode of a File that is not open, opening of one that is
// being opened.
const (
	notOpen ninep.Mode = 1 << 15
	opening ninep.Mode = 1 << 14
)

// A strictFile is a File whose use is watched.
type strictFile struct {
	s     *StrictServer
	f     ninep.File
	name  string // for messages
	isDir bool

	mu     sync.Mutex // guards the fields below
	mode   ninep.Mode
	calls  int // in progress
	closed bool
}

// A strictWalker is a strictFile that can walk many names at once.
type strictWalker struct {
	*strictFile
	w ninep.NamesWalker
}

func (f *strictFile) Unwrap() ninep.File { return f.f }

func (f *strictFile) Prompt(call ninep.MsgType) bool { return ninep.Prompt(f.f, call) }

func (f *strictWalker) Unwrap() ninep.File { return f.strictFile }

// enter begins a call; allowed says, for the mode the File has, whether it
// may be made.
func (f *strictFile) enter(call string, allowed func(ninep.Mode) bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return f.s.misuse("%s: %s after Close", f.name, call)
	case !allowed(f.mode):
		return f.s.misuse("%s: %s of a file %s", f.name, call, modeName(f.mode))
	}
	f.calls++
	return nil
}

func modeName(mode ninep.Mode) string {
	switch {
	case mode&notOpen != 0:
		return "not open"
	case mode&opening != 0:
		return "being opened"
	}
	return "open " + [...]string{"OREAD", "OWRITE", "ORDWR", "OEXEC"}[mode.Access()]
}

// leave ends a call.
func (f *strictFile) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls--
}

// What enter is told of calls.
func always(ninep.Mode) bool         { return true }
func whenNotOpen(m ninep.Mode) bool  { return m == notOpen }
func whenReadable(m ninep.Mode) bool { return m&(notOpen|opening) == 0 && m.CanRead() }
func whenWritable(m ninep.Mode) bool { return m&(notOpen|opening) == 0 && m.CanWrite() }

func (f *strictFile) sub(name string) string {
	if f.name == "/" {
		return "/" + name
	}
	return f.name + "/" + name
}

// enterDir begins a Walk or Create of name.
func (f *strictFile) enterDir(call, name string) error {
	switch {
	case !ninep.ValidName(name):
		return f.s.misuse("%s: %s of %q", f.name, call, name)
	case !f.isDir:
		return f.s.misuse("%s: %s in a file that is not a directory", f.name, call)
	}
	return f.enter(call, whenNotOpen)
}

func (f *strictFile) Qid() ninep.Qid {
	if f.enter("Qid", always) != nil {
		return ninep.Qid{}
	}
	defer f.leave()
	return f.f.Qid()
}

func (f *strictFile) Stat(ctx context.Context) (ninep.Dir, error) {
	if err := f.enter("Stat", always); err != nil {
		return ninep.Dir{}, err
	}
	defer f.leave()
	return f.f.Stat(ctx)
}

func (f *strictFile) Clone(ctx context.Context) (ninep.File, error) {
	if err := f.enter("Clone", whenNotOpen); err != nil {
		return nil, err
	}
	defer f.leave()
	nf, err := f.f.Clone(ctx)
	return f.s.file(f.name, nf, notOpen, err)
}

func (f *strictFile) Walk(ctx context.Context, name string) (ninep.File, error) {
	if err := f.enterDir("Walk", name); err != nil {
		return nil, err
	}
	defer f.leave()
	nf, err := f.f.Walk(ctx, name)
	return f.s.file(f.sub(name), nf, notOpen, err)
}

func (f *strictWalker) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	if len(names) == 0 {
		return nil, nil, f.s.misuse("%s: WalkNames of no names", f.name)
	}
	to := f.name
	for _, name := range names {
		if !ninep.ValidName(name) {
			return nil, nil, f.s.misuse("%s: WalkNames of %q", f.name, names)
		}
		to += "/" + name
	}
	if err := f.enterDir("WalkNames", names[0]); err != nil {
		return nil, nil, err
	}
	defer f.leave()
	nf, qids, err := f.w.WalkNames(ctx, names)
	if len(qids) > len(names) || err == nil && len(qids) < len(names) {
		f.s.misuse("%s: server returned %d qids and %v for %d names", f.name, len(qids), err, len(names))
	}
	nf, err = f.s.file(to, nf, notOpen, err)
	return nf, qids, err
}

func (f *strictFile) Open(ctx context.Context, mode ninep.Mode) error {
	if mode&^(3|ninep.OTRUNC|ninep.ORCLOSE) != 0 || f.isDir && (mode.CanWrite() || mode > 3) {
		return f.s.misuse("%s: Open with mode %#x", f.name, uint16(mode))
	}
	if err := f.enter("Open", whenNotOpen); err != nil {
		return err
	}
	defer f.leave()
	f.setMode(opening)
	err := f.f.Open(ctx, mode)
	if err != nil {
		mode = notOpen
	}
	f.setMode(mode)
	return err
}

func (f *strictFile) setMode(mode ninep.Mode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mode = mode
}

func (f *strictFile) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	if mode&^(3|ninep.OTRUNC|ninep.ORCLOSE) != 0 || perm.IsDir() && (mode.CanWrite() || mode > 3) {
		return nil, f.s.misuse("%s: Create with mode %#x", f.sub(name), uint16(mode))
	}
	if err := f.enterDir("Create", name); err != nil {
		return nil, err
	}
	defer f.leave()
	nf, err := f.f.Create(ctx, name, perm, mode)
	return f.s.file(f.sub(name), nf, mode, err)
}

func (f *strictFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	if f.isDir || off < 0 {
		return 0, f.s.misuse("%s: Read of a directory, or at %d", f.name, off)
	}
	if err := f.enter("Read", whenReadable); err != nil {
		return 0, err
	}
	defer f.leave()
	n, err := f.f.Read(ctx, p, off)
	if err == io.EOF {
		f.s.misuse("%s: server returned io.EOF from Read; the end is 0, nil", f.name)
	}
	return f.count("Read", n, p), err
}

// count returns n, a number of bytes that the server returned for p.
func (f *strictFile) count(call string, n int, p []byte) int {
	if n < 0 || n > len(p) {
		f.s.misuse("%s: server returned %d from a %s of %d bytes", f.name, n, call, len(p))
	}
	return min(max(n, 0), len(p))
}

func (f *strictFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	if f.isDir || off < 0 {
		return 0, f.s.misuse("%s: Write of a directory, or at %d", f.name, off)
	}
	if err := f.enter("Write", whenWritable); err != nil {
		return 0, err
	}
	defer f.leave()
	n, err := f.f.Write(ctx, p, off)
	return f.count("Write", n, p), err
}

func (f *strictFile) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	if !f.isDir {
		return nil, f.s.misuse("%s: ReadDir of a file that is not a directory", f.name)
	}
	if err := f.enter("ReadDir", whenReadable); err != nil {
		return nil, err
	}
	defer f.leave()
	return f.f.ReadDir(ctx)
}

func (f *strictFile) Wstat(ctx context.Context, d ninep.Dir) error {
	if err := f.enter("Wstat", always); err != nil {
		return err
	}
	defer f.leave()
	return f.f.Wstat(ctx, d)
}

func (f *strictFile) Remove(ctx context.Context) error {
	if err := f.enter("Remove", always); err != nil {
		return err
	}
	defer f.leave()
	return f.f.Remove(ctx)
}

func (f *strictFile) Close() error {
	f.mu.Lock()
	closed, calls := f.closed, f.calls
	f.closed = true
	f.mu.Unlock()
	switch {
	case closed:
		return f.s.misuse("%s: closed twice", f.name)
	case calls > 0:
		f.s.misuse("%s: Close during %d other calls", f.name, calls)
	}
	f.s.mu.Lock()
	delete(f.s.live, f)
	f.s.mu.Unlock()
	return f.f.Close()
}
