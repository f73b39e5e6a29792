package grid

// A ring is a buffer of bytes that grows as needed.
type ring struct {
	mem     []byte
	at, cnt int // the bytes begin at mem[at], and wrap around
}

func (r *ring) len() int { return r.cnt }

// write appends p.
func (r *ring) write(p []byte) {
	if need := r.cnt + len(p); need > len(r.mem) {
		mem := make([]byte, max(need, 2*len(r.mem), 512))
		n := r.cnt
		r.read(mem[:n])
		r.mem, r.at, r.cnt = mem, 0, n
	}
	n := copy(r.mem[(r.at+r.cnt)%len(r.mem):], p)
	copy(r.mem, p[n:])
	r.cnt += len(p)
}

// read moves bytes to p, as many as there are or p holds.
func (r *ring) read(p []byte) int {
	p = p[:min(len(p), r.cnt)]
	n := copy(p, r.mem[r.at:])
	copy(p[n:], r.mem)
	r.cnt -= len(p)
	if r.at += len(p); r.at >= len(r.mem) {
		r.at -= len(r.mem)
	}
	if r.cnt == 0 {
		r.at = 0
	}
	return len(p)
}
