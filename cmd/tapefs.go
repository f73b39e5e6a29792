package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"ufo/cmd/tapefs"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// tarfs - mount a tar archive
//
// Tarfs mounts the tar archive file, which may be compressed by gzip(1), on
// mountpoint, by default /n/tapefs: its files can be read there, and not
// changed.
//
//	-m  mount on mountpoint
//	-p  take the names of owners from passwd, a file in the form of Unix's
//	-g  take the names of groups from group, a file of the same form
//
// Without -p and -g the names are those in the archive or, if it has numbers
// only, the numbers.
//
// # EXAMPLES
//
//	term% fs/tarfs -m /n/src src.tgz
//	term% ls /n/src
//
// # SEE ALSO
//
// tar(1), zipfs(4), ramfs(4)
//
// # BUGS
//
// Links, fifos, devices and sparse files are left out.
//
// A compressed archive is kept in memory while it is mounted.
func tarfsMain(p *proc.Proc) error {
	arg := argbegin(p, "[-m mountpoint] [-p passwd] [-g group] file")
	return tapefsMain(p, arg, func(ctx context.Context, img *image, cfg tapefs.Config) (ninep.Server, error) {
		in, err := inflated(ctx, img)
		if err != nil {
			return nil, err
		}
		return tapefs.Tar(ctx, in, cfg)
	})
}

// zipfs - mount a zip archive
//
// Zipfs mounts the zip archive file on mountpoint, by default /n/tapefs: its
// files can be read there, and not changed.
//
//	-m  mount on mountpoint
//	-p, -g
//	    are accepted and do nothing: an archive does not say who owns its
//	    files, they are the user's
//
// # EXAMPLES
//
//	term% fs/zipfs -m /n/src src.zip
//
// # SEE ALSO
//
// tarfs(4), ramfs(4)
//
// # DIAGNOSTICS
//
// A file whose contents do not agree with their sum gives an i/o error where
// it ends.
//
// # BUGS
//
// Files that were encrypted, or compressed by anything but deflate, are left
// out.
func zipfsMain(p *proc.Proc) error {
	arg := argbegin(p, "[-m mountpoint] [-p passwd] [-g group] file")
	return tapefsMain(p, arg, func(ctx context.Context, img *image, cfg tapefs.Config) (ninep.Server, error) {
		return tapefs.Zip(ctx, img, img.size, cfg)
	})
}

// tapefsMain is a program that mounts what populate makes of a file.
func tapefsMain(p *proc.Proc, arg *argv, populate func(context.Context, *image, tapefs.Config) (ninep.Server, error)) error {
	cfg := tapefs.Config{Owner: p.User(), Now: uint32(p.Now().Unix()), Warn: func(msg string) { warn(p, "%s", msg) }}
	srv := server{mtpt: "/n/tapefs", flag: ns.MREPL}
	var err error
	for c := range arg.flags() {
		switch c {
		case 'm':
			srv.mtpt = arg.eargf()
		case 'p':
			cfg.Users, err = readIDs(p, arg.eargf())
		case 'g':
			cfg.Groups, err = readIDs(p, arg.eargf())
		default:
			arg.usage()
		}
		if err != nil {
			return fatal(p, "%v", err)
		}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	name := arg.args[0]
	img, err := imageOf(p, name, ninep.OREAD)
	if err != nil {
		return fatal(p, "can't open %s: %v", name, err)
	}
	// Until the server is started, this process may end in any call.
	started := false
	defer func() {
		if !started {
			img.close()
		}
	}()
	if srv.Server, err = populate(p.Context(), img, cfg); err != nil {
		return fatal(p, "%s: %v", name, err)
	}
	started = true
	srv.close = img.close
	if err := srv.start(p); err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// readIDs reads a file of names and numbers.
func readIDs(p *proc.Proc, name string) (tapefs.IDs, error) {
	text, err := p.ReadFile(name)
	if err != nil {
		return nil, err
	}
	ids, err := tapefs.ParseIDs(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return ids, nil
}

// inflated returns the image, or what it is the compressed form of, in
// memory.
func inflated(ctx context.Context, img *image) (tapefs.Image, error) {
	in := bufio.NewReader(io.NewSectionReader(&tapefs.Reader{Ctx: ctx, Image: img}, 0, math.MaxInt64))
	if b, _ := in.Peek(len(gzipMagic)); string(b) != gzipMagic {
		return img, nil
	}
	z, err := expanded(in)
	if err != nil {
		return nil, unpackError(err)
	}
	b, err := io.ReadAll(io.LimitReader(z, ramLimit+1))
	switch {
	case err != nil:
		return nil, unpackError(err)
	case len(b) > ramLimit:
		return nil, errors.New("too big when expanded")
	}
	return tapefs.Mem(b), nil
}
