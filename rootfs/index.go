package rootfs

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// manroot is the manual: section N is a folder of pages there.
const manroot = "sys/man"

// indexes returns the INDEX of each section of the manual, in which man(1) finds
// the names that pages document. They are made of the NAME lines of the pages
// here, so that no page can be missing in one.
func indexes() (all []File) {
	sections, _ := fs.ReadDir(files, manroot) // part of the program: it cannot fail
	for _, section := range sections {
		dir := path.Join(manroot, section.Name())
		f := newFile("/"+dir+"/INDEX", false)
		text := strings.NewReader(index(dir))
		f.Size, f.Data = text.Size(), text
		all = append(all, f)
	}
	return all
}

// index returns a line for each name that a page in dir documents: the name,
// that of the page, and what it is.
func index(dir string) string {
	var lines []string
	pages, _ := fs.ReadDir(files, dir)
	for _, page := range pages {
		names, what := nameline(path.Join(dir, page.Name()))
		for _, name := range strings.Split(names, ", ") {
			lines = append(lines, fmt.Sprintf("%s %s %s\n", name, strings.TrimSuffix(page.Name(), "_"), what))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// nameline returns what stands under NAME, which is at the top of a page.
func nameline(name string) (names, what string) {
	f, err := files.Open(name)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	top := make([]byte, 512)
	n, _ := f.Read(top)
	_, text, _ := strings.Cut(string(top[:n]), "\nNAME\n")
	line, _, _ := strings.Cut(text, "\n")
	names, what, _ = strings.Cut(strings.TrimSpace(line), " - ")
	return names, what
}
