package auth

import (
	"context"
	"errors"
	"testing"
)

// hesitant is a keyring whose owner is to say yes before a key is used.
type hesitant struct {
	Keyring
	yes *bool
}

func (h hesitant) Find(ctx context.Context, q Query) ([]*Userkey, error) {
	if !*h.yes {
		return nil, &NeedKey{"confirm"}
	}
	return h.Keyring.Find(ctx, q)
}

// TestServerNeedKey has a server wait for its key when a client has chosen.
func TestServerNeedKey(t *testing.T) {
	r := newRealm("glenda", "bootes")
	client, server := r.configs("dp9ik")
	client.Proto, server.Proto = "p9any", "p9any"
	yes := true // to offer it
	server.Keys = hesitant{server.Keys, &yes}
	p := start(t, client, server)
	carry(t, p[1], p[0], func(b []byte, err error) error { yes = false; return err })
	carry(t, p[0], p[1], func(b []byte, err error) error {
		var need *NeedKey
		if !errors.As(err, &need) {
			t.Fatal(err)
		}
		yes = true
		return p[1].Write(t.Context(), b)
	})
	if err := converse(t.Context(), p[0], p[1], nil); err != nil {
		t.Fatal(err)
	}
	agreed(t, p[0], p[1], "glenda", 256)
}
