package dev

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
)

// hz is the frequency of the ticks that time and bintime count: they are the
// nanoseconds since the node was booted.
const hz = 1e9

// timeLen is the length of time.
const timeLen = 12 + 3*22

const errTime ninep.Error = "bad time control"

// time returns the file time: text.
func (c *Cons) time() *ninep.Node {
	n := &ninep.Node{Name: "time", Perm: 0664, Length: timeLen}
	n.Read = func(context.Context) ([]byte, error) {
		now := c.cfg.Clock()
		b := appendNumber(make([]byte, 0, timeLen), now.Unix(), 11)
		b = appendNumber(b, now.UnixNano(), 21)
		b = appendNumber(b, now.Sub(c.cfg.Host.Booted).Nanoseconds(), 21)
		return appendNumber(b, hz, 21), nil
	}
	n.Write = func(_ context.Context, p []byte) error {
		sec, err := strconv.ParseInt(strings.TrimSpace(string(p)), 0, 64)
		if err != nil || sec <= 0 {
			return errTime
		}
		return c.setTime(time.Unix(sec, 0))
	}
	return n
}

func (c *Cons) setTime(t time.Time) error {
	if c.cfg.SetTime == nil {
		return ninep.ErrPerm
	}
	c.cfg.SetTime(t)
	return nil
}

// bintime returns the file bintime: nanoseconds, ticks, ticks a second, in 8-byte
// numbers, most significant byte first; then the nanoseconds of a clock that
// nobody sets, which Go programs measure with, and do not believe when it is 0.
// Its offset means nothing.
func (c *Cons) bintime() *ninep.Node {
	return &ninep.Node{
		Name: "bintime", Perm: 0664, Length: 32,
		ReadAt: func(_ context.Context, p []byte, _ int64) (int, error) {
			now := c.cfg.Clock()
			booted := c.cfg.Host.Booted
			up := uint64(now.Sub(booted)) // ticks, too
			b := binary.BigEndian.AppendUint64(make([]byte, 0, 32), uint64(now.UnixNano()))
			b = binary.BigEndian.AppendUint64(b, up)
			b = binary.BigEndian.AppendUint64(b, uint64(hz))
			b = binary.BigEndian.AppendUint64(b, uint64(booted.UnixNano())+up)
			return copy(p[:len(p)&^7], b), nil
		},
		Write: func(_ context.Context, p []byte) error {
			if len(p) < 9 {
				return errTime
			}
			n := int64(binary.BigEndian.Uint64(p[1:]))
			switch {
			case p[0] == 'n':
				return c.setTime(time.Unix(0, n))
			case p[0] == 'd' && len(p) >= 13:
				// Trimmed at once: nobody here needs a clock that
				// never jumps.
				return c.setTime(c.cfg.Clock().Add(time.Duration(n)))
			case p[0] == 'f' && n > 0:
				return ninep.ErrPerm
			}
			return errTime
		},
	}
}

// pageSize is that of Plan 9 on most machines; here it is a unit only.
const pageSize = 4096

// swap returns the memory of the program that this kernel is part of, with
// all other nodes in it, in the form of swap(3).
func swap() string {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
	}
	metrics.Read(samples)
	var total, used uint64
	if samples[0].Value.Kind() == metrics.KindUint64 {
		total, used = samples[0].Value.Uint64(), samples[1].Value.Uint64()
	}
	return fmt.Sprintf("%d memory\n%d pagesize\n0 kernel\n%d/%d user\n0/0 swap\n",
		total, pageSize, used/pageSize, total/pageSize)
}
