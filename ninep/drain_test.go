package ninep_test

import (
	"context"
	"testing"
	"testing/synctest"

	"ufo/ninep"
)

// TestDrain: a connection that is to end answers what it was asked before, takes
// nothing more, and ends then, or with its context.
func TestDrain(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(release chan struct{}, cancel context.CancelFunc)
		want error // of the read that waits
	}{
		{"with the last reply", func(release chan struct{}, _ context.CancelFunc) { close(release) }, nil},
		{"with its context", func(_ chan struct{}, cancel context.CancelFunc) { cancel() }, ninep.ErrHungup},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release, done := make(chan struct{}), make(chan error, 1)
				draining, drain := context.WithCancel(t.Context())
				slow := &ninep.Node{Name: "slow", ReadAt: func(ctx context.Context, p []byte, _ int64) (int, error) {
					select {
					case <-release:
						return copy(p, "late"), nil
					case <-ctx.Done():
						return 0, ninep.ErrIntr
					}
				}}
				srv := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{slow}})
				here, there := ninep.Pipe()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() { done <- ninep.Serve(ctx, there, srv, &ninep.ServeOptions{Drain: draining}) }() // ends with ctx
				client, err := ninep.NewClient(t.Context(), here, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				root := attachTo(t, client)
				f, err := ninep.OpenFile(t.Context(), root, "slow", ninep.OREAD)
				if err != nil {
					t.Fatal(err)
				}
				read := make(chan error, 1)
				go func() { // ends with the reply, or the connection
					_, err := f.Read(t.Context(), make([]byte, 10), 0)
					read <- err
				}()
				synctest.Wait()
				drain()
				synctest.Wait()
				stat := make(chan error, 1)
				go func() { // ends with the connection
					_, err := root.Stat(t.Context())
					stat <- err
				}()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("ended with a request under way: %v", err)
				default:
				}
				tt.end(release, cancel)
				if err := <-read; err != tt.want {
					t.Errorf("the read that waited: %v, want %v", err, tt.want)
				}
				if err := <-stat; err != ninep.ErrHungup {
					t.Errorf("a request that came too late: %v", err)
				}
				if err := <-done; tt.want == nil && err != nil {
					t.Errorf("Serve: %v", err)
				}
			})
		})
	}
}

// TestDrainIdle: a connection on which nothing happens ends at once.
func TestDrainIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan error, 1)
		draining, drain := context.WithCancel(t.Context())
		here, there := ninep.Pipe()
		go func() { // ends with drain
			done <- ninep.Serve(t.Context(), there, ninep.NewTree("glenda", &ninep.Node{Name: "/"}), &ninep.ServeOptions{Drain: draining})
		}()
		client, err := ninep.NewClient(t.Context(), here, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		drain()
		if err := <-done; err != nil {
			t.Error(err)
		}
		<-client.Done()
	})
}
