package dev_test

import (
	"strings"
	"testing"

	"ufo/dev"
)

func TestLoopback(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("glenda", func(x user) {
		same(t, "links", x.ls("#λ/link"), "n2 n3")
		same(t, "files", x.ls("#λ/link/n2"), "ctl status stats")
		same(t, "no link", x.cat("#λ/link/n9/status"), "file does not exist")
		same(t, "ctl", x.echo("delay 80ms\ncut\n", "#λ/link/n2/ctl"), "")
		status := x.cat("#λ/link/n2/status")
		if !strings.HasPrefix(status, "delay 80ms\n") || !strings.HasSuffix(status, "cut\n") {
			t.Errorf("status: %q", status)
		}
		same(t, "written back", x.echo(status, "#λ/link/n3/ctl"), "")
		same(t, "the other link", x.cat("#λ/link/n3/status"), status)
		if stats := x.cat("#λ/link/n2/stats"); !strings.Contains(stats, "packets 0 ") {
			t.Errorf("stats: %q", stats)
		}
		same(t, "unknown word", x.echo("burn", "#λ/link/n2/ctl"), "unknown control request")
	})
	m.run("ken", func(x user) {
		same(t, "another user", x.echo("cut", "#λ/link/n2/ctl"), "permission denied")
	})
}
