package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"ufo/ninep"
	"ufo/ns"
)

// This file is how a server has its users prove who they are: auth9p and authattach
// of Plan 9's library. Tauth gives a file on which p9any is spoken with the factotum of the
// server's process, and an attach needs one where that has come to its end, for the
// same user and tree. Only none, who may do what everybody may, needs nothing.

// What a guard says. ErrNotAuth and errNotAfid are what lib9p says.
const (
	errNotAuth ninep.Error = "not authenticated"
	errNotAfid ninep.Error = "not an auth fid"
)

const (
	// maxAfids is how many authentications of a connection can be under way.
	maxAfids = 32
	// authPatience is how long one may take. When there are too many on all
	// connections together factotum ends some, whoever has begun them.
	authPatience = time.Minute
)

// A guard is a Server behind which is another, whose users have to prove who they are.
type guard struct {
	ninep.Server
	view   func() ns.View  // where factotum is
	ctx    context.Context // of the server's process: its end is that of all authentications
	noNone bool            // none must not attach either

	mu    sync.Mutex // guards what follows
	made  uint64     // afids
	afids int        // where the conversation is under way
}

// Attach attaches none.
func (g *guard) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	if user != "none" || g.noNone {
		return nil, errNotAuth
	}
	return g.Server.Attach(ctx, user, spec)
}

// Auth begins an authentication. Who may speak for others may for none.
func (g *guard) Auth(ctx context.Context, user, spec string) (ninep.File, error) {
	switch {
	case user == "":
		return nil, ninep.ErrBadArg
	case user == "none" && g.noNone:
		return nil, errNotAuth
	}
	g.mu.Lock()
	full := g.afids == maxAfids
	if !full {
		g.afids++
		g.made++
	}
	path := g.made
	g.mu.Unlock()
	if full {
		return nil, ninep.ErrManyFids
	}
	rpc, err := g.begin(ctx)
	if err != nil {
		g.forget()
		return nil, err
	}
	f := &afid{g: g, user: user, spec: spec, path: path, turn: make(chan struct{}, 1), rpc: rpc}
	f.life, f.expire = context.WithTimeout(g.ctx, authPatience)
	context.AfterFunc(f.life, func() { // ends with the call under way, which it ends
		f.turn <- struct{}{}
		f.end(ninep.ErrTimedOut)
		<-f.turn
	})
	return f, nil
}

func (g *guard) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.afids--
}

