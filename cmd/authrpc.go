package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ufo/auth"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// This file is auth(2): how programs show who they are, or find out who others are,
// by means of factotum(4).
//
//	info, err := authProxy(p, fd, authGetkey, "proto=p9any role=client")
//	info, err := authProxy(p, fd, nil, "proto=p9any role=server")
//	err := mounting{flag: ns.MREPL, prove: proveKey("")}.amount(p, fd, "/n/x")
//
// A server goes on as its client with authChuid.

// A getkey has a key added that fits a template, or says why not. A second line of the
// template is what is wrong with the key that there was. Nil: nobody can.
type getkey func(p *proc.Proc, template string) error

// An authrpc is an open rpc file of factotum's.
type authrpc struct {
	p        *proc.Proc                                     // who asks for keys; nil: nobody can
	exchange func(request, reply []byte) (n int, err error) // writes, and reads
	closed   func()
	file     *ns.Chan // of viewRPC
	buf      [maxAuthRPC]byte
}

const (
	factotumRPC = "/mnt/factotum/rpc"
	maxAuthRPC  = 4096
)

// openRPC opens the rpc file.
func openRPC(p *proc.Proc) (*authrpc, error) {
	fd, err := p.Open(factotumRPC, ninep.ORDWR|ninep.OCEXEC)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", factotumRPC, err)
	}
	r := &authrpc{p: p, closed: func() { p.Close(fd) }}
	r.exchange = func(request, reply []byte) (int, error) {
		if _, err := p.Write(fd, request); err != nil {
			return 0, err
		}
		return p.Read(fd, reply)
	}
	return r, nil
}

// viewRPC opens the rpc file that a server's process sees, for calls of its clients:
// the system calls of that process are its own goroutine's. It is bound to ctx.
func viewRPC(ctx context.Context, v ns.View) (*authrpc, error) {
	c, err := v.Open(ctx, factotumRPC, ninep.ORDWR)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", factotumRPC, err)
	}
	r := &authrpc{file: c, closed: func() { c.Close() }}
	r.bind(ctx)
	return r, nil
}

// bind has calls end with ctx, of one that viewRPC returned.
func (r *authrpc) bind(ctx context.Context) {
	r.exchange = func(request, reply []byte) (int, error) {
		if _, err := r.file.WriteAt(ctx, request, 0); err != nil {
			return 0, err
		}
		return r.file.ReadAt(ctx, reply, 0)
	}
}

// close ends the conversation, and overwrites what was said.
func (r *authrpc) close() {
	clear(r.buf[:])
	r.closed()
}

// call makes a request. It returns the first word of the reply, and what follows it,
// which is good until the next call.
func (r *authrpc) call(verb string, arg []byte) (string, []byte, error) {
	request := append([]byte(verb+" "), arg...)
	defer clear(request)
	if verb == "read" || verb == "authinfo" {
		request = []byte(verb)
	}
	n, err := r.exchange(request, r.buf[:])
	if err != nil {
		return "", nil, err
	}
	reply, data, _ := bytes.Cut(r.buf[:n], []byte(" "))
	switch string(reply) {
	case "ok", "done", "phase", "toosmall", "needkey", "badkey":
		return string(reply), data, nil
	case "error":
		return "", nil, errors.New(string(data))
	}
	return "", nil, fmt.Errorf("malformed rpc response: %s", r.buf[:n])
}

// ask is call with keys that are wanted on the way.
func (r *authrpc) ask(key getkey, verb string, arg []byte) (string, []byte, error) {
	for {
		reply, data, err := r.call(verb, arg)
		if reply != "needkey" && reply != "badkey" {
			return reply, data, err
		}
		template := string(data)
		if _, why, bad := strings.Cut(template, "\n"); bad && key == nil {
			return "", nil, errors.New(why)
		}
		if key == nil {
			return "", nil, fmt.Errorf("needkey %s", template)
		}
		if err := key(r.p, template); err != nil {
			return "", nil, err
		}
	}
}

// info returns what an authentication came to.
func (r *authrpc) info() (*auth.Info, error) {
	reply, data, err := r.call("authinfo", nil)
	if err != nil {
		return nil, err
	}
	if reply != "ok" {
		return nil, auth.ErrProtocol
	}
	return auth.ParseInfo(data)
}

