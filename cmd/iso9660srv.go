package cmd

import (
	"context"
	"strconv"

	"ufo/cmd/iso9660"
	"ufo/ninep"
	"ufo/proc"
)

// 9660srv - ISO 9660 file systems
//
// 9660srv is a file server for the file systems of CD-ROMs. It posts itself as
// /srv/service, by default /srv/9660. To see what is on a disc, or in the
// image of one, mount that file with the name of the disc as the spec, see
// mount(1); the server must see a file of that name. One server can serve many
// discs at once.
//
// Some discs have several trees for the same files. The first choice is the
// standard tree with Plan 9's system use fields, the second one of Joliet,
// which has long names and Unicode, the third the standard tree, with the
// names and modes of Rock Ridge if it has them. Everybody may read everything.
//
//	-9  ignore Plan 9's system use fields
//	-J  ignore the tree of Joliet
//	-c  is accepted and does nothing: there is no cache
//	-f  use file when a mount has no spec
//	-s  serve on the file descriptors 0 and 1 instead
//	-v  trace the 9P messages on the standard error
//
// # EXAMPLES
//
//	term% 9660srv
//	term% mount /srv/9660 /n/cd $home/disc.iso
//
// # FILES
//
//	/srv/9660
//
// # SEE ALSO
//
// mount(1), dossrv(4), tarfs(4)
//
// # BUGS
//
// Links, devices and compressed files are not shown as what they are.
func iso9660srvMain(p *proc.Proc) error {
	var opt iso9660.Options
	s := &imageServer{mode: ninep.OREAD}
	stdio, verbose := false, false
	arg := argbegin(p, "[-9Jsv] [-c clusters] [-f file] [service]")
	for c := range arg.flags() {
		switch c {
		case '9':
			opt.NoPlan9 = true
		case 'J':
			opt.NoJoliet = true
		case 'c':
			if _, err := strconv.Atoi(arg.eargf()); err != nil {
				arg.usage()
			}
		case 'f':
			s.file = arg.eargf()
		case 's':
			stdio = true
		case 'v':
			verbose = true
		default:
			arg.usage()
		}
	}
	name := "9660"
	switch len(arg.args) {
	case 0:
	case 1:
		name = arg.args[0]
	default:
		arg.usage()
	}
	s.open = func(ctx context.Context, img *image) (ninep.Server, error) {
		srv, err := iso9660.New(ctx, img, opt)
		if err != nil {
			return nil, errImage(err)
		}
		return srv, nil
	}
	return startImages(p, s, name, stdio, verbose)
}
