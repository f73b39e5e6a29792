package factotum

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"ufo/auth"
	"ufo/ninep"
)

const (
	maxRPC   = 4096 // bytes of a message
	leastRPC = 64   // bytes that a read must have room for
)

// An rpc is an open rpc file: a conversation, or none yet. Each request is written,
// and carried out when its reply is read.
type rpc struct {
	f      *Factotum
	user   string
	life   context.Context // done when the file is closed, or has to make room
	expire context.CancelFunc
	turn   chan struct{} // holds one while a call has what follows

	pending bool
	verb    string
	arg     []byte

	keys *chooser
	conv auth.Conv // nil: not started
	err  error     // of a conversation that has failed
	held []byte    // to be read; the last read had no room for it
}

// rpcFile is rpc.
func (f *Factotum) rpcFile() *ninep.Node {
	n := &ninep.Node{Name: "rpc", Perm: 0666}
	n.Open = func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		r := &rpc{f: f, user: user, turn: make(chan struct{}, 1)}
		r.life, r.expire = context.WithCancel(context.Background())
		f.enter(r)
		open := *n
		open.ReadAt = func(ctx context.Context, p []byte, _ int64) (n int, err error) {
			err = r.alone(ctx, func(ctx context.Context) (err error) { n, err = r.read(ctx, p); return err })
			return n, err
		}
		open.Write = func(ctx context.Context, p []byte) error {
			return r.alone(ctx, func(context.Context) error { return r.write(p) })
		}
		open.Close = func() {
			f.leave(r)
			r.finish()
		}
		return &open, nil
	}
	return n
}

// alone runs call when no other does. The end of the file's life is that of the call.
func (r *rpc) alone(ctx context.Context, call func(context.Context) error) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ninep.ErrIntr
	}
	defer func() { <-r.turn }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.life, cancel)()
	if r.life.Err() != nil {
		return errActivity
	}
	err := call(ctx)
	if err != nil && r.life.Err() != nil {
		return errActivity
	}
	return err
}

// finish ends the conversation, and there is none any more.
func (r *rpc) finish() {
	r.expire()
	r.turn <- struct{}{}
	r.end()
	clear(r.arg)
	r.arg, r.keys = nil, nil
	<-r.turn
}

// write takes a request.
func (r *rpc) write(p []byte) error {
	switch {
	case len(p) >= maxRPC:
		return errTooLarge
	case r.pending:
		return errPending
	}
	verb, arg, _ := bytes.Cut(p, []byte(" "))
	r.pending, r.verb, r.arg = true, string(verb), bytes.Clone(arg)
	return nil
}

// read carries out the request, and returns the reply. After a flush it can be read
// again.
func (r *rpc) read(ctx context.Context, p []byte) (int, error) {
	switch {
	case len(p) < leastRPC:
		return 0, errRPCSmall
	case !r.pending:
		return 0, errNoRPC
	}
	reply, err := r.reply(ctx, len(p))
	if err != nil {
		return 0, err
	}
	r.pending = false
	clear(r.arg)
	n := copy(p, reply)
	clear(reply)
	return n, nil
}

// reply returns the reply. The error is that of a flush.
func (r *rpc) reply(ctx context.Context, room int) ([]byte, error) {
	for again := false; ; again = true {
		before := r.phase()
		reply, err := r.do(ctx, room, again)
		r.chat(before, err)
		var need *auth.NeedKey
		if !errors.As(err, &need) {
			return refusal(reply, err), nil
		}
		if r.keys.wait != nil {
			closed, err := r.keys.confirm(ctx)
			switch {
			case err != nil:
				return nil, err
			case closed:
				return refusal(nil, errConfirm), nil
			}
			continue
		}
		answer, ok, flushed := r.f.needkey.ask(ctx, need.Template)
		switch {
		case flushed != nil:
			return nil, flushed
		case !ok:
			return refusal(nil, err), nil
		}
		if why, refused := answer.get("error"); refused {
			return refusal(nil, errors.New(why)), nil
		}
	}
}

// refusal returns the reply that an error makes, if it is not nil.
func refusal(reply []byte, err error) []byte {
	var phase *auth.PhaseError
	var short auth.Short
	var need *auth.NeedKey
	var wrong *wrongKey
	switch {
	case err == nil:
		return reply
	case errors.As(err, &wrong):
		return []byte(wrong.Error())
	case errors.As(err, &need):
		return []byte(need.Error())
	case errors.As(err, &phase):
		return []byte("phase " + err.Error())
	case errors.As(err, &short):
		return fmt.Appendf(nil, "toosmall %d", int(short))
	}
	return []byte("error " + err.Error())
}

// do carries out the request, perhaps again: after a question about a key.
func (r *rpc) do(ctx context.Context, room int, again bool) ([]byte, error) {
	if r.keys != nil {
		r.keys.wait = nil
	}
	switch r.verb {
	case "start":
		return []byte("ok"), r.start(ctx, again)
	case "read", "write":
		return r.step(ctx, room)
	case "authinfo":
		return r.authinfo(ctx, room)
	case "attr":
		if r.conv == nil {
			return nil, errors.New("no current protocol")
		}
		return []byte("ok " + r.keys.describe().String()), nil
	}
	return nil, errVerb
}

