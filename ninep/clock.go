package ninep

import "time"

// A clock has the times that the limits of a connection count from. Those for
// which there is no limit are not kept. It is guarded by server.mu.
type clock struct {
	timer    *time.Timer // for the limit that is over first; nil when stopped
	began    time.Time
	greeted  bool      // Tversion has come
	attached bool      // somebody has attached
	asked    time.Time // when something was asked for or answered
	wrote    time.Time // when the write in progress began
}

// now is the time, if there is a limit that counts from it.
func now(limit time.Duration) (t time.Time) {
	if limit != 0 {
		t = time.Now()
	}
	return t
}

// watch begins to end the connection when it takes too long, and returns what
// ends that.
func (s *server) watch() (stop func()) {
	if s.opt.Hello == 0 && s.opt.Attach == 0 && s.opt.Idle == 0 && s.opt.Stall == 0 {
		return func() {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began = time.Now()
	s.asked = s.began
	s.timer = time.AfterFunc(s.left(s.began), s.look)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.timer.Stop()
		s.timer = nil
	}
}

// look ends the connection if a limit is over, and else looks again when one may
// be.
func (s *server) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer == nil {
		return
	}
	left := s.left(time.Now())
	if left <= 0 {
		s.cancel(ErrTimedOut)
		return
	}
	s.timer.Reset(left)
}

// left returns how long it is at least until a limit is over. The caller has mu.
func (s *server) left(now time.Time) time.Duration {
	const long = 1<<63 - 1
	left := time.Duration(long)
	count := func(limit time.Duration, counts bool, from time.Time) {
		if limit == 0 {
			return
		}
		if counts {
			limit -= now.Sub(from)
		}
		left = min(left, limit)
	}
	count(s.opt.Stall, s.writing, s.wrote)
	count(s.opt.Idle, !s.writing && s.begun == 0, s.asked)
	if !s.greeted {
		count(s.opt.Hello, true, s.began)
	}
	if !s.attached {
		count(s.opt.Attach, true, s.began)
	}
	return left
}

// heard says that a message has come.
func (s *server) heard(t MsgType) {
	if s.opt.Idle == 0 && t != Tversion {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = now(s.opt.Idle)
	s.greeted = s.greeted || t == Tversion
}

// entered says that somebody has attached.
func (s *server) entered() {
	if s.opt.Attach == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attached = true
}
