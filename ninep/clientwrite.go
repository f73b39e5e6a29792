package ninep

import "context"

// tries is how often the writes of a file ask whether it is plain.
const tries = 3

// Write sends as many Twrites as p takes, until one is not done in full; those
// to a plain file together. Where one of these fails, what is behind it may
// have been written nevertheless.
func (f *clientFile) Write(ctx context.Context, p []byte, off int64) (n int, err error) {
	unit := f.unit()
	defer f.change()
	for {
		want := min(len(p)-n, unit)
		if f.length.Load() > 0 && want < len(p)-n {
			m, err := f.writeAll(ctx, p[n:], off+int64(n))
			return n + m, err
		}
		write := func() (int, error) { return f.write(ctx, p[n:n+want], off+int64(n)) }
		var m int
		if want < len(p)-n && f.wrote.Load() > 0 && f.asked.Load() < tries && f.plain(true) {
			m, err = f.learn(ctx, write)
		} else {
			m, err = write()
		}
		n += m
		f.wrote.Store(max(f.wrote.Load(), off+int64(n)))
		if err != nil || m < want || n == len(p) {
			return n, err
		}
	}
}

// writeAll writes to a plain file, with several Twrites under way.
func (f *clientFile) writeAll(ctx context.Context, p []byte, off int64) (n int, err error) {
	c, unit := f.c, f.unit()
	var calls []*call
	defer func() {
		for _, k := range calls {
			c.drop(k)
		}
	}()
	wake := make(chan struct{}, 1)
	sent := 0
	var failed error // of the last start
	more := func() {
		for size := min(len(p)-sent, unit); size > 0 && failed == nil; size = min(len(p)-sent, unit) {
			c.mu.Lock()
			room := c.writes.room(sent-n, size, mostWindow)
			c.mu.Unlock()
			if !room {
				break
			}
			k := c.newCall(Fcall{Type: Twrite, Fid: f.fid, Offset: uint64(off) + uint64(sent), Count: uint32(size), Data: p[sent : sent+size]})
			k.pace, k.wake = &c.writes, wake
			if failed = c.start(ctx, k); failed != nil {
				c.free(k)
				break
			}
			calls = append(calls, k)
			sent += size
		}
	}
	for n < len(p) {
		if more(); len(calls) == 0 {
			return n, failed
		}
		k := calls[0]
		err := c.waitOr(ctx, k, more)
		calls = calls[1:]
		m, full, err := c.wrote(k, err)
		n += m
		if err != nil || !full {
			return n, err
		}
	}
	return n, nil
}

// wrote says how much of a Twrite was done, whose wait returned err.
func (c *Client) wrote(k *call, err error) (n int, full bool, _ error) {
	defer c.free(k)
	if err != nil {
		return 0, false, err
	}
	if int64(k.r.Count) > int64(k.size()) {
		c.fail()
		return 0, false, ErrBotch
	}
	return int(k.r.Count), int(k.r.Count) == k.size(), nil
}

// write sends one Twrite.
func (f *clientFile) write(ctx context.Context, p []byte, off int64) (int, error) {
	k := f.c.newCall(Fcall{Type: Twrite, Fid: f.fid, Offset: uint64(off), Count: uint32(len(p)), Data: p})
	if err := f.c.start(ctx, k); err != nil {
		f.c.free(k)
		return 0, err
	}
	n, _, err := f.c.wrote(k, f.c.wait(ctx, k))
	return n, err
}
