package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// This file is how explain tells trees apart: by what serves them.

// The trees are those that a name leads through.
type trees struct {
	e    *explainer
	list []*tree
}

// A tree is one that is mounted.
type tree struct {
	ns.Tree
	host string // name of the machine it comes from; "" if that is this one
	addr string // what the connection leads to: tcp!10.9.0.1!564
}

// trees finds out about the mounted trees in steps.
func (e *explainer) trees(steps []ns.Step) *trees {
	ts := &trees{e: e}
	for _, s := range steps {
		if s.Tree.Type == 'M' && ts.find(s.Tree) == nil {
			t := &tree{Tree: s.Tree}
			t.addr = netAddr(e.p, strings.Replace(s.Tree.By, "#I/", "/net/", 1))
			if t.addr != s.Tree.By {
				_, ip, _ := strings.Cut(t.addr, "!")
				ip, _, _ = strings.Cut(ip, "!")
				t.host = hostName(e.p, ip)
			} else {
				t.addr = ""
			}
			ts.list = append(ts.list, t)
		}
	}
	return ts
}

// hostName returns the name of the machine with an address, or the address.
func hostName(p *proc.Proc, ip string) string {
	n := netstat{p: p, net: "/net", names: true}
	return n.host(ip)
}

// find returns the mounted tree, nil for one that is not mounted.
func (ts *trees) find(t ns.Tree) *tree {
	i := slices.IndexFunc(ts.list, func(have *tree) bool { return have.Dev == t.Dev })
	if i < 0 || t.Type != 'M' {
		return nil
	}
	return ts.list[i]
}

// label says where the file of a step is.
func (ts *trees) label(s ns.Step) string {
	text := "#" + string(s.Tree.Type)
	t := ts.find(s.Tree)
	if t == nil {
		if s.Tree.Dev != 0 {
			text += fmt.Sprint(" ", s.Tree.Dev)
		}
		return text
	}
	text = t.name()
	if s.StatErr == nil && s.Dir.Type != 0 {
		text += " #" + string(rune(s.Dir.Type))
	}
	return text
}

// name returns how a tree is called in the table.
func (t *tree) name() string {
	host := t.host
	if host == "" {
		host = t.Server[strings.LastIndexByte(t.Server, '/')+1:]
	}
	return fmt.Sprintf("#M %d %s", t.Dev, host)
}

// String returns the line about a tree below the table.
func (t *tree) String() string { return t.name() + ": " + t.from() }

// from says what a tree is mounted from.
func (t *tree) from() string {
	from := t.Server
	if t.addr != "" {
		from += ", a connection to " + t.addr
	} else if t.By != t.Server {
		from += ", served by " + t.By
	}
	return fmt.Sprintf("mounted from %s, as %s", from, t.User)
}

// reasons are what there is to say of errors, when the steps do not tell more.
var reasons = map[ninep.Error]string{
	ninep.ErrIsDir:    "a directory can be opened for reading only: files are made in it with create",
	ninep.ErrNoCreate: "nothing there was bound with -c, which says where files are to be made: bind(1)",
	ninep.ErrExist:    "create(2) would make the file empty: whether it might, explain -w tells",
	ninep.ErrNotDir:   "there is nothing below a file",
	ninep.ErrHungup:   "the connection has ended; what serves the tree has to be mounted again",
	ninep.ErrBadSharp: "this kernel has no such device: cat '#c/drivers'",
	ninep.ErrNoAttach: "the name space group may not attach the device: rfork m or chdev(1) took it away, for good",
}

// why says who refused, with what words, and why.
func (e *explainer) why(name string, steps []ns.Step, ts *trees, err error) {
	var last ns.Step
	if len(steps) > 0 {
		last = steps[len(steps)-1]
	}
	words := bareError(err)
	switch notThere := errors.Is(err, ninep.ErrNotExist) && last.Op == ns.Asked; {
	case last.Err == nil:
		e.printf("the kernel refuses: %s\n", words)
	case notThere && last.Members > 1:
		e.printf("no member of the union at %s has %s: %s\n", last.Name, last.Elem, words)
	case errors.Is(err, ninep.ErrTimedOut):
		e.printf("%s does not answer; a program would wait\n", ts.server(last))
	case errors.Is(err, ninep.ErrHungup):
		e.printf("%s is gone: %s\n", ts.server(last), words)
	default:
		e.printf("%s refuses: %s\n", ts.server(last), words)
	}
	switch {
	case errors.Is(err, ninep.ErrTimedOut), errors.Is(err, ninep.ErrHungup), errors.Is(err, ninep.ErrConRefused):
		e.reason(err)
		e.links(last, ts.find(last.Tree))
		return
	case errors.Is(err, ninep.ErrPerm):
		e.permission(last)
	case errors.Is(err, ninep.ErrBadSharp) && strings.HasPrefix(name, "#M"):
		e.printf("  #M is what mounted trees have in common, and no device: they are mounted from files in /srv\n")
	case errors.Is(err, ninep.ErrNoAttach):
		e.reason(err)
		b, _ := e.p.ReadFile("/dev/drivers")
		e.printf("  it may attach: %s\n", strings.Join(strings.Fields(devLetters(string(b))), " "))
	default:
		e.reason(err)
	}
	e.others(name, last, err)
}

