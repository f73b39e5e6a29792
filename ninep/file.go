// Package ninep is 9P2000, the protocol Plan 9 speaks between everything
// that has files and everything that uses them.
//
// A file server implements [Server] and [File]. [Serve] answers 9P requests
// on a connection by calling them; [NewClient] turns a connection back into a
// Server. A kernel on the same machine calls a Server directly: what differs
// is only whether the messages of 9P are procedure calls or bytes on a wire.
//
// Most servers are a [Tree] of [Node]s, files made of functions. This is a
// lamp with a switch, and package post, which has it listen:
//
//	func main() {
//		var lit atomic.Bool
//		on := func(context.Context, []string) error { lit.Store(true); return nil }
//		off := func(context.Context, []string) error { lit.Store(false); return nil }
//		post.Main(ninep.NewTree("none", &ninep.Node{Children: []*ninep.Node{
//			ninep.TextFunc("lit", func() string { return fmt.Sprintln(lit.Load()) }),
//			{Name: "ctl", Perm: 0222, Write: ninep.Ctl{{Name: "on", Do: on}, {Name: "off", Do: off}}.Do},
//		}}), nil)
//	}
//
// Beside [Text] and [Ctl] there are files from which [Events] are read. A
// Server can be wrapped: [ReadOnly], [Log], [Trace], or a [ServerFunc] that gives each
// user his own.
//
// The messages, their layouts and their rules are those of section 5 of the
// Plan 9 manual: intro(5), attach(5), walk(5), open(5), read(5), stat(5),
// remove(5), flush(5), error(5), version(5).
//
// To read the package begin with this file, then a small server, [Tree]; the
// messages, [Fcall]; the server's side, in the order [Serve], session,
// request; and the client's side, [Client].
//
// No lock of this package is held while another is taken, or during a call
// on a File or a connection.
package ninep

import "context"

// A Server is a file server: the root of one or more file trees.
type Server interface {
	// Attach returns the root of the tree named by spec (often "") as the
	// user sees it. The caller closes the File.
	Attach(ctx context.Context, user, spec string) (File, error)
}

// A File is a place in a file tree: what a fid stands for.
//
// The caller keeps the rules of 9P, so that a File need not check them: Walk
// and Create only on directories; these, Clone and Open only on what is not
// open; Read, Write and ReadDir only after an Open (or a Create) that permits
// them; Close exactly once, after every other call has returned.
//
// Calls may be concurrent. A call that can block returns when ctx is done:
// that is what Tflush asks for.
type File interface {
	// Qid returns the server's identity for the file. It never blocks.
	Qid() Qid

	// Stat returns the file's directory entry.
	Stat(ctx context.Context) (Dir, error)

	// Clone returns another File at the same place, not open: a walk of no
	// names. The caller closes both.
	Clone(ctx context.Context) (File, error)

	// Walk returns the file called name in this directory, not open. The
	// receiver stays as it is. The name is never "", "." or "..", and never
	// contains a slash.
	Walk(ctx context.Context, name string) (File, error)

	// Open prepares the file for i/o: OREAD, OWRITE, ORDWR or OEXEC, with
	// OTRUNC and ORCLOSE possibly added. Directories are opened OREAD (or
	// OEXEC) only, the caller sees to it.
	Open(ctx context.Context, mode Mode) error

	// Create makes a file called name in this directory and returns it
	// open with mode. The receiver stays as it is. A name that exists gives
	// ErrExist.
	Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error)

	// Read reads up to len(p) bytes at off. End of file is 0, nil.
	Read(ctx context.Context, p []byte, off int64) (int, error)

	// Write writes p at off and returns how many bytes were taken.
	Write(ctx context.Context, p []byte, off int64) (int, error)

	// ReadDir returns the entries of the directory, all of them, in the
	// directory's order.
	ReadDir(ctx context.Context) ([]Dir, error)

	// Wstat changes the directory entry: the fields of d that differ from
	// NullDir's. All of them or, with an error, none.
	Wstat(ctx context.Context, d Dir) error

	// Remove removes the file from its tree. The File must still be closed
	// (on the wire Tremove clunks, and Serve and Client see to that).
	Remove(ctx context.Context) error

	// Close forgets the File; a file opened ORCLOSE is removed. It does not
	// wait for others: nothing can interrupt it.
	Close() error
}

// A NamesWalker is a File that walks several names at the cost of one walk,
// as a mounted 9P tree does. It returns the File at the last name and the
// qids of all names; or nil, the qids of the names that could be walked, and
// the error that stopped it.
type NamesWalker interface {
	WalkNames(ctx context.Context, names []string) (File, []Qid, error)
}

