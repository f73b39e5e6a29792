package dev_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/proc"
)

// TestDevices has every device checked by ninetest, called directly and over
// a wire, by the host and by a process.
func TestDevices(t *testing.T) {
	for _, d := range dev.Devices {
		for _, c := range []struct {
			name string
			test func(ctx context.Context, srv ninep.Server) error
		}{{"direct", ninetest.TestServer}, {"over a wire", ninetest.TestWire}} {
			t.Run(d.Name+" "+c.name, func(t *testing.T) {
				// In a bubble, since the test waits to see whether reads do.
				synctest.Test(t, func(t *testing.T) {
					m := newMachine(t, dev.ConsConfig{})
					m.sleeper("ken")
					if err := c.test(t.Context(), m.devs[d.Letter]); err != nil {
						t.Errorf("by the host: %v", err)
					}
					<-m.start("glenda", func(p *proc.Proc) error {
						p.Pipe()
						p.WriteFile("#e/x", []byte("y"))
						if err := c.test(p.Life(), m.devs[d.Letter]); err != nil {
							t.Errorf("by a process: %v", err)
						}
						return nil
					}).Done()
				})
			})
		}
	}
}

// TestDevicesFuzz sends every device messages made up at random.
func TestDevicesFuzz(t *testing.T) {
	for _, d := range dev.Devices {
		t.Run(d.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, dev.ConsConfig{})
				m.sleeper("ken")
				dial, stop := ninetest.Served(t.Context(), m.devs[d.Letter], nil)
				f := ninetest.Fuzz{Suite: ninetest.Suite{Dial: dial}, Seed: 1, Messages: 1000, Write: true}
				if _, said, err := f.Run(t.Context()); err != nil {
					t.Errorf("%v\n%s", err, strings.Join(said, "\n"))
				}
				stop()
			})
		})
	}
}
