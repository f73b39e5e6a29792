package dev

import (
	"context"
	"encoding/base64"
	"strconv"

	"ufo/auth/tls"
	"ufo/ninep"
	"ufo/proc"
)

// verbs are the messages to ctl.
func (f *filter) verbs() ninep.Ctl {
	return ninep.Ctl{
		{Name: "fd", Args: "open-fd version", Do: f.setFd},
		{Name: "version", Args: "vers", Do: f.setVersion},
		{Name: "secret", Args: "hashalg encalg isclient secretdata", Do: f.setSecret},
		{Name: "changecipher", Do: f.changeCipher},
		{Name: "opened", Do: f.setOpened},
		{Name: "alert", Args: "n", Do: func(ctx context.Context, args []string) error {
			n, err := strconv.ParseUint(args[0], 0, 8)
			if err != nil {
				return ninep.ErrCmdArgs
			}
			return f.alert(ctx, tls.Alert(n))
		}},
		{Name: "hangup", Do: func(ctx context.Context, _ []string) error { return f.alert(ctx, tls.CloseNotify) }},
	}
}

// setFd gives the filter a connection of the caller's.
func (f *filter) setFd(ctx context.Context, args []string) error {
	fd, err1 := strconv.Atoi(args[0])
	vers, err2 := strconv.ParseUint(args[1], 0, 16)
	up := proc.Up(ctx)
	if err1 != nil || err2 != nil || up == nil {
		return ninep.ErrCmdArgs
	}
	if vers>>8 != version12>>8 {
		return errTLSVersion
	}
	c, err := up.FdChan(fd)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Mode().Access() != ninep.ORDWR || f.conn != nil {
		defer c.Close()
		if f.conn != nil {
			return ninep.ErrInUse
		}
		return ninep.ErrBadUseFD
	}
	f.conn = &channel{c: c}
	f.layer = tls.NewLayer(f.conn)
	f.version = int(vers)
	f.state = tlsHandshaking
	return nil
}

// setVersion says which version it will be.
func (f *filter) setVersion(_ context.Context, args []string) error {
	vers, err := strconv.ParseUint(args[0], 0, 16)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.conn == nil:
		return ninep.Error("must set fd before version")
	case f.verset:
		return ninep.Error("version already set")
	case err != nil || vers != version12:
		return errTLSVersion
	}
	f.version, f.verset = version12, true
	return nil
}

// setSecret says how to keep records after the next change.
func (f *filter) setSecret(_ context.Context, args []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn == nil || !f.verset {
		return ninep.Error("must set fd and version before secrets")
	}
	secret, err := base64.StdEncoding.DecodeString(args[3])
	defer clear(secret)
	if err != nil {
		return ninep.ErrCmdArgs
	}
	client, err := strconv.Atoi(args[2])
	if err != nil {
		return ninep.ErrCmdArgs
	}
	if err := f.layer.Secret(args[0], args[1], client != 0, secret); err != nil {
		return ninep.Error(err.Error())
	}
	f.next = cipherNames{args[1], args[0]}
	f.nextOut = f.next
	return nil
}

// changeCipher encrypts from here what is written.
func (f *filter) changeCipher(ctx context.Context, _ []string) error {
	f.mu.Lock()
	ready := f.nextOut != cipherNames{}
	f.mu.Unlock()
	if !ready {
		return ninep.Error("cannot change cipher spec without setting secret")
	}
	return f.send(ctx, func(l *tls.Layer) error {
		if err := l.ChangeOut(); err != nil {
			return err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.out, f.nextOut = f.nextOut, cipherNames{}
		return nil
	})
}

// setOpened lets data through.
func (f *filter) setOpened(context.Context, []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.in == (cipherNames{}) || f.out == (cipherNames{}) {
		return ninep.Error("cipher must be configured before enabling data messages")
	}
	if f.state != tlsHandshaking && f.state != tlsEstablished {
		return ninep.Error("cannot enable data messages")
	}
	f.state, f.opened = tlsEstablished, true
	return nil
}

// send writes something to the connection.
func (f *filter) send(ctx context.Context, write func(l *tls.Layer) error) error {
	f.mu.Lock()
	conn, layer := f.conn, f.layer
	f.mu.Unlock()
	if conn == nil {
		return errTLSConfig
	}
	if err := take(ctx, f.writing); err != nil {
		return err
	}
	defer func() { <-f.writing }()
	conn.wctx = ctx
	err := write(layer)
	if err == nil {
		err = layer.Flush()
	}
	if err != nil {
		f.fail("channel error")
	}
	return err
}

// alert tells the other side.
func (f *filter) alert(ctx context.Context, a tls.Alert) error {
	f.mu.Lock()
	fresh := f.conn == nil
	f.mu.Unlock()
	if fresh {
		return ninep.Error("must set fd before sending alerts")
	}
	err := f.send(ctx, func(l *tls.Layer) error {
		level := byte(1)
		if a.Fatal() {
			level = 2
		}
		return l.Write(tls.AlertRecord, []byte{level, byte(a)})
	})
	if a.Fatal() {
		f.fail(a.Error())
	}
	if a == tls.CloseNotify {
		f.closed(tlsLocal)
	}
	return err
}
