package aout

import (
	"slices"

	"ufo/proc"
)

// An estate is the attached segments that stay when a process executes another
// program: all but those with SG_CEXEC, as Plan 9 has it.
type estate []*segment

// legacy returns what there is to leave, with references; nil for nothing.
func (im image) legacy() proc.Legacy {
	var e estate
	for _, m := range im {
		if m.attached() && !m.cexec {
			e = append(e, m.incref())
		}
	}
	if e == nil {
		return nil
	}
	return e
}

// attached reports whether the segment is one that a program attached.
func (s *segment) attached() bool { return s.name == memoryName || s.name == sharedName }

func (e estate) Fork() (proc.Legacy, error) {
	var kid estate
	for _, s := range e {
		s, err := s.inherited(false)
		if err != nil {
			kid.Close()
			return nil, err
		}
		kid = append(kid, s)
	}
	return kid, nil
}

func (e estate) Close() {
	for _, s := range e {
		s.close()
	}
}

// inherit makes what the program before has left the task's, but for what the new
// program has something else at, or cannot reach.
func (t *task) inherit() {
	left, _ := t.p.Left().(estate)
	im := slices.Clone(t.image)
	for _, s := range left {
		if s.mem != t.mem || s.end() > t.stacktop || im.overlaps(s.base, s.size.Load()) {
			s.close()
			continue
		}
		im = append(im, &mapping{segment: s})
	}
	t.change(im)
}

// overlaps reports whether something is in a range.
func (im image) overlaps(addr, n uint64) bool {
	return slices.ContainsFunc(im, func(m *mapping) bool { return addr < m.end() && m.base < addr+n })
}
