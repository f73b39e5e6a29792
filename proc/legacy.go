package proc

// A Legacy is what a program leaves to the next one that its process executes,
// beside what every process has: segments of memory. A program that knows nothing
// of it leaves it as it is, for its children too.
type Legacy interface {
	// Fork returns what a child has of it.
	Fork() (Legacy, error)
	// Close is called when nobody wants it any more.
	Close()
}

// Leave makes l what is left for the next program, nil for nothing, instead of what
// is. Only the process may call it.
func (p *Proc) Leave(l Legacy) {
	if p.legacy != nil {
		p.legacy.Close()
	}
	p.legacy = l
}

// Left returns what was left, which is the caller's from then on, nil for nothing.
// Only the process may call it.
func (p *Proc) Left() Legacy {
	l := p.legacy
	p.legacy = nil
	return l
}

// bequeath returns what a child has of it.
func (p *Proc) bequeath() (Legacy, error) {
	if p.legacy == nil {
		return nil, nil
	}
	return p.legacy.Fork()
}
