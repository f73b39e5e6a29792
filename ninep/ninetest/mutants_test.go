package ninetest

import (
	"bytes"
	"context"
	"io"
	"sync"

	"ufo/ninep"
)

// mutants are ways of being wrong, each with the check that has to find it.
var mutants = []struct {
	name   string
	check  string
	is     mutant
	device bool // it is one of a device
}{
	{name: "msize beyond the client's", check: "version/msize", is: answers(func(t, r *ninep.Fcall) {
		if r.Type == ninep.Rversion {
			r.Msize = t.Msize + 1
		}
	})},
	{name: "Rerror to an unknown version", check: "version/unknown", is: answers(func(_, r *ninep.Fcall) {
		if r.Version == "unknown" {
			*r = ninep.Fcall{Type: ninep.Rerror, Tag: r.Tag, Ename: "unknown version"}
		}
	})},
	{name: "any extension is known", check: "version/suffix", is: answers(func(t, r *ninep.Fcall) {
		if r.Type == ninep.Rversion {
			r.Version = t.Version
		}
	})},
	{name: "a new session keeps fids", check: "version/again-fids", is: mutant{fresh: keepsFids}},
	{name: "errors have the tag 0", check: "tag/echo-error", is: answers(func(_, r *ninep.Fcall) {
		if r.Type == ninep.Rerror {
			r.Tag = 0
		}
	})},
	{name: "errors say nothing", check: "tag/error-text", is: answers(func(_, r *ninep.Fcall) { r.Ename = "" })},
	{name: "tags are bytes", check: "tag/echo", is: answers(func(t, r *ninep.Fcall) {
		if t.Type != ninep.Tversion {
			r.Tag &= 255
		}
	})},
	{name: "answers twice", check: "tag/many", is: mutant{reply: func(t, r *ninep.Fcall) []*ninep.Fcall {
		if t.Type == ninep.Tstat {
			return []*ninep.Fcall{r, r}
		}
		return []*ninep.Fcall{r}
	}}},
	{name: "a fid in use is attached", check: "attach/in-use", is: allows(ninep.Tattach)},
	{name: "any afid will do", check: "attach/unknown-afid", is: asks(func(t *ninep.Fcall) {
		if t.Type == ninep.Tattach {
			t.Afid = ninep.NOFID
		}
	})},
	{name: "auth of a plain file", check: "auth/answer", is: allows(ninep.Tauth)},
	{name: "no qids for a missing name", check: "walk/missing", is: answers(func(t, r *ninep.Fcall) {
		if t.Type == ninep.Twalk && r.Type == ninep.Rerror {
			*r = ninep.Fcall{Type: ninep.Rwalk, Tag: r.Tag}
		}
	})},
	{name: "a partial walk is an error", check: "walk/partial", is: answers(func(t, r *ninep.Fcall) {
		if r.Type == ninep.Rwalk && len(r.Wqid) < len(t.Wname) {
			*r = ninep.Fcall{Type: ninep.Rerror, Tag: r.Tag, Ename: "file does not exist"}
		}
	})},
	{name: "a partial walk makes newfid", check: "walk/partial-newfid", is: asks(goesAsFar)},
	{name: "a partial walk moves fid", check: "walk/partial-same", is: asks(goesAsFar)},
	{name: "a walk overwrites newfid", check: "walk/newfid-in-use", is: allows(ninep.Twalk)},
	{name: "open fids are walked", check: "walk/open-clone", is: mutant{fresh: walksOpen}},
	{name: "names with slashes are paths", check: "walk/slash", is: allows(ninep.Twalk)},
	{name: "nothing above the root", check: "dotdot/root", is: answers(func(t, r *ninep.Fcall) {
		if t.Type == ninep.Twalk && len(t.Wname) > 0 && t.Wname[0] == ".." {
			*r = ninep.Fcall{Type: ninep.Rerror, Tag: r.Tag, Ename: "no such file"}
		}
	})},
	{name: "dot-dot stays", check: "dotdot/up", is: asks(func(t *ninep.Fcall) {
		if t.Type == ninep.Twalk && len(t.Wname) == 1 && t.Wname[0] == ".." {
			t.Wname = nil
		}
	})},
	{name: "one qid for all files", check: "qid/distinct", is: twist(func(f ninep.File) ninep.File { return reusesAll{f} })},
	{name: "stat has another qid", check: "qid/stat", is: twist(func(f ninep.File) ninep.File { return reuses{f} })},
	{name: "walks forget the type", check: "qid/directory", is: answers(func(_, r *ninep.Fcall) {
		for i := range r.Wqid {
			r.Wqid[i].Type = 0
		}
	})},
	{name: "versions stay", check: "qid/version-written", is: answers(func(_, r *ninep.Fcall) { r.Stat.Qid.Vers = 1 })},
	{name: "all is opened for writing", check: "open/read-write", is: asks(func(t *ninep.Fcall) {
		if t.Type == ninep.Topen && t.Mode == ninep.OREAD {
			t.Mode = ninep.ORDWR
		}
	})},
	{name: "opened twice", check: "open/twice", is: allows(ninep.Topen)},
	{name: "no truncation", check: "open/truncate", is: twist(func(f ninep.File) ninep.File { return noTrunc{f} })},
	{name: "no remove on close", check: "open/remove-on-close", is: asks(func(t *ninep.Fcall) { t.Mode &^= ninep.ORCLOSE })},
	{name: "directories are opened for writing", check: "open/directory-write", is: allows(ninep.Topen)},
	{name: "writing is not permitted, but done", check: "permission/write", is: answers(func(t, r *ninep.Fcall) {
		if t.Type == ninep.Topen && t.Mode == ninep.OWRITE && r.Type == ninep.Rerror {
			*r = ninep.Fcall{Type: ninep.Ropen, Tag: r.Tag}
		}
	})},
	{name: "create truncates", check: "create/exists", is: twist(func(f ninep.File) ninep.File { return overwrites{f} })},
	{name: "permissions as asked for", check: "create/masked", is: twist(func(f ninep.File) ninep.File { return unmasked{f} })},
	{name: "dot-dot is created", check: "create/dotdot", is: allows(ninep.Tcreate)},
	{name: "no offsets", check: "read/offset", is: asks(func(t *ninep.Fcall) {
		if t.Type == ninep.Tread && t.Count == 100 {
			t.Offset = 0
		}
	})},
	{name: "the end is an error", check: "read/end", is: answers(func(t, r *ninep.Fcall) {
		if r.Type == ninep.Rread && len(r.Data) == 0 && t.Count == 10 {
			*r = ninep.Fcall{Type: ninep.Rerror, Tag: r.Tag, Ename: "eof"}
		}
	})},
	{name: "more than was asked for", check: "read/count", is: answers(func(t, r *ninep.Fcall) {
		if r.Type == ninep.Rread && t.Count < 10 {
			r.Data = append(r.Data, "more"...)
		}
	})},
	{name: "half entries", check: "dir/small-reads", is: answers(func(t, r *ninep.Fcall) {
		if r.Type == ninep.Rread && t.Count == 300 {
			r.Data = r.Data[:max(len(r.Data)-1, 0)]
		}
	})},
	{name: "seeks in directories", check: "dir/seek", is: allows(ninep.Tread)},
	{name: "dot is listed", check: "dir/no-dots", is: twist(func(f ninep.File) ninep.File { return dotted{f} })},
	{name: "writes are short", check: "write/count", is: answers(func(t, r *ninep.Fcall) {
		if t.Type == ninep.Twrite && string(t.Data) == "hello" {
			r.Count--
		}
	})},
	{name: "the root has no name", check: "stat/root", is: answers(func(_, r *ninep.Fcall) { r.Stat.Name = "" })},
	{name: "no lengths", check: "stat/length", is: answers(func(_, r *ninep.Fcall) { r.Stat.Length = 0 })},
	{name: "don't-touch is a value", check: "wstat/nothing", is: asks(func(t *ninep.Fcall) {
		if t.Type == ninep.Twstat {
			t.Stat.Length = 0
		}
	})},
	{name: "wstat does nothing", check: "wstat/mode", is: pretends(ninep.Twstat, nil)},
	{name: "wstat in part", check: "wstat/all-or-nothing", is: twist(func(f ninep.File) ninep.File { return halfStat{f} })},
	{name: "two files of a name", check: "wstat/name-exists", is: allows(ninep.Twstat)},
	{name: "appends where it is told", check: "append/end", is: twist(func(f ninep.File) ninep.File { return noAppend{f} })},
	{name: "exclusive for all", check: "exclusive/second", is: twist(func(f ninep.File) ninep.File { return noAppend{f} })},
	{name: "remove does nothing", check: "remove/file", is: twist(func(f ninep.File) ninep.File { return noRemove{f} })},
	{name: "full directories are removed", check: "remove/full", is: allows(ninep.Tremove)},
	{name: "clunk does nothing", check: "clunk/forgets", is: pretends(ninep.Tclunk, nil)},
	{name: "clunked twice", check: "clunk/twice", is: allows(ninep.Tclunk)},
	{name: "flush is an error", check: "flush/unknown", is: answers(func(t, r *ninep.Fcall) {
		if t.Type == ninep.Tflush {
			*r = ninep.Fcall{Type: ninep.Rerror, Tag: r.Tag, Ename: "nothing to flush"}
		}
	})},
	{name: "flush has the old tag", check: "flush/done", is: answers(func(t, r *ninep.Fcall) {
		if t.Type == ninep.Tflush {
			r.Tag = t.Oldtag
		}
	})},
	{name: "flush is not answered", check: "flush/unknown", is: mutant{raw: func(b []byte) []byte {
		if ninep.MsgType(b[4]) == ninep.Tflush {
			return nil
		}
		return b
	}}},
	{name: "flush is answered first", check: "flush/order", is: flushesAtOnce()},
	{name: "one request at a time", check: "wait/others", is: mutant{fresh: oneAtATime}, device: true},
	{name: "flush waits", check: "wait/flush", is: mutant{fresh: oneAtATime}, device: true},
	{name: "iounit beyond the msize", check: "iounit/open", is: answers(func(_, r *ninep.Fcall) { r.Iounit = 1 << 20 })},
	{name: "replies beyond the msize", check: "msize/read", is: answers(func(t, r *ninep.Fcall) {
		if r.Type == ninep.Rread && t.Count > 1<<16 {
			r.Data = make([]byte, smallest)
		}
	})},
	{name: "bytes too many are forgiven", check: "malformed/long-Tstat", is: mutant{raw: func(b []byte) []byte {
		if ninep.MsgType(b[4]) == ninep.Tstat {
			b = append([]byte{11}, b[1:11]...)
		}
		return b
	}}},
	{name: "bytes that lack are waited for", check: "malformed/short-Tread", is: mutant{raw: dropsBad}},
	{name: "replies are ignored", check: "malformed/reply-Rstat", is: mutant{raw: func(b []byte) []byte {
		if b[4]%2 == 1 {
			return nil
		}
		return b
	}}},
	{name: "NUL ends a name", check: "malformed/nul-walk", is: mutant{raw: func(b []byte) []byte {
		if bytes.Contains(b, []byte("a\x00b")) {
			b, _ = (&ninep.Fcall{Type: ninep.Twalk, Tag: 1, Newfid: 9}).Append(nil)
		}
		return b
	}}},
	{name: "what is long is not taken", check: "write/large", is: mutant{dial: narrow}},
	{name: "malformed messages end the server", check: "malformed/type-255", is: mutant{dial: dies}},
	{name: "one client at a time", check: "others/idle", is: mutant{dial: oneClient}},
}