// proxy carries the messages of an authentication between factotum and conn, until it
// is done. Params are factotum's: proto, role, and a pattern for the key.
func (r *authrpc) proxy(conn io.ReadWriter, key getkey, params string) (*auth.Info, error) {
	if _, _, err := r.ask(key, "start", []byte(params)); err != nil {
		return nil, err
	}
	for {
		reply, data, err := r.ask(key, "read", nil)
		if err == nil {
			switch reply {
			case "done":
				return r.info()
			case "ok":
				_, err = conn.Write(data)
			case "phase":
				err = r.receive(conn, key)
			default:
				err = auth.ErrProtocol
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// receive gives factotum a message that it reads from conn, and no byte more.
func (r *authrpc) receive(conn io.Reader, key getkey) error {
	var buf [maxAuthRPC]byte
	for n := 0; ; {
		reply, data, err := r.ask(key, "write", buf[:n])
		if err != nil || reply == "ok" {
			return err
		}
		want, _ := strconv.Atoi(string(data))
		if reply != "toosmall" || want <= n || want > len(buf) {
			return auth.ErrProtocol
		}
		m, err := conn.Read(buf[n:want])
		if err == io.EOF {
			return errors.New("the other side hung up")
		}
		if err != nil {
			return err
		}
		n += m
	}
}

// authProxy authenticates on the connection fd, as a client or a server.
func authProxy(p *proc.Proc, fd int, key getkey, params string) (*auth.Info, error) {
	r, err := openRPC(p)
	if err != nil {
		return nil, err
	}
	defer r.close()
	info, err := r.proxy(p.FD(fd), key, params)
	if err != nil {
		return nil, fmt.Errorf("auth_proxy: %w", err)
	}
	return info, nil
}

// showUser is prove with factotum's file opened for it.
func showUser(p *proc.Proc, conn io.ReadWriter, key getkey, pattern string) error {
	r, err := openRPC(p)
	if err != nil {
		return err
	}
	defer r.close()
	return r.prove(conn, key, pattern)
}

// prove shows the server at the other end of conn who the user is, with a key that
// fits a pattern.
func (r *authrpc) prove(conn io.ReadWriter, key getkey, pattern string) error {
	info, err := r.proxy(conn, key, strings.TrimSpace("proto=p9any role=client "+pattern))
	if err != nil {
		return fmt.Errorf("auth_proxy: %w", err)
	}
	info.Zero()
	return nil
}

// authGetkey has a key asked for on the console, where it is said what is wrong with the
// one that there was.
func authGetkey(p *proc.Proc, template string) error {
	template, why, bad := strings.Cut(template, "\n")
	if !bad {
		return askKey(p, template)
	}
	if err := p.WriteFile("/dev/cons", []byte("\n!"+why+"\n")); err != nil {
		return errors.New(why) // and nobody can be asked
	}
	if err := askKey(p, template); err != nil {
		return fmt.Errorf("%s: %w", why, err)
	}
	return nil
}

// authChuid makes p one of the user that an authentication came to, in a new name
// space that the file nsfile describes.
func authChuid(p *proc.Proc, info *auth.Info, nsfile string) error {
	if err := useCap(p, info); err != nil {
		return err
	}
	// Factotum must know p as who it is now, and nobody else as another.
	if err := p.Rfork(proc.RFNAMEG); err != nil {
		return err
	}
	if fd, err := p.Open("/srv/factotum", ninep.ORDWR); err == nil && p.Mount(fd, -1, "/mnt", ns.MREPL, "") != nil {
		p.Close(fd)
	}
	return newns(p, nsfile, nil)
}

// useCap makes p one of the user that an authentication came to, where it is.
func useCap(p *proc.Proc, info *auth.Info) error {
	if info.Cap == "" {
		return errors.New("no capability")
	}
	return writedev(p, "#¤/capuse", []byte(info.Cap))
}

// authUserpasswd checks a password, with a protocol that factotum has a key for.
func authUserpasswd(p *proc.Proc, user, password string) (*auth.Info, error) {
	r, err := openRPC(p)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if _, _, err = r.ask(nil, "start", []byte("proto=dp9ik role=login")); err != nil {
		if _, _, old := r.ask(nil, "start", []byte("proto=p9sk1 role=login")); old != nil {
			return nil, err
		}
	}
	for _, s := range []string{user, password} {
		reply, _, err := r.call("write", []byte(s))
		if err != nil {
			return nil, err
		}
		if reply != "ok" {
			return nil, auth.ErrProtocol
		}
	}
	return r.info()
}

// getUserpasswd returns the name and the password of a key that fits params, with
// proto=pass in them.
func getUserpasswd(p *proc.Proc, key getkey, params string) (user, password string, err error) {
	r, err := openRPC(p)
	if err != nil {
		return "", "", err
	}
	defer r.close()
	if _, _, err = r.ask(key, "start", []byte(params)); err != nil {
		return "", "", err
	}
	_, data, err := r.ask(key, "read", nil)
	if err != nil {
		return "", "", err
	}
	words := ninep.Fields(string(data))
	if len(words) != 2 {
		return "", "", errors.New("bad answer from factotum")
	}
	return words[0], words[1], nil
}
