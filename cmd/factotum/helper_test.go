package factotum

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"ufo/auth"
	"ufo/ninep"
)

// A realm is the domain lab with its authentication server, which many factotums
// call.
type realm struct {
	srv auth.Server

	mu   sync.Mutex // guards what follows
	dead bool
	keys map[string]*auth.Key
}

// newRealm returns a domain where each user's password is his name and " secret".
func newRealm(users ...string) *realm {
	r := &realm{keys: map[string]*auth.Key{}}
	for _, u := range users {
		r.keys[u] = auth.PassKey(u + " secret")
	}
	r.srv = auth.Server{
		Key: func(_ context.Context, user string) *auth.Key {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.keys[user]
		},
		SpeaksFor: func(host, user string) bool { return host == "bootes" && user != "adm" },
		Legacy:    true,
	}
	return r
}

// dial is the Dial of a Config.
func (r *realm) dial(ctx context.Context, dom string) (io.ReadWriteCloser, string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead || dom != "lab" {
		return nil, "tcp!n1!567", ninep.ErrConRefused
	}
	here, there := net.Pipe()
	go func() { // ends when the client does
		defer there.Close()
		r.srv.Serve(ctx, there)
	}()
	return here, "tcp!n1!567", nil
}

// factotum returns one of a user, with the keys in lines.
func (r *realm) factotum(t testing.TB, owner string, keys ...string) *Factotum {
	t.Helper()
	f := New(Config{Owner: owner, Dial: r.dial, Legacy: true})
	t.Cleanup(f.Close)
	for _, k := range keys {
		if err := f.Ctl([]byte(k)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// passkey returns the line that adds a user's right key.
func passkey(proto, user string) string {
	return fmt.Sprintf("key proto=%s dom=lab user=%s !password='%s secret'", proto, user, user)
}

// A file is an open file of a factotum.
type file struct {
	t testing.TB
	ninep.File
}

// open opens a file as a user.
func open(t testing.TB, f *Factotum, user, name string, mode ninep.Mode) file {
	t.Helper()
	root, err := f.Attach(t.Context(), user, "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	o, err := ninep.OpenFile(t.Context(), root, "factotum/"+name, mode)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() { o.Close() })
	return file{t, o}
}

// read returns what a read gives, or its error.
func (f file) read() string {
	b := make([]byte, 8192)
	n, err := f.Read(f.t.Context(), b, 0)
	if err != nil {
		return "! " + err.Error()
	}
	return string(b[:n])
}

// call makes a request of an rpc file, and returns the reply.
func (f file) call(request string) string {
	if _, err := f.Write(f.t.Context(), []byte(request), 0); err != nil {
		return "! " + err.Error()
	}
	return f.read()
}

// contents returns what a file has for a user.
func contents(t testing.TB, f *Factotum, user, name string) string {
	t.Helper()
	o := open(t, f, user, name, ninep.OREAD)
	return o.read()
}

// talk carries messages between two rpc files until both are done, and returns
// their infos.
func talk(t testing.TB, a, b file) (*auth.Info, *auth.Info, error) {
	t.Helper()
	from, to := a, b
	done := 0
	for turns := 0; done < 2; turns++ {
		if turns > 100 {
			return nil, nil, errors.New("both wait")
		}
		verb, data, _ := strings.Cut(from.call("read"), " ")
		switch verb {
		case "ok":
			done = 0
			if reply := to.call("write " + data); reply != "ok" && !strings.HasPrefix(reply, "done") {
				return nil, nil, errors.New(reply)
			}
		case "done":
			done++
			from, to = to, from
		case "phase":
			from, to = to, from
		default:
			return nil, nil, errors.New(verb + " " + data)
		}
	}
	return info(t, a), info(t, b), nil
}

// info returns what an rpc file's conversation came to.
func info(t testing.TB, f file) *auth.Info {
	t.Helper()
	data, ok := strings.CutPrefix(f.call("authinfo"), "ok ")
	if !ok {
		return nil
	}
	ai, err := auth.ParseInfo([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return ai
}

func md5sum(s string) string { sum := md5.Sum([]byte(s)); return string(sum[:]) }
