// Package rootfs is the distribution: the files a new grid's file server
// starts with, laid out as Plan 9 lays them out. What is in this folder is
// what is in the tree: to add a file, add it here. Only the indexes of the
// manual are made.
//
//	/lib/namespace      the recipe of a user's first name space
//	/lib/ndb            the network database
//	/rc/bin, /rc/lib    rc scripts: what a node runs when it boots, and commands
//	/amd64/bin …        programs for each kind of processor: none at first
//	/sys/man            the manual
//	/adm                users and their groups
//	/cfg/NODE           what is particular to one node
//	/usr/glenda         the home of the user every grid has
//
// An underscore at the end of a name is not part of it: con_ is for con, a
// name that embedded files may not have, because some hosts reserve it.
//
// A Go file system has neither owners nor groups nor empty directories, so
// the table in this file adds them.
package rootfs

import (
	"embed"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed all:adm all:cfg all:lib all:rc all:sys all:usr
var files embed.FS

// A File is one file or directory of the distribution.
type File struct {
	Name string // rooted: "/rc/bin/9fs"; the first is "/"
	Dir  bool
	Perm uint32 // permissions for owner, group and others
	UID  string
	GID  string
	Size int64       // of the contents; 0 for a directory
	Data io.ReaderAt // the contents; nil for a directory
}

// ReadAt reads the contents as io.ReaderAt has it.
func (f File) ReadAt(p []byte, off int64) (int, error) {
	if f.Data == nil {
		return 0, io.EOF
	}
	return f.Data.ReadAt(p, off)
}

// appendOnly is the bit of a file's permissions that says so: stat(2).
const appendOnly = 1 << 30

// rules say who owns a file and who may do what. The last that matches wins.
var rules = []struct {
	under     string // the file of this name and all below it
	dir, file uint32 // permissions of directories and of files
	uid, gid  string
}{
	{"/", 0o775, 0o664, "sys", "sys"},
	{"/adm", 0o775, 0o664, "adm", "adm"},
	{"/rc/bin", 0o775, 0o775, "sys", "sys"},
	{"/sys/log/rcpu", 0, appendOnly | 0o666, "sys", "sys"}, // none writes it
	{"/usr/glenda", 0o775, 0o664, "glenda", "glenda"},
	{"/usr/glenda/bin/rc", 0o775, 0o775, "glenda", "glenda"},
}

// empty are the directories that have nothing in them at first.
// The mount points of a running node are not here: its kernel has them, in #/.
// Programs have a place for each kind of processor: one root serves all kinds.
var empty = []string{
	"/386", "/386/bin", "/amd64", "/amd64/bin", "/arm", "/arm/bin", "/arm64", "/arm64/bin",
	"/usr/glenda/bin", "/usr/glenda/bin/amd64", "/usr/glenda/bin/arm64", "/usr/glenda/bin/rc", "/usr/glenda/tmp",
}

// Files returns the distribution in an order in which each directory comes
// before what it contains. No contents are copied: they stay in the program.
func Files() []File {
	all := []File{newFile("/", true)}
	// The tree is part of the program: walking and opening cannot fail.
	fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if name == "." {
			return err
		}
		f := newFile("/"+strings.TrimSuffix(name, "_"), d.IsDir())
		if !f.Dir {
			o, _ := files.Open(name)
			info, _ := o.Stat()
			f.Size, f.Data = info.Size(), o.(io.ReaderAt)
		}
		all = append(all, f)
		return err
	})
	all = append(all, indexes()...)
	for _, name := range empty {
		all = append(all, newFile(name, true))
	}
	slices.SortFunc(all, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// newFile applies the rules to a name.
func newFile(name string, dir bool) File {
	f := File{Name: name, Dir: dir}
	for _, r := range rules {
		if !under(name, r.under) {
			continue
		}
		f.UID, f.GID, f.Perm = r.uid, r.gid, r.file
		if dir {
			f.Perm = r.dir
		}
	}
	return f
}

// under reports whether name is dir or below it.
func under(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, dir)
	return ok && (rest == "" || dir == "/" || rest[0] == '/')
}

// ReadFile returns the contents of one file of the distribution by its
// rooted name, and fs.ErrNotExist if there is none.
func ReadFile(name string) ([]byte, error) {
	name = strings.TrimPrefix(path.Clean(name), "/")
	if dir, ok := strings.CutSuffix(name, "/INDEX"); ok && path.Dir(dir) == manroot {
		if text := index(dir); text != "" {
			return []byte(text), nil
		}
	}
	b, err := files.ReadFile(name)
	if err != nil {
		if b, err := files.ReadFile(name + "_"); err == nil {
			return b, nil
		}
	}
	return b, err
}
