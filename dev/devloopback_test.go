package dev

import "testing"

func TestLoop(t *testing.T) {
	m := newMachine(t, ConsConfig{})
	m.run("glenda", func(x user) {
		same(t, "links", x.ls("#λ/link"), "n2 n3")
		same(t, "files", x.ls("#λ/link/n2"), "ctl status stats")
		same(t, "no link", x.cat("#λ/link/n9/status"), "file does not exist")
		same(t, "ctl", x.echo("delay 80ms\ncut\n", "#λ/link/n2/ctl"), "")
		same(t, "status", x.cat("#λ/link/n2/status"), "delay 80ms\ncut\n")
		same(t, "written back", x.echo(x.cat("#λ/link/n2/status"), "#λ/link/n3/ctl"), "")
		same(t, "the other link", x.cat("#λ/link/n3/status"), "delay 80ms\ncut\n")
		same(t, "stats", x.cat("#λ/link/n2/stats"), "packets: 0\n")
		same(t, "unknown word", x.echo("burn", "#λ/link/n2/ctl"), "unknown control request")
	})
	m.run("ken", func(x user) {
		same(t, "another user", x.echo("cut", "#λ/link/n2/ctl"), "permission denied")
	})
}