// WalkNames walks names from f, by f's own WalkNames if it has one, and
// returns what a [NamesWalker] returns. With no names it clones f.
func WalkNames(ctx context.Context, f File, names []string) (File, []Qid, error) {
	if len(names) == 0 {
		nf, err := f.Clone(ctx)
		return nf, nil, err
	}
	if w, ok := f.(NamesWalker); ok {
		return w.WalkNames(ctx, names)
	}
	at := f
	qids := make([]Qid, 0, len(names))
	for i, name := range names {
		var next File
		err := error(ErrNotDir)
		if i == 0 || at.Qid().IsDir() {
			next, err = at.Walk(ctx, name)
		}
		if i > 0 {
			at.Close()
		}
		if err != nil {
			return nil, qids, err
		}
		at = next
		qids = append(qids, at.Qid())
	}
	return at, qids, nil
}

// A Prompter is a Server or a File that says which of its calls are prompt: they
// wait for no other call, nor for anything outside of memory, whatever their
// arguments. The call is named by its message: Tattach for Attach, Twalk for
// Walk, WalkNames and Clone, Tread for Read and ReadDir, and so on. Attach is the
// Server's to say, the others the File's on which they are made. [Serve] runs
// prompt calls of a connection one after another, at a fraction of the cost; one
// that waits in spite of it keeps even its own Tflush waiting.
type Prompter interface {
	Prompt(call MsgType) bool
}

// Prompt reports whether x, a Server or a File, says that a call is prompt. It is
// for those that are wrapped around another.
func Prompt(x any, call MsgType) bool {
	p, ok := x.(Prompter)
	return ok && p.Prompt(call)
}

// A Keeper is a File that may keep what it is given to write, in the place of a copy:
// WriteKeep is Write, but p is the File's if it wants it, with all of its capacity.
// What it returns belongs to the caller: p itself, or something else of the same
// capacity if the File has it to give, or nil. A server has [Serve] read the next
// message there. Who is wrapped around a Keeper need not be one: then Write is called.
type Keeper interface {
	WriteKeep(ctx context.Context, p []byte, off int64) (n int, other []byte, err error)
}

// A Measurer is a File that may know how many bytes reading it to the end
// returns though the length in its entry is 0, as a text has that is made when
// it is read. Finding it out neither blocks nor changes anything. Ask for one
// with [As]: hosts whose programs believe the length do. Ok is false if the
// length cannot be known, or not by who may not read the file.
type Measurer interface {
	TrueLength(ctx context.Context) (n int64, ok bool)
}

// A Wrapper is a File around another, as a checker or a tracer puts one.
type Wrapper interface {
	Unwrap() File
}

// As returns f as a T, or the first File that f is wrapped around which is
// one. It is how to ask a File for what only some have.
func As[T any](f File) (T, bool) {
	for {
		if t, ok := f.(T); ok {
			return t, true
		}
		w, ok := f.(Wrapper)
		if !ok {
			var none T
			return none, false
		}
		f = w.Unwrap()
	}
}

// An Auther is a Server that wants its users to prove who they are: Auth
// returns an open file on which the protocol of authentication is spoken;
// its successful end is the server's business at Attach. See attach(5).
type Auther interface {
	Auth(ctx context.Context, user, spec string) (File, error)
	// AttachAuth is Attach with the file that Auth returned.
	AttachAuth(ctx context.Context, auth File, user, spec string) (File, error)
}

// Plain refuses, with the manual's error strings, everything that a simple
// file has no use for. Embed it, and write the methods that remain: Qid,
// Stat and Clone always, Walk and ReadDir for a directory, Read or Write for
// a file.
type Plain struct{}

// Walk says that there is no such file.
func (Plain) Walk(context.Context, string) (File, error) { return nil, ErrNotExist }

// Open permits everything.
func (Plain) Open(context.Context, Mode) error { return nil }

// Create is not permitted.
func (Plain) Create(context.Context, string, Perm, Mode) (File, error) { return nil, ErrPerm }

// Read reads nothing: end of file.
func (Plain) Read(context.Context, []byte, int64) (int, error) { return 0, nil }

// Write is not permitted.
func (Plain) Write(context.Context, []byte, int64) (int, error) { return 0, ErrPerm }

// ReadDir returns no entries.
func (Plain) ReadDir(context.Context) ([]Dir, error) { return nil, nil }

// Wstat is not permitted.
func (Plain) Wstat(context.Context, Dir) error { return ErrPerm }

// Remove is not permitted.
func (Plain) Remove(context.Context) error { return ErrPerm }

// Close does nothing.
func (Plain) Close() error { return nil }
