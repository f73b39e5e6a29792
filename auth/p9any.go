package auth

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// preferred are the protocols p9any knows, best first.
var preferred = []string{"dp9ik", "p9sk1"}

// A negotiation is a conversation of p9any: names, and then one of another protocol.
//
//	client                       server
//	CNeedProtos  v.2 proto@dom   SHaveProtos
//	CHaveProto     proto dom     SNeedProto
//	CNeedOK           OK         SHaveOK      not in the first version
//	CRelay            ...        SRelay
//
// Our servers speak the second version, our clients both.
type negotiation struct {
	state
	cfg   Config
	first bool   // version
	name  string // what to answer
	sub   Conv
}

func newAny(cfg Config) *negotiation {
	a := &negotiation{cfg: cfg}
	a.phase = "SHaveProtos"
	if cfg.Role == "client" {
		a.phase = "CNeedProtos"
	}
	return a
}

// protos returns the protocols that will do.
func (a *negotiation) protos() []string {
	if a.cfg.Legacy {
		return preferred
	}
	return preferred[:1]
}

// Read is a method of a Conv.
func (a *negotiation) Read(ctx context.Context) ([]byte, error) {
	if err := a.ended(); err != nil {
		return nil, err
	}
	switch a.phase {
	case "SHaveProtos":
		return a.offer(ctx)
	case "CHaveProto":
		a.phase = "CNeedOK"
		if a.first {
			a.phase = "CRelay"
		}
		return zeroed(a.name), nil
	case "SHaveOK":
		a.phase = "SRelay"
		return zeroed("OK"), nil
	case "CRelay", "SRelay":
		b, err := a.sub.Read(ctx)
		return b, a.relayed(err)
	}
	return nil, a.turn("read")
}

// Write is a method of a Conv.
func (a *negotiation) Write(ctx context.Context, p []byte) error {
	if err := a.ended(); err != nil {
		return err
	}
	var err error
	switch a.phase {
	case "CNeedProtos":
		err = a.choose(ctx, p)
	case "SNeedProto":
		err = a.chosen(ctx, p)
	case "CNeedOK":
		err = a.confirmed(p)
	case "CRelay", "SRelay":
		return a.relayed(a.sub.Write(ctx, p))
	default:
		return a.turn("write")
	}
	if err == nil || again(err) {
		return err
	}
	return a.fail(err)
}

// relayed returns the error of a call to the conversation within, and ends this
// one if that has ended.
func (a *negotiation) relayed(err error) error {
	var phase *PhaseError
	switch {
	case err != nil && !again(err) && !errors.As(err, &phase):
		return a.fail(err)
	case a.sub.Info() != nil:
		a.done(a.sub.Info())
	}
	return err
}

// zeroed returns a string and the zero byte that ends it.
func zeroed(s string) []byte { return append([]byte(s), 0) }

// text returns the string in p, without the zero byte it must end with.
func text(p []byte, n int) (string, error) {
	if i := bytes.IndexByte(p, 0); i >= 0 {
		return string(p[:i]), nil
	}
	if len(p) >= maxMessage {
		return "", ErrProtocol
	}
	return "", Short(n)
}

// offer returns the names of the protocols and domains that there are keys for.
func (a *negotiation) offer(ctx context.Context) ([]byte, error) {
	list := "v.2"
	for _, proto := range a.protos() {
		keys, err := a.cfg.Keys.Find(ctx, a.query(proto, "server", a.cfg.Dom))
		if err != nil && ctx.Err() != nil {
			return nil, a.fail(ctx.Err())
		}
		for _, k := range keys {
			if name := " " + proto + "@" + k.Dom; !strings.Contains(list+" ", name+" ") {
				list += name
			}
		}
	}
	if list == "v.2" || len(list) >= maxMessage {
		return nil, a.fail(ErrNegotiate)
	}
	a.phase = "SNeedProto"
	return zeroed(list), nil
}

func (a *negotiation) query(proto, role, dom string) Query {
	return Query{Proto: proto, Role: role, Dom: dom, User: a.cfg.User}
}

// choose takes the server's list, and finds the best protocol on it that there is
// a key for. If there is none, it tells what key would do.
func (a *negotiation) choose(ctx context.Context, p []byte) error {
	list, err := text(p, maxMessage)
	if err != nil {
		return err
	}
	names := strings.Fields(list)
	first := true
	if len(names) > 0 && strings.HasPrefix(names[0], "v.") {
		if names[0] != "v.2" {
			return ErrVersion
		}
		first = false
		names = names[1:]
	}
	var need error = ErrNegotiate
	for _, proto := range a.protos() {
		for _, name := range names {
			p, dom, _ := strings.Cut(name, "@")
			if p != proto || dom == "" || a.cfg.Dom != "" && dom != a.cfg.Dom {
				continue
			}
			_, _, err := (&shared{cfg: a.under(proto, dom)}).clientKey(ctx, dom)
			if err == nil {
				a.first, a.name = first, proto+" "+dom
				return a.begin(ctx, proto, dom, "CHaveProto")
			}
			if again(err) && !again(need) {
				need = err
			}
		}
	}
	return need
}

// under returns the Config of the conversation within.
func (a *negotiation) under(proto, dom string) Config {
	cfg := a.cfg
	cfg.Proto, cfg.Dom = proto, dom
	return cfg
}

// begin begins the conversation within.
func (a *negotiation) begin(ctx context.Context, proto, dom, phase string) error {
	sub, err := newShared(ctx, a.under(proto, dom))
	if err != nil {
		return err
	}
	a.sub, a.phase = sub, phase
	return nil
}

// chosen takes the client's choice, which must have been offered.
func (a *negotiation) chosen(ctx context.Context, p []byte) error {
	choice, err := text(p, len(p)+1)
	if err != nil {
		return err
	}
	names := strings.Fields(choice)
	if len(names) != 2 {
		return ErrArg
	}
	for _, proto := range a.protos() {
		if proto != names[0] || a.cfg.Dom != "" && a.cfg.Dom != names[1] {
			continue
		}
		if err := a.begin(ctx, proto, names[1], "SHaveOK"); err == nil || again(err) {
			return err
		}
	}
	return ErrNegotiate
}

// confirmed takes the server's OK.
func (a *negotiation) confirmed(p []byte) error {
	if len(p) < len("OK")+1 {
		return Short(len("OK") + 1)
	}
	if string(p[:len("OK")+1]) != "OK\x00" {
		return ErrGaveUp
	}
	a.phase = "CRelay"
	return nil
}

// Close is a method of a Conv.
func (a *negotiation) Close() {
	if a.sub != nil {
		a.sub.Close()
	}
	if a.phase != established {
		a.fail(ErrDone)
	}
}
