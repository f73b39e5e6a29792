package cmd

import (
	"strings"

	"ufo/proc"
)

// chdev - change kernel driver access
//
// Chdev takes away access to #-devices from the processes in this name space
// group and their children, even those that get a clean name space. Access
// is the right to walk to a device by its # name; what is bound already stays
// visible. What was taken away never comes back.
//
// Devmask is a string of device letters: those that are kept, all others go.
//
//	-r  remove access to those in devmask, and keep all others
//	-n  remove access to all devices; devmask is ignored
//
// The letter M stands for the system call mount, see bind(2), and | for
// pipe(2).
//
// # EXAMPLES
//
// Never again a process listing:
//
//	rfork n; unmount /proc; chdev -r p; ls '#p'
//
// # FILES
//
//	#c/drivers  what chdev writes to
//
// # SEE ALSO
//
// bind(1), cons(3), intro(3), namespace(6)
func chdevMain(p *proc.Proc) error {
	op := "&"
	arg := argbegin(p, "[-nr] devmask ...")
	for c := range arg.flags() {
		switch c {
		case 'n':
			op = "~"
		case 'r':
			op = "&~"
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 && op != "~" {
		arg.usage()
	}
	if err := chdev(p, op, strings.Join(arg.args, "")); err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// chdev restricts the name space group to the devices in mask ("&"), to all
// but those ("&~") or to none ("~").
func chdev(p *proc.Proc, op, mask string) error {
	return p.WriteFile("#c/drivers", []byte("chdev "+op+" "+mask))
}
