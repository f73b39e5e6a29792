// Package hostexec runs programs of the host for the processes of a node.
//
// [NewCmd] returns the device #C, with which processes run commands of the
// host in the host's own name space, as cmd(3) of Inferno does.
//
// A [Loader] runs programs of the host that are files of a process's name space
// inside that name space. On Linux each has user, mount and pid namespaces of
// its own, in which the name space is mounted, by package fuse, which serves it
// from this program. Nobody else on the host sees the mount and no privilege is
// needed. A typical sequence of events:
//
//	process                       shim, this program anew        the host's program
//	Exec: Load reads the header
//	launch: clone and exec ------> Shim
//	                               open /dev/fuse, mount it
//	serve <--- the descriptor -----
//	      ---- go --------------->
//	answers                        bind devices, pivot_root
//	answers                        fork and exec ---------------> main
//	expect <--- started ----------
//	copies 0, 1 and 2              waits for its children         reads and writes
//	a note --- signal 2 --------->  kill ------------------------>
//	listen <--- status 0 ---------                                ends
//	exits                          ends, and all that is left there
//
// The shim is process 1 there: with it all others end. It is told by the kernel
// when the thread that made it ends, which this program keeps for that.
//
// The name space must be served while a program is started from it: that is
// why the shim starts it and not this program, whose other threads a fork
// would stop.
package hostexec
