// Package factotum is the authentication agent of factotum(4): it has a user's
// keys, and speaks the protocols of authentication with them, so that no other
// program needs to have either.
//
//	factotum/rpc      each opening is a conversation: start, read, write, authinfo, attr
//	factotum/proto    the protocols
//	factotum/ctl      takes key, delkey and debug; reads the keys without secrets
//	factotum/confirm  asks whether a key may be used
//	factotum/needkey  asks for keys that are missing
//	factotum/log      what was done
//
//	% echo 'key proto=dp9ik dom=lab user=glenda !password=secret' >/mnt/factotum/ctl
//	% cat /mnt/factotum/ctl
//	key proto=dp9ik dom=lab user=glenda !password?
//
// To read it, begin with ring.go, the keys; then rpc.go, an open rpc file, and
// chooser.go, how it finds its keys. The protocols of Plan 9 are those of package
// auth, the others are in respond.go.
//
// What is secret is overwritten when its key is deleted, or the conversation that
// has a copy of it is closed, as far as Go lets us; it is in no text that anything
// here returns, except the messages of protocols.
//
// The locks are those of a ring, of an asker and of Factotum, in no order: none is
// taken while another is held. An open rpc file is for one call at a time, which
// may wait for a network.
package factotum

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"ufo/auth"
	"ufo/ninep"
)

// What is wrong with what was written, in the words of the original.
var (
	errPrivate     = errors.New("only !private? patterns are allowed for private fields")
	errMalformed   = errors.New("malformed key data")
	errNoData      = errors.New("no key data")
	errManyKeys    = errors.New("too many keys")
	errNoKeys      = errors.New("found no keys to delete")
	errNoProtos    = errors.New("key without protos")
	errQuery       = errors.New("key with an attribute that has no value")
	errMultiline   = errors.New("multiline write not allowed")
	errVerb        = errors.New("unknown verb")
	errTooLarge    = errors.New("rpc too large")
	errRPCSmall    = errors.New("rpc read too small")
	errPending     = errors.New("rpc already pending; read to clear")
	errNoRPC       = errors.New("no rpc pending")
	errActivity    = errors.New("too much activity")
	errConfirm     = errors.New("confirm is closed")
	errEmptyWrite  = errors.New("empty write")
	errNoTag       = errors.New("no tag")
	errNoAnswer    = errors.New("no answer")
	errBadAnswer   = errors.New("bad answer")
	errTagNotFound = errors.New("tag not found")
)

// A Config says what a factotum may do.
type Config struct {
	Owner  string // whose agent it is
	Server bool   // of a machine: it asks for no keys, and disables none
	Asks   bool   // it does nevertheless for clients: somebody sits at the machine
	Legacy bool   // p9sk1 may be used

	// Dial calls the authentication server of a domain, and says where that is, also
	// if it cannot be reached.
	Dial func(ctx context.Context, dom string) (conn io.ReadWriteCloser, addr string, err error)

	// Caphash gives the kernel the hash of a capability, and behind it the name of who is
	// to use it: see cap(3). Nil: there are no capabilities.
	Caphash func(ctx context.Context, hash []byte) error

	Debug func(line string) // told what is logged; may be nil
	Chat  bool              // log each step, as after debug is written to ctl
}

// asks reports whether somebody can be asked for a key, for use in a role.
func (c *Config) asks(role string) bool {
	return !c.Server || c.Asks && (role == "client" || role == "")
}

// A Factotum is a ninep.Server.
type Factotum struct {
	cfg     Config
	tree    *ninep.Tree
	ring    ring
	log     ninep.Events
	confirm asker
	needkey asker

	mu   sync.Mutex // guards what follows
	chat bool
	seq  int    // of the last start
	open []*rpc // files in use
}

// New returns a factotum without keys.
func New(cfg Config) *Factotum {
	f := &Factotum{cfg: cfg, chat: cfg.Chat}
	f.log = ninep.Events{Past: true}
	f.confirm = asker{verb: "confirm", note: f.note}
	f.needkey = asker{verb: "needkey", note: f.note}
	f.tree = ninep.NewTree(cfg.Owner, &ninep.Node{Children: []*ninep.Node{
		{Name: "factotum", Children: []*ninep.Node{
			f.confirm.file(), f.needkey.file(), f.ctlFile(), f.rpcFile(),
			ninep.Text("proto", f.protoList()), f.logFile(),
		}},
	}})
	return f
}

// Attach returns the root.
func (f *Factotum) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return f.tree.Attach(ctx, user, spec)
}

// Close overwrites the keys.
func (f *Factotum) Close() {
	f.ring.remove(nil)
	f.log.Close()
}

// AddNvram adds the keys of a machine's owner.
func (f *Factotum) AddNvram(n *auth.Nvram) error {
	for _, p := range f.protos() {
		k := &key{proto: p, attrs: attrs{{name: "proto", val: p.name}, {name: "user", val: n.Authid}, {name: "dom", val: n.Authdom}},
			secrets: []secret{{name: "!hex"}, {name: "!password"}},
			shared:  &auth.Userkey{Proto: p.name, Dom: n.Authdom, User: n.Authid},
			proven:  true} // nobody's answer disables the machine
		switch {
		case p.name == "dp9ik" && n.Key.HasAES():
			k.shared.Key.AES = n.Key.AES
		case p.name == "p9sk1" && n.Key.HasDES():
			k.shared.Key.DES = n.Key.DES
		default:
			continue
		}
		if err := f.ring.add(k); err != nil {
			return err
		}
	}
	return nil
}

// note adds a line to the log.
func (f *Factotum) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	f.log.Send(strings.ReplaceAll(line, "\n", " ") + "\n")
	if f.cfg.Debug != nil {
		f.cfg.Debug(line)
	}
}

// chatty reports whether each step is logged.
func (f *Factotum) chatty() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.chat
}

// next returns the number of a start.
func (f *Factotum) next() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	return f.seq
}

// capability makes one to become to, for a process of from, known to the kernel. It
// is empty if it cannot be used.
func (f *Factotum) capability(ctx context.Context, from, to string) string {
	if f.cfg.Caphash == nil {
		return ""
	}
	var random [20]byte
	rand.Read(random[:])
	who, key := from+"@"+to, base64.StdEncoding.EncodeToString(random[:])
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(who))
	if err := f.cfg.Caphash(ctx, append(h.Sum(nil), to...)); err != nil {
		f.note("caphash: %v", err)
		return ""
	}
	return who + "@" + key
}

// logFile is log: read by one program at a time.
func (f *Factotum) logFile() *ninep.Node {
	return exclusive(f.log.File("log"), 0400, func() {}, func() {})
}

// exclusive makes a file one for the owner that can be opened once. The functions
// are told of its first opening and of its closing.
func exclusive(n *ninep.Node, perm ninep.Perm, opened, closed func()) *ninep.Node {
	n.Perm = perm | ninep.DMEXCL
	var mu sync.Mutex // guards taken
	taken := false
	take := func(want bool) bool {
		mu.Lock()
		defer mu.Unlock()
		was := taken
		taken = want
		return !was
	}
	inner := n.Open
	n.Open = func(ctx context.Context, user string, mode ninep.Mode) (*ninep.Node, error) {
		if !take(true) {
			return nil, ninep.ErrExcl
		}
		open, err := inner(ctx, user, mode)
		if err != nil {
			take(false)
			return nil, err
		}
		opened()
		open.Close = func() {
			closed()
			take(false)
		}
		return open, nil
	}
	return n
}