// reason prints the reason for an error.
func (e *explainer) reason(err error) {
	if text := reasons[ninep.ErrorOf(err)]; text != "" {
		e.printf("  %s\n", text)
	}
}

// devLetters returns the devices in the text of /dev/drivers.
func devLetters(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		letter, _, _ := strings.Cut(line, " ")
		b.WriteString(letter + " ")
	}
	return b.String()
}

// server says who was asked in a step.
func (ts *trees) server(s ns.Step) string {
	t := ts.find(s.Tree)
	switch {
	case t != nil:
		return t.name()
	case s.Tree.Type == 0:
		return "the kernel"
	}
	return "device " + ts.label(s)
}

// bareError returns the text of an error without the name it is about.
func bareError(err error) string {
	var ne *ns.NameError
	if errors.As(err, &ne) {
		return ne.Err.Error()
	}
	return err.Error()
}

// permission says what the permissions of the file that was asked have to do
// with the refusal.
func (e *explainer) permission(s ns.Step) {
	if s.StatErr != nil {
		return
	}
	d, who := s.Dir, e.who(s.Tree)
	want, what := ninep.DMEXEC, "to search a directory takes x"
	switch {
	case s.Op == ns.Created:
		want, what = ninep.DMWRITE, "to create takes w in the directory"
	case s.Op == ns.Opened && e.to == ns.ToRead:
		want, what = ninep.DMREAD, "to read takes r"
	case s.Op == ns.Opened && e.to == ns.ToWrite:
		want, what = ninep.DMWRITE, "to write takes w"
	case s.Op == ns.Opened:
		what = "to execute takes x"
	}
	if rights(d, who)&want != 0 {
		e.printf("  %s, which %s has by the mode: the server has a reason of its own\n", what, who)
		return
	}
	rank := "neither owner (" + d.UID + ") nor, as far as can be known, in group " + d.GID
	switch who {
	case d.UID:
		rank = "its owner"
	case d.GID:
		rank = "of its group"
	}
	e.printf("  %s; %s is %s, and has %s\n", what, who, rank, rwx(rights(d, who)))
}

// others says what programs are told, if that is less than explain was.
func (e *explainer) others(name string, last ns.Step, err error) {
	if last.Op != ns.Asked || last.Err == nil {
		return
	}
	told := within(e.p, dialTime, func() error {
		_, err := e.p.Stat(name)
		return err
	})
	if told != nil && bareError(told) != bareError(err) {
		e.printf("  programs are told %q: 9P does not say why a walk of several names stops\n", bareError(told))
	}
}

// links says how the machines are that a step has to do with: the one that was
// asked, or those whose names are in that of the file, as in /n/n3/proc.
func (e *explainer) links(last ns.Step, t *tree) {
	hosts := append(strings.Split(last.Name, "/"), last.Elem)
	if t != nil && t.host != "" {
		hosts = []string{t.host}
	}
	for _, host := range hosts {
		link, state := e.link(host)
		if link != "" {
			e.printf("  link to %s: %s\n", host, link)
		}
		if state != "" {
			e.printf("  machine %s: %s\n", host, state)
		}
	}
}

// link returns how the link to a machine is, and the machine itself; "" for
// what is not known, or no machine's name.
func (e *explainer) link(host string) (link, state string) {
	if host == "" {
		return "", ""
	}
	if b, err := e.p.ReadFile("#λ/link/" + host + "/status"); err == nil {
		link = linkState(string(b))
	}
	if b, err := e.p.ReadFile("/mnt/grid/nodes/" + host + "/status"); err == nil {
		for line := range strings.Lines(string(b)) {
			if word, val, _ := strings.Cut(strings.TrimSpace(line), " "); word == "state" {
				state = val
			}
		}
	}
	return link, state
}

// linkState returns the settings of a link that matter, on one line: whether it
// is cut, and what is not 0.
func linkState(text string) string {
	state, settings := "whole", ""
	for line := range strings.Lines(text) {
		word, val, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "cut":
			state = "cut"
		case slices.Contains([]string{"delay", "jitter", "bandwidth", "loss", "droprate"}, word) && strings.Trim(val, "0s%") != "":
			settings += ", " + word + " " + val
		}
	}
	return state + settings
}
