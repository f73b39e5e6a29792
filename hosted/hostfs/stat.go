package hostfs

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"syscall"
	"time"

	"ufo/ninep"
)

// special reports whether a file is neither a plain one nor a directory: a
// device, a fifo, a socket. It is listed, with no permissions for anybody, and
// can be removed and renamed, but not opened.
func special(info fs.FileInfo) bool { return !info.Mode().IsRegular() && !info.IsDir() }

// dir returns the entry of a file of the host, which is no symbolic link.
func (s *Server) dir(name string, info fs.FileInfo) ninep.Dir {
	st := info.Sys().(*syscall.Stat_t)
	d := ninep.Dir{
		Qid: qid(info), Mode: ninep.Perm(info.Mode().Perm()),
		Atime: seconds(accessed(st)), Mtime: seconds(info.ModTime()), Length: info.Size(),
		Name: name, UID: s.users.uid(st.Uid), GID: s.users.gid(st.Gid),
	}
	d.MUID = d.UID
	switch {
	case info.IsDir():
		d.Mode |= ninep.DMDIR
		d.Length = 0
	case special(info):
		d.Mode, d.Length = 0, 0
	}
	return d
}

// qid returns the identity of a file of the host. Its path is distinct on one
// file system, and on two but for an accident that has a chance of one in
// 2^64. Its vers changes with the times of change and the length, which is as
// often as the host's clock ticks.
func qid(info fs.FileInfo) ninep.Qid {
	st := info.Sys().(*syscall.Stat_t)
	q := ninep.Qid{
		Path: mix(int64(st.Dev)) ^ st.Ino,
		Vers: uint32(mix(info.ModTime().UnixNano(), changed(st).UnixNano(), info.Size())),
	}
	if info.IsDir() {
		q.Type = ninep.QTDIR
	}
	return q
}

// mix returns a hash of numbers: FNV-1a, a number at a time.
func mix(vals ...int64) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range vals {
		h = (h ^ uint64(v)) * 1099511628211
		h ^= h >> 32
	}
	return h
}

// seconds returns a time as 9P has it, the nearest it can say.
func seconds(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 0), math.MaxUint32-1))
}

// may reports whether a user may open a file with the given mode, as far as
// that is not for the host to say.
func (s *Server) may(user string, info fs.FileInfo, mode ninep.Mode) bool {
	if special(info) {
		return false
	}
	if user != s.owner {
		return s.dir("", info).Access(user, nil, mode)
	}
	// The host knows of no opening to execute. For its super-user, too, that
	// takes a file that somebody may execute.
	return mode.Access() != ninep.OEXEC || info.IsDir() || info.Mode()&0o111 != 0
}

// errno has the errors of the host that Plan 9 has words for.
var errno = []struct {
	host syscall.Errno
	err  ninep.Error
}{
	{syscall.ENOENT, ninep.ErrNotExist},
	{syscall.EEXIST, ninep.ErrExist},
	{syscall.EACCES, ninep.ErrPerm},
	{syscall.EPERM, ninep.ErrPerm},
	{syscall.EROFS, ninep.ErrPerm},
	{syscall.EXDEV, ninep.ErrPerm},
	{syscall.ENXIO, ninep.ErrPerm},
	{syscall.ELOOP, ninep.ErrNotExist},
	{syscall.ENOTDIR, ninep.ErrNotDir},
	{syscall.EISDIR, ninep.ErrIsDir},
	{syscall.ENOTEMPTY, ninep.ErrNotEmpty},
	{syscall.ENAMETOOLONG, ninep.ErrTooLong},
	{syscall.EINVAL, ninep.ErrBadArg},
	{syscall.EILSEQ, ninep.ErrBadChar},
	{syscall.EBUSY, ninep.ErrInUse},
	{syscall.ETXTBSY, ninep.ErrInUse},
	{syscall.EAGAIN, ninep.ErrInUse},
	{syscall.EFBIG, ninep.ErrTooBig},
	{syscall.ENOSPC, ErrFull},
	{syscall.EDQUOT, ErrFull},
	{syscall.EMFILE, ninep.ErrNoFD},
	{syscall.ENFILE, ninep.ErrNoFD},
	{syscall.ENOMEM, ninep.ErrNoMem},
	{syscall.EIO, ninep.ErrIO},
}

// Error strings of this server; the others are ninep's.
const (
	ErrFull ninep.Error = "file system full"
	ErrBits ninep.Error = "host files cannot be append-only, exclusive or temporary"
)

// hostError returns an error of the host in Plan 9's words, without the names
// of the host that package os puts around it.
func hostError(err error) error {
	var no syscall.Errno
	var ours ninep.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, os.ErrClosed):
		return ninep.ErrShutdown
	case err == fs.ErrExist:
		return ninep.ErrExist
	case !errors.As(err, &no):
		return ninep.ErrPerm // of os.Root: a name that leads out of it
	}
	for _, e := range errno {
		if no == e.host {
			return e.err
		}
	}
	return ninep.Error(no.Error())
}
