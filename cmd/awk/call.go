package awk

// A function is one of the program's own.
type function struct {
	name    string
	nparams int
	body    block
	defined bool
	weight  int // how deep its body is nested
}

// A call is name(args).
type call struct {
	fn   *function
	args []expr
}

// maxdepth bounds the functions that have not returned, each as often as it is
// nested: beyond it is not our stack.
const maxdepth = 1 << 18

func (e *call) val(m *machine) value {
	fn := e.fn
	if !fn.defined {
		m.fatal("calling undefined function %s", fn.name)
	}
	if len(e.args) > fn.nparams {
		m.warn("function %s called with %d args, uses only %d", fn.name, len(e.args), fn.nparams)
	}
	m.tick()
	mark := m.frames
	frame := m.frames.push(fn.nparams)
	for i, a := range e.args {
		if i < len(frame) {
			m.bind(&frame[i], a)
		} else {
			a.val(m)
		}
	}
	if m.depth += fn.weight; m.depth > maxdepth {
		m.fatal("out of space for stack frames calling %s", fn.name)
	}
	caller, lineno := m.frame, m.lineno
	m.frame = frame
	v := none()
	if fn.body.exec(m) == jumpReturn {
		v = m.ret
	}
	m.frame, m.lineno = caller, lineno
	m.depth -= fn.weight
	m.frames.pop(mark)
	return v
}

// bind makes s the parameter for an argument: arrays are passed by reference,
// and so is what has not been anything yet.
func (m *machine) bind(s *slot, arg expr) {
	n, ok := arg.(name)
	if !ok {
		s.value = arg.val(m)
		return
	}
	from := n.slot(m)
	s.value, s.arr = from.value, from.arr
	if from.is&unset != 0 {
		s.of = from
	}
}

// frames is where the parameters of calls are. What has been given out does not
// move.
type frames struct {
	chunks [][]slot
	chunk  int // that is in use
	used   int // of it
}

// chunksize is the size of most chunks.
const chunksize = 256

// push returns n new variables.
func (f *frames) push(n int) []slot {
	for f.chunk < len(f.chunks) && f.used+n > len(f.chunks[f.chunk]) {
		f.chunk++
		f.used = 0
	}
	if f.chunk == len(f.chunks) {
		f.chunks = append(f.chunks, make([]slot, max(n, chunksize)))
	}
	frame := f.chunks[f.chunk][f.used : f.used+n : f.used+n]
	f.used += n
	for i := range frame {
		frame[i] = slot{value: none()}
	}
	return frame
}

// pop gives back what has been pushed since f was as mark.
func (f *frames) pop(mark frames) { f.chunk, f.used = mark.chunk, mark.used }
