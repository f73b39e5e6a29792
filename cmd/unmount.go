package cmd

import "ufo/proc"

// unmount - undo bind and mount
//
// Unmount with two arguments undoes the effect of a bind(1) or mount(1) with
// the same arguments. With one it removes everything that is bound to or
// mounted upon old.
//
// # SEE ALSO
//
// bind(1), mount(1), ns(1), bind(2)
func unmountMain(p *proc.Proc) error {
	arg := argbegin(p, "[new] old")
	arg.noflags()
	var err error
	switch len(arg.args) {
	case 1:
		err = p.Unmount("", arg.args[0])
	case 2:
		err = p.Unmount(arg.args[0], arg.args[1])
	default:
		arg.usage()
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}
