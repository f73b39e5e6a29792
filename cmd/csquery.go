package cmd

import (
	"bytes"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// ndb/csquery - query the connection server
//
// Csquery asks the connection server, by default /net/cs, how it resolves
// addresses, and prints each answer: the clone file to open and what to write
// to it to make the call. Without addrs it prompts for them.
//
//	-s  print nothing; the exit status tells whether all were translated
//
// # EXAMPLES
//
//	ndb/csquery /net/cs tcp!n1!9fs
//
// # SEE ALSO
//
// dial(2), cs(8), query(8)
func csqueryMain(p *proc.Proc) error {
	q := csquery{p: p, server: "/net/cs"}
	arg := argbegin(p, "[-s] [/net/cs [addr ...]]")
	for c := range arg.flags() {
		switch c {
		case 's':
			q.silent = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		q.server = arg.args[0]
	}
	if len(arg.args) > 1 {
		for _, addr := range arg.args[1:] {
			if err := q.ask(addr); err != nil {
				return err
			}
		}
		return status(q.status)
	}
	in := input(p, 0)
	for {
		fmt.Fprint(p.Stderr(), "> ")
		line, err := readline(in)
		if err != nil {
			return nil
		}
		if err := q.ask(string(bytes.TrimSuffix(line, []byte("\n")))); err != nil {
			return err
		}
	}
}

// A csquery is a run of csquery.
type csquery struct {
	p      *proc.Proc
	server string
	silent bool
	status string
}

// ask prints the translations of one address.
func (q *csquery) ask(addr string) error {
	p := q.p
	fd, err := p.Open(q.server, ninep.ORDWR)
	if err != nil {
		return fatal(p, "cannot open %s: %v", q.server, err)
	}
	defer p.Close(fd)
	replies, err := askcs(p, fd, addr)
	if err != nil {
		q.status = "errors"
	}
	switch {
	case q.silent:
	case err != nil:
		fmt.Fprintf(p.Stderr(), "translating %s: %v\n", addr, err)
	default:
		fmt.Fprintf(p.Stdout(), "%s\n", strings.Join(replies, "\n"))
	}
	return nil
}
