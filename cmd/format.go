package cmd

import (
	"context"
	"errors"
	"strconv"

	"ufo/cmd/fat"
	"ufo/ninep"
	"ufo/proc"
)

// disk/format - make a DOS file system
//
// Format makes an empty file system of DOS on the disk or partition in the
// file named disk: FAT12, FAT16 or FAT32, as the size demands. All that was on
// it is lost. A file that is empty, or is not there, becomes an image of a
// floppy disk of 1440K.
//
//	-c  clusters have csize sectors, a power of two
//	-d  make a file system; without it there is nothing to do
//	-l  it has a label
//	-r  nresrv sectors are before the table: 1, or 32 for FAT32
//	-v  print what was chosen
//	-f  do not format physically: it never is
//	-x  do not refuse anything: nothing is refused
//
// # EXAMPLES
//
//	echo memory M0 16m >/dev/sdctl
//	echo part dos 64 32768 >/dev/sdM0/ctl
//	disk/format -d /dev/sdM0/dos
//
// # SEE ALSO
//
// sd(3), dossrv(4)
//
// # BUGS
//
// Disks are not formatted physically, there is no bootstrap block, and no
// files are copied: that is for who has mounted what dossrv(4) shows. A
// partition that begins where the whole disk does, where others expect a
// partition table, is not refused.
func formatMain(p *proc.Proc) error {
	var l fat.Layout
	dos, verbose := false, false
	arg := argbegin(p, "-d [-fvx] [-c csize] [-l label] [-r nresrv] disk")
	for c := range arg.flags() {
		switch c {
		case 'c':
			l.Cluster = sectors(arg)
		case 'd':
			dos = true
		case 'f', 'x':
		case 'l':
			l.Label = arg.eargf()
		case 'r':
			l.Reserved = sectors(arg)
		case 'v':
			verbose = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 || !dos {
		arg.usage()
	}
	chosen, err := formatDOS(p, arg.args[0], l)
	if err != nil {
		return fatal(p, "%s: %v", arg.args[0], err)
	}
	if verbose {
		return puts(p, chosen+"\n")
	}
	return nil
}

// sectors returns the number of sectors that is the argument of a flag.
func sectors(arg *argv) int {
	n, err := strconv.ParseUint(arg.eargf(), 0, 15)
	if err != nil || n == 0 {
		arg.usage()
	}
	return int(n)
}

// floppySectors is how many sectors a floppy disk has.
const floppySectors = 2880

// formatDOS makes a file system in a file.
func formatDOS(p *proc.Proc, name string, l fat.Layout) (chosen string, err error) {
	fd, err := p.Open(name, ninep.ORDWR)
	if errors.Is(err, ninep.ErrNotExist) {
		fd, err = p.Create(name, ninep.ORDWR, 0666)
	}
	if err != nil {
		return "", err
	}
	defer p.Close(fd)
	d, err := p.Fstat(fd)
	if err != nil {
		return "", err
	}
	l.Total = d.Length / 512
	if d.Length == 0 {
		l.Total = floppySectors
	}
	disk := openFile{p, fd}
	chosen, err = fat.Format(p.Context(), disk, l, p.Now())
	if err == nil && d.Length == 0 { // as long as a floppy disk
		_, err = disk.WriteAt(p.Context(), make([]byte, 1), l.Total*512-1)
	}
	return chosen, err
}

// An openFile is a descriptor of a process as a fat.Image.
type openFile struct {
	p  *proc.Proc
	fd int
}

// ReadAt reads like a File's Read.
func (f openFile) ReadAt(_ context.Context, b []byte, off int64) (int, error) {
	return f.p.Pread(f.fd, b, off)
}

// WriteAt writes like a File's Write.
func (f openFile) WriteAt(_ context.Context, b []byte, off int64) (int, error) {
	return f.p.Pwrite(f.fd, b, off)
}