// phase returns the phase of the conversation.
func (r *rpc) phase() string {
	switch {
	case r.conv == nil:
		return "Notstarted"
	case r.err != nil:
		return broken
	}
	return r.conv.Phase()
}

// chat logs a step, if that is wanted. No data is shown.
func (r *rpc) chat(before string, err error) {
	if r.keys == nil || !r.f.chatty() {
		return
	}
	what := string(refusal([]byte("ok"), err))
	if err != nil && r.keys.wait != nil {
		what = "waiting for confirm"
	}
	r.f.note("%d: %s %d in phase %s yields phase %s: %s", r.keys.seq, r.verb, len(r.arg), before, r.phase(), what)
}

// start begins a conversation, in the place of the last one.
func (r *rpc) start(ctx context.Context, again bool) error {
	pat, err := parsePattern(r.arg)
	if err != nil {
		return err
	}
	name, has := pat.get("proto")
	if !has {
		return errors.New("did not specify proto")
	}
	p := findProto(name)
	switch {
	case p == nil:
		return fmt.Errorf("unknown protocol %s", quote(name))
	case p.name == "p9sk1" && !r.f.cfg.Legacy:
		return errors.New("protocol p9sk1 is off")
	}
	if !again {
		r.end()
		r.keys = &chooser{f: r.f, user: r.user, seq: r.f.next(), copies: make(map[*auth.Userkey]*key), asked: make(map[*key]bool)}
	}
	r.keys.attrs = pat
	conv, err := p.begin(ctx, p, r.keys)
	if err != nil {
		return err
	}
	r.conv = conv
	return nil
}

// end ends the conversation, and overwrites what is secret.
func (r *rpc) end() {
	if r.conv != nil {
		if info := r.conv.Info(); info != nil {
			info.Zero()
		}
		r.conv.Close()
	}
	if r.keys != nil {
		r.keys.close()
	}
	clear(r.held)
	r.conv, r.err, r.held = nil, nil, nil
}

// step reads from the conversation, or writes to it.
func (r *rpc) step(ctx context.Context, room int) ([]byte, error) {
	switch {
	case r.verb == "read" && len(r.arg) > 0:
		return nil, errors.New("read needs no parameters")
	case r.conv == nil:
		return []byte("protocol not started"), nil
	case r.err != nil:
		return nil, r.err
	case r.conv.Info() != nil && r.held == nil:
		return []byte("done haveai"), nil
	case r.conv.Phase() == established && r.held == nil:
		return []byte("done"), nil
	}
	if r.verb == "write" {
		if r.held != nil {
			return nil, &auth.PhaseError{Op: "write", Phase: r.conv.Phase()}
		}
		return []byte("ok"), r.done(r.conv.Write(ctx, r.arg))
	}
	if r.held == nil {
		r.keys.offer = r.conv.Phase() == "SHaveProtos"
		p, err := r.conv.Read(ctx)
		r.keys.offer = false
		if err := r.done(err); err != nil {
			return nil, err
		}
		r.held = p
	}
	if room < len("ok ")+len(r.held) {
		return nil, auth.Short(len(r.held))
	}
	reply := append([]byte("ok "), r.held...)
	if len(r.held) == 0 {
		reply = []byte("ok")
	}
	r.held = nil
	return reply, nil
}

// done looks at the outcome of a step: a key that proved to be bad or good, or the
// end of the conversation.
func (r *rpc) done(err error) error {
	var (
		phase *auth.PhaseError
		short auth.Short
		need  *auth.NeedKey
		bad   *auth.BadKey
		wrong wrongAnswer
	)
	switch {
	case err == nil:
		opened := r.conv.Phase() == "CHaveTicket" || r.conv.Phase() == "CHavePAKy" // a ticket, with the key
		if opened || r.conv.Info() != nil && r.keys.attrs.val("role") == "client" {
			r.keys.proved()
		}
		return nil
	case errors.As(err, &phase), errors.As(err, &short), errors.As(err, &need):
		return err
	}
	err = r.keys.explain(err)
	r.f.note("%d: failure %v", r.keys.seq, err)
	if errors.As(err, &bad) && r.keys.bad(bad) {
		return r.keys.another(bad, err)
	}
	if !errors.As(err, &wrong) {
		r.err = err
	}
	return err
}

// authinfo returns what the conversation came to.
func (r *rpc) authinfo(ctx context.Context, room int) ([]byte, error) {
	if r.conv == nil || r.err != nil || r.conv.Phase() != established {
		return nil, errors.New("authentication unfinished")
	}
	if r.conv.Info() == nil {
		return nil, errors.New("no authinfo available")
	}
	info := *r.conv.Info()
	if r.keys.attrs.val("role") != "client" {
		info.Cap = r.f.capability(ctx, r.user, info.Suid)
	}
	b, err := info.Bytes()
	if err != nil {
		return nil, err
	}
	if room < len("ok ")+len(b) {
		return nil, errors.New("read too small")
	}
	return append([]byte("ok "), b...), nil
}
