package proc

import "time"

// A Call is a system call that a process has made.
type Call struct {
	Name   string // of the method: Open, Pread
	Args   []any  // as they were given; of a read, what it has read
	Result int    // a descriptor, a number of bytes, a process; -1 with an Err
	Err    error
	Began  time.Time
	Ended  time.Time
}

// A Tracer is told of each call when it has ended: in the goroutine of the
// process, so that it should neither wait nor make calls of it. What is in
// Args is the process's own, and may change when the Tracer has returned.
type Tracer func(p *Proc, c Call)

// Trace has t told of the calls of the process from now on, and of those of
// the processes that it forks. Nil ends that.
func (p *Proc) Trace(t Tracer) { p.trace = t }

// tell tells the Tracer of a call that ends now. It is deferred by the call,
// with where its results will be, only when there is a Tracer.
func (p *Proc) tell(name string, began time.Time, result *int, err *error, args ...any) {
	c := Call{Name: name, Args: args, Began: began, Ended: p.table.now()}
	if result != nil {
		c.Result = *result
	}
	if err != nil && *err != nil {
		c.Err, c.Result = *err, -1
	}
	if name == "Read" || name == "Pread" {
		for i, arg := range args {
			if b, ok := arg.([]byte); ok {
				args[i] = b[:min(max(c.Result, 0), len(b))]
			}
		}
	}
	p.trace(p, c)
}

// tellExit tells the Tracer that the process exits. It stands alone to keep
// what it needs off the stack of exit, where a new process would have to make
// room for it.
func (p *Proc) tellExit() {
	p.tell("Exits", p.Now(), nil, nil, p.Info().Status)
}
