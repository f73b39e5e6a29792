package dev

// The dup device: the open files of the calling process as files.
//
//	#d/n        opening it gives another descriptor of what n refers to, as
//	            dup(2) does: its offset is the same one
//	#d/nctl     reads the line that /proc/pid/fd has for n
//
//	% bind '#d' /fd
//	% cat /fd/0ctl
//	  0 r  c    0 (0000000000000002 0 00)     0       17 /dev/cons
//	% mount /fd/3 /n/x <>[3]/srv/boot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// NewDup returns the device #d.
func NewDup(h Host) ninep.Server {
	return newTree(h, &ninep.Node{List: dupList, Lookup: dupLookup})
}

func dupList(ctx context.Context) ([]*ninep.Node, error) {
	up := proc.Up(ctx)
	if up == nil {
		return nil, nil
	}
	var nodes []*ninep.Node
	for _, d := range up.Fds() {
		nodes = append(nodes, dupNode(up, d.Fd, d.Mode), dupCtl(up, d.Fd))
	}
	return nodes, nil
}

func dupLookup(ctx context.Context, name string) (*ninep.Node, error) {
	up := proc.Up(ctx)
	num, ctl := strings.CutSuffix(name, "ctl")
	fd, err := strconv.Atoi(num)
	if up == nil || err != nil || strconv.Itoa(fd) != num {
		return nil, ninep.ErrNotExist
	}
	c, err := up.FdChan(fd)
	if err != nil {
		return nil, ninep.ErrNotExist
	}
	defer c.Close()
	if ctl {
		return dupCtl(up, fd), nil
	}
	return dupNode(up, fd, c.Mode()), nil
}

// dupNode returns the file of a descriptor, whose permissions say what it is
// open for.
func dupNode(up *proc.Proc, fd int, mode ninep.Mode) *ninep.Node {
	var perm ninep.Perm
	if mode.CanRead() {
		perm |= 0400
	}
	if mode.CanWrite() {
		perm |= 0200
	}
	return &ninep.Node{
		Name: strconv.Itoa(fd), Perm: perm, Owner: up.User(), Path: uint64(fd)*2 + 1,
		Wrap: func(f ninep.File) ninep.File { return dupFile{f, fd} },
	}
}

func dupCtl(up *proc.Proc, fd int) *ninep.Node {
	return &ninep.Node{
		Name: strconv.Itoa(fd) + "ctl", Perm: 0400, Owner: up.User(), Path: uint64(fd)*2 + 2,
		Read: func(context.Context) ([]byte, error) {
			for _, d := range up.Fds() {
				if d.Fd == fd {
					return []byte(fdLine(d)), nil
				}
			}
			return nil, ninep.ErrBadFD
		},
	}
}

// A dupFile opens as the descriptor of whoever opens it.
type dupFile struct {
	ninep.File
	fd int
}

// Redirect returns the Chan of the descriptor with one more reference.
func (f dupFile) Redirect(ctx context.Context, mode ninep.Mode) (*ns.Chan, error) {
	up := proc.Up(ctx)
	if up == nil || mode&ninep.ORCLOSE != 0 {
		return nil, ninep.ErrPerm
	}
	c, err := up.FdChan(f.fd)
	if err != nil {
		return nil, err
	}
	if has := c.Mode(); mode.CanRead() && !has.CanRead() ||
		(mode.CanWrite() || mode&ninep.OTRUNC != 0) && !has.CanWrite() {
		c.Close()
		return nil, ninep.ErrBadUseFD
	}
	return c, nil
}

// fdLine returns the line of an open file in /proc/n/fd: number, mode,
// device, qid, size of transfers (0: any), offset and name.
func fdLine(d proc.FdInfo) string {
	mode := "r"
	switch {
	case d.Mode.CanRead() && d.Mode.CanWrite():
		mode = "rw"
	case d.Mode.CanWrite():
		mode = "w"
	}
	return fmt.Sprintf("%3d %-2s %c %4d (%016x %d %02x) %5d %8d %s\n",
		d.Fd, mode, d.Type, d.Dev, d.Qid.Path, d.Qid.Vers, uint8(d.Qid.Type), 0, d.Offset, d.Name)
}
