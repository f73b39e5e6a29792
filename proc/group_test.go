package proc

import (
	"context"
	"testing"

	"ufo/ninep"
	"ufo/ns"
)

// Who got hold of a process's descriptors just before it exited finds none.
func TestClosedFgrp(t *testing.T) {
	closed := 0
	c := ns.Post(context.Background(), ns.NewDevtab(nil), "#|/data", nil, func() { closed++ })
	f := newFgrp()
	fd, err := f.add(c, false)
	if err != nil {
		t.Fatal(err)
	}
	f.close()
	if _, err := f.get(fd); err != ninep.ErrBadFD {
		t.Error("get: ", err)
	}
	if fds, _ := f.list(); len(fds) > 0 {
		t.Error("list: ", fds)
	}
	if _, err := f.remove(fd); err != ninep.ErrBadFD {
		t.Error("remove: ", err)
	}
	if closed != 1 {
		t.Error("closed ", closed, " times")
	}
}
