package disk

import (
	"context"
	"fmt"

	"ufo/ninep"
)

// statsSpec is the spec of an attach to what the disk tells of itself:
//
//	/stats   used, live and free, a number of bytes each
const statsSpec = "stats"

// A Freer is a Store that knows how much longer it can become.
type Freer interface {
	Free() (int64, error)
}

// stats returns the server of what the disk tells of itself.
func (d *Disk) stats() ninep.Server {
	return ninep.NewTree("sys", &ninep.Node{Children: []*ninep.Node{{
		Name: "stats",
		Read: func(context.Context) ([]byte, error) { return d.usage() },
	}}})
}

// usage returns the text of stats. What a store does not know has no line.
func (d *Disk) usage() ([]byte, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.fail == ninep.ErrShutdown {
		return nil, d.fail
	}
	b := fmt.Appendf(nil, "used %d\nlive %d\n", d.end, d.live)
	if s, ok := d.store.(Freer); ok {
		n, err := s.Free()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ninep.ErrIO, err)
		}
		b = fmt.Appendf(b, "free %d\n", n)
	}
	return b, nil
}
