package cmd_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"ufo/auth"
	"ufo/auth/tls"
	"ufo/cmd"
	"ufo/cmd/aan"
	"ufo/ninep"
	"ufo/proc"
)

// TestExportAan proves to an exportfs to be glenda, and asks for an aan. Who calls that
// is glenda if he knows the secret of those two, and nobody otherwise.
func TestExportAan(t *testing.T) {
	for _, c := range []struct {
		name, request string
		knows, want   bool
	}{
		{"who has asked", "impo aan tls\n", true, true},
		{"another", "impo aan tls\n", false, false},
		{"not encrypted", "impo aan clear\n", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := new(lab)
			cmd.OnWire(t, l.plug(realm), func(p *proc.Proc) error {
				cmd.RcOutput(p, inNdb+"auth/factotum\n"+bootesKey+"aux/listen1 -t tcp!*!17007 /bin/exportfs -a &\nsleep 1")
				secret, addr := l.askAan(t, p.Context(), c.request)
				if got := addr != "" && l.speaksAan(t, p.Context(), addr, secret, c.knows); got != c.want {
					t.Errorf("is spoken to: %v", got)
				}
				return nil
			})
		})
	}
}

// askAan calls the exportfs of n2 as glenda, and sends a request for an aan. It returns
// the secret that both know, and the address.
func (l *lab) askAan(t *testing.T, ctx context.Context, request string) (secret []byte, addr string) {
	conn, err := l.n1.Dial(ctx, "tcp!10.9.0.2!17007")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := wireConn{Conn: conn}
	info, err := login(c, auth.Config{
		Role: "client", Keys: auth.Keys{{Proto: "dp9ik", Dom: "lab", User: "glenda", Key: *auth.PassKey("secret")}},
		Dial: func(ctx context.Context, _ string) (io.ReadWriteCloser, error) {
			c, err := l.n1.Dial(ctx, "tcp!10.9.0.1!567")
			return wireConn{Conn: c}, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 256)
	for _, say := range []string{"/", request} {
		io.WriteString(c, say)
		n, _ := c.Read(b)
		addr = string(b[:n])
	}
	return info.Secret, strings.TrimSpace(addr)
}

// speaksAan calls an aan of n2, and reports whether 9P is spoken there with who does so.
func (l *lab) speaksAan(t *testing.T, ctx context.Context, addr string, secret []byte, knows bool) bool {
	conn, err := l.n1.Dial(ctx, "tcp!10.9.0.2"+addr[strings.LastIndex(addr, "!"):])
	if err != nil {
		t.Fatal(err)
	}
	kept := aan.New()
	defer kept.Fail(io.EOF)
	kept.Use(wireConn{Conn: conn})
	stream := io.ReadWriteCloser(kept)
	if knows {
		if stream, err = tls.Client(kept, &tls.Config{Key: secret, Identity: tls.Identity}); err != nil {
			t.Fatal(err)
		}
	}
	client, err := ninep.NewClient(ctx, stream, nil)
	if err == nil {
		client.Close()
	}
	return err == nil
}
