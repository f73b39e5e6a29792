package ninep

import "time"

// How a connection ends when nothing is wrong with it: the peer has said
// everything, or the server is to go.

// linger lets requests in progress be answered when the peer may have closed but
// the one side on which it writes.
func (s *server) linger() {
	_, half := s.conn.(interface{ CloseWrite() error })
	if !half || s.session == nil || s.answered() {
		return
	}
	answered := make(chan struct{})
	go func() { // ends with the requests, which Serve ends if they do not
		s.session.wg.Wait()
		close(answered)
	}()
	t := time.NewTimer(s.opt.Linger)
	defer t.Stop()
	select {
	case <-answered:
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// answered reports whether no request is under way, and no reply.
func (s *server) answered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun == 0 && !s.writing
}

// drain has the connection end in order.
func (s *server) drain() {
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
