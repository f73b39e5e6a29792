package fuse

import (
	"syscall"
	"testing"

	"ufo/ninep"
)

// A control file's complaint has the message behind it.
func TestErrnoControl(t *testing.T) {
	for _, tt := range []struct {
		text ninep.Error
		want syscall.Errno
	}{
		{`unknown control message "frob it"`, syscall.EINVAL},
		{`bad process or channel control request "frob"`, syscall.EINVAL},
		{"usage: add n", syscall.EINVAL},
		{"short control request", syscall.EINVAL},
		{`it rains "frob"`, syscall.EIO},
	} {
		if have := errno(tt.text); have != tt.want {
			t.Errorf("%s: %v, want %v", tt.text, have, tt.want)
		}
	}
}
