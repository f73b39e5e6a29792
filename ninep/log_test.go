package ninep_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// TestLog: what changes something is written down, and what fails, and no more.
func TestLog(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		do   func(root ninep.File)
		want string
	}{
		{"looking", func(root ninep.File) {
			ninep.ListDir(ctx, root, "dir")
			ninep.ReadFile(ctx, root, "dir/file")
			root.Stat(ctx)
			root.Wstat(ctx, ninep.NullDir)
		}, ""},
		{"nothing there", func(root ninep.File) { ninep.ReadFile(ctx, root, "dir/none/x") }, "glenda walk /dir/none/x: file does not exist\n"},
		{"written anew", func(root ninep.File) { ninep.WriteFile(ctx, root, "dir/file", []byte("abc"), 0) },
			"glenda truncate /dir/file\nglenda write /dir/file 3\n"},
		{"created", func(root ninep.File) { ninep.WriteFile(ctx, root, "a b", []byte("abc"), 0666) },
			"glenda walk '/a b': file does not exist\nglenda create '/a b'\nglenda write '/a b' 3\n"},
		{"not created", func(root ninep.File) { root.Create(ctx, "dir", 0666, ninep.OWRITE) }, "glenda create /dir: file already exists\n"},
		{"removed", func(root ninep.File) {
			f, _, _ := ninep.WalkNames(ctx, root, []string{"dir", "file"})
			f.Remove(ctx)
			f.Close()
		}, "glenda remove /dir/file\n"},
		{"removed at its end", func(root ninep.File) {
			f, err := ninep.OpenFile(ctx, root, "dir/file", ninep.OREAD|ninep.ORCLOSE)
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		}, "glenda remove /dir/file\n"},
		{"renamed", func(root ninep.File) {
			f, _, _ := ninep.WalkNames(ctx, root, []string{"dir", "file"})
			d := ninep.NullDir
			d.Name = "other"
			f.Wstat(ctx, d)
			d = ninep.NullDir
			d.Mtime = 7
			f.Wstat(ctx, d)
			f.Close()
		}, "glenda wstat /dir/file name other\nglenda wstat /dir/other\n"},
		{"refused", func(root ninep.File) {
			f, _ := root.Walk(ctx, "dir")
			d := ninep.NullDir
			d.UID = "a\nb"
			f.Wstat(ctx, d)
			f.Close()
		}, "glenda wstat /dir: permission denied\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			root := attachTo(t, ninep.Log(&b, stocked(t), nil))
			tt.do(root)
			root.Close()
			if b.String() != tt.want {
				t.Errorf("wrote\n%swant\n%s", b.String(), tt.want)
			}
		})
	}
}

// Nobody can write a line of his own by his name, no server by an error, and each
// line has its time.
func TestLogForm(t *testing.T) {
	var b bytes.Buffer
	srv := ninep.Log(&b, ramfs.New("glenda", time.Now, 0), func() time.Time { return time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC) })
	if _, err := srv.Attach(t.Context(), "x\nglenda", "no such"); err == nil {
		t.Error("attached")
	}
	bad := ninep.ServerFunc(func(context.Context, string, string) (ninep.File, error) {
		return nil, ninep.Error("no\nglenda write /ctl 4")
	})
	if _, err := ninep.Log(&b, bad, nil).Attach(t.Context(), "x", ""); err == nil {
		t.Error("attached")
	}
	if want := "2026-11-29 10:00:00 \"x\\nglenda\" attach /: bad attach specifier\n" +
		"x attach /: \"no\\nglenda write /ctl 4\"\n"; b.String() != want {
		t.Errorf("wrote %q, want %q", b.String(), want)
	}
}

// What is logged keeps the rules that it keeps otherwise.
func TestLogKeepsRules(t *testing.T) {
	var b strings.Builder
	if err := ninetest.TestServer(t.Context(), ninep.Log(&b, ramfs.New("glenda", time.Now, 0), nil)); err != nil {
		t.Error(err)
	}
	if err := ninetest.TestWire(t.Context(), ninep.Log(&b, ramfs.New("glenda", time.Now, 0), nil)); err != nil {
		t.Error(err)
	}
	if !strings.Contains(b.String(), "create /") {
		t.Error("nothing was written")
	}
}