// goesAsFar makes of a walk one that ends before a name that is not there.
func goesAsFar(t *ninep.Fcall) {
	if n := len(t.Wname); t.Type == ninep.Twalk && n > 1 && t.Wname[n-1] == missing {
		t.Wname = t.Wname[:n-1]
	}
}

// dropsBad drops what is no message.
func dropsBad(b []byte) []byte {
	if (&ninep.Fcall{}).Unmarshal(b) != nil {
		return nil
	}
	return b
}

// reusesAll lists all files with one qid.
type reusesAll struct{ ninep.File }

func (f reusesAll) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	dirs, err := f.File.ReadDir(ctx)
	for i := range dirs {
		dirs[i].Qid.Path = 42
	}
	return dirs, err
}

// narrow takes no messages that are long.
func narrow(dial dialer) dialer {
	return func(ctx context.Context) (io.ReadWriteCloser, error) {
		rwc, err := dial(ctx)
		return &stuck{ReadWriteCloser: rwc, closed: make(chan struct{})}, err
	}
}

type stuck struct {
	io.ReadWriteCloser
	closed chan struct{}
	once   sync.Once
}

func (s *stuck) Write(p []byte) (int, error) {
	if len(p) > 8000 {
		<-s.closed
		return 0, io.ErrClosedPipe
	}
	return s.ReadWriteCloser.Write(p)
}

func (s *stuck) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.ReadWriteCloser.Close()
}
