package cmd

import (
	"path"

	"ufo/proc"
)

// pwd - print the name of the working directory
//
// Pwd prints the path name of the working (current) directory: the path that
// was used to enter it. If the name space has changed since, this name may
// no longer be valid. See fd2path(2).
//
// # SEE ALSO
//
// pbd(1), bind(1), rc(1)
func pwdMain(p *proc.Proc) error {
	argbegin(p, "").noflags()
	return puts(p, p.Getwd()+"\n")
}

// pbd - print the base name of the working directory
//
// Pbd prints the last element of the name of the working (current)
// directory. It prints no final newline and is intended for applications
// such as constructing shell prompts.
//
// # SEE ALSO
//
// pwd(1)
func pbdMain(p *proc.Proc) error {
	argbegin(p, "").noflags()
	return puts(p, path.Base(p.Getwd()))
}
