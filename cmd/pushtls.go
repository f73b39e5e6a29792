package cmd

import (
	"fmt"
	"io"

	"ufo/auth"
	"ufo/auth/tls"
	"ufo/ninep"
	"ufo/proc"
)

// This file is pushtls(2): a connection is given to a filter of tls(3), and used
// through that from then on. There are no certificates: both ends have the secret
// that an authentication came to, as the key.
//
//	info, err := authProxy(p, fd, authGetkey, "proto=p9any role=client")
//	fd, err = tlsClient(p, fd, info)

// errTLSHungup is what a filter says once the other side has said that this is the end.
const errTLSHungup ninep.Error = "tls hungup"

// tlsClient makes the handshake of a client on fd. It returns the descriptor to use
// in its place, and closes it; after an error fd is of no use.
func tlsClient(p *proc.Proc, fd int, info *auth.Info) (int, error) {
	return pushTLS(p, fd, info, tls.ClientFiles)
}

// tlsServer is like tlsClient, for a server.
func tlsServer(p *proc.Proc, fd int, info *auth.Info) (int, error) {
	return pushTLS(p, fd, info, tls.ServerFiles)
}

// pushTLS gives fd to a filter, and has the handshake made through its files.
func pushTLS(p *proc.Proc, fd int, info *auth.Info, handshake func(io.Writer, io.ReadWriter, *tls.Config) error) (int, error) {
	ctl, err := p.Open("#a/tls/clone", ninep.ORDWR|ninep.OCEXEC)
	if err != nil {
		return -1, fmt.Errorf("open #a/tls/clone: %w", err)
	}
	defer p.Close(ctl)
	n, err := readnum(p, ctl)
	if err == nil {
		_, err = fmt.Fprintf(p.FD(ctl), "fd %d 0x303", fd)
	}
	if err != nil {
		return -1, err
	}
	hand, err := p.Open("#a/tls/"+n+"/hand", ninep.ORDWR|ninep.OCEXEC)
	if err != nil {
		return -1, err
	}
	defer p.Close(hand)
	data, err := p.Open("#a/tls/"+n+"/data", ninep.ORDWR)
	if err != nil {
		return -1, err
	}
	cfg := &tls.Config{Key: info.Secret, Identity: tls.Identity}
	if err := handshake(p.FD(ctl), p.FD(hand), cfg); err != nil {
		p.Close(data)
		return -1, fmt.Errorf("tls: %w", err)
	}
	return data, p.Close(fd)
}
