package main

import (
	"sync"
	"testing"
	"time"
)

// TestWaited takes the lock of a grid whose end has been waited for.
func TestWaited(t *testing.T) {
	dir := t.TempDir()
	for range 1000 {
		s, next := &state{name: "x", dir: dir}, &state{name: "x", dir: dir}
		if err := s.acquire(); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(s.release)
		if !next.wait(time.Minute) {
			t.Fatal("it does not end")
		}
		if err := next.acquire(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		next.release()
	}
}
