// Std runs the tests of Go's standard library, made for Plan 9, as processes of
// nodes: those of each package in a new one.
//
//	go run ./test/std                   all packages; writes docs/std.md
//	go run ./test/std os net/http       these, whose rows it writes anew
//	go run ./test/std -subset           those that ask most of a kernel, for CI
//	go run ./test/std -v os             and what their tests say
//	go run ./test/std -n 50 os/exec     fifty times
//	go run ./test/std -386 strings      programs of 32 bits
//	go run ./test/std -386 -machine os  the same, where the host has none
//
// Tests are counted by their names without a slash: Test, Example and Fuzz
// functions. Those that fail and why are in known.txt; any other that does makes
// the exit status 1. What is in rows of packages that are not run again stays, as
// it does in those that are not reached if this program is interrupted.
//
// Tests that do not end in time are made to tell where they are, and their package is
// run once more. Package runtime on Plan 9 loses a timer now and then, mostly on a busy
// host: what netpollBreak says of it is forgotten if that comes between sched.lastpoll =
// 0 in findRunnable and noteclear in netpoll (netpoll_stub.go), and an M sleeps until
// some timer of before. With a netpoll that clears the note after its sleep no program
// of 40 stands still, else one of six. A package that does not end twice has failed.
//
// It compiles with the go command that runs it, whose sources the node sees as
// files that cannot be changed. With -machine each node, which sees no more of them
// than the package's own, is in a machine that is emulated: see test/machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// subset are the packages of -subset.
const subset = `bufio context io io/fs os os/signal os/user path/filepath
	internal/poll runtime/debug sync syscall net`

// One of these is the first argument when the go command runs this program to run
// a test.
const inNode, inMachine = "-in-node", "-in-machine"

// options are what the command line says.
type options struct {
	arch     string
	packages []string
	whole    bool // all packages there are
	write    bool // the table
	machine  bool // not on this one
	verbose  bool
	count    int
	timeout  time.Duration // of a package
	parallel int           // packages at once
	state    string        // folder for what ufo tells others: nobody is to sit down in these nodes
}

func main() {
	if len(os.Args) > 4 && (os.Args[1] == inNode || os.Args[1] == inMachine) {
		fatal(runInNode(os.Args[1] == inMachine, os.Args[2], os.Args[3], os.Args[4], os.Args[5:]))
	}
	var o options
	narrow := flag.Bool("386", false, "programs of 32 bits")
	sub := flag.Bool("subset", false, "run the packages that ask most of a kernel, and write no table")
	flag.BoolVar(&o.machine, "machine", false, "run in machines that are emulated")
	flag.BoolVar(&o.verbose, "v", false, "print all that tests print")
	flag.IntVar(&o.count, "n", 1, "run each test so often")
	flag.DurationVar(&o.timeout, "timeout", 4*time.Minute, "how long a package may take")
	flag.IntVar(&o.parallel, "p", 2, "how many packages run at once")
	flag.Parse()
	o.packages = flag.Args()
	if *sub {
		o.packages = append(o.packages, strings.Fields(subset)...)
	}
	if o.whole = len(o.packages) == 0; o.whole {
		o.packages = []string{"std"}
	}
	o.arch = "amd64"
	if *narrow {
		o.arch = "386"
	}
	o.write = !*sub && o.count == 1
	ok, err := o.run()
	fatal(err)
	if !ok {
		os.Exit(1)
	}
}

// fatal ends the program if there is an error.
func fatal(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "std: %v\n", err)
		os.Exit(1)
	}
}

// run does it all. It is false if a test failed of which that is not known.
func (o *options) run() (ok bool, err error) {
	dir, err := os.MkdirTemp("", "std")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	o.state = filepath.Join(dir, "state")
	root, err := goOutput("list", "-m", "-f", "{{.Dir}}", "ufo")
	if err != nil {
		return false, err
	}
	knownFile := filepath.Join(root, "test/std/known.txt")
	known, err := readKnown(knownFile)
	if err != nil {
		return false, err
	}
	version, err := goOutput("env", "GOVERSION")
	if err != nil {
		return false, err
	}
	if _, err := goOutput("build", "-o", dir+"/", "ufo/cmd/ufo", "ufo/test/machine"); err != nil {
		return false, err
	}
	asChild := []string{inNode, filepath.Join(dir, "ufo"), knownFile}
	if o.machine {
		asChild[0] = inMachine
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	begin := time.Now()
	r := newReport(o, os.Stdout, known)
	if err := o.test(ctx, asChild, o.packages, r.event); err != nil {
		return false, err
	}
	if again := r.again(); len(again) > 0 && ctx.Err() == nil {
		if err := o.test(ctx, asChild, again, r.event); err != nil {
			return false, err
		}
	}
	if ctx.Err() != nil {
		o.whole = false // the rows there are
	}
	t := newTable(version, o.arch)
	return r.ok(), o.tell(r, t, filepath.Join(root, t.file()), time.Since(begin))
}

// tell makes the table of what was reported, and prints and writes it.
func (o *options) tell(r *report, t *table, name string, took time.Duration) error {
	if o.write && !o.whole {
		if err := t.read(name); err != nil {
			return err
		}
	}
	r.addTo(t)
	if o.whole {
		t.took = took
	}
	fmt.Printf("%s, in %v\n", t.headline(), took.Round(time.Second))
	if !o.write {
		return nil
	}
	return os.WriteFile(name, []byte(t.text(r.known.why)), 0o666)
}
