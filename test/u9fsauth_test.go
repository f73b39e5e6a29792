package test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ufo/auth"
	"ufo/cmd/factotum"
	"ufo/ninep"
)

// TestU9fsAuth shows u9fs who one is: by its own p9any and p9sk1, and with an
// authentication server of ours.
func TestU9fsAuth(t *testing.T) {
	u9fs := peer(t, "u9fs", "it is to be compiled from plan9port's or 9front's sources; Debian has none")
	user, dir := hostUser(t), t.TempDir()
	users(t, dir)
	for name, text := range map[string]string{"key": "its secret\nbootes\nlab\n", "f": "hello\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	as := &auth.Server{Legacy: true, Key: func(_ context.Context, name string) *auth.Key {
		switch name {
		case user:
			return auth.PassKey("his secret")
		case "bootes":
			return auth.PassKey("its secret")
		}
		return nil
	}}
	dial := func(ctx context.Context, dom string) (io.ReadWriteCloser, string, error) {
		here, there := net.Pipe()
		go func() { // ends when here is closed
			defer there.Close()
			as.Serve(ctx, there)
		}()
		return here, "here", nil
	}
	for _, c := range []struct{ name, password, want string }{
		{"right", "his secret", ""},
		{"wrong", "another", "error bad key: proto=p9sk1 dom=lab user=" + user + ": refused by here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := factotum.New(factotum.Config{Owner: user, Server: true, Legacy: true, Dial: dial})
			if err := f.Ctl(fmt.Appendf(nil, "key proto=p9sk1 dom=lab user=%s !password='%s'", user, c.password)); err != nil {
				t.Fatal(err)
			}
			client := dialPeer(t, func(context.Context) (io.ReadWriteCloser, error) {
				return speak(u9fs, "-a", "p9any", "-A", filepath.Join(dir, "key"), "-u", user, "-l", filepath.Join(dir, "log"), dir)
			})
			afile, err := client.Auth(t.Context(), user, "")
			if err != nil {
				t.Fatal(err)
			}
			defer afile.Close()
			if err := show(t, f, user, afile); c.want != "" {
				if err == nil || err.Error() != c.want {
					t.Errorf("%v, want %s", err, c.want)
				}
				if _, err := client.AttachAuth(t.Context(), afile, user, ""); err == nil {
					t.Error("attached all the same")
				}
				return
			} else if err != nil {
				t.Fatal(err)
			}
			root, err := client.AttachAuth(t.Context(), afile, user, "")
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			if b, err := ninep.ReadFile(t.Context(), root, "f"); string(b) != "hello\n" {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}

// show has a factotum say on a file of authentication who its owner is.
func show(t *testing.T, f *factotum.Factotum, user string, afile ninep.File) error {
	root, err := f.Attach(t.Context(), user, "")
	if err != nil {
		return err
	}
	defer root.Close()
	rpc, err := ninep.OpenFile(t.Context(), root, "factotum/rpc", ninep.ORDWR)
	if err != nil {
		return err
	}
	defer rpc.Close()
	buf := make([]byte, 4096)
	call := func(request string) (string, string) {
		if _, err := rpc.Write(t.Context(), []byte(request), 0); err != nil {
			return "error", err.Error()
		}
		n, err := rpc.Read(t.Context(), buf, 0)
		if err != nil {
			return "error", err.Error()
		}
		verb, data, _ := strings.Cut(string(buf[:n]), " ")
		return verb, data
	}
	call("start proto=p9any role=client")
	in, off := "", int64(0)
	for {
		verb, data := call("read")
		if verb == "phase" {
			verb, data = call("write " + in)
			if verb == "ok" {
				in, off = "", 0
				continue
			}
		}
		switch verb {
		case "done":
			return nil
		case "ok":
			_, err = afile.Write(t.Context(), []byte(data), 0)
		case "toosmall":
			want, _ := strconv.Atoi(data)
			var n int
			n, err = afile.Read(t.Context(), buf[:want-len(in)], off)
			in, off = in+string(buf[:n]), off+int64(n)
		default:
			err = fmt.Errorf("%s %s", verb, data)
		}
		if err != nil {
			return err
		}
	}
}
