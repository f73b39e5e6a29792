package aout_test

import (
	"encoding/binary"
	"testing"

	"ufo/proc"
)

// TestSegmentsExec attaches segments and executes other programs.
func TestSegmentsExec(t *testing.T) {
	const (
		sysExec = 7
		cexec   = 0100
		nameStr = dataAddr + 0x80
		argv    = dataAddr + 0xc0
		within  = 0x600000 // behind the data of one program, and in those of large
	)
	exec := func(c *code) { c.call(sysExec, nameStr, argv) }
	for _, row := range []struct {
		name, file string
		first      func(c *code)
		want       string
	}{
		{"shared stays", "/tmp/looks", func(c *code) {
			c.call(sysAttach, 0, sharedStr, attachedAt, 8192)
			c.touch(attachedAt, 1)
			exec(c)
		}, ""},
		{"memory stays", "/tmp/looks", func(c *code) {
			c.call(sysAttach, 0, memoryStr, attachedAt, 8192)
			c.touch(attachedAt, 1)
			exec(c)
		}, ""},
		{"what does not", "/tmp/looks", func(c *code) {
			c.call(sysAttach, cexec, sharedStr, attachedAt, 8192)
			c.touch(attachedAt, 1)
			exec(c)
		}, "status: sys: trap: fault read addr=0x10000000"},
		{"it is the same", "/tmp/looks", func(c *code) {
			c.call(sysAttach, 0, sharedStr, attachedAt, 8192)
			c.touch(attachedAt, 1)
			c.call(sysRfork, proc.RFPROC|proc.RFFDG)
			c.ifZero(func() { exec(c) })
			c.call(sysAwait, dataAddr+0x20, 0x40)
			c.want(attachedAt+4096, 1)
			c.call(sysExits, 0)
		}, ""},
		{"for children of a script", "/tmp/script", func(c *code) {
			c.call(sysAttach, 0, sharedStr, attachedAt, 8192)
			c.touch(attachedAt, 1)
			c.call(sysRfork, proc.RFPROC|proc.RFFDG)
			c.ifZero(func() { exec(c) })
			c.call(sysAwait, dataAddr+0x20, 0x40)
			c.want(attachedAt+4096, 1)
			c.call(sysExits, 0)
		}, ""},
		{"memory of a script's children is their own", "/tmp/script", func(c *code) {
			c.call(sysAttach, 0, memoryStr, attachedAt, 8192)
			c.touch(attachedAt, 1)
			exec(c)
		}, ""},
		{"over another program's data", "/tmp/large", func(c *code) {
			c.call(sysAttach, 0, sharedStr, within, 4096)
			c.touch(within, 1)
			exec(c)
		}, ""},
		{"of a file that is none", "/tmp/none", func(c *code) {
			c.call(sysAttach, 0, sharedStr, attachedAt, 4096)
			c.touch(attachedAt, 1)
			exec(c)
			c.want(attachedAt, 1)
			c.call(sysAttach, 0, sharedStr, attachedAt, 4096)
		}, "status: segments overlap\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			data := make([]byte, 0x118)
			copy(data[0x80:], row.file)
			binary.LittleEndian.PutUint64(data[0xc0:], nameStr)
			copy(data[0x100:], "memory\x00\x00shared\x00\x00none\x00")
			var first, looks, large code
			row.first(&first)
			first.check()
			first.call(sysExits, 0)
			looks.want(attachedAt, 1)
			looks.touch(attachedAt+4096, 1)
			looks.call(sysExits, 0)
			large.want(within, 0)
			large.call(sysExits, 0)
			got := newMachine(t).sh("/tmp/first", map[string][]byte{
				"first": first.program(4096, data...), "looks": looks.program(4096, data...), "large": large.program(4<<20, data...),
				"script": []byte("#!/bin/rc\n/tmp/looks && /tmp/looks\n"),
			})
			if n := min(len(got), len(row.want)); got[:n] != row.want || row.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}
