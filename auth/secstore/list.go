package secstore

import (
	"cmp"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A File is one that a user has stored.
type File struct {
	Name  string
	Mtime time.Time
	Data  []byte
}

// Listing returns a line for each file, as clients are shown them: name, length,
// date, and SHA-1 hash.
func Listing(files []File) string {
	files = slices.SortedFunc(slices.Values(files), func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	name, length := 0, 0
	for _, f := range files {
		name = max(name, len(f.Name))
		length = max(length, len(strconv.Itoa(len(f.Data))))
	}
	var b strings.Builder
	for _, f := range files {
		sum := sha1.Sum(f.Data)
		fmt.Fprintf(&b, "%-*s\t%*d %s %s\n", name, f.Name, length, len(f.Data),
			f.Mtime.UTC().Format("Jan _2 15:04:05 GMT 2006"), base64.StdEncoding.EncodeToString(sum[:]))
	}
	return b.String()
}
