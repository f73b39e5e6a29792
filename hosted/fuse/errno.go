package fuse

import (
	"strings"
	"syscall"

	"ufo/ninep"
)

// errnos are the errors of Plan 9 that the host has a number for. Where it has
// more than one the choice is what a POSIX program expects of the call that
// gets it.
var errnos = map[ninep.Error]syscall.Errno{
	ninep.ErrNotExist:   syscall.ENOENT,
	ninep.ErrExist:      syscall.EEXIST,
	ninep.ErrPerm:       syscall.EACCES,
	ninep.ErrNotOwner:   syscall.EPERM,
	ninep.ErrNotDir:     syscall.ENOTDIR,
	ninep.ErrIsDir:      syscall.EISDIR,
	ninep.ErrNotEmpty:   syscall.ENOTEMPTY,
	ninep.ErrIntr:       syscall.EINTR,
	ninep.ErrExcl:       syscall.EBUSY,
	ninep.ErrInUse:      syscall.EBUSY,
	ninep.ErrIsMount:    syscall.EBUSY,
	ninep.ErrConInUse:   syscall.EADDRINUSE,
	ninep.ErrNoPort:     syscall.EADDRINUSE,
	ninep.ErrBadIP:      syscall.EADDRNOTAVAIL,
	ninep.ErrWstatProh:  syscall.EPERM,
	ninep.ErrNoCreate:   syscall.EPERM,
	ninep.ErrNoAttach:   syscall.EPERM,
	ninep.ErrBadArg:     syscall.EINVAL,
	ninep.ErrBadCtl:     syscall.EINVAL,
	ninep.ErrCmdArgs:    syscall.EINVAL,
	ninep.ErrCtlUnknown: syscall.EINVAL,
	ninep.ErrCtlShort:   syscall.EINVAL,
	ninep.ErrNegOff:     syscall.EINVAL,
	ninep.ErrBadChar:    syscall.EINVAL,
	ninep.ErrFileName:   syscall.EINVAL,
	ninep.ErrBadSharp:   syscall.ENOENT,
	ninep.ErrTooLong:    syscall.ENAMETOOLONG,
	ninep.ErrTooBig:     syscall.EFBIG,
	ninep.ErrIsStream:   syscall.ESPIPE,
	ninep.ErrBadUseFD:   syscall.EBADF,
	ninep.ErrBadFD:      syscall.EBADF,
	ninep.ErrNoFD:       syscall.EMFILE,
	ninep.ErrManyFids:   syscall.ENFILE,
	ninep.ErrManyReqs:   syscall.EAGAIN,
	ninep.ErrNoProcs:    syscall.EAGAIN,
	ninep.ErrNoDev:      syscall.ENODEV,
	ninep.ErrNoMem:      syscall.ENOSPC,
	ninep.ErrProcDied:   syscall.ESRCH,
	ninep.ErrNoChild:    syscall.ECHILD,
	ninep.ErrBadExec:    syscall.ENOEXEC,
	ninep.ErrConRefused: syscall.ECONNREFUSED,
	ninep.ErrTimedOut:   syscall.ETIMEDOUT,
	ninep.ErrHungup:     syscall.EIO, // ENOTCONN is how a mount looks whose server has died
	ninep.ErrIO:         syscall.EIO,
	errStale:            syscall.ESTALE,

	// Of control files.
	"unknown control message": syscall.EINVAL,

	// Of file servers elsewhere.
	"phase error":                 syscall.ESTALE,
	"directory entry not found":   syscall.ENOENT,
	"file not found":              syscall.ENOENT,
	"does not exist":              syscall.ENOENT,
	"already exists":              syscall.EEXIST,
	"file exists":                 syscall.EEXIST,
	"access permission denied":    syscall.EACCES,
	"permission denied by server": syscall.EACCES,
	"directory not empty":         syscall.ENOTEMPTY,
	"is a directory":              syscall.EISDIR,
	"read only file system":       syscall.EROFS,
	"file system read only":       syscall.EROFS,
	"file system full":            syscall.ENOSPC,
	"device is full":              syscall.ENOSPC,
	"disk full":                   syscall.ENOSPC,
	"no space":                    syscall.ENOSPC,
	"exclusive lock":              syscall.EBUSY,
	"file is locked":              syscall.EBUSY,
	"i/o count too small":         syscall.EINVAL,
	"venti i/o error":             syscall.EIO,
}

// errno returns the host's number for an error; EIO for one it does not know.
// Servers put a name before their text, or use the texts of the host they run
// on: so the end of a text counts, and the host's own words.
func errno(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	text := ninep.ErrorOf(err)
	if before, _, quoted := strings.Cut(string(text), ` "`); quoted {
		text = ninep.Error(before) // what cmderror in the kernel adds: the message
	}
	if e, ok := errnos[text]; ok {
		return e
	}
	if strings.HasPrefix(string(text), "usage: ") {
		return syscall.EINVAL // what a control file answers, see ninep.Ctl
	}
	best, found := 0, syscall.EIO
	lower := strings.ToLower(string(text))
	for t, e := range errnos {
		if len(t) > best && strings.HasSuffix(lower, string(t)) {
			best, found = len(t), e
		}
	}
	const last = 133 // no host has more numbers
	for e := syscall.Errno(1); e <= last; e++ {
		if t := e.Error(); len(t) > best && strings.HasSuffix(lower, strings.ToLower(t)) {
			best, found = len(t), e
		}
	}
	return found
}
