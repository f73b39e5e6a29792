package ninep

import (
	"context"
	"errors"
	"io/fs"
	"strings"
)

// An Error is a Plan 9 error string: what a program sees in errstr(2) and
// what an Rerror carries. Two Errors are the same error when their texts are.
type Error string

// Error returns the text.
func (e Error) Error() string { return string(e) }

// Is lets errors.Is match an Error with the errors of package io/fs.
func (e Error) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e == ErrNotExist
	case fs.ErrExist:
		return e == ErrExist
	case fs.ErrPermission:
		return e == ErrPerm
	case fs.ErrInvalid:
		return e == ErrBadArg
	case fs.ErrClosed:
		return e == ErrBadFD
	}
	return false
}

// ErrorOf returns what of err can cross a wire: the Error it wraps, if there
// is one, without the names around it; the Error for a cancelled context or
// for one of package io/fs; or its text.
func ErrorOf(err error) Error {
	var e Error
	switch {
	case errors.As(err, &e):
		return Error(strings.ReplaceAll(string(e), "\x00", " "))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ErrIntr
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotExist
	case errors.Is(err, fs.ErrExist):
		return ErrExist
	case errors.Is(err, fs.ErrPermission):
		return ErrPerm
	}
	return ErrorOf(Error(err.Error()))
}

// The error strings of the Plan 9 kernel and of its file servers, in the
// words of the originals: programs compare them.
const (
	ErrMount      Error = "inconsistent mount"
	ErrUnmount    Error = "not mounted"
	ErrIsMount    Error = "is a mount point"
	ErrUnion      Error = "not in union"
	ErrMountRPC   Error = "mount rpc error"
	ErrShutdown   Error = "device shut down"
	ErrNoProcs    Error = "no procs"
	ErrNoCreate   Error = "mounted directory forbids creation"
	ErrNotExist   Error = "file does not exist"
	ErrExist      Error = "file already exists"
	ErrBadSharp   Error = "unknown device in # filename"
	ErrNotDir     Error = "not a directory"
	ErrIsDir      Error = "file is a directory"
	ErrBadChar    Error = "bad character in file name"
	ErrFileName   Error = "file name syntax"
	ErrPerm       Error = "permission denied"
	ErrBadUseFD   Error = "inappropriate use of fd"
	ErrBadArg     Error = "bad arg in system call"
	ErrInUse      Error = "device or object already in use"
	ErrIO         Error = "i/o error"
	ErrTooBig     Error = "read or write too large"
	ErrTooSmall   Error = "read or write too small"
	ErrNoPort     Error = "network port not available"
	ErrHungup     Error = "i/o on hungup channel"
	ErrBadCtl     Error = "bad process or channel control request"
	ErrNoDev      Error = "no free devices"
	ErrProcDied   Error = "process exited"
	ErrNoChild    Error = "no living children"
	ErrBadFD      Error = "fd out of range or not open"
	ErrNoFD       Error = "no free file descriptors"
	ErrIsStream   Error = "seek on a stream"
	ErrBadExec    Error = "exec header invalid"
	ErrTimedOut   Error = "connection timed out"
	ErrConRefused Error = "connection refused"
	ErrConInUse   Error = "connection in use"
	ErrNoRoute    Error = "no route"
	ErrIntr       Error = "interrupted"
	ErrNoMem      Error = "kernel allocate failed"
	ErrShort      Error = "i/o count too small"
	ErrBadSpec    Error = "bad attach specifier"
	ErrNoAttach   Error = "mount/attach disallowed"
	ErrShortStat  Error = "stat buffer too small"
	ErrBadStat    Error = "malformed stat buffer"
	ErrNegOff     Error = "negative i/o offset"
	ErrCmdArgs    Error = "wrong #args in control message"
	ErrBadIP      Error = "bad ip address syntax"
	ErrDirSeek    Error = "seek in directory"
	ErrTooLong    Error = "name too long"
	ErrCtlUnknown Error = "unknown control request"
	ErrCtlShort   Error = "short control request"

	// Of the 9P library: lib9p(2) and the kernel's mount driver.
	ErrBadFid    Error = "unknown fid"
	ErrDupFid    Error = "duplicate fid"
	ErrDupTag    Error = "duplicate tag"
	ErrBotch     Error = "9P protocol botch"
	ErrBadMsg    Error = "malformed 9P message"
	ErrVersion   Error = "bad 9P version returned from server"
	ErrNoAuth    Error = "authentication not required"
	ErrBadOffset Error = "bad offset in directory read"
	ErrExcl      Error = "exclusive use file already open"
	ErrNotEmpty  Error = "directory is not empty"
	ErrWstatProh Error = "wstat prohibited"
	ErrNotOwner  Error = "not owner"
	ErrUnknown   Error = "unknown error"
	ErrMsize     Error = "message size too small"
	ErrManyFids  Error = "too many fids"
	ErrManyReqs  Error = "too many requests"
	ErrReadOnly  Error = "file system read only" // of exportfs(4)

	// Of a Redialer, whose connection ended and was made again.
	ErrMaybe    Error = "connection lost, perhaps after it was done"
	ErrLostOpen Error = "connection lost, and the open file with it"
	ErrRemoved  Error = "file has been removed"
	ErrReplaced Error = "file has been replaced"
)
