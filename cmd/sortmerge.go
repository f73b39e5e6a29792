package cmd

import (
	"bufio"
	"bytes"
	"container/heap"
	"fmt"
	"io"
	"slices"

	"ufo/ninep"
)

// sortRuns is how many temporary files are merged at a time.
const sortRuns = 16

// sort sorts the lines in memory.
func (s *sorter) sort() {
	slices.SortFunc(s.items, func(a, b sortitem) int {
		if c := s.compare(&a, &b); c != 0 {
			return c
		}
		return a.seq - b.seq
	})
}

// spill sorts the lines in memory and moves them to a file.
func (s *sorter) spill() error {
	s.sort()
	out, err := s.newrun()
	if err != nil {
		return err
	}
	for i := range s.items {
		out.put(&s.items[i])
	}
	if err := out.flush(); err != nil {
		return err
	}
	clear(s.items)
	s.items, s.size, s.slab = s.items[:0], 0, nil
	s.runs = append(s.runs, out.fd)
	if len(s.runs) < sortRuns {
		return nil
	}
	if out, err = s.newrun(); err != nil {
		return err
	}
	if err := s.merge(out, false); err != nil {
		return err
	}
	s.runs = append(s.runs, out.fd)
	return nil
}

// newrun makes a temporary file. It goes when its descriptor does, however
// sort ends.
func (s *sorter) newrun() (*sortwriter, error) {
	name := fmt.Sprintf("%s/sort.%d.%d", s.dir, s.p.Info().Pid, s.nrun)
	s.nrun++
	fd, err := s.p.Create(name, ninep.ORDWR|ninep.ORCLOSE, 0o600)
	if err != nil {
		warn(s.p, "create %s: %v", name, err)
		return nil, status("create")
	}
	return &sortwriter{s: s, fd: fd, out: bufio.NewWriterSize(s.p.FD(fd), iounit)}, nil
}

// A sortwriter writes sorted lines, under -u one of those that are equal.
type sortwriter struct {
	s    *sorter
	fd   int
	out  *bufio.Writer
	some bool
	last sortitem // written, for -u
}

func (w *sortwriter) put(item *sortitem) {
	if w.s.unique {
		if w.some && w.s.comparekeys(&w.last, item) == 0 {
			return
		}
		w.some, w.last = true, *item
	}
	w.out.Write(item.line)
	w.out.WriteByte('\n')
}

// flush writes what is left. The error is the exit status.
func (w *sortwriter) flush() error {
	if err := w.out.Flush(); err != nil {
		warn(w.s.p, "write error: %v", err)
		return status("write")
	}
	return nil
}

// A sortrun is a source of sorted lines: a file or, if in is nil, those in
// memory.
type sortrun struct {
	sortitem // the next line
	in       *lineReader
	left     []sortitem
}

// merge writes the lines of all files, which it closes, and at the end those
// in memory.
func (s *sorter) merge(out *sortwriter, memory bool) error {
	h := &sortheap{s: s}
	for i, fd := range s.runs {
		if _, err := s.p.Seek(fd, 0, 0); err != nil {
			return fatal(s.p, "seek: %v", err)
		}
		h.runs = append(h.runs, &sortrun{sortitem: sortitem{seq: i}, in: &lineReader{in: input(s.p, fd)}})
	}
	if memory {
		h.runs = append(h.runs, &sortrun{sortitem: sortitem{seq: len(s.runs)}, left: s.items})
	}
	for i := 0; i < len(h.runs); {
		switch err := h.runs[i].next(s); {
		case err == io.EOF:
			h.runs = slices.Delete(h.runs, i, i+1)
		case err != nil:
			return fatal(s.p, "read error: %v", err)
		default:
			i++
		}
	}
	heap.Init(h)
	for len(h.runs) > 0 {
		r := h.runs[0]
		out.put(&r.sortitem)
		switch err := r.next(s); {
		case err == io.EOF:
			heap.Pop(h)
		case err != nil:
			return fatal(s.p, "read error: %v", err)
		default:
			heap.Fix(h, 0)
		}
	}
	for _, fd := range s.runs {
		s.p.Close(fd)
	}
	s.runs = s.runs[:0]
	return out.flush()
}

// next goes to the next line; the run keeps its place among the others. At the
// end the error is io.EOF.
func (r *sortrun) next(s *sorter) error {
	seq := r.seq
	if r.in == nil {
		if len(r.left) == 0 {
			return io.EOF
		}
		r.sortitem, r.left = r.left[0], r.left[1:]
		r.seq = seq
		return nil
	}
	line, err := r.in.next()
	if err != nil {
		return err
	}
	r.sortitem = s.item(bytes.TrimSuffix(line, []byte("\n")))
	r.seq = seq
	return nil
}

// A sortheap has the runs, that with the least line first: see package heap.
type sortheap struct {
	s    *sorter
	runs []*sortrun
}

func (h *sortheap) Len() int { return len(h.runs) }

func (h *sortheap) Less(i, j int) bool {
	a, b := h.runs[i], h.runs[j]
	c := h.s.compare(&a.sortitem, &b.sortitem)
	return c < 0 || c == 0 && a.seq < b.seq
}

func (h *sortheap) Swap(i, j int) { h.runs[i], h.runs[j] = h.runs[j], h.runs[i] }

// Push is never called: no run is added to those that are merged.
func (h *sortheap) Push(any) {}

func (h *sortheap) Pop() any {
	n := len(h.runs) - 1
	r := h.runs[n]
	h.runs = h.runs[:n]
	return r
}
