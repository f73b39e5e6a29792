package fuse

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"ufo/ninep"
)

func TestErrno(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want syscall.Errno
	}{
		{"none", nil, 0},
		{"no file", ninep.ErrNotExist, syscall.ENOENT},
		{"permission", ninep.ErrPerm, syscall.EACCES},
		{"exists", ninep.ErrExist, syscall.EEXIST},
		{"not a directory", ninep.ErrNotDir, syscall.ENOTDIR},
		{"a directory", ninep.ErrIsDir, syscall.EISDIR},
		{"not empty", ninep.ErrNotEmpty, syscall.ENOTEMPTY},
		{"interrupted", ninep.ErrIntr, syscall.EINTR},
		{"cancelled", context.Canceled, syscall.EINTR},
		{"hung up", ninep.ErrHungup, syscall.EIO},
		{"exclusive", ninep.ErrExcl, syscall.EBUSY},
		{"wstat", ninep.ErrWstatProh, syscall.EPERM},
		{"not the owner", ninep.ErrNotOwner, syscall.EPERM},
		{"bad argument", ninep.ErrBadArg, syscall.EINVAL},
		{"name too long", ninep.ErrTooLong, syscall.ENAMETOOLONG},
		{"mounted directory", ninep.ErrNoCreate, syscall.EPERM},
		{"refused", ninep.ErrConRefused, syscall.ECONNREFUSED},
		{"timed out", ninep.ErrTimedOut, syscall.ETIMEDOUT},
		{"no memory", ninep.ErrNoMem, syscall.ENOSPC},
		{"a stream", ninep.ErrIsStream, syscall.ESPIPE},
		{"replaced", errStale, syscall.ESTALE},
		{"unknown", ninep.Error("the cat is on the keyboard"), syscall.EIO},
		{"empty", ninep.Error(""), syscall.EIO},
		{"wrapped", fmt.Errorf("walk x: %w", ninep.ErrNotExist), syscall.ENOENT},
		{"joined", errors.Join(ninep.ErrNotEmpty, ninep.ErrExist), syscall.ENOTEMPTY},
		{"with a name before it", ninep.Error("'/a/b' file does not exist"), syscall.ENOENT},
		{"of a host", ninep.Error("No such file or directory"), syscall.ENOENT},
		{"of a host, with a name", ninep.Error("open /x: Read-only file system"), syscall.EROFS},
		{"of a host, not in our list", ninep.Error("too many levels of symbolic links"), syscall.ELOOP},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := errno(tt.err); got != tt.want {
				t.Errorf("%q is %v, want %v", tt.err, got, tt.want)
			}
		})
	}
}
