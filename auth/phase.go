package auth

// The names of phases that all protocols have.
const (
	established = "Established"
	broken      = "Broken"
)

// A state is what all conversations have: the name of the phase they are in, and
// how they ended.
type state struct {
	phase string
	err   error // why it is broken
	info  *Info
}

// Phase is a method of a Conv.
func (s *state) Phase() string { return s.phase }

// Info is a method of a Conv.
func (s *state) Info() *Info { return s.info }

// ended returns the error of a call after the end, or nil.
func (s *state) ended() error {
	if s.phase == established {
		return ErrDone
	}
	return s.err
}

// fail ends the conversation.
func (s *state) fail(err error) error {
	s.phase, s.err = broken, err
	return err
}

// turn returns the error of a call when it is the other's turn.
func (s *state) turn(op string) error { return &PhaseError{op, s.phase} }

// done ends the conversation well.
func (s *state) done(ai *Info) {
	s.phase, s.info = established, ai
}
