package cmd

import (
	"strings"

	"ufo/proc"
)

// help - say what to try next
//
// Help prints five things to try, and where to read on. With words it prints
// which pages of the manual are about them: those that have all the words
// among their names or in the line that says what they are about.
//
// # EXAMPLES
//
//	help
//	help copy
//
// # SEE ALSO
//
// intro(1), man(1), lookman(1)
func helpMain(p *proc.Proc) error {
	arg := argbegin(p, "[word ...]")
	arg.noflags()
	if len(arg.args) == 0 {
		return puts(p, helpText)
	}
	m := manual{p: p, sections: mansections(p), brief: true}
	pages := m.list(func(e manline) bool {
		text := strings.ToLower(e.name + " " + e.page + " " + e.what)
		for _, word := range arg.args {
			if !strings.Contains(text, strings.ToLower(word)) {
				return false
			}
		}
		return true
	})
	if len(pages) == 0 {
		warn(p, "nothing: try lookman %s, which searches all pages", strings.Join(arg.args, " "))
		return status("no man")
	}
	return m.print(pages)
}

const helpText = `Everything is a file, and every process has its own view of the files.
Five things to try:

	lc / /dev /bin		what there is; every command is a file
	ps; cat /proc/$pid/ns	processes are files, too: your name space
	ls /n; ls /n/n2/proc	the other nodes, mounted when you first look
	@{rfork n; bind /lib /tmp; lc /tmp}; lc /tmp
				a view that only the part in braces has
	ramfs -S scratch; mount -c /srv/scratch /n/scratch
				a file server; now echo hi >/n/scratch/x

To read on; when a page stops, Enter goes on and q and Enter end it:

	man 1 intro		the introduction: begin here
	man unix		what is called differently than on Unix
	man rc			the shell
	man keyboard		keys that edit the line, search, complete
	help word ...		pages about something
	lookman word ...	pages that contain the words

^C interrupts a command, ^D leaves.
`
