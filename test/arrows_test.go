package test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows are the packages of this module and which others of it each may
// import. A package that is not here must not be.
const arrows = `
# What has files, and what runs.
ninep:
ninep/ninetest: ninep
ninep/ramfs:    ninep
ns:             ninep
proc:           ninep ns
dev:            ninep ns proc auth/tls
kernel:         ninep ns proc dev

# Who is who: protocols between programs, on any stream of bytes.
auth/ed448:
auth/tls:
auth/secstore:
auth:           auth/ed448

# Programs: above system calls only.
rc:             ninep proc
cmd/aan:
cmd/ndb:
cmd/disk:       ninep rootfs
cmd/calc:
cmd/hoc:
cmd/factotum:   ninep auth
cmd/tar:        ninep
cmd/tapefs:     ninep cmd/tar
cmd/filetype:   cmd/tar
cmd/keyfs:      ninep auth
cmd:            ninep ninep/ramfs ns proc rc auth auth/secstore auth/tls cmd/aan cmd/factotum cmd/keyfs cmd/ndb cmd/disk cmd/tar cmd/tapefs cmd/filetype cmd/calc cmd/iso9660 cmd/fat cmd/awk cmd/hoc
cmd/iso9660:    ninep
cmd/fat:        ninep
cmd/awk:        ninep proc
rootfs:

# Many nodes.
grid:           ninep ns proc dev kernel auth rc cmd cmd/keyfs cmd/ndb cmd/disk rootfs

# The host line. Above it is pure Go that knows nothing of the machine it
# runs on; below it is the machine.
hosted/tty:      ninep
hosted/fuse:     ninep
hosted/hostfs:   ninep
hosted/hostdisk: ninep
hosted/hostnet:  ninep dev hosted/post
hosted/post:     ninep
hosted/hostexec: ninep ns proc hosted/fuse
hosted/vm:
hosted/aout:     ninep ns proc hosted/vm
cmd/ufo:        ninep ninep/ninetest ns proc dev kernel rc cmd cmd/ndb cmd/disk rootfs grid hosted/tty hosted/fuse hosted/hostfs hosted/hostdisk hosted/hostnet hosted/post hosted/hostexec hosted/vm hosted/aout
examples/chat:        ninep hosted/post
examples/countfs:     ninep hosted/post
examples/get:
examples/ramfs:       ninep/ramfs hosted/post
examples/temperature: ninep hosted/post
examples/web:
test:           ninep ninep/ninetest ns proc dev kernel rc cmd cmd/ndb cmd/disk rootfs grid
test/std:
test/machine:
`

// missing are imports that look natural and are not allowed, and why.
const missing = `
ns proc:        who calls comes with the context, so a name space can be used without processes
proc dev:       a system call works on any Chan; a process that knew its devices could not be given others
dev kernel:     a device is built from what it needs, so that it can be tested and replaced alone
kernel grid:    a kernel does not know that there are others: what reaches them is its Wire
kernel cmd:     the commands are given to it, so that a node can have fewer, or others
rc ns:          a shell is a program like any other: system calls only
rc cmd:         what rc runs it finds in /bin
cmd grid:       a command sees the grid as files, in /mnt/grid
cmd dev:        a command sees devices as files
hosted/fuse ns: it shows any Server; that of a name space is made elsewhere
ninep ns:       people who write file servers import ninep alone
`

// above is what no package above the host line may import, and why.
const above = `
os:             files, environment and processes are the kernel's, not the host's
os/exec:        programs are run by a Loader
os/signal:      notes come through a Terminal
os/user:        users are names, known to file servers
net:            the network is a Wire
net/http:       the network is a Wire
syscall:        it differs from host to host
path/filepath:  the slash separates names, on every host
log:            a global; a kernel has /dev/kmesg
flag:           a global; commands take flags as arg(2) does
plugin:         not on every host
unsafe:         nothing here needs it
runtime/cgo:    pure Go builds everywhere
testing:        a program does not contain its tests; ninetest returns errors instead
embed:          the distribution is rootfs; nothing else has files in it
`

// modules are the modules from elsewhere, and who may import them.
const modules = `
golang.org/x/term: hosted/tty cmd/ufo
golang.org/x/crypto: auth auth/tls
golang.org/x/sys:  cmd/ufo hosted/fuse hosted/hostfs hosted/hostexec hosted/post hosted/vm
github.com/hanwen/go-fuse/v2: hosted/fuse
github.com/creack/pty: hosted/hostexec
`

// hosted reports whether a package stands below the host line.
func hosted(pkg string) bool {
	return strings.HasPrefix(pkg, "hosted/") || strings.HasPrefix(pkg, "examples/") || pkg == "cmd/ufo" || strings.HasPrefix(pkg, "test")
}

// TestArrows compares the imports of every package with the tables above.
// What tests import is their own business.
func TestArrows(t *testing.T) {
	ours, std, others := fields(arrows), fields(above), fields(modules)
	for _, s := range repo(t) {
		if s.ast == nil || s.isTest() || s.dir() == "." {
			continue
		}
		pkg := s.dir()
		allowed, ok := ours[pkg]
		if !ok {
			t.Errorf("%s: package %s is not in the table of arrows", s.name, pkg)
			continue
		}
		for _, spec := range s.ast.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			rel, isOurs := strings.CutPrefix(imp, "ufo/")
			switch {
			case isOurs && !slices.Contains(strings.Fields(allowed), rel):
				why := fields(missing)[pkg+" "+rel]
				t.Errorf("%s imports %s, which the table of arrows does not allow: %s", s.name, imp, why)
			case isOurs || hosted(pkg) && !strings.Contains(imp, "."):
			case pkg == "rootfs" && imp == "embed":
			case std[imp] != "":
				t.Errorf("%s imports %s: %s", s.name, imp, std[imp])
			case strings.Contains(imp, ".") && !mayImport(others, imp, pkg):
				t.Errorf("%s imports %s, which the table of modules does not allow", s.name, imp)
			}
		}
	}
}

// mayImport reports whether pkg may import imp, a package of a module from
// elsewhere.
func mayImport(modules map[string]string, imp, pkg string) bool {
	for mod, users := range modules {
		if imp == mod || strings.HasPrefix(imp, mod+"/") {
			return slices.Contains(strings.Fields(users), pkg)
		}
	}
	return false
}

// TestArrowsTable checks the tables themselves: an arrow that is explained as
// missing must not be in the table, and nothing may be reached in a circle.
func TestArrowsTable(t *testing.T) {
	ours := fields(arrows)
	for pair := range fields(missing) {
		from, to, _ := strings.Cut(pair, " ")
		if slices.Contains(strings.Fields(ours[from]), to) {
			t.Errorf("%s -> %s is allowed by one table and forbidden by the other", from, to)
		}
	}
	var visit func(pkg string, path []string)
	visit = func(pkg string, path []string) {
		if slices.Contains(path, pkg) {
			t.Fatalf("the table of arrows has a circle: %v", append(path, pkg))
		}
		for _, next := range strings.Fields(ours[pkg]) {
			if _, ok := ours[next]; !ok {
				t.Errorf("%s -> %s: no such package in the table", pkg, next)
			}
			visit(next, append(path[:len(path):len(path)], pkg))
		}
	}
	for pkg := range ours {
		visit(pkg, nil)
	}
}