// begin begins a conversation.
func (g *guard) begin(ctx context.Context) (*authrpc, error) {
	r, err := viewRPC(ctx, g.view())
	if err != nil {
		return nil, err
	}
	reply, _, err := r.call("start", []byte("proto=p9any role=server"))
	if err == nil && reply != "ok" {
		err = errNotAuth
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// AttachAuth attaches who has proved to be user. The same afid is good for any
// number of attaches, by attach(5).
func (g *guard) AttachAuth(ctx context.Context, auth ninep.File, user, spec string) (ninep.File, error) {
	f, ok := ninep.As[*afid](auth)
	if !ok || f.g != g {
		return nil, errNotAfid
	}
	switch {
	case f.user != user:
		return nil, fmt.Errorf("auth uname mismatch: %s vs %s", f.user, user)
	case f.spec != spec:
		return nil, fmt.Errorf("auth aname mismatch: %s vs %s", f.spec, spec)
	}
	if err := f.prove(ctx); err != nil {
		return nil, err
	}
	return g.Server.Attach(ctx, user, spec)
}

// An afid is a file on which a user proves who he is. Messages can be read and written
// in pieces of any length.
type afid struct {
	ninep.Plain
	g          *guard
	user, spec string
	path       uint64
	life       context.Context // of the conversation
	expire     context.CancelFunc

	turn    chan struct{} // holds one while a call has what follows
	rpc     *authrpc      // nil: the conversation is over
	err     error         // how it has ended; nil: well, or not yet
	out, in []byte        // what was not read yet of a message, and what was written of one
}

// alone runs call when no other call does, until ctx is done or the conversation
// has lasted too long. An error of call that is not the other side's turn is its end.
func (f *afid) alone(ctx context.Context, call func() error) error {
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return ninep.ErrIntr
	}
	defer func() { <-f.turn }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(f.life, cancel)()
	if f.err != nil {
		return f.err
	}
	if f.rpc != nil {
		f.rpc.bind(ctx)
	}
	err := call()
	var turn phaseError
	if err != nil && !errors.As(err, &turn) {
		f.end(err)
	}
	return err
}

// A phaseError is that of a call when it is the other side's turn. It changes nothing.
type phaseError string

func (e phaseError) Error() string { return string(e) }

// end ends the conversation. The caller has the turn.
func (f *afid) end(err error) {
	if f.rpc == nil {
		return
	}
	f.rpc.close()
	clear(f.out)
	clear(f.in)
	f.rpc, f.out, f.in, f.err = nil, nil, nil, err
	f.g.forget()
	f.expire()
}

// Read reads from what the server has to say. After the end that is nothing.
func (f *afid) Read(ctx context.Context, p []byte, _ int64) (n int, err error) {
	err = f.alone(ctx, func() error {
		if len(f.out) == 0 && f.rpc != nil {
			if err := f.next(); err != nil {
				return err
			}
		}
		n = copy(p, f.out)
		f.out = f.out[n:]
		return nil
	})
	return n, err
}

// next takes a message from factotum, or notes that there are no more.
func (f *afid) next() error {
	reply, data, err := f.rpc.call("read", nil)
	switch {
	case err != nil:
		return err
	case reply == "ok":
		f.out = bytes.Clone(data)
		return nil
	case reply == "phase":
		return phaseError(data)
	case reply == "done":
		return f.finish()
	}
	return errNotAuth
}

// finish sees whether the one who has proved who he is is who he said.
func (f *afid) finish() error {
	info, err := f.rpc.info()
	if err != nil {
		return err
	}
	defer info.Zero()
	if info.Suid != f.user {
		return fmt.Errorf("auth uname mismatch: %s vs %s", info.Suid, f.user)
	}
	f.end(nil)
	return nil
}

// Write writes to what the user has to say.
func (f *afid) Write(ctx context.Context, p []byte, _ int64) (int, error) {
	err := f.alone(ctx, func() error {
		if f.rpc == nil {
			return phaseError("authentication is done")
		}
		if len(f.in)+len(p) > maxAuthRPC-len("write ")-1 {
			return ninep.ErrTooBig
		}
		f.in = append(f.in, p...)
		reply, data, err := f.rpc.call("write", f.in)
		switch {
		case err != nil:
			return err
		case reply == "toosmall":
			if n, _ := strconv.Atoi(string(data)); n <= len(f.in) || n > maxAuthRPC {
				return errNotAuth
			}
			return nil
		case reply == "ok", reply == "phase":
			clear(f.in)
			f.in = f.in[:0]
			if reply == "phase" {
				return phaseError(data)
			}
			return nil
		}
		return errNotAuth
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// prove returns nil if the conversation has come to its end, and well.
func (f *afid) prove(ctx context.Context) error {
	return f.alone(ctx, func() error {
		var turn phaseError
		if len(f.out) == 0 && f.rpc != nil {
			if err := f.next(); err != nil && !errors.As(err, &turn) {
				return err
			}
		}
		if f.rpc != nil { // there is more to say, on either side
			return phaseError(errNotAuth)
		}
		return nil
	})
}

func (f *afid) Qid() ninep.Qid { return ninep.Qid{Type: ninep.QTAUTH, Path: f.path} }

// Stat returns an entry that says no more than what the file is.
func (f *afid) Stat(context.Context) (ninep.Dir, error) {
	return ninep.Dir{Mode: ninep.DMAUTH | 0600, Qid: f.Qid(), Name: "auth", UID: f.user, GID: f.user, MUID: f.user}, nil
}

// Clone is not permitted: an afid is for who has begun it.
func (f *afid) Clone(context.Context) (ninep.File, error) { return nil, ninep.ErrPerm }

// Close ends the conversation, if it has not ended.
func (f *afid) Close() error {
	f.expire()
	f.turn <- struct{}{}
	f.end(ninep.ErrHungup)
	<-f.turn
	return nil
}
