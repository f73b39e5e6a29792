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
		if n > 0 && f.asked.Load() < tries && f.plain(true) {
			m, err = f.learn(ctx, off+int64(n), write) // a plain file is as long as what was written
		} else {
			m, err = write()
		}
		n += m
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
	for sent := 0; n < len(p); {
		for size := min(len(p)-sent, unit); size > 0; size = min(len(p)-sent, unit) {
			c.mu.Lock()
			room := c.writes.room(sent-n, size, mostWindow)
			c.mu.Unlock()
			if !room {
				break
			}
			k := c.newCall(Fcall{Type: Twrite, Fid: f.fid, Offset: uint64(off) + uint64(sent), Count: uint32(size), Data: p[sent : sent+size]})
			k.pace = &c.writes
			if err := c.start(ctx, k); err != nil {
				c.free(k)
				if len(calls) > 0 {
					break // what is under way comes first
				}
				return n, err
			}
			calls = append(calls, k)
			sent += size
		}
		k := calls[0]
		calls = calls[1:]
		m, full, err := c.wrote(ctx, k)
		n += m
		if err != nil || !full {
			return n, err
		}
	}
	return n, nil
}

// wrote waits until a Twrite is done, and says how much of it was.
func (c *Client) wrote(ctx context.Context, k *call) (n int, full bool, err error) {
	defer c.free(k)
	if err := c.wait(ctx, k); err != nil {
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
	n, _, err := f.c.wrote(ctx, k)
	return n, err
}
