package ninep

import "strings"

// unixErrors are the texts that a client from Unix gets in the place of those
// of Plan 9. The client of Linux has a list of texts that it can make numbers
// of, and shows any other to programs as number 526, which nothing knows: so
// these are of that list, where it has not Plan 9's own. Where Unix has a
// better number that the list lacks, it is the nearest that it has.
var unixErrors = map[Error]Error{
	ErrMount:      "Input/output error",
	ErrUnmount:    "Invalid argument",
	ErrIsMount:    "Device or resource busy",
	ErrUnion:      "Invalid argument",
	ErrMountRPC:   "Input/output error",
	ErrShutdown:   "Input/output error",
	ErrNoProcs:    "Resource temporarily unavailable",
	ErrNoCreate:   "Operation not permitted",
	ErrBadSharp:   "No such file or directory",
	ErrIsDir:      "Is a directory",
	ErrBadChar:    "Invalid argument",
	ErrFileName:   "Invalid argument",
	ErrBadUseFD:   "Bad file descriptor",
	ErrBadArg:     "Invalid argument",
	ErrInUse:      "Device or resource busy",
	ErrTooBig:     "File too large",
	ErrTooSmall:   "Invalid argument",
	ErrNoPort:     "Device or resource busy",
	ErrHungup:     "Input/output error",
	ErrBadCtl:     "Invalid argument",
	ErrNoDev:      "No such device",
	ErrProcDied:   "No such file or directory",
	ErrNoChild:    "No data available",
	ErrBadFD:      "Bad file descriptor",
	ErrNoFD:       "Too many open files",
	ErrIsStream:   "Illegal seek",
	ErrBadExec:    "Invalid argument",
	ErrTimedOut:   "Connection timed out",
	ErrConRefused: "Connection refused",
	ErrConInUse:   "Device or resource busy",
	ErrNoRoute:    "No route to host",
	ErrIntr:       "Interrupted system call",
	ErrNoMem:      "No space left on device",
	ErrShort:      "Invalid argument",
	ErrBadSpec:    "No such file or directory",
	ErrNoAttach:   "Operation not permitted",
	ErrShortStat:  "Protocol error",
	ErrBadStat:    "Protocol error",
	ErrNegOff:     "Invalid argument",
	ErrCmdArgs:    "Invalid argument",
	ErrBadIP:      "Invalid argument",
	ErrDirSeek:    "Illegal seek",
	ErrTooLong:    "File name too long",
	ErrCtlUnknown: "Invalid argument",
	ErrCtlShort:   "Invalid argument",
	ErrReadOnly:   "Read-only file system",
	ErrBadFid:     "Bad file descriptor",
	ErrDupFid:     "Bad file descriptor",
	ErrDupTag:     "Protocol error",
	ErrBotch:      "Protocol error",
	ErrBadMsg:     "Bad message",
	ErrVersion:    "Protocol not supported",
	ErrNoAuth:     "Function not implemented",
	ErrUnknown:    "Input/output error",
	ErrMsize:      "Message too long",
	ErrManyFids:   "Too many open files in system",
	ErrManyReqs:   "Resource temporarily unavailable",
	ErrMaybe:      "Input/output error",
	ErrLostOpen:   "Input/output error",
	ErrRemoved:    "No such file or directory",
	ErrReplaced:   "No such file or directory",

	// Of file servers.
	"file system full":          "No space left on device",
	"phase error":               "No such file or directory",
	"not owner or group leader": "Operation not permitted",
	"unknown control message":   "Invalid argument",
}

// unixError returns what a client from Unix gets for an error: one of its own
// texts, or the same if there is none. What cmderror in Plan 9's kernel adds is
// left out: the message in quotes.
func unixError(e Error) Error {
	text, _, _ := strings.Cut(string(e), ` "`)
	if u, ok := unixErrors[Error(text)]; ok {
		return u
	}
	return e
}
