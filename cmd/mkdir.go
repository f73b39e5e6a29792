package cmd

import (
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// mkdir - make a directory
//
// Mkdir creates the specified directories. It requires write permission in
// the parent directory.
//
// If the -p flag is given, mkdir creates any necessary parent directories
// and does not complain if the target directory already exists.
//
// The -m flag sets the permissions to be used when creating the directory.
// The default is 0777.
//
// # SEE ALSO
//
// rm(1), rc(1)
//
// # DIAGNOSTICS
//
// Mkdir returns null exit status if all directories were successfully made.
// Otherwise it prints a diagnostic and returns "error" status.
func mkdirMain(p *proc.Proc) error {
	arg := argbegin(p, "[-p] [-m mode] dirname ...")
	mode, pflag := uint64(0o777), false
	for c := range arg.flags() {
		switch c {
		case 'p':
			pflag = true
		case 'm':
			var err error
			if mode, err = strconv.ParseUint(arg.eargf(), 8, 32); err != nil || mode > 0o777 {
				arg.usage()
			}
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	failed := ""
	for _, name := range arg.args {
		make1 := makedir
		if pflag {
			make1 = makedirs
		}
		if !make1(p, name, ninep.Perm(mode)) {
			failed = "error"
		}
	}
	return status(failed)
}

// makedirs makes each directory on the way to name that does not exist.
func makedirs(p *proc.Proc, name string, mode ninep.Perm) bool {
	name = strings.TrimRight(name, "/")
	for i := 1; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' || name[i-1] == '/' {
			continue
		}
		if _, err := p.Stat(name[:i]); err == nil {
			continue
		}
		if !makedir(p, name[:i], mode) {
			return false
		}
	}
	return true
}

func makedir(p *proc.Proc, name string, mode ninep.Perm) bool {
	if _, err := p.Stat(name); err == nil {
		warn(p, "%s already exists", name)
		return false
	}
	fd, err := p.Create(name, ninep.OREAD, ninep.DMDIR|mode)
	if err != nil {
		warn(p, "can't create %s: %v", name, err)
		return false
	}
	p.Close(fd)
	return true
}
