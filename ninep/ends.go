package ninep

// How a connection ends when nothing is wrong with it: the server is to go.

// drain has the connection end in order when it is to. It returns when it ends
// in whatever way.
func (s *server) drain() {
	select {
	case <-s.opt.Drain:
	case <-s.ctx.Done():
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drained = true
	s.settled()
}

// settled ends a drained connection on which no request is under way and no
// reply. The caller has mu.
func (s *server) settled() {
	if s.drained && s.begun == 0 && !s.writing {
		s.cancel(errDrained)
	}
}
