// Package dev is the #-devices, one to a file: each a constructor that
// returns a [ninep.Server]. [Devices] is the table of them; [Config.Servers]
// makes those of a kernel.
//
// A device holds no state outside the values its constructor was given and
// made, so a process can run a thousand kernels. A device that answers for
// its caller (#c/pid, #d, #e, #p) asks proc.Up who that is; called by the
// host, it answers as a machine without processes would.
//
// What a device needs of the world below it is an interface here: [Terminal]
// behind a console, [Wire] below #I, [Links] below #λ. The simulated wire of
// package grid is one implementation, the host's network another.
//
// Lock order: a device's own lock, then nothing. No lock is held during a
// call of another device, of the wire or of a terminal.
package dev
