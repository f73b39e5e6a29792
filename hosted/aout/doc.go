// Package aout runs programs that were made for Plan 9: files in the format of
// a.out, for amd64 and 386. They are processes like all others: their system
// calls are the methods of [proc.Proc], so that they see the name space, take
// notes, and may execute rc scripts and built-in commands, which may execute them.
//
// A [Loader] reads the file into memory. Its Main is a task, which has an address
// space of package vm and runs in it until there is a system call, a fault, or
// something to attend to. The segments of its memory are as on Plan 9: text, data
// with what brk adds, and stack; rfork(2) with RFMEM shares the data.
//
//	loader.go   the file, and the process's beginning
//	header.go   the format
//	text.go     programs in memory, for who runs them again
//	segment.go  a piece of memory
//	lend.go     what a fork lends to the child
//	account.go  how much memory there is
//	image.go    the memory of a process, and addresses in it
//	task.go     the loop of a process
//	gate.go     where it passes to its program and back
//	call.go     from a system call's number to the function
//	callfile.go, callproc.go, callmem.go, callold.go
//	            the system calls
//	clock.go    the one that is answered without
//	note.go     notes: the frame that a handler finds
//	fault.go    what the program did wrong, as a note
//	float.go    the same for floating point
//	debug.go    memory and registers, for others
//	share.go    processes that share memory, as they are frozen
//	freeze.go   processes as a file, thaw.go and restore.go the way back
package aout
