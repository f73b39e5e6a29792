// Ufo is a Plan 9-style grid in one program: the nodes, the wire between
// them, and the commands that a user types on the host to work with it.
//
// This folder has flags and assembly only. The verbs are thin clients of the
// control files of a running grid, which it serves on a socket; what a grid
// leaves on the host is in its state folder:
//
//	~/.local/state/ufo/GRID/lock      held while the grid runs
//	~/.local/state/ufo/GRID/ctl       the socket: 9P
//	~/.local/state/ufo/GRID/log       of a grid in the background
//	~/.local/state/ufo/GRID/fs.disk   its files: see disk(4)
//	~/.local/state/ufo/GRID/n2.sdC0   a disk of n2: see sd(3)
//	~/.local/state/ufo/GRID/n2.nvram  what n2 keeps while it is off: see rtc(3)
//	~/.local/state/ufo/GRID/passwords  those made for -users
//	~/.local/state/ufo/GRID/history   lines typed at consoles, by node and user
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"ufo/hosted/hostexec"
)

// A verb is what can stand after "ufo".
type verb struct {
	name    string
	flags   string // besides -g and -h
	args    string // of the usage
	min     int    // how many arguments it needs
	max     int    // how many it takes; -1 for any number
	does    string
	example string
	run     func(c *command) error
}

// verbs returns all of them in the order in which help shows them.
func verbs() []verb {
	return []verb{
		{"", "c v mem fresh users host platform", "", 0, 0, "one node, its rc on this terminal", "ufo -c 'ls /net'", runOne},
		{"up", "c d v mem fresh users host platform", "[four|one|FILE.ndb]", 0, 1, "boot a grid and sit at its terminal", "ufo up", runUp},
		{"con", "n q l", "[NODE [NUMBER]]", 0, 2, `sit down at a console of a node; ^\ leaves it`, "ufo con n2", runCon},
		{"ps", "", "", 0, 0, "nodes and links of the running grid", "ufo ps", runPs},
		{"link", "", "A B [delay=TIME] [loss=N%] ...", 2, -1, "show or change the link of two nodes", "ufo link term n1 delay=80ms loss=2%", runLink},
		{"cut", "", "A B", 2, 2, "cut the link of two nodes", "ufo cut term n1", runLink},
		{"heal", "", "A B", 2, 2, "undo cut", "ufo heal term n1", runLink},
		{"kill", "", "NODE", 1, 1, "switch a node off", "ufo kill n1", runNode},
		{"start", "", "NODE", 1, 1, "switch it on again", "ufo start n1", runNode},
		{"run", "node here at platform", "FILE|PACKAGE [ARG ...]", 1, -1, "run a program of the host in a node; what is a Go package, for Plan 9", "ufo run -n n2 ./hello", runRun},
		{"test", "", "[ARG ...]", 0, -1, "go test for Plan 9, with the arguments of go test", "ufo test -run Serve ./...", runTest},
		{"mount", "ro C v u", "[[NODE[:PID]|ADDR] DIR]", 0, 2, "show a name space, or that of all nodes, as files of the host", "ufo mount n2 /tmp/n2", runMount},
		{"umount", "", "DIR", 1, 1, "undo mount", "ufo umount /tmp/n2", runUmount},
		{"post", "", "[NODE SRV PATH]", 0, 3, "serve what a node has in /srv at a socket of the host", "ufo post n1 boot /tmp/n1", runPost},
		{"unpost", "", "PATH", 1, 1, "undo post", "ufo unpost /tmp/n1", runPost},
		{"down", "", "", 0, 0, "halt the running grid", "ufo down", runDown},
		{"check", "run list json v ro u a dir wait t script", "[ADDR | -- COMMAND [ARG ...]]", 0, 1, "put a live 9P server through the conformance suite", "ufo check -run 'walk|flush' tcp!localhost!5640", runCheck},
		{"bench", "u a dir t size null", "[ADDR ... | -- COMMAND [ARG ...]]", 0, -1, "measure 9P servers, several in turns", "ufo bench tcp!localhost!5640 unix!/tmp/other", runBench},
		{"fuzz", "messages seed w u a t", "[ADDR | -- COMMAND [ARG ...]]", 0, 1, "send a 9P server messages made up at random, which it has to stand", "ufo fuzz -n 100000 tcp!localhost!5640", runFuzz},
		{"trace", "o pcap", "ADDR [SOCKET]", 1, 2, "show the messages of a 9P server's callers, who call SOCKET", "ufo trace tcp!localhost!5640 /tmp/trace", runTrace},
		{"doctor", "fix", "", 0, 0, "what this host can do, and what mends what it cannot", "ufo doctor", runDoctor},
	}
}

