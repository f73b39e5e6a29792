package ninep

import (
	"context"
	"errors"
	"strings"
)

// A Ctl is what a ctl file takes: messages that begin with one of its verbs.
// Its Do is the Write of a [Node]:
//
//	ctl := ninep.Ctl{
//		{Name: "add", Args: "n", Do: add},
//		{Name: "reset", Do: reset},
//	}
//	file := &ninep.Node{Name: "ctl", Perm: 0220, Write: ctl.Do}
//
// A message is cut into words as [Fields] does, so that an argument in quotes
// may have blanks in it. What cannot be done is answered with the words of
// Plan 9: ErrCtlShort, ErrCtlUnknown, or how the verb is used, "usage: add n".
type Ctl []Verb

// A Verb is one of the messages that a ctl file takes.
type Verb struct {
	Name string // its first word
	Args string // the words after it, as usage shows them: "", "n", "addr [port]", "path [arg ...]"

	// Do does what the message says. It is given the words after the first,
	// as many as Args has, with those in brackets or without, and any number
	// for dots. ErrCmdArgs says that they make no sense: who wrote them is
	// shown the usage.
	Do func(ctx context.Context, args []string) error
}

// Usage returns the form of the message: "usage: add n".
func (v Verb) Usage() Error { return Error(strings.TrimSpace("usage: " + v.Name + " " + v.Args)) }

// takes reports whether there can be n words after the verb.
func (v Verb) takes(n int) bool {
	words := strings.Fields(v.Args)
	least := 0
	for least < len(words) && words[least][0] != '[' {
		least++
	}
	return n >= least && (n <= len(words) || strings.Contains(v.Args, "..."))
}

// Lookup cuts a message into words and finds its verb. The error is
// ErrCtlShort if there are no words, ErrCtlUnknown if no verb is the first of
// them, and ErrCmdArgs, together with the verb, if it does not take so many.
func (c Ctl) Lookup(msg []byte) (v Verb, words []string, err error) {
	words = Fields(string(msg))
	if len(words) == 0 {
		return v, words, ErrCtlShort
	}
	for _, v := range c {
		switch {
		case v.Name != words[0]:
		case !v.takes(len(words) - 1):
			return v, words, ErrCmdArgs
		default:
			return v, words, nil
		}
	}
	return v, words, ErrCtlUnknown
}

// Do does one message.
func (c Ctl) Do(ctx context.Context, msg []byte) error {
	v, words, err := c.Lookup(msg)
	if err == nil {
		err = v.Do(ctx, words[1:])
	}
	if errors.Is(err, ErrCmdArgs) {
		return v.Usage()
	}
	return err
}
