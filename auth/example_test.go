package auth_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"

	"ufo/auth"
)

// Glenda logs in to a machine of bootes's, over a pipe.
func Example() {
	ctx := context.Background()

	// The authentication server has the keys of all.
	passwords := map[string]string{"glenda": "rabbit hole", "bootes": "thunderbird"}
	srv := &auth.Server{Key: func(ctx context.Context, user string) *auth.Key {
		if p, ok := passwords[user]; ok {
			return auth.PassKey(p)
		}
		return nil
	}}
	dial := func(ctx context.Context, dom string) (io.ReadWriteCloser, error) {
		here, there := net.Pipe()
		go func() { // ends when the client hangs up
			srv.Serve(ctx, there)
			there.Close()
		}()
		return here, nil
	}

	// The others have one each.
	login := func(role, user, password string, conn io.ReadWriter) *auth.Info {
		key := &auth.Userkey{Proto: "dp9ik", Dom: "lab", User: user, Key: *auth.PassKey(password)}
		c, err := auth.Start(ctx, auth.Config{Proto: "p9any", Role: role, Keys: auth.Keys{key}, Dial: dial})
		if err != nil {
			return nil
		}
		defer c.Close()
		ai, err := auth.Proxy(ctx, conn, c)
		if err != nil {
			return nil
		}
		return ai
	}
	here, there := net.Pipe()
	server := make(chan *auth.Info)
	go func() { server <- login("server", "bootes", "thunderbird", there) }() // ends when somebody logged in
	client := login("client", "glenda", "rabbit hole", here)
	at := <-server

	fmt.Println("hello", at.Suid)
	fmt.Println(len(at.Secret), "bytes that only both know:", bytes.Equal(at.Secret, client.Secret))
	// Output:
	// hello glenda
	// 256 bytes that only both know: true
}
