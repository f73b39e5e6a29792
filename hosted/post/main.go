package post

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path"
	"syscall"
	"time"

	"ufo/ninep"
)

// Main is the main of a program that serves srv at the address it is given:
//
//	prog [-D] [-L] [-R] [-t time] addr
//
// With -D it writes all messages to standard error, with -L a line for each call
// that changes something or fails, as [ninep.Log] does; with -R it permits no
// changes; with -t it hangs up who asks for nothing for that long, as in 10m. An
// interrupt ends it, in order. It does not return. For addresses see Serve; a
// program with arguments of its own calls that.
func Main(srv ninep.Server, opt *Options) {
	prog := path.Base(os.Args[0])
	flags := flag.NewFlagSet(prog, flag.ExitOnError)
	trace := flags.Bool("D", false, "write all messages to standard error")
	logs := flags.Bool("L", false, "write to standard error what changes something or fails")
	readOnly := flags.Bool("R", false, "permit no changes")
	idle := flags.Duration("t", 0, "hang up who asks for nothing for that long")
	flags.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: %s [-D] [-L] [-R] [-t time] name | unix!path | tcp!host!port | -\n", prog)
	}
	flags.Parse(os.Args[1:])
	if flags.NArg() != 1 {
		flags.Usage()
		os.Exit(2)
	}
	if *readOnly {
		srv = ninep.ReadOnly(srv)
	}
	if *logs {
		srv = ninep.Log(os.Stderr, srv, time.Now)
	}
	if *trace {
		srv = ninep.Trace(os.Stderr, srv)
	}
	o := opt.withDefaults()
	if *idle > 0 {
		o.Idle = *idle
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := Serve(ctx, flags.Arg(0), srv, &o)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", prog, err)
		os.Exit(1)
	}
	os.Exit(0)
}
