package dev

// The real time clock device, and the memory that is kept while a node is off.
//
//	#r/nvram    512 bytes, which the host owner reads and writes anywhere
//	#r/rtc      the time in seconds; sets it
//
// What a machine must know to start by itself is in nvram: its owner, his
// domain, and the key they share with the authentication server (auth.Nvram).
//
//	% auth/wrkey
//	% xd -c '#r/nvram'

import (
	"context"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
)

// NvramSize is how many bytes there are in nvram, the size of its Disk.
const NvramSize = 512

// NewRTC returns the device #r. The clock is that of c; the memory is in nvram,
// a Disk of NvramSize bytes.
func NewRTC(h Host, c *Cons, nvram Disk) ninep.Server {
	rtc := &ninep.Node{
		Name: "rtc", Perm: 0664, Pure: true,
		Read: func(context.Context) ([]byte, error) {
			return appendNumber(nil, c.cfg.Clock().Unix(), 11), nil
		},
		Write: func(_ context.Context, p []byte) error {
			sec, err := strconv.ParseInt(strings.TrimSpace(string(p)), 0, 64)
			if err != nil || sec <= 0 {
				return ninep.ErrBadArg
			}
			return c.setTime(time.Unix(sec, 0))
		},
	}
	memory := &ninep.Node{
		Name: "nvram", Perm: 0600, Length: NvramSize,
		ReadAt: func(ctx context.Context, p []byte, off int64) (int, error) {
			p = p[:max(0, min(int64(len(p)), NvramSize-off))]
			if len(p) == 0 {
				return 0, nil
			}
			return len(p), nvram.ReadAt(ctx, p, off)
		},
		WriteAt: func(ctx context.Context, p []byte, off int64) (int, error) {
			if off > NvramSize || int64(len(p)) > NvramSize-off {
				return 0, ninep.ErrTooBig
			}
			return len(p), nvram.WriteAt(ctx, p, off)
		},
	}
	return newTree(h, &ninep.Node{Children: []*ninep.Node{memory, rtc}})
}
