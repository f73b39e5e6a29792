package ns

import (
	"context"
	"fmt"
	"strings"

	"ufo/ninep"
)

// version9P is the version of 9P that is spoken.
const version9P = "9P2000"

// Fversion agrees with the server behind conn on the version of 9P, unless that
// has been done, and returns it: not a later one than the caller's, which is "" for
// any. See fversion(2).
func Fversion(ctx context.Context, conn *Chan, version string) (string, error) {
	switch {
	case version == "":
		version = version9P
	case !strings.HasPrefix(version, "9P"):
		return "", ninep.Error("bad 9P version specification")
	case !strings.HasPrefix(version, version9P):
		return "", fmt.Errorf("incompatible 9P versions %s %s", version9P, version)
	}
	m, err := dial(ctx, conn)
	if err != nil {
		return "", err
	}
	m.close()
	return version9P, nil
}

// Fauth begins to prove to the server behind conn who the user is, for its tree
// spec, and returns the file by which that is done. See fauth(2).
func (v View) Fauth(ctx context.Context, conn *Chan, spec string) (*Chan, error) {
	m, err := dial(ctx, conn)
	if err != nil {
		return nil, err
	}
	f, err := m.auth(ctx, v.User, spec)
	if err != nil {
		m.close()
		return nil, err
	}
	c := newChan(f, 'M', v.Devs.trees.Add(1), newRootPath("#M"))
	c.mnt, c.open, c.mode = m, true, ninep.ORDWR
	return c, nil
}

func (m *mntcli) auth(ctx context.Context, user, spec string) (ninep.File, error) {
	a, ok := m.srv.(ninep.Auther)
	if !ok {
		return nil, ninep.ErrNoAuth
	}
	return a.Auth(ctx, user, spec)
}

// attach returns the root of a tree of the server. Auth is a Chan that Fauth
// returned, or nil.
func (m *mntcli) attach(ctx context.Context, auth *Chan, user, spec string) (ninep.File, error) {
	if auth == nil {
		return m.srv.Attach(ctx, user, spec)
	}
	a, ok := m.srv.(ninep.Auther)
	if !ok {
		return nil, ninep.ErrNoAuth
	}
	return a.AttachAuth(ctx, auth.file, user, spec)
}
