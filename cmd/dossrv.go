package cmd

import (
	"context"

	"ufo/cmd/fat"
	"ufo/ninep"
	"ufo/proc"
)

// dossrv - DOS file systems
//
// Dossrv is a file server for the file systems of DOS: FAT12, FAT16 and FAT32,
// with long names. It posts itself as /srv/service, by default /srv/dos. To
// use a disk, mount it with the name of the file that holds it as the spec,
// see mount(1); the server must see a file of that name. One server can serve
// many disks at once.
//
//	-f  use file when a mount has no spec
//	-r  change nothing
//	-s  serve on the file descriptors 0 and 1 instead
//	-v  trace the 9P messages on the standard error
//
// DOS knows no owners: the files are those of who runs dossrv, and everybody
// may do everything. A mode can be changed only if it is the same for user,
// group and others; a file that none may write is one that is read-only for
// DOS. Names are found in small or capital letters.
//
// # EXAMPLES
//
//	term% dossrv
//	term% mount -c /srv/dos /n/dos $home/disk.img
//
// # FILES
//
//	/srv/dos
//
// # SEE ALSO
//
// mount(1), 9660srv(4)
//
// # DIAGNOSTICS
//
// Who mounts a disk by a second name while it is in use is told so.
//
// # BUGS
//
// Times are those of Greenwich, to two seconds; there is none before 1980.
//
// The attributes for system files and hidden ones, and the disk's label, are
// not shown. An interrupted change can lose space on the disk.
func dossrvMain(p *proc.Proc) error {
	s := &imageServer{mode: ninep.ORDWR}
	opt := fat.Options{Owner: p.User(), Now: p.Now}
	stdio, verbose := false, false
	arg := argbegin(p, "[-rsv] [-f file] [service]")
	for c := range arg.flags() {
		switch c {
		case 'f':
			s.file = arg.eargf()
		case 'r':
			opt.ReadOnly, s.mode = true, ninep.OREAD
		case 's':
			stdio = true
		case 'v':
			verbose = true
		default:
			arg.usage()
		}
	}
	name := "dos"
	switch len(arg.args) {
	case 0:
	case 1:
		name = arg.args[0]
	default:
		arg.usage()
	}
	s.open = func(ctx context.Context, img *image) (ninep.Server, error) {
		fs, err := fat.New(ctx, img, opt)
		if err != nil {
			return nil, errImage(err)
		}
		return fs, nil
	}
	return startImages(p, s, name, stdio, verbose)
}
