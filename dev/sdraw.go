package dev

import (
	"context"
	"encoding/binary"
	"strconv"

	"ufo/ninep"
)

// What a command of SCSI ends with, and the commands that are known.
const (
	scsiGood  = 0
	scsiCheck = 2

	scsiReady    = 0x00
	scsiSense    = 0x03
	scsiInquiry  = 0x12
	scsiCapacity = 0x25
)

// illegal is the key of the sense data of a command that is not known.
const illegal = 5

// An sdRaw is the state of a raw file: a command was written, its data are
// read, then its status. The unit's mu guards it.
type sdRaw struct {
	open   bool
	step   int // of what follows
	data   []byte
	status int
	key    byte // of the sense data of the last command
}

// The steps of a command.
const (
	rawIdle = iota
	rawData
	rawStatus
)

// openRaw opens the raw file, which one at a time may use.
func (u *sdUnit) openRaw(context.Context, string, ninep.Mode) (*ninep.Node, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.gone:
		return nil, errChange
	case u.raw.open:
		return nil, ninep.ErrInUse
	}
	u.raw.open, u.raw.step = true, rawIdle
	return &ninep.Node{Name: "raw", Perm: 0600 | ninep.DMEXCL, ReadAt: u.readRaw, Write: u.writeRaw, Close: u.closeRaw}, nil
}

func (u *sdUnit) closeRaw() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.raw.open = false
}

// writeRaw takes a command, or the data of one, which none of ours wants.
func (u *sdUnit) writeRaw(_ context.Context, cmd []byte) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := &u.raw
	switch {
	case r.step == rawData:
		r.step = rawStatus
		return nil
	case r.step == rawStatus:
		return ninep.ErrBadUseFD
	case len(cmd) < 6 || len(cmd) > 16:
		return ninep.ErrBadArg
	}
	r.data, r.status = nil, scsiGood
	key := r.key
	r.key = 0
	switch cmd[0] {
	case scsiReady:
	case scsiSense:
		r.data = make([]byte, 18)
		r.data[0], r.data[2], r.data[7] = 0x70, key, 10
		if key == illegal {
			r.data[12] = 0x20 // invalid command
		}
	case scsiInquiry:
		r.data = make([]byte, 36)
		r.data[2], r.data[4] = 2, 31
		copy(r.data[8:], "                            ")
		copy(r.data[8:], u.Inquiry)
	case scsiCapacity:
		r.data = binary.BigEndian.AppendUint32(nil, uint32(min(u.sectors-1, 1<<32-1)))
		r.data = binary.BigEndian.AppendUint32(r.data, sectorSize)
	default:
		r.status, r.key = scsiCheck, illegal
	}
	r.step = rawData
	return nil
}

// readRaw returns the data of the command, then its status as a number.
func (u *sdUnit) readRaw(_ context.Context, p []byte, _ int64) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := &u.raw
	switch r.step {
	case rawData:
		r.step = rawStatus
		return copy(p, r.data), nil
	case rawStatus:
		r.step = rawIdle
		return copy(p, strconv.Itoa(r.status)), nil
	}
	return 0, ninep.ErrBadUseFD
}
