//go:build !linux

package hostfs

import (
	"syscall"
	"time"
)

// accessed returns the time of the last access.
func accessed(st *syscall.Stat_t) time.Time { return time.Unix(st.Atimespec.Unix()) }

// changed returns the time of the last change of the file or its inode.
func changed(st *syscall.Stat_t) time.Time { return time.Unix(st.Ctimespec.Unix()) }
