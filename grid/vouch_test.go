package grid

import (
	"context"
	"testing"

	"ufo/kernel"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// TestVouched has processes of a node attach to the file server that it has, as
// themselves, as others, and by messages.
func TestVouched(t *testing.T) {
	s := newSafe(t)
	if err := s.disk.Newuser(t.Context(), "ken"); err != nil {
		t.Fatal(err)
	}
	k, err := kernel.New(t.Context(), kernel.Config{
		Name: "n1", User: "glenda", Posts: map[string]ninep.Server{"boot": &vouched{s.disk, "glenda"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Halt(context.Background())
	for _, c := range []struct {
		name, caller, user string
		said               bool // by a message
		want               error
	}{
		{"the owner", "glenda", "glenda", false, nil},
		{"the owner's service, for a user", "glenda", "ken", false, nil},
		{"the owner's service, for none", "glenda", "none", false, nil},
		{"a user", "ken", "ken", false, nil},
		{"a user as the owner", "ken", "glenda", false, ninep.ErrPerm},
		{"a user as none", "ken", "none", false, nil},
		{"none as the owner", "none", "glenda", false, ninep.ErrPerm},
		{"none as a user", "none", "ken", false, ninep.ErrPerm},
		{"somebody nobody knows", "rob", "rob", false, ninep.Error("unknown user")},
		{"a user, by a message", "ken", "ken", true, ninep.ErrPerm},
		{"a user as the owner, by a message", "ken", "glenda", true, ninep.ErrPerm},
		{"the owner, by a message", "glenda", "glenda", true, ninep.ErrPerm},
		{"none, by a message", "ken", "none", true, nil},
	} {
		done := make(chan struct{})
		_, err := k.Procs().Start(t.Context(), c.caller, []string{c.name}, func(p *proc.Proc) error {
			defer close(done)
			fd, err := p.Open("#s/boot", ninep.ORDWR)
			if err != nil {
				t.Fatal(err)
			}
			if got := attachAs(p, fd, c.user, c.said); ninep.ErrorOf(got) != ninep.ErrorOf(c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		<-done
	}
	// The host is nobody's process.
	root, err := (&vouched{s.disk, "glenda"}).Attach(t.Context(), "ken", "")
	if err != nil {
		t.Fatal(err)
	}
	root.Close()
}

// attachAs attaches to the server at fd, with calls or with messages.
func attachAs(p *proc.Proc, fd int, user string, said bool) error {
	if said {
		conn, err := p.Conn(fd)
		if err != nil {
			return err
		}
		client, err := ninep.NewClient(p.Life(), conn, nil)
		if err != nil {
			return err
		}
		defer client.Close()
		root, err := client.Attach(p.Life(), user, "")
		if err == nil {
			root.Close()
		}
		return err
	}
	c, err := p.FdChan(fd)
	if err != nil {
		return err
	}
	defer c.Close()
	srv, release, err := ns.Dial(p.Life(), c)
	if err != nil {
		return err
	}
	defer release()
	root, err := srv.Attach(p.Life(), user, "")
	if err == nil {
		root.Close()
	}
	return err
}
