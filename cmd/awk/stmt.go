package awk

// A jump says how a statement ended.
type jump uint8

const (
	jumpNone jump = iota
	jumpBreak
	jumpContinue
	jumpNext
	jumpNextfile
	jumpReturn
)

// A stmt is a statement.
type stmt interface{ exec(m *machine) jump }

// A block is statements.
type block []stmt

func (b block) exec(m *machine) jump {
	for _, s := range b {
		if j := s.exec(m); j != jumpNone {
			return j
		}
	}
	return jumpNone
}

// A numbered is a statement and its line in the program, for messages.
type numbered struct {
	lineno int
	s      stmt
}

func (s *numbered) exec(m *machine) jump {
	m.lineno = s.lineno
	return s.s.exec(m)
}

// A valstmt is an expression as a statement.
type valstmt struct{ e expr }

func (s *valstmt) exec(m *machine) jump {
	s.e.val(m)
	return jumpNone
}

// A numstmt is an expression whose value is a number: it is not made a string.
type numstmt struct{ e numeric }

func (s *numstmt) exec(m *machine) jump {
	s.e.num(m)
	return jumpNone
}

// An output is where print writes: dest is nil for the standard output.
type output struct {
	how  mode
	dest expr
}

// writer returns it open.
func (o *output) writer(m *machine) *writer {
	if o.dest == nil {
		return m.stdout
	}
	name := o.dest.str(m)
	f := m.open(name, o.how)
	if f == nil {
		m.fatal("can't open file %s", name)
	}
	return f.out
}

// wrote is called when something has been appended to w. What goes to descriptor 2
// comes after what was printed before, and at once.
func (m *machine) wrote(w *writer) {
	switch {
	case w.fd == 2:
		m.flush()
	case len(w.buf) >= bufsize:
		m.flushwriter(w)
	}
}

// A print is print args.
type print struct {
	args []expr
	to   output
}

func (s *print) exec(m *machine) jump {
	w := s.to.writer(m)
	for i, a := range s.args {
		if i > 0 {
			w.buf = append(w.buf, m.global(ofs)...)
		}
		if v := a.val(m); v.is&isstr != 0 {
			w.buf = append(w.buf, v.s...)
		} else {
			m.key = m.appendnum(m.key[:0], v.f, ofmt)
			w.buf = append(w.buf, m.key...)
		}
	}
	w.buf = append(w.buf, m.global(ors)...)
	m.wrote(w)
	return jumpNone
}

// A printf is printf args.
type printf struct {
	args []expr
	to   output
}

func (s *printf) exec(m *machine) jump {
	form := s.args[0].str(m)
	var few [256]byte
	b := m.format(few[:0], form, s.args[1:])
	w := s.to.writer(m)
	w.buf = append(w.buf, b...)
	m.wrote(w)
	return jumpNone
}

// A conditional is if (test) yes else no; no may be nil.
type conditional struct {
	test    expr
	yes, no stmt
}

func (s *conditional) exec(m *machine) jump {
	switch {
	case s.test.truth(m):
		return s.yes.exec(m)
	case s.no != nil:
		return s.no.exec(m)
	}
	return jumpNone
}

// A loop is while, do or for. Each of its parts but the body may be nil.
type loop struct {
	init       stmt
	test       expr
	body, step stmt
	post       bool // the body comes first
}

func (s *loop) exec(m *machine) jump {
	if s.init != nil {
		s.init.exec(m)
	}
	for first := true; ; first = false {
		m.tick()
		if s.test != nil && !(first && s.post) && !s.test.truth(m) {
			return jumpNone
		}
		switch j := s.body.exec(m); j {
		case jumpNone, jumpContinue:
		case jumpBreak:
			return jumpNone
		default:
			return j
		}
		if s.step != nil {
			s.step.exec(m)
		}
	}
}

// A walk is for (lv in arr) body.
type walk struct {
	lv   name
	arr  name
	body stmt
}

func (s *walk) exec(m *machine) jump {
	end := jumpNone
	m.array(s.arr.slot(m)).each(func(key string) bool {
		m.tick()
		m.set(s.lv.place(m), text(key))
		switch j := s.body.exec(m); j {
		case jumpNone, jumpContinue:
			return true
		case jumpBreak:
		default:
			end = j
		}
		return false
	})
	return end
}

// A remove is delete arr[subs], or delete arr without them.
type remove struct {
	arr  name
	subs []expr
}

func (s *remove) exec(m *machine) jump {
	a := m.array(s.arr.slot(m))
	if s.subs == nil {
		a.clear()
	} else {
		a.remove(m.subscript(s.subs))
	}
	return jumpNone
}

// A leave is break, continue or next.
type leave struct{ how jump }

func (s leave) exec(*machine) jump { return s.how }

// A skipfile is nextfile.
type skipfile struct{}

func (skipfile) exec(m *machine) jump {
	m.nextfile()
	return jumpNextfile
}

// A result is return e; e may be nil.
type result struct{ e expr }

func (s *result) exec(m *machine) jump {
	v := none()
	if s.e != nil {
		v = s.e.val(m)
	}
	m.ret = v
	return jumpReturn
}

// A quit is exit e; e may be nil. A string is the exit status, as is "error" for
// a number that is not 0.
type quit struct{ e expr }

func (s *quit) exec(m *machine) jump {
	if s.e != nil {
		v := s.e.val(m)
		v.look()
		switch {
		case v.is&isnum == 0:
			m.status = v.s
		case integer(v.f) != 0:
			m.status = "error"
		}
	}
	m.exit()
	return jumpNone
}
