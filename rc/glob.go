package rc

import (
	"slices"
	"strings"

	"ufo/ninep"
)

// glob appends the names that match a marked pattern, sorted, or if there are
// none the pattern itself. A name that is twice in a union directory appears
// twice. Unlike elsewhere a / in a name is matched only by one in the pattern;
// there are no . and .. in Plan 9's directories.
func (sh *shell) glob(dst []string, pattern string) []string {
	if strings.IndexByte(pattern, mark) < 0 {
		return append(dst, pattern)
	}
	n := len(dst)
	dst = sh.globDir(dst, "", pattern)
	if len(dst) == n {
		return append(dst, unmark(pattern))
	}
	slices.Sort(dst[n:])
	return dst
}

// globDir appends the names below dir that match pattern.
func (sh *shell) globDir(dst []string, dir, pattern string) []string {
	for strings.HasPrefix(pattern, "/") {
		dir, pattern = makePath(dir, "/"), pattern[1:]
	}
	if pattern == "" {
		return append(dst, dir)
	}
	i := strings.IndexByte(pattern, mark)
	if i < 0 {
		name := makePath(dir, pattern)
		if _, err := sh.p.Stat(name); err == nil {
			dst = append(dst, name)
		}
		return dst
	}
	if slash := strings.LastIndexByte(pattern[:i], '/'); slash >= 0 {
		dir, pattern = makePath(dir, pattern[:slash]), pattern[slash+1:]
	}
	rest := ""
	if slash := strings.IndexByte(pattern, '/'); slash >= 0 {
		pattern, rest = pattern[:slash], pattern[slash:]
	}
	for _, d := range sh.readDir(dir) {
		if (rest == "" || d.IsDir()) && matches(d.Name, pattern) {
			dst = sh.globDir(dst, makePath(dir, d.Name), rest)
		}
	}
	return dst
}

// readDir returns the entries of a directory, none if it cannot be read.
func (sh *shell) readDir(dir string) (all []ninep.Dir) {
	if dir == "" {
		dir = "."
	}
	fd, err := sh.p.Open(dir, ninep.OREAD)
	if err != nil {
		return nil
	}
	defer sh.p.Close(fd)
	for {
		dirs, err := sh.p.ReadDir(fd)
		if err != nil || len(dirs) == 0 {
			return all
		}
		all = append(all, dirs...)
	}
}

// makePath returns the name of file in dir; a dir "" is as if it were not.
func makePath(dir, file string) string {
	if dir == "" {
		return file
	}
	return strings.TrimRight(dir, "/") + "/" + strings.TrimLeft(file, "/")
}
