//go:build !linux

package hostfs

import (
	"io/fs"
	"os"
)

// openKnown opens a file that check has seen and found good.
func openKnown(dir *os.Root, name string, flag int, check func(fs.FileInfo) error) (*os.File, error) {
	return openLooked(dir, name, flag, check)
}

// renameNew renames a file in its directory; a name that exists is an error.
func renameNew(dir *os.Root, from, to string) error { return renameLooked(dir, from, to) }
