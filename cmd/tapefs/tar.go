package tapefs

import (
	"context"
	"io"
	"math"

	"ufo/cmd/tar"
	"ufo/ninep"
)

// Tar returns the files of the tar archive that img is.
func Tar(ctx context.Context, img Image, cfg Config) (ninep.Server, error) {
	t := newTree(cfg)
	r := tar.NewReader(io.NewSectionReader(&Reader{ctx, img}, 0, math.MaxInt64))
	for {
		e, err := r.Next()
		if err == io.EOF {
			return t.server(), nil
		}
		if err != nil {
			return nil, err
		}
		if e.Kind != tar.Plain && e.Kind != tar.Dir {
			continue
		}
		if e.Sparse {
			t.warn("%s: sparse file skipped", e.Name)
			continue
		}
		t.add(file{name: e.Name, mode: e.Mode, mtime: e.Mtime, size: e.Size,
			uid: cfg.Users.name(e.Uid, e.UID), gid: cfg.Groups.name(e.Gid, e.GID),
			readAt: within(img, r.Offset(), e.Size)})
	}
}
