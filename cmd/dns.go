package cmd

import (
	"context"
	"strings"
	"sync"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// ndb/dns - domain name service
//
// Dns translates domain names. It mounts itself before what is in netmtpt, by
// default /net, posts itself as /srv/dns, and serves one file, dns. A question
// written to it is a name and a type; each read then returns one answer: the
// name, the type, a tab, and
//
//	ip, ipv6  an address
//	ptr       the name that goes with an address, which is asked for as
//	          in 1.0.9.10.in-addr.arpa
//	cname     the name that the name is an alias of
//	mx        preference and name of a mail exchanger
//	ns        the name of a name server
//	txt       a text
//	all       all of these, each with its own type
//
// If the question begins with a !, answers have the form of ndb(6).
//
// The answers come from the network database: an entry for a name has it as
// dom or, without a dot, as sys, and the answers as attributes of the name of
// the type. A dom *.lab stands for all names in lab that have no entry. A name
// with a cname has the addresses of that. A name without a dot that is not
// found is tried in each dnsdomain that the database has for this machine, and
// an address that has no dom goes with its sys.
//
// Questions for addresses of names that the database does not know are passed
// on to the file dns that was in netmtpt when dns began, if there is one, as
// where the network leads out to that of the host; see ip(3).
//
//	-f  the database begins in dbfile, by default /lib/ndb/local
//	-r  be a resolver only, as it is anyway
//	-x  serve the network at netmtpt
//
// The user who runs dns may write refresh: the database is read again.
//
// # EXAMPLES
//
// Which node has this address?
//
//	echo 10.9.0.2 | ndb/dnsquery
//
// # FILES
//
//	/net/dns
//	/srv/dns
//	/lib/ndb/local
//
// # SEE ALSO
//
// ip(3), ndb(6), cs(8), dnsquery(8)
//
// # DIAGNOSTICS
//
// A name that does not exist, and one that has nothing of the type, are two
// errors.
//
// # BUGS
//
// Dns does not speak the protocol of that name: it neither asks other servers
// nor answers questions that come over the network, so that of Plan 9's flags
// -a, -c, -F, -L, -n, -N, -R and -s do not exist. Of the domain, soa, srv and
// other types are not known.
//
// Cs(8) asks the dns that was there when cs began.
func dnsMain(p *proc.Proc) error {
	d := &resolver{mtpt: "/net", dbfile: "/lib/ndb/local", owner: p.User()}
	ext := ""
	arg := argbegin(p, "[-r] [-f dbfile] [-x netmtpt]")
	for c := range arg.flags() {
		switch c {
		case 'f':
			d.dbfile = arg.eargf()
		case 'r':
		case 'x':
			d.mtpt = arg.eargf()
			ext = strings.ReplaceAll(d.mtpt, "/", "_")
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		arg.usage()
	}
	srv := server{
		Server: ninep.NewTree(p.User(), d.tree()),
		name:   "dns" + ext, perm: 0666,
		mtpt: d.mtpt, flag: ns.MBEFORE,
		init: d.init,
	}
	p.Unmount("/srv/"+srv.name, d.mtpt)
	p.Remove("/srv/" + srv.name)
	if err := srv.start(p); err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// A resolver is the state of dns.
type resolver struct {
	mtpt   string // network directory
	dbfile string
	owner  string     // who may tell dns what to do
	s      *proc.Proc // the server's process

	// further returns the answers to a question that we have none to.
	further func(ctx context.Context, question string) ([]string, error)

	mu      sync.Mutex // guards what follows
	db      *ndb.DB    // not changed, but replaced
	domains []string   // where names without a dot are looked for
}

// init is run by the server's process before there are clients.
func (d *resolver) init(s *proc.Proc) error {
	d.s, d.further = s, d.askNetwork
	return d.refresh(s.Context())
}

// refresh reads the database, as cs does.
func (d *resolver) refresh(ctx context.Context) error {
	c := connserver{mtpt: d.mtpt, dbfile: d.dbfile, s: d.s}
	if err := c.refresh(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.db, d.domains = c.db, nil
	for _, p := range c.myinfo("dnsdomain") {
		d.domains = append(d.domains, p.Val)
	}
	return nil
}

// tree returns the files. Each opening of dns has a question of its own.
func (d *resolver) tree() *ninep.Node {
	file := &ninep.Node{Name: "dns", Perm: 0666, Open: func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		q := &netquestion{name: "dns", ask: func(ctx context.Context, text string) ([]string, error) {
			return d.answer(ctx, user, text)
		}}
		return &ninep.Node{Name: "dns", Perm: 0666, ReadAt: q.read, Write: q.write}, nil
	}}
	return &ninep.Node{Children: []*ninep.Node{file}}
}
