package ninep

import (
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Log returns a Server that does what srv does, and writes to w a line for each
// call that changes something or fails: who made it, what it was, the name of the
// file, and the error. With a clock the time is before it.
//
//	2026-11-29 10:00:00 glenda write /ctl 4
//	2026-11-29 10:00:00 none open /secret: permission denied
//
// Calls wait for w: one that takes nothing stops a connection. For all calls there is
// [Trace].
func Log(w io.Writer, srv Server, clock func() time.Time) Server {
	l := &logger{srv: srv, clock: clock, w: w}
	if a, ok := srv.(Auther); ok {
		return &logAuther{l, a}
	}
	return l
}

// A logger is a Server whose calls are written down.
type logger struct {
	srv   Server
	clock func() time.Time // nil: no times

	mu sync.Mutex // guards w
	w  io.Writer
}

// note writes a line, and returns err.
func (l *logger) note(user, call, name, more string, err error) error {
	line := fmt.Sprintf("%s %s %s%s", printable(user), call, printable(name), more)
	if err != nil {
		line += ": " + oneLine(strings.TrimRight(string(ErrorOf(err)), "\n"))
	}
	if l.clock != nil {
		line = l.clock().Format(time.DateTime+" ") + line
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.w, line+"\n")
	return err
}

// printable returns s as one word of one line.
func printable(s string) string {
	if q := oneLine(s); q != s {
		return q
	}
	return Quote(s)
}

// oneLine returns s if that is what can be printed on a line, or s quoted.
func oneLine(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// file returns the root for a user, or writes down why there is none.
func (l *logger) file(f File, user, call string, err error) (File, error) {
	if err != nil {
		return nil, l.note(user, call, "/", "", err)
	}
	return &logFile{File: f, l: l, user: user, name: "/"}, nil
}

func (l *logger) Attach(ctx context.Context, user, spec string) (File, error) {
	f, err := l.srv.Attach(ctx, user, spec)
	return l.file(f, user, "attach", err)
}

// A logAuther is a Log of a Server with authentication, which is spoken as ever.
type logAuther struct {
	*logger
	auther Auther
}

func (l *logAuther) Auth(ctx context.Context, user, spec string) (File, error) {
	f, err := l.auther.Auth(ctx, user, spec)
	if err != nil {
		l.note(user, "auth", "/", "", err)
	}
	return f, err
}

func (l *logAuther) AttachAuth(ctx context.Context, auth File, user, spec string) (File, error) {
	f, err := l.auther.AttachAuth(ctx, auth, user, spec)
	return l.file(f, user, "attach", err)
}

// A logFile is a File whose calls are written down.
type logFile struct {
	File
	l    *logger
	user string

	mu     sync.Mutex // guards the fields below
	name   string     // from the root, as it was when the file was found, or named here
	rclose bool       // it is removed when it is closed
}

// Unwrap returns the File: see [Wrapper].
func (f *logFile) Unwrap() File { return f.File }

func (f *logFile) path() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.name
}

// note writes a line about a call of the file, and returns err.
func (f *logFile) note(call, more string, err error) error {
	return f.l.note(f.user, call, f.path(), more, err)
}

// failed is note for calls that change nothing.
func (f *logFile) failed(call string, err error) error {
	if err != nil {
		f.note(call, "", err)
	}
	return err
}

// at returns the File for a file with a name, or writes down why there is none.
func (f *logFile) at(nf File, call, name string, err error) (*logFile, error) {
	if err != nil {
		return nil, f.l.note(f.user, call, name, "", err)
	}
	return &logFile{File: nf, l: f.l, user: f.user, name: name}, nil
}

func (f *logFile) Clone(ctx context.Context) (File, error) {
	nf, err := f.File.Clone(ctx)
	if err != nil {
		return nil, f.note("walk", "", err)
	}
	return f.at(nf, "walk", f.path(), nil)
}

func (f *logFile) Walk(ctx context.Context, name string) (File, error) {
	nf, _, err := f.WalkNames(ctx, []string{name})
	return nf, err
}

// WalkNames costs what it does without Log.
func (f *logFile) WalkNames(ctx context.Context, names []string) (File, []Qid, error) {
	nf, qids, err := WalkNames(ctx, f.File, names)
	name := path.Join(append([]string{f.path()}, names...)...)
	lf, err := f.at(nf, "walk", name, err)
	if err != nil {
		return nil, qids, err
	}
	return lf, qids, nil
}

func (f *logFile) Open(ctx context.Context, mode Mode) error {
	err := f.File.Open(ctx, mode)
	switch {
	case err != nil:
		return f.note("open", "", err)
	case mode&OTRUNC != 0:
		f.note("truncate", "", nil)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rclose = mode&ORCLOSE != 0
	return nil
}

func (f *logFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	nf, err := f.File.Create(ctx, name, perm, mode)
	lf, err := f.at(nf, "create", path.Join(f.path(), name), err)
	if err != nil {
		return nil, err
	}
	lf.rclose = mode&ORCLOSE != 0
	lf.note("create", "", nil)
	return lf, nil
}

func (f *logFile) Stat(ctx context.Context) (Dir, error) {
	d, err := f.File.Stat(ctx)
	return d, f.failed("stat", err)
}

func (f *logFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	n, err := f.File.Read(ctx, p, off)
	return n, f.failed("read", err)
}

func (f *logFile) ReadDir(ctx context.Context) ([]Dir, error) {
	dirs, err := f.File.ReadDir(ctx)
	return dirs, f.failed("read", err)
}

func (f *logFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	n, err := f.File.Write(ctx, p, off)
	return n, f.note("write", fmt.Sprintf(" %d", len(p)), err)
}

// Wstat writes down the name that the file has from then on, if it is another.
func (f *logFile) Wstat(ctx context.Context, d Dir) error {
	err := f.File.Wstat(ctx, d)
	if d == NullDir {
		return f.failed("wstat", err)
	}
	if d.Name == "" {
		return f.note("wstat", "", err)
	}
	f.note("wstat", " name "+printable(d.Name), err)
	if err == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.name = path.Join(path.Dir(f.name), d.Name)
	}
	return err
}

func (f *logFile) Remove(ctx context.Context) error {
	return f.note("remove", "", f.File.Remove(ctx))
}

func (f *logFile) Close() error {
	err := f.File.Close()
	f.mu.Lock()
	rclose := f.rclose
	f.mu.Unlock()
	if rclose {
		return f.note("remove", "", err)
	}
	return f.failed("close", err)
}
