package dev

// The root device: what a kernel has before it has a file server.
//
//	#/bin #/dev #/env …     empty directories to bind and mount on
//	#/boot/rcmain …         the files a kernel needs to find its root
//	#/ufo/bin/cat …         the commands in the kernel: each file has one
//	#/ufo/bin/ndb/query     line, "#builtin" and the name
//
// The tree does not change, so it belongs to nobody's failure: a console
// whose file server is gone still finds its commands here.
//
//	% cat '#/ufo/bin/cat'
//	#builtin cat
//	% bind '#/ufo/bin' /bin

import (
	"context"
	"slices"
	"strings"

	"ufo/ninep"
)

// A RootConfig says what is in #/.
type RootConfig struct {
	Boot     map[string]string // contents of the files in /boot, by name
	Builtins []string          // commands in the kernel, sorted: "cat", "ndb/query"; not changed, so kernels can share it
}

// rootDirs are the empty directories of #/, the same nodes in all kernels. The
// file tree that is bound after it in a union has directories of its own; those
// named here hide them, so a name is here only if /lib/namespace binds
// something on it.
var rootDirs = []*ninep.Node{
	empty("bin"), empty("dev"), empty("env"), empty("fd"), empty("mnt"), empty("n"), empty("net"),
	empty("net.alt"), empty("proc"), empty("root"), empty("shr"), empty("srv"), empty("tmp"),
}

func empty(name string) *ninep.Node { return &ninep.Node{Name: name, Perm: ninep.DMDIR | 0555} }

// NewRoot returns the device #/.
func NewRoot(h Host, cfg RootConfig) ninep.Server {
	boot := &ninep.Node{Name: "boot", Perm: ninep.DMDIR | 0555}
	for name, text := range cfg.Boot {
		boot.Children = append(boot.Children, program(name, text))
	}
	slices.SortFunc(boot.Children, func(a, b *ninep.Node) int {
		return strings.Compare(a.Name, b.Name)
	})
	bin := builtins{cfg.Builtins, ""}.node("bin")
	ufo := &ninep.Node{Name: "ufo", Children: []*ninep.Node{bin}}
	kids := slices.Concat([]*ninep.Node{boot}, rootDirs, []*ninep.Node{ufo})
	return newTree(h, &ninep.Node{Children: kids})
}

// program returns an executable file that contains text.
func program(name, text string) *ninep.Node {
	n := ninep.Text(name, text)
	n.Perm = 0555
	return n
}

// builtins is a directory of commands: those names that begin with prefix.
// Its nodes are made when asked for: a grid has many kernels, and a kernel
// uses few of its commands.
type builtins struct {
	names  []string
	prefix string // "" or "ndb/"
}

func (b builtins) node(name string) *ninep.Node {
	return &ninep.Node{Name: name, List: b.list, Lookup: b.lookup}
}

func (b builtins) list(context.Context) ([]*ninep.Node, error) {
	var nodes []*ninep.Node
	for _, full := range b.names {
		rest, ok := strings.CutPrefix(full, b.prefix)
		if !ok {
			continue
		}
		name, _, isDir := strings.Cut(rest, "/")
		if isDir && len(nodes) > 0 && nodes[len(nodes)-1].Name == name {
			continue // sorted: the directory's other commands follow its first
		}
		nodes = append(nodes, b.entry(name, isDir))
	}
	return nodes, nil
}

func (b builtins) lookup(_ context.Context, name string) (*ninep.Node, error) {
	full := b.prefix + name
	if _, ok := slices.BinarySearch(b.names, full); ok {
		return b.entry(name, false), nil
	}
	i, _ := slices.BinarySearch(b.names, full+"/")
	if i < len(b.names) && strings.HasPrefix(b.names[i], full+"/") {
		return b.entry(name, true), nil
	}
	return nil, ninep.ErrNotExist
}

func (b builtins) entry(name string, isDir bool) *ninep.Node {
	if isDir {
		return builtins{b.names, b.prefix + name + "/"}.node(name)
	}
	return program(name, "#builtin "+b.prefix+name+"\n")
}
