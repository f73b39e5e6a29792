package ninep

import (
	"context"
	"path"
	"strings"
)

// split returns the names that a slash-separated name below a root consists
// of; ".." is resolved in the name itself.
func split(name string) []string {
	name = path.Clean("/" + name)[1:]
	if name == "" {
		return nil
	}
	return strings.Split(name, "/")
}

// OpenFile walks from root to the file with the slash-separated name and
// opens it. The caller closes it.
func OpenFile(ctx context.Context, root File, name string, mode Mode) (File, error) {
	f, _, err := WalkNames(ctx, root, split(name))
	if err != nil {
		return nil, err
	}
	return open(ctx, f, mode)
}

// open opens f, or closes it if it cannot.
func open(ctx context.Context, f File, mode Mode) (File, error) {
	mode, err := openMode(mode, f.Qid().IsDir())
	if err == nil {
		err = f.Open(ctx, mode)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadFile returns what the file with the slash-separated name contains, as
// one reads it from the beginning to the end.
func ReadFile(ctx context.Context, root File, name string) ([]byte, error) {
	f, err := OpenFile(ctx, root, name, OREAD)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := make([]byte, 0, 8<<10)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.Read(ctx, buf[len(buf):cap(buf)], int64(len(buf)))
		buf = buf[:len(buf)+n]
		if n == 0 || err != nil {
			return buf, err
		}
	}
}

// WriteFile writes data, with one Write, to the file with the slash-separated
// name, which it truncates or, if there is none, creates with perm.
func WriteFile(ctx context.Context, root File, name string, data []byte, perm Perm) error {
	f, _, err := WalkNames(ctx, root, split(name))
	if err == nil {
		f, err = open(ctx, f, OWRITE|OTRUNC)
	} else { // in whatever words the server says that it is not there
		f, err = create(ctx, root, name, perm)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := f.Write(ctx, data, 0)
	if err == nil && n < len(data) {
		err = ErrIO
	}
	return err
}

func create(ctx context.Context, root File, name string, perm Perm) (File, error) {
	names := split(name)
	if len(names) == 0 {
		return nil, ErrExist
	}
	dir, _, err := WalkNames(ctx, root, names[:len(names)-1])
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Create(ctx, names[len(names)-1], perm, OWRITE)
}

// ListDir returns the entries of the directory with the slash-separated name.
func ListDir(ctx context.Context, root File, name string) ([]Dir, error) {
	f, err := OpenFile(ctx, root, name, OREAD)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !f.Qid().IsDir() {
		return nil, ErrNotDir
	}
	return f.ReadDir(ctx)
}
