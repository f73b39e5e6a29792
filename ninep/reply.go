package ninep

// Replies go out in one of two ways. Those of the goroutine that reads are
// held, in a buffer of its own, until it delivers them all; the others are
// sent one by one. Who sends while somebody writes leaves it to him.

// reply holds a message that is no request's.
func (s *server) reply(m *Fcall) {
	s.hold(32)
	s.held, _ = m.Append(s.held)
	s.answers++
	s.mu.Lock()
	s.begun++
	s.mu.Unlock()
}

// hold makes room for n more bytes of replies to hold.
func (s *server) hold(n int) {
	if len(s.held) > 0 && len(s.held)+n > maxOut {
		s.deliver()
	}
	if cap(s.held)-len(s.held) >= n {
		return
	}
	old, b := s.holds, s.mem.buffer(len(s.held)+n)
	s.held = append(b.b[:0], s.held...)
	s.holds = b
	s.mem.recycle(old)
}

// deliver sends the replies that are held.
func (s *server) deliver() {
	if len(s.held) == 0 {
		return
	}
	s.mu.Lock()
	s.waitRoom()
	s.begun -= s.answers
	s.send(s.held)
	s.mu.Unlock()
	s.mem.recycle(s.holds)
	s.held, s.holds, s.answers = nil, nil, 0
}

// waitRoom waits until a reply may be sent, as one of a queue: else a reply could
// wait for as long as there are others. The caller has mu.
func (s *server) waitRoom() {
	if !s.writing || len(s.out) < maxOut && s.waiting == 0 {
		return
	}
	s.waiting++
	s.written.Wait()
	for s.writing && len(s.out) >= maxOut {
		s.written.Wait()
	}
	s.waiting--
	if !s.writing {
		s.written.Signal() // the next may follow, should this one not write
	}
}

// stallUnit is how many bytes are written at a time where a peer is to take them
// within Stall: so many that most replies go in one piece.
const stallUnit = 256<<10 + IOHDRSZ

// send writes replies, and what others want to send meanwhile; or leaves them
// to somebody who is writing. Replies go out in the order of calls. The
// caller has mu, and loses it for a while.
func (s *server) send(b []byte) {
	if s.writing {
		s.out = append(s.out, b...)
		if len(s.out) < maxOut {
			s.written.Signal() // for the next in the queue
		}
		return
	}
	s.writing = true
	for len(b) > 0 && !s.dead {
		n := len(b)
		if s.opt.Stall != 0 {
			n = min(n, stallUnit)
		}
		s.wrote = now(s.opt.Stall)
		s.mu.Unlock()
		_, err := s.conn.Write(b[:n])
		s.mu.Lock()
		if err != nil {
			s.dead = true
			s.cancel(errGone)
		}
		if b = b[n:]; len(b) == 0 {
			b, s.out = s.out, nil
			s.written.Signal()
		}
	}
	s.writing = false
	s.written.Signal()
	s.asked = now(s.opt.Idle)
	s.settled()
}
