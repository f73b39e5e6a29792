package ninetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ufo/ninep"
)

// Options say what TestServer may do. Zero fields stand for the defaults.
type Options struct {
	User, Spec string   // of the attach; User "": glenda
	Files      int      // how many files to look at; 0: 1000
	Dir        []string // where to create files; none: the root
	ReadOnly   bool     // create no files
	NoRead     bool     // open no plain files: where a read takes what others wait for
	Unions     bool     // directories may list a name twice
}

// TestServer checks that srv keeps the rules of 9P: that names walk to the
// files that directories list, that qids, entries and contents agree, that a
// blocked read ends with its context, that concurrent use does no harm. If
// files can be created in the root it makes some, whose names begin with
// ninetest, checks what the server does with them, and removes them. It
// reads, a little, every file that it may. The error tells all that is wrong.
func TestServer(ctx context.Context, srv ninep.Server) error {
	return Options{}.Test(ctx, srv)
}

// Test is TestServer with options.
func (o Options) Test(ctx context.Context, srv ninep.Server) error {
	if o.User == "" {
		o.User = "glenda"
	}
	if o.Files == 0 {
		o.Files = 1000
	}
	t := &tester{Options: o, ctx: ctx, srv: Strict(srv), seen: make(map[uint64]bool)}
	root, err := t.srv.Attach(ctx, o.User, o.Spec)
	if err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	t.checkRoot(root)
	t.checkDir("/", root)
	t.checkConcurrent()
	if !o.ReadOnly {
		t.checkCreate(root)
	}
	root.Close()
	if err := t.srv.Check(); err != nil {
		t.errs = append(t.errs, err)
	}
	return errors.Join(t.errs...)
}

// A tester is a run of TestServer.
type tester struct {
	Options
	ctx   context.Context
	srv   *StrictServer
	files int             // looked at
	seen  map[uint64]bool // qid paths of directories looked at
	errs  []error
}

// maxErrs is how many errors are worth telling.
const maxErrs = 20

// errorf notes that something is wrong with the file called name.
func (t *tester) errorf(name, format string, args ...any) {
	if len(t.errs) < maxErrs {
		t.errs = append(t.errs, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
	}
}

// checkRoot checks what is true of roots only, and of clones.
func (t *tester) checkRoot(root ninep.File) {
	if !root.Qid().IsDir() {
		t.errorf("/", "the root is no directory: qid %v", root.Qid())
	}
	clone, err := root.Clone(t.ctx)
	if err != nil {
		t.errorf("/", "clone: %v", err)
		return
	}
	if clone.Qid() != root.Qid() {
		t.errorf("/", "clone has qid %v, the file %v", clone.Qid(), root.Qid())
	}
	if err := clone.Open(t.ctx, ninep.OREAD); err == nil {
		if _, err := root.Walk(t.ctx, "ninetest no such file"); errors.Is(err, ErrMisuse) {
			t.errorf("/", "opening the clone opened the file")
		}
	}
	clone.Close()
	if _, err := root.Stat(t.ctx); err != nil {
		t.errorf("/", "stat after the clone is closed: %v", err)
	}
	f, qids, err := ninep.WalkNames(t.ctx, root, []string{"ninetest no such file", "x"})
	if err == nil {
		f.Close() // there are servers with any name
	} else if len(qids) > 1 {
		t.errorf("/", "walk to a file that does not exist: %d qids with %v", len(qids), err)
	}
}

// checkStat checks the entry of a file against its qid and returns it.
func (t *tester) checkStat(name string, f ninep.File) (ninep.Dir, bool) {
	d, err := f.Stat(t.ctx)
	if err != nil {
		if t.gone(err) {
			return d, false
		}
		t.errorf(name, "stat: %v", err)
		return d, false
	}
	qid := f.Qid()
	if d.Qid.Path != qid.Path || d.Qid.Type != qid.Type {
		t.errorf(name, "stat has qid %v, the file %v", d.Qid, qid)
	}
	t.checkEntry(name, d)
	return d, true
}

// gone reports whether err is what may happen to any file of a living server.
func (t *tester) gone(err error) bool {
	return errors.Is(err, ninep.ErrNotExist) || errors.Is(err, ninep.ErrProcDied) || t.ctx.Err() != nil
}

// checkEntry checks that a directory entry makes sense by itself.
func (t *tester) checkEntry(name string, d ninep.Dir) {
	if d.Mode.QidType() != d.Qid.Type {
		t.errorf(name, "mode %v has the type bits %#x, the qid %#x", d.Mode, d.Mode.QidType(), d.Qid.Type)
	}
	if d.Length < 0 || d.IsDir() && d.Length != 0 {
		t.errorf(name, "length %d", d.Length)
	}
	if d.UID == "" || d.GID == "" {
		t.errorf(name, "no owner or no group: uid %q, gid %q", d.UID, d.GID)
	}
	if _, err := ninep.AppendDir(nil, d); err != nil {
		t.errorf(name, "entry cannot be sent: %v", err)
	}
}

// checkConcurrent uses the server from several goroutines at once. What this
// does wrong is for the race detector to tell, or for Strict.
func (t *tester) checkConcurrent() {
	const users = 8
	var wg sync.WaitGroup
	root, err := t.srv.Attach(t.ctx, t.User, t.Spec)
	if err != nil {
		t.errorf("/", "second attach: %v", err)
		return
	}
	defer root.Close()
	for range users {
		wg.Go(func() {
			f, err := root.Clone(t.ctx)
			if err != nil {
				return
			}
			defer f.Close()
			dirs, _ := t.readDir(f)
			for _, d := range dirs[:min(len(dirs), users)] {
				root.Stat(t.ctx)
				if nf, err := root.Walk(t.ctx, d.Name); err == nil {
					nf.Stat(t.ctx)
					nf.Close()
				}
			}
		})
	}
	wg.Wait()
}

// readDir opens a clone of a directory and reads it.
func (t *tester) readDir(f ninep.File) ([]ninep.Dir, error) {
	nf, err := f.Clone(t.ctx)
	if err != nil {
		return nil, err
	}
	defer nf.Close()
	if err := nf.Open(t.ctx, ninep.OREAD); err != nil {
		return nil, err
	}
	return nf.ReadDir(t.ctx)
}

// How long a read may take before it is interrupted, and how long it may
// take then to return.
const (
	patience  = 20 * time.Millisecond
	emergency = 10 * time.Second
)

// errBlocked is returned by read for one that had to be interrupted.
var errBlocked = errors.New("blocked")

// read reads. A read that blocks is interrupted.
func (t *tester) read(name string, f ninep.File, p []byte, off int64) (int, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	var n int
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		n, err = f.Read(ctx, p, off)
	}()
	late := time.NewTimer(emergency)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		t.errorf(name, "a read does not return when its context is done")
		<-done
	}
	if err != nil && ctx.Err() != nil {
		err = errBlocked
	}
	return n, err
}
