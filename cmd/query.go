package cmd

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/proc"
)

// ndb/query - search the network database
//
// Query searches the network database for the entry with the pair attr=value
// and prints it. If one rattr is given it prints that attribute's value in
// the first matching entry that has it; if more are given, the pairs with
// these attributes.
//
//	-a  all matching entries, not just the first
//	-m  all values of rattr in the entry
//	-i  attr and value tell of a system: search for each rattr in its
//	    entry, then in those of the networks that hold its address, the
//	    smallest first. A rattr with @ before it is resolved to addresses.
//	-c  ask the connection server of the network at netmtpt instead of
//	    reading files
//	-x  netmtpt, by default /net
//	-f  the database begins in dbfile, by default /lib/ndb/local
//
// # EXAMPLES
//
// Which machines are cpu servers?
//
//	ndb/query -a role cpu sys
//
// Which file server does n2 use?
//
//	ndb/query -i sys n2 fs
//
// # FILES
//
//	/lib/ndb/local
//
// # SEE ALSO
//
// ndb(6), cs(8), csquery(8)
func queryMain(p *proc.Proc) error {
	var q query
	var usecs bool
	net, file := "/net", "/lib/ndb/local"
	arg := argbegin(p, "[-acim] [-x netmtpt] [-f dbfile] attr value [rattr ...]")
	for c := range arg.flags() {
		switch c {
		case 'a':
			q.all = true
		case 'c':
			usecs = true
		case 'i':
			q.ipinfo = true
		case 'm':
			q.multiple = true
		case 'x':
			net = arg.eargf()
		case 'f':
			file = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) < 2 || q.ipinfo && len(arg.args) == 2 {
		arg.usage()
	}
	q.attr, q.val, q.rattrs = arg.args[0], arg.args[1], arg.args[2:]
	q.out = stdout(p)
	defer flush(p, q.out)
	if usecs {
		return q.askcs(p, net)
	}
	db, err := ndb.Open(file, p.ReadFile)
	if err != nil {
		return fatal(p, "no db files: %v", err)
	}
	q.search(db)
	return nil
}

// A query is what is asked of the database.
type query struct {
	attr, val             string
	rattrs                []string
	all, multiple, ipinfo bool
	out                   *bufio.Writer
}

// search prints what the database has.
func (q *query) search(db *ndb.DB) {
	if q.ipinfo {
		q.print([][]ndb.Pair{db.IPInfo(q.attr, q.val, q.rattrs...)})
		return
	}
	tuples := db.Search(q.attr, q.val)
	if len(q.rattrs) == 1 && !q.all {
		// The first that has the attribute, with the value nearest to the
		// matching pair first.
		v, t := db.Value(q.attr, q.val, q.rattrs[0])
		switch {
		case t == nil:
		case q.multiple:
			q.print(lines(t))
		default:
			fmt.Fprintln(q.out, v)
		}
		return
	}
	if !q.all && len(tuples) > 1 {
		tuples = tuples[:1]
	}
	for _, t := range tuples {
		q.print(lines(t))
	}
}

// lines returns the pairs of an entry, line by line.
func lines(t *ndb.Tuple) [][]ndb.Pair {
	var ls [][]ndb.Pair
	for _, l := range t.Lines {
		ls = append(ls, l.Pairs)
	}
	return ls
}

// wants reports whether pairs with attr are to be printed.
func (q *query) wants(attr string) bool {
	return len(q.rattrs) == 0 ||
		slices.ContainsFunc(q.rattrs, func(r string) bool { return strings.TrimPrefix(r, "@") == attr })
}

// print prints what is wanted of an entry: values, if there is one rattr, and
// pairs otherwise.
func (q *query) print(lines [][]ndb.Pair) {
	if len(q.rattrs) == 1 {
		for _, p := range slices.Concat(lines...) {
			if q.wants(p.Attr) {
				fmt.Fprintln(q.out, p.Val)
				if !q.all && !q.multiple {
					return
				}
			}
		}
		return
	}
	sep := ""
	for _, line := range lines {
		for _, p := range line {
			if q.wants(p.Attr) {
				fmt.Fprint(q.out, sep, p)
				sep = " "
			}
		}
		if sep != "" {
			sep = "\n\t"
		}
	}
	fmt.Fprintln(q.out)
}

// askcs prints what the connection server answers.
func (q *query) askcs(p *proc.Proc, net string) error {
	text := "!" + q.attr + "=" + q.val
	if q.ipinfo {
		text = "!ipinfo " + q.attr + "=" + q.val + " " + strings.Join(q.rattrs, " ")
	}
	fd, err := p.Open(net+"/cs", ninep.ORDWR)
	if err != nil {
		return fatal(p, "%v", err)
	}
	replies, err := askcs(p, fd, text)
	if err != nil {
		return fatal(p, "%v", err)
	}
	db, err := ndb.Parse(net+"/cs", strings.Join(replies, "\n\t"))
	if err != nil {
		return fatal(p, "%v", err)
	}
	for _, t := range db.Tuples {
		q.print(lines(t))
	}
	return nil
}
