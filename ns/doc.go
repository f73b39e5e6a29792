// Package ns has the name spaces of Plan 9: channels, the mount table, the
// resolution of names, and a name space turned back into a file server.
//
// A name is resolved by [View.Walk] and its kin, which do what namec does in
// the Plan 9 kernel: walk from the root, the current directory or a #-device,
// element by element, and at each mount point go on in what is mounted there.
// A [Pgrp] says what that is; [View.Bind], [View.Mount] and [View.Unmount]
// change it. The specification is bind(2), and intro(5) for the files.
//
// The words, which are the field's:
//
//	chan      a file in use (Chan)
//	clone     another handle on the same file
//	dot       the current directory
//	mhead     a mount point: a file and what is seen in its place
//	pgrp      a name space group: the processes that share a mount table
//	qid       a server's identity for a file
//	spec      the attach specifier: which of its trees a server should show
//	union     several directories mounted at one place
//	up        the process on whose behalf the kernel acts
//	#-device  a file server inside the kernel, named by one letter
//
// # Who owns what
//
// Chans, Paths, mheads and tables are counted. A function that returns one
// returns it with a reference for the caller, unless its comment says
// otherwise; it consumes an argument only if its comment says so. The table
// of a Pgrp owns its mheads, an mhead its from and its members, a Path the
// tree it is walked in and the mount point that led there, a Chan its File
// and its Path.
//
// # Locks
//
//	Pgrp.mu     changes of the mount table; lookups take no lock
//	  Devtab.mu
//	Chan.mu     entries of a directory, the client of a connection
//
// None is held during a call on a File.
package ns
