package cmd

import (
	"ufo/ninep"
	"ufo/proc"
)

// cat - catenate files
//
// Cat reads each file in sequence and writes it on the standard output. Thus
//
//	cat file
//
// prints a file and
//
//	cat file1 file2 >file3
//
// concatenates the first two files and places the result on the third.
//
// If no file is given, cat reads from the standard input. Each read is
// written at once, in blocks that match the input.
//
// # SEE ALSO
//
// cp(1), read(1)
//
// # BUGS
//
// Beware of "cat a b >a" and "cat a b >b", which destroy input files before
// reading them.
func catMain(p *proc.Proc) error {
	// No flags, on purpose: a file called -n is a file.
	arg := argbegin(p, "[file ...]")
	if len(arg.args) == 0 {
		return copyfd(p, 0, 1, "<stdin>", "<stdout>")
	}
	for _, name := range arg.args {
		fd, err := p.Open(name, ninep.OREAD)
		if err != nil {
			return fatal(p, "can't open %s: %v", name, err)
		}
		if err := copyfd(p, fd, 1, name, "<stdout>"); err != nil {
			return err
		}
		p.Close(fd)
	}
	return nil
}
