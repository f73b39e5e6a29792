package cmd

import "ufo/proc"

// help - say what to try next
//
// Help prints five things to try, and where to read on.
//
// # SEE ALSO
//
// intro(1), man(1), lookman(1)
func helpMain(p *proc.Proc) error {
	arg := argbegin(p, "")
	arg.noflags()
	return puts(p, helpText)
}

const helpText = `Everything is a file, and every process has its own view of the files.
Five things to try:

	lc / /dev /bin		what there is; every command is a file
	ps; cat /proc/$pid/ns	processes are files, too: this is your name space
	ls /n; ls /n/n2/proc	the other nodes, mounted when you first look
	@{rfork n; bind /lib /tmp; lc /tmp}; lc /tmp
				a view that only the part in braces has
	ramfs -S scratch; mount -c /srv/scratch /n/scratch
				a file server; now echo hi >/n/scratch/x

To read on:

	man 1 intro		the introduction to this manual
	man rc			the shell
	lookman word ...	pages that contain the words
`
