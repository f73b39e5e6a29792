package cmd

import (
	"fmt"
	"path"
	"strings"

	"ufo/proc"
)

// cleanname - clean a path name
//
// For each file name argument, cleanname, by lexical processing only, prints
// the shortest equivalent string that names the same (possibly hypothetical)
// file. It eliminates multiple and trailing slashes, and it lexically
// interprets . and .. directory components in the name. If the -d option is
// present, unrooted names are prefixed with pwd/ before processing.
//
// # SEE ALSO
//
// basename(1)
func cleannameMain(p *proc.Proc) error {
	arg := argbegin(p, "[-d pwd] name ...")
	dir := ""
	for c := range arg.flags() {
		switch c {
		case 'd':
			dir = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	out := stdout(p)
	defer flush(p, out)
	for _, name := range arg.args {
		if dir != "" && !strings.HasPrefix(name, "/") {
			name = dir + "/" + name
		}
		fmt.Fprintln(out, cleanname(name))
	}
	return nil
}

// cleanname is path.Clean for names of this system. A name that begins with "#" keeps its device:
// "#s/.." is "#s".
func cleanname(name string) string {
	if !strings.HasPrefix(name, "#") {
		return path.Clean(name)
	}
	dev, rest, _ := strings.Cut(name, "/")
	if rest = path.Clean("/" + rest); rest == "/" {
		return dev
	}
	return dev + rest
}