// A command is a verb with what followed it.
type command struct {
	verb
	grid    string // -g
	cmd     string // -c
	hasCmd  bool
	detach  bool       // -d
	loud    bool       // -v
	mem     bool       // -mem
	fresh   bool       // -fresh
	ro      bool       // -ro
	users   string     // -users
	host    []string   // -host
	isNew   bool       // -n
	quiet   bool       // -q
	logOnly bool       // -l
	node    string     // -n NODE
	user    string     // -u
	cache   bool       // -C
	at      string     // -at
	here    bool       // -here
	plan9   string     // -platform
	exe     executable // of run
	fix     bool       // -fix
	out     string     // -o
	pcap    string     // -pcap
	check   checkFlags
	fuzz    fuzzFlags
	args    []string
	program []string // what follows --; nil: there is none

	stdout, stderr io.Writer
	ready          *os.File // of a grid in the background: who waits for it
}

// debug tells what only those want to know who look for it.
func (c *command) debug(msg string) {
	if c.loud {
		fmt.Fprintf(c.stderr, "ufo: %s\n", msg)
	}
}

// Errors that say how the program ends.
type (
	usageError string // status 2, and the verb's usage
	exitStatus int    // this status, and no message
)

func (e usageError) Error() string { return string(e) }
func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	hostexec.Shim() // of a program of the host that a node runs
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run does what the arguments say and returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stdout, stderr)
	if err == nil {
		c.inBackground()
		err = c.run(c)
		stderr = c.stderr
	}
	var usage usageError
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		c.help()
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "ufo: %v\nusage: %s\n", err, c.usage())
		return 2
	}
	fmt.Fprintf(stderr, "ufo: %v\n", err)
	return 1
}

// parse finds the verb, its flags and its arguments, which may come in any
// order. The command it returns is good for showing its usage, at least.
func parse(args []string, stdout, stderr io.Writer) (*command, error) {
	c := &command{stdout: stdout, stderr: stderr}
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	help := name == "help"
	if help {
		name = strings.Join(args, " ")
	}
	c.verb = verb{args: "[-h] [COMMAND]"}
	for _, v := range verbs() {
		if v.name == name {
			c.verb = v
		}
	}
	if c.verb.run == nil {
		return c, usageError(name + ": no such command: ufo -h lists them")
	}
	if help {
		return c, flag.ErrHelp
	}
	flags := c.flagSet()
	if c.name == "test" && !(len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0])) {
		c.args = args // go's, flags and all
		return c, nil
	}
	if i := slices.Index(args, "--"); i >= 0 && strings.Contains(c.verb.args, "--") {
		args, c.program = args[:i], args[i+1:]
	}
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return c, err
		} else if err != nil {
			return c, usageError(strings.Replace(err.Error(), "flag provided but not defined", "no such flag", 1))
		}
		if args = flags.Args(); len(args) == 0 {
			break
		}
		if c.name == "run" { // what follows is the program's
			c.args = args
			break
		}
		c.args, args = append(c.args, args[0]), args[1:]
	}
	flags.Visit(func(f *flag.Flag) { c.hasCmd = c.hasCmd || f.Name == "c" })
	if n := len(c.args); n < c.min || c.max >= 0 && n > c.max {
		return c, usageError(strings.TrimPrefix(name+": wrong number of arguments", ": "))
	}
	return c, nil
}

// flagSet declares the flags of the verb.
func (c *command) flagSet() *flag.FlagSet {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.grid, "g", "", "")
	for _, name := range strings.Fields(c.flags) {
		switch name {
		case "c":
			fs.StringVar(&c.cmd, name, "", "")
		case "d":
			fs.BoolVar(&c.detach, name, false, "")
		case "v":
			fs.BoolVar(&c.loud, name, false, "")
		case "mem":
			fs.BoolVar(&c.mem, name, false, "")
		case "fresh":
			fs.BoolVar(&c.fresh, name, false, "")
		case "u":
			fs.StringVar(&c.user, name, "", "")
		case "users":
			fs.StringVar(&c.users, name, "", "")
		case "C":
			fs.BoolVar(&c.cache, name, false, "")
		case "at":
			fs.StringVar(&c.at, name, "", "")
		case "here":
			fs.BoolVar(&c.here, name, false, "")
		case "platform":
			fs.StringVar(&c.plan9, name, "", "")
		case "ro":
			fs.BoolVar(&c.ro, name, false, "")
		case "host":
			fs.Func(name, "", func(s string) error {
				c.host = append(c.host, s)
				return nil
			})
		case "n":
			fs.BoolVar(&c.isNew, name, false, "")
		case "node":
			fs.StringVar(&c.node, "n", "", "")
		case "q":
			fs.BoolVar(&c.quiet, name, false, "")
		case "fix":
			fs.BoolVar(&c.fix, name, false, "")
		case "l":
			fs.BoolVar(&c.logOnly, name, false, "")
		case "o":
			fs.StringVar(&c.out, name, "", "")
		case "pcap":
			fs.StringVar(&c.pcap, name, "", "")
		default:
			c.check.add(fs, name)
			c.fuzz.add(fs, name)
		}
	}
	return fs
}

