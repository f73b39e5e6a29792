package cmd

import (
	"testing"

	"ufo/dev"
	"ufo/proc"
)

// What tests of the network use, which are in a package of their own because
// package grid, that has the wire, imports this one.

// OnWire runs main as a process of a node that is plugged in at the wire that
// plug returns.
func OnWire(t *testing.T, plug func(t *testing.T) dev.Wire, main proc.Main) {
	t.Helper()
	onWire(t, plug, main)
}

// RcOutput runs commands by rc and returns what they print, and the exit status.
func RcOutput(p *proc.Proc, cmds string) string { return rcOutput(p, cmds) }
