package ninep_test

import (
	"context"
	"slices"
	"testing"

	. "ufo/ninep"
)

func TestNames(t *testing.T) {
	ctx := t.Context()
	root, err := world().Attach(ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file, want string
		err              error
	}{
		{"deep", "dir/a/b/file", "deep", nil},
		{"slashes and dots", "/dir//a/./b/../b/file/", "deep", nil},
		{"above the root", "../../motd", "hello, world\n", nil},
		{"not there", "dir/x", "", ErrNotExist},
		{"in a file", "motd/x", "", ErrNotDir},
		{"write only", "ctl", "", ErrPerm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := ReadFile(ctx, root, tt.file); string(got) != tt.want || err != tt.err {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if dirs, err := ListDir(ctx, root, "/dir"); err != nil || len(dirs) != 1 || dirs[0].Name != "a" {
		t.Errorf("ListDir: %v, %v", dirs, err)
	}
	if _, err := ListDir(ctx, root, "motd"); err != ErrNotDir {
		t.Errorf("ListDir of a file: %v", err)
	}
	for _, tt := range []struct {
		name, file string
		err        error
	}{
		{"what is there", "ctl", nil},
		{"read only", "motd", ErrPerm},
		{"a directory nobody may write", "dir/x", ErrPerm},
		{"a directory that is not there", "x/y", ErrNotExist},
		{"the root", "/", ErrIsDir},
	} {
		t.Run("write "+tt.name, func(t *testing.T) {
			if err := WriteFile(ctx, root, tt.file, []byte("ok"), 0666); err != tt.err {
				t.Errorf("got %v, want %v", err, tt.err)
			}
		})
	}
}

// hostly has the errors of Unix, and notes what is created.
type hostly struct {
	File
	created *[]string
}

func (f hostly) Walk(ctx context.Context, name string) (File, error) {
	nf, err := f.File.Walk(ctx, name)
	if err != nil {
		return nil, Error("No such file or directory")
	}
	return hostly{nf, f.created}, nil
}

func (f hostly) Clone(ctx context.Context) (File, error) {
	nf, err := f.File.Clone(ctx)
	return hostly{nf, f.created}, err
}

func (f hostly) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	*f.created = append(*f.created, name)
	return f.File.Create(ctx, name, perm, mode)
}

// A file is made whatever the server calls it that there is none, and only then.
func TestWriteFileAnyWords(t *testing.T) {
	root, err := world().Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	var created []string
	root = hostly{root, &created}
	for _, name := range []string{"ctl", "new", "motd"} {
		WriteFile(t.Context(), root, name, []byte("text"), 0666) // where it may
	}
	if !slices.Equal(created, []string{"new"}) {
		t.Errorf("made: %q", created)
	}
}
