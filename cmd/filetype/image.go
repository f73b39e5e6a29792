package filetype

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// fieldLen is the length of a number in the header of an image.
const fieldLen = 12

// image knows Plan 9's images and subfonts.
func image(f *file) kind {
	b, compressed := bytes.CutPrefix(f.b, []byte("compressed\n"))
	if len(b) < 5*fieldLen {
		return kind{}
	}
	depth, old := depthOf(strings.Trim(string(b[:fieldLen]), " "))
	if depth == 0 {
		return kind{}
	}
	var r [4]int
	for i := range r {
		n, ok := field(b[(i+1)*fieldLen:])
		if !ok {
			return kind{}
		}
		r[i] = n
	}
	dx, dy := r[2]-r[0], r[3]-r[1]
	if dx <= 0 || dy <= 0 || dx > 1<<20 || dy > 1<<20 {
		return kind{}
	}
	size := fmt.Sprintf("depth %d, size %dx%d", depth, dx, dy)
	if compressed {
		return kind{"Compressed " + old + "plan 9 image or subfont, " + size, "image/p9bit"}
	}
	n := int64((dx*depth+7)/8)*int64(dy) + 5*fieldLen
	switch {
	// The length is unknown of what is read from a pipe; there may be a
	// little more than the image.
	case f.Length == 0 || f.Length >= n && f.Length < n+fieldLen:
		return kind{old + "plan 9 image, " + size, "image/p9bit"}
	case subfont(f.b, n):
		return kind{old + "subfont file, " + size, "image/p9bit"}
	}
	return kind{}
}

// depthOf returns the bits of a pixel with a channel descriptor such as
// r8g8b8, or with the older ldepth; 0 if it is neither.
func depthOf(s string) (depth int, old string) {
	if n, err := strconv.ParseUint(s, 10, 3); err == nil {
		return 1 << n, "old "
	}
	for s != "" {
		if !strings.ContainsRune("rgbkamx", rune(s[0])) {
			return 0, ""
		}
		digits := strings.TrimLeft(s[1:], "0123456789")
		n, err := strconv.Atoi(s[1 : len(s)-len(digits)])
		if err != nil || n > 32 {
			return 0, ""
		}
		depth += n
		s = digits
	}
	if depth == 0 || depth%8 != 0 && 8%depth != 0 {
		return 0, ""
	}
	return depth, ""
}

// field returns the number that b begins with, right-justified and followed
// by a blank.
func field(b []byte) (int, bool) {
	if len(b) < fieldLen || b[fieldLen-1] != ' ' {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimLeft(string(b[:fieldLen-1]), " "))
	return n, err == nil
}

// subfont reports whether the header of a subfont is at off, which is assumed
// of what is too far away.
func subfont(b []byte, off int64) bool {
	if off+3*fieldLen > int64(len(b)) {
		return true
	}
	n, ok := field(b[off:])
	height, ok2 := field(b[off+fieldLen:])
	ascent, ok3 := field(b[off+2*fieldLen:])
	return ok && ok2 && ok3 && n > 0 && height > 0 && ascent >= 0
}

// font knows Plan 9's fonts: two numbers, and lines of ranges and the names of
// subfonts, which must exist.
func font(f *file) kind {
	lines := strings.Split(string(f.b), "\n")
	head := strings.Fields(lines[0])
	if f.Exists == nil || len(head) != 2 || !digits(head[0]) || !digits(head[1]) {
		return kind{}
	}
	if len(f.Head) == Size {
		lines = lines[:len(lines)-1] // the last may be cut
	}
	n := 0
	for _, line := range lines[1:] {
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		if len(w) == 4 && digits(w[2]) {
			w = append(w[:2], w[3])
		}
		if len(w) != 3 || !digits(w[0]) || !digits(w[1]) {
			return kind{}
		}
		name := w[2]
		if !path.IsAbs(name) {
			name = path.Join(path.Dir(f.Name), name)
		}
		if !f.Exists(name) && !f.Exists(name+".0") {
			return kind{}
		}
		n++
	}
	if n == 0 {
		return kind{}
	}
	return kind{"font file", plain}
}

// digits reports whether s is a number as C writes them.
func digits(s string) bool {
	_, err := strconv.ParseUint(s, 0, 32)
	return err == nil
}

// face knows the icons of faces, three lines of three numbers.
func face(f *file) kind {
	lines := strings.SplitN(string(f.b), "\n", 4)
	depth := 0
	for _, line := range lines[:min(3, len(lines))] {
		w := strings.Split(line, ",")
		if len(w) != 4 || strings.TrimSpace(w[3]) != "" {
			return kind{}
		}
		for _, s := range w[:3] {
			s = strings.TrimSpace(s)
			l := map[int]int{len("0x1234"): 1, len("0x12345678"): 2}[len(s)]
			if l == 0 || !strings.HasPrefix(s, "0x") || !digits(s) || depth != 0 && l != depth {
				return kind{}
			}
			depth = l
		}
	}
	if depth == 0 || len(lines) < 4 {
		return kind{}
	}
	return kind{fmt.Sprintf("face image depth %d", depth), "application/x-face"}
}
