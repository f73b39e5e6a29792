package proc

// A callno says which system call a process is in, for ps.
type callno int32

const (
	running callno = iota
	callOpen
	callCreate
	callPread
	callPwrite
	callSeek
	callStat
	callWstat
	callRemove
	callChdir
	callBind
	callMount
	callUnmount
	callFversion
	callFauth
	callPipe
	callClose
	callRfork
	callExec
	callWait
	callSleep
	callRendez
	callSem
	callUntil
	callStopped // stopped by ctl, between two calls
)

// callNames are the states that ps(1) shows.
var callNames = [...]string{
	running:      "Running",
	callOpen:     "Open",
	callCreate:   "Create",
	callPread:    "Pread",
	callPwrite:   "Pwrite",
	callSeek:     "Seek",
	callStat:     "Stat",
	callWstat:    "Wstat",
	callRemove:   "Remove",
	callChdir:    "Chdir",
	callBind:     "Bind",
	callMount:    "Mount",
	callUnmount:  "Unmount",
	callFversion: "Fversion",
	callFauth:    "Fauth",
	callPipe:     "Pipe",
	callClose:    "Close",
	callRfork:    "Rfork",
	callExec:     "Exec",
	callWait:     "Await",
	callSleep:    "Sleep",
	callRendez:   "Rendez",
	callSem:      "Semacquire",
	callUntil:    "Serve",
	callStopped:  "Stopped",
}
