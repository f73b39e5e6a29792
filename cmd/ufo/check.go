package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// checkFlags are the flags of check alone.
type checkFlags struct {
	only   string        // -run
	list   bool          // -list
	json   bool          // -json
	aname  string        // -a
	dir    string        // -dir
	waits  string        // -wait
	limit  time.Duration // -t
	script string        // -script
	null   string        // -null
	size   int           // -size, in MB
}

// add declares the flag with a name.
func (f *checkFlags) add(fs *flag.FlagSet, name string) {
	switch name {
	case "run":
		fs.StringVar(&f.only, name, "", "")
	case "list":
		fs.BoolVar(&f.list, name, false, "")
	case "json":
		fs.BoolVar(&f.json, name, false, "")
	case "a":
		fs.StringVar(&f.aname, name, "", "")
	case "dir":
		fs.StringVar(&f.dir, name, "", "")
	case "wait":
		fs.StringVar(&f.waits, name, "", "")
	case "t":
		fs.DurationVar(&f.limit, name, 0, "")
	case "size":
		fs.IntVar(&f.size, name, 16, "")
	case "null":
		fs.StringVar(&f.null, name, "", "")
	case "script":
		fs.StringVar(&f.script, name, "", "")
	}
}

// runCheck puts a 9P server through the suite for any server, or plays a script
// to it.
func runCheck(c *command) error {
	only, err := regexp.Compile(c.check.only)
	if err != nil {
		return usageError("-run " + c.check.only + ": " + err.Error())
	}
	if c.check.list {
		return c.listChecks(only)
	}
	peer, err := c.peer()
	if err != nil {
		return err
	}
	ctx, stop := untilSignal()
	defer stop()
	s := c.suite(peer)
	s.Waits, s.ReadOnly, s.Limit = elements(c.check.waits), c.ro, c.check.limit
	s.Only, s.Tree.Unions = only.MatchString, true
	if c.check.script != "" {
		return c.playScript(ctx, s)
	}
	if err := speaks(ctx, peer); err != nil {
		return err
	}
	return c.runChecks(ctx, s, peer.name)
}

// helloTime is how long a server may take for its first reply before it is
// put to the checks all the same, which tell what is wrong.
const helloTime = 2 * time.Second

// speaks tells that there is no server, or that what it speaks is not 9P2000 but
// a dialect: then no check says anything.
func speaks(ctx context.Context, p *peer) error {
	conn, err := p.dial(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	agreed, err := ninep.NewClient(ctx, conn, nil)
	if errors.Is(err, ninep.ErrVersion) {
		return fmt.Errorf("%s: %w", p.name, err)
	} else if err == nil {
		agreed.Close()
	}
	return nil
}

// suite returns what all have in common that ask a 9P server.
func (c *command) suite(p *peer) ninetest.Suite {
	s := ninetest.Suite{Dial: p.dial, User: c.user, Aname: c.check.aname, Dir: elements(c.check.dir)}
	if s.User == "" {
		s.User = hostUser()
	}
	return s
}

// attached adds to an error of an attach that one can have another name.
func (c *command) attached(err error) error {
	if c.user == "" && strings.Contains(err.Error(), "attach as ") {
		return fmt.Errorf("%w: -u is for another name", err)
	}
	return err
}

// elements returns the names that a path consists of.
func elements(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// listChecks shows the checks with what the manual says.
func (c *command) listChecks(only *regexp.Regexp) error {
	for _, check := range ninetest.Checks() {
		if only.MatchString(check.Name) {
			fmt.Fprintf(c.stdout, "%-28s %-10s %s\n", check.Name, check.Page, check.Says)
		}
	}
	return nil
}

// playScript plays a script and shows, with -v or if it fails, what was said.
func (c *command) playScript(ctx context.Context, s ninetest.Suite) error {
	script, err := os.ReadFile(c.check.script)
	if err != nil {
		return err
	}
	said, err := s.Script(ctx, string(script))
	if c.loud || err != nil {
		fmt.Fprintln(c.stdout, strings.Join(said, "\n"))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.check.script, err)
	}
	return nil
}

// runChecks runs the checks and shows what came of them: those that failed, or
// with -v and -json all. The exit status says whether one did.
func (c *command) runChecks(ctx context.Context, s ninetest.Suite, name string) error {
	count := make(map[ninetest.Status]int)
	all := 0
	err := s.Run(ctx, func(r ninetest.Result) {
		all++
		count[r.Status]++
		c.showResult(r, s.User)
	})
	if !c.check.json {
		fmt.Fprintf(c.stdout, "%s: %d checks: %d ok, %d failed, %d skipped\n",
			name, all, count[ninetest.Passed], count[ninetest.Failed], count[ninetest.Skipped])
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case all == 0:
		return usageError("-run " + c.check.only + ": there is no such check: -list shows them")
	case count[ninetest.Failed] > 0:
		return exitStatus(1)
	}
	return nil
}

// showResult shows what came of a check on behalf of a user.
func (c *command) showResult(r ninetest.Result, user string) {
	switch {
	case c.check.json:
		json.NewEncoder(c.stdout).Encode(r)
	case r.Status == ninetest.Failed:
		fmt.Fprintf(c.stdout, "failed   %s: %s\n\t%s: %s\n", r.Name, r.Saw, r.Page, r.Says)
		for _, line := range r.Transcript {
			fmt.Fprintf(c.stdout, "\t\t%s\n", line)
		}
		if r.Name == "attach/root" {
			fmt.Fprintf(c.stderr, "ufo: attached as %s: -u is for another name\n", user)
		}
	case c.loud && r.Saw != "":
		fmt.Fprintf(c.stdout, "%-8s %s: %s\n", r.Status, r.Name, r.Saw)
	case c.loud:
		fmt.Fprintf(c.stdout, "%-8s %s\n", r.Status, r.Name)
	}
}

// A peer is a 9P server: at an address, or a command that speaks 9P on its
// standard input and output, of which there is one for each connection.
type peer struct {
	name    string // for people
	command []string
	stderr  io.Writer
}

// peer returns the one that the arguments name.
func (c *command) peer() (*peer, error) {
	switch {
	case len(c.args) == 1 && c.program == nil:
		return &peer{name: c.args[0]}, nil
	case len(c.args) == 0 && len(c.program) > 0:
		c.stderr = &together{w: c.stderr}
		return &peer{name: c.program[0], command: c.program, stderr: c.stderr}, nil
	}
	if c.name == "bench" {
		return nil, usageError("bench: no server: addresses, or -- and a command")
	}
	return nil, usageError(c.name + ": one server: an address, or -- and a command")
}

// dial opens a connection.
func (p *peer) dial(ctx context.Context) (io.ReadWriteCloser, error) {
	if p.command == nil {
		return dialContext(ctx, p.name)
	}
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Stderr, cmd.WaitDelay = p.stderr, grace
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &spoken{out, in, cmd}, nil
}

// together is for commands that run at the same time, and us: one writes after
// another.
type together struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *together) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(b)
}

// spoken is a connection to a command.
type spoken struct {
	io.Reader
	io.WriteCloser
	cmd *exec.Cmd
}

// grace is how long a command may take to end when its input does.
const grace = 2 * time.Second

// Close ends the command: by the end of its input, or by force.
func (s *spoken) Close() error {
	s.WriteCloser.Close()
	late := time.AfterFunc(grace, func() { s.cmd.Process.Kill() })
	defer late.Stop()
	var status *exec.ExitError
	if err := s.cmd.Wait(); !errors.As(err, &status) {
		return err
	}
	return nil // how it ends is its own affair
}
