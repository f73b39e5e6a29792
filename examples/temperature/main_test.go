package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

func TestTemperature(t *testing.T) {
	s := newSensor()
	root, err := s.server().Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	write := func(msg string, want error) {
		t.Helper()
		if err := ninep.WriteFile(t.Context(), root, "ctl", []byte(msg), 0); err != want {
			t.Errorf("%s: %v, want %v", msg, err, want)
		}
	}
	read := func(name, want string) {
		t.Helper()
		if text, err := ninep.ReadFile(t.Context(), root, name); string(text) != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, text, err, want)
		}
	}
	write("period 20ms", nil)
	write("period soon", ninep.Error("usage: period time"))
	write("threshold 18.25", nil)
	write("threshold hot", ninep.Error("usage: threshold degrees"))
	read("ctl", "period 20ms\nthreshold 18.25\n")
	read("temp", "18.00\n")
	if err := ninetest.TestWire(t.Context(), s.server()); err != nil {
		t.Error(err)
	}
}

// TestAlarm: who waits for the alarm is told of the warmth, and of its end.
func TestAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSensor()
		root, err := s.server().Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := ninep.WriteFile(t.Context(), root, "ctl", []byte("threshold 23"), 0); err != nil {
			t.Fatal(err)
		}
		f, err := ninep.OpenFile(t.Context(), root, "alarm", ninep.OREAD)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go s.run(ctx)
		p := make([]byte, 100)
		for _, want := range []struct {
			alarm string
			after time.Duration
		}{{"23.25 above 23\n", 21 * time.Second}, {"23.00 below 23\n", 28 * time.Second}} {
			n, err := f.Read(t.Context(), p, 0)
			if after := time.Since(began); string(p[:n]) != want.alarm || err != nil || after != want.after {
				t.Errorf("%q, %v, after %v; want %+v", p[:n], err, after, want)
			}
		}
	})
}
