package cmd

import (
	"fmt"

	"ufo/cmd/ndb"
	"ufo/proc"
)

// ndb/ipquery - search the network database about a system
//
// Ipquery prints the pairs that the network database has for each rattr about
// the system that attr and value identify: from its entry, or else from that of
// the smallest network that holds its address and has the attribute.
//
//	-f  the database begins in dbfile, by default /lib/ndb/local
//
// # EXAMPLES
//
// Which servers does n3 use?
//
//	ndb/ipquery sys n3 auth fs cpu
//
// # FILES
//
//	/lib/ndb/local
//
// # SEE ALSO
//
// ndb(6), cs(8), query(8)
func ipqueryMain(p *proc.Proc) error {
	file := "/lib/ndb/local"
	arg := argbegin(p, "[-f dbfile] attr value rattr ...")
	for c := range arg.flags() {
		switch c {
		case 'f':
			file = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) < 3 {
		arg.usage()
	}
	db, err := ndb.Open(file, p.ReadFile)
	if err != nil {
		warn(p, "no db files: %v", err)
		return status("no db")
	}
	line := ""
	for _, pair := range db.IPInfo(arg.args[0], arg.args[1], arg.args[2:]...) {
		line += fmt.Sprintf("%v ", pair)
	}
	return puts(p, line+"\n")
}
