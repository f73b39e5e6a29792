package ninetest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Check is one rule of the protocol and what puts a server to it.
type Check struct {
	Name string // GROUP/WHAT
	Page string // of the manual
	Says string // what the manual says there, in our words
	run  func(x *exam)
}

// Checks returns all of them, in the order in which they are run.
func Checks() []Check {
	return slices.Concat(
		versionChecks, tagChecks, fidChecks, attachChecks, authChecks,
		walkChecks, dotdotChecks, qidChecks, openChecks, openDirChecks,
		permChecks, createChecks, createPermChecks, readChecks, writeChecks,
		dirChecks, statChecks, wstatChecks, wstatRefusedChecks, appendChecks,
		exclChecks, removeChecks, clunkChecks, flushChecks, waitChecks,
		iounitChecks, msizeChecks, malformedChecks, truncatedChecks(),
		overlongChecks(), replyChecks(), othersChecks, treeChecks,
	)
}

// A Status is how a check ended.
type Status string

// The ways in which a check ends.
const (
	Passed  Status = "ok"
	Failed  Status = "failed"
	Skipped Status = "skipped" // it does not apply to this server
)

// A Result is what came of a check.
type Result struct {
	Name       string        `json:"check"`
	Page       string        `json:"page"`
	Says       string        `json:"says"`
	Status     Status        `json:"status"`
	Saw        string        `json:"saw,omitempty"` // what was wrong, or why it does not apply
	Transcript []string      `json:"transcript,omitempty"`
	Time       time.Duration `json:"ns"`
}

// A Suite puts a live server, on connections that Dial makes, through the
// Checks. What they have to create is in a directory of its own, made for
// each check and removed after it; to a server on which nothing can be created
// many do not apply. Zero fields stand for the defaults.
type Suite struct {
	Dial     func(ctx context.Context) (io.ReadWriteCloser, error)
	User     string                  // of the attach; "": glenda
	Aname    string                  // of the attach
	Dir      []string                // where to make the directory; none: the root
	ReadOnly bool                    // create nothing
	Waits    []string                // the names of a file whose reads wait; none: none is known
	Limit    time.Duration           // for one check; 0: 10 seconds
	Only     func(check string) bool // which to run; nil: all
	Tree     Options                 // for the walk through the whole tree
}

// Run runs the checks and hands over each result as it comes. The error tells
// that the server could not be left as it was.
func (s Suite) Run(ctx context.Context, report func(Result)) error {
	if s.User == "" {
		s.User = "glenda"
	}
	if s.Limit == 0 {
		s.Limit = 10 * time.Second
	}
	k := &knowledge{}
	if s.ReadOnly {
		k.noWork = "nothing is to be created"
	}
	for _, check := range Checks() {
		if s.Only != nil && !s.Only(check.Name) {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report(s.one(ctx, check, k))
	}
	if len(k.left) > 0 {
		return fmt.Errorf("could not be removed: %s", strings.Join(k.left, ", "))
	}
	return nil
}

// Test runs the checks and returns those that failed, each with what was seen.
func (s Suite) Test(ctx context.Context) error {
	var failed []string
	err := s.Run(ctx, func(r Result) {
		if r.Status == Failed {
			failed = append(failed, fmt.Sprintf("%s: %s\n\t%s", r.Name, r.Saw, strings.Join(r.Transcript, "\n\t")))
		}
	})
	switch {
	case err != nil:
		return err
	case len(failed) > 0:
		return fmt.Errorf("%d checks failed\n%s", len(failed), strings.Join(failed, "\n"))
	}
	return nil
}

// one runs a check.
func (s *Suite) one(ctx context.Context, check Check, k *knowledge) Result {
	begin := time.Now()
	limited, cancel := context.WithTimeout(ctx, s.Limit)
	defer cancel()
	x := &exam{Suite: s, knowledge: k, ctx: limited, log: new(transcript)}
	x.guard(func() { check.run(x) })
	r := Result{
		Name: check.Name, Page: check.Page, Says: check.Says,
		Status: x.status, Saw: x.saw, Time: time.Since(begin),
	}
	switch x.status {
	case "":
		r.Status = Passed
	case Failed:
		r.Transcript = x.log.lines
	}
	x.tidy(ctx)
	return r
}
