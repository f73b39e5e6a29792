// Package cmd is the built-in commands: those of section 1 of the manual, and
// the servers and tools of sections 4 and 8, written as Go functions.
//
// One file has one command, or a few of a kind. Command x is a function xMain,
// a [proc.Main], and a line of [Table]. Its doc comment is its manual page:
//
//	// cat - catenate files
//	//
//	// Cat reads each file in sequence and writes it on the standard output.
//	//
//	// # SEE ALSO
//	//
//	// cp(1)
//	func catMain(p *proc.Proc) error {
//		arg := argbegin(p, "[file ...]")
//
// The first line is the page's NAME; SYNOPSIS comes from the call of
// argbegin, so that a usage message and the manual cannot differ; SOURCE is
// added. The headings are those of Plan 9's manual: EXAMPLES, FILES, SEE
// ALSO, DIAGNOSTICS, BUGS, in this order. Indented lines are printed as they
// are: examples and lists of options. After a change
//
//	go test ./cmd -update
//
// writes the pages to rootfs/sys/man; without -update the test fails when a
// page is missing or stale.
//
// Commands use system calls only, and read and write in the sizes they mean:
// what cat reads is what cat writes. Diagnostics go to descriptor 2 in the
// form of Plan 9's sysfatal: "cat: can't open x: 'x' file does not exist".
package cmd

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A Command is a built-in command.
type Command struct {
	Name    string    // below /bin: "cat", "ndb/query"
	Section int       // of the manual
	Main    proc.Main // the program
}

// Lookup returns the command called name.
func Lookup(name string) (Command, bool) {
	i, ok := slices.BinarySearchFunc(Table, name, func(c Command, name string) int {
		return strings.Compare(c.Name, name)
	})
	if !ok {
		return Command{}, false
	}
	return Table[i], true
}

// Names returns the names of all commands in order, for the files of
// /ufo/bin. A name with a slash is a file in a directory there.
func Names() []string {
	names := make([]string, len(Table))
	for i, c := range Table {
		names[i] = c.Name
	}
	return names
}

// magic begins a file that stands for a built-in command: "#builtin cat\n".
const magic = "#builtin "

// Loader returns the loader of built-in commands.
func Loader() proc.Loader { return loader{} }

type loader struct{}

func (loader) Match(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }

func (loader) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	b := make([]byte, 256)
	n, err := file.ReadAt(ctx, b, 0)
	if err != nil {
		return nil, err
	}
	line, _, _ := strings.Cut(string(b[:n]), "\n")
	c, ok := Lookup(strings.TrimSpace(strings.TrimPrefix(line, magic)))
	if !ok {
		return nil, ninep.ErrBadExec
	}
	return c.Main, nil
}