// flagHelp is what help says of each flag, of some after the name of a command.
var flagHelp = map[string]string{
	"c":        "-c CMD   run an rc command there, halt, and end with its status",
	"d":        "-d       leave the grid in the background: ufo con NODE sits at it, ufo down ends it",
	"v":        "-v       show each step of booting",
	"mem":      "-mem     keep nothing: all files are in memory",
	"users":    "-users A,B  people who have accounts and passwords, which are told once; see ufo(8)",
	"fresh":    "-fresh   forget the files of the time before",
	"host":     "-host G  let a node use this machine: 'sys=n2 hostfs=/src rw', hostdisk=disk.img, net=host, exec=host, hostcmd=date, 'publish=n1!564->5640 noauth'; see ufo(8)",
	"at":       "-at DIR  a program sees the name space there: at /, or at a folder of the host's tree",
	"here":     "-here    in a node of its own, in this folder: the module around it has its own name there, and can be written",
	"platform": "-platform P  run programs for Plan 9 by trap, the default, or by ptrace: slower, for those that you do not trust; see exec(2)",
	"C":        "-C       the host may keep files for a second, and their data while the version is the same",
	"u":        "-u USER  who one is to the server at ADDR",
	"ro":       "-ro      nobody changes anything there",
	"node":     "-n NODE  in this node of the running grid",
	"n":        "-n       a new console, not one that somebody has left",
	"q":        "-q       do not show what the node printed",
	"fix":      "-fix     clear away what grids that died have left behind",
	"o":        "-o FILE  there, not here",
	"pcap":     "-pcap FILE  packets there, too, for Wireshark",
	"messages": "-n N     so many, at least",
	"seed":     "-seed N  those of the last time that this was the number",
	"w":        "-w       its files may be changed",
	"bench t":  "-t TIME  how long to measure each thing",
	"size":     "-size N  megabytes of the file: in 16 no processor has them at hand, in 1 it has",
	"null":     "-null F  measure nothing, but be at the socket F a server that only answers: the bound for others",
	"mount v":  "-v       show, too, what went wrong there, in the words of the file server",
	"check v":  "-v       tell of each check, and of a script what was said",
	"check ro": "-ro      create nothing",
	"run":      "-run RE  only the checks whose names match",
	"list":     "-list    name the checks, and what the manual says",
	"json":     "-json    a line of JSON for each check",
	"a":        "-a NAME  attach to this tree",
	"dir":      "-dir DIR make files there, not in the root",
	"wait":     "-wait F  reads of this file wait",
	"t":        "-t TIME  how long a check may take",
	"script":   "-script FILE  play this instead",
	"l":        "-l       show only that, all of it, of a node that has ended, too",
}

// usage returns the verb's form.
func (c *command) usage() string {
	words := []string{"ufo"}
	if c.name != "" {
		words = append(words, c.name)
	}
	for _, f := range strings.Fields(c.flags) {
		switch f {
		case "c":
			f = "c CMD"
		case "host":
			f = "host GRANT"
		case "users":
			f = "users NAME,..."
		case "node":
			f = "n NODE"
		case "u":
			f = "u USER"
		case "at":
			f = "at DIR"
		case "platform":
			f = "platform NAME"
		case "messages":
			f = "n N"
		case "seed":
			f = "seed N"
		case "run":
			f = "run REGEXP"
		case "a":
			f = "a NAME"
		case "dir":
			f = "dir DIR"
		case "o", "pcap", "wait", "script":
			f += " FILE"
		case "t":
			f = "t TIME"
		case "size":
			f = "size N"
		case "null":
			f = "null SOCKET"
		}
		words = append(words, "[-"+f+"]")
	}
	if c.verb.args != "" {
		words = append(words, c.verb.args)
	}
	return strings.Join(words, " ")
}

// help prints the usage of one command, and of all for "ufo -h".
func (c *command) help() {
	fmt.Fprintf(c.stdout, "usage: %s\n", c.usage())
	if c.does != "" {
		fmt.Fprintf(c.stdout, "%s\n", c.does)
	}
	for _, f := range strings.Fields(c.flags) {
		help, ok := flagHelp[c.name+" "+f]
		if !ok {
			help = flagHelp[f]
		}
		fmt.Fprintf(c.stdout, "  %s\n", help)
	}
	if c.name == "" {
		fmt.Fprintf(c.stdout, "\nand with a grid:\n")
		for _, v := range verbs()[1:] {
			fmt.Fprintf(c.stdout, "  ufo %-8s%s\n", v.name, v.does)
		}
		fmt.Fprintf(c.stdout, "\n-h after a command says more. -g NAME chooses between several running grids.\n")
	}
	if c.example != "" {
		fmt.Fprintf(c.stdout, "example: %s\n", c.example)
	}
}
