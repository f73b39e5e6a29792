package ninep

import (
	"fmt"
	"strings"
	"time"
)

// A Qid is the server's unique identity for a file. See intro(5).
type Qid struct {
	Path uint64  // unique among all files of the server's tree
	Vers uint32  // incremented each time the file is modified
	Type QidType // the high bits of the file's Perm
}

// A QidType says what kind of file a qid stands for.
type QidType uint8

// The bits of a QidType.
const (
	QTDIR    QidType = 0x80 // directory
	QTAPPEND QidType = 0x40 // append-only
	QTEXCL   QidType = 0x20 // exclusive use
	QTMOUNT  QidType = 0x10 // mounted channel
	QTAUTH   QidType = 0x08 // authentication file
	QTTMP    QidType = 0x04 // not backed up
	QTFILE   QidType = 0x00 // plain file
)

// IsDir reports whether the qid is a directory's.
func (q Qid) IsDir() bool { return q.Type&QTDIR != 0 }

// String returns the qid as "(path vers type)", the path in hexadecimal and
// the type as letters: "(1f 0 d)".
func (q Qid) String() string { return fmt.Sprintf("(%x %d %v)", q.Path, q.Vers, q.Type) }

// String returns a letter for each bit, or nothing for a plain file.
func (t QidType) String() string {
	var b []byte
	for i, c := range "dalMA" {
		if t&(QTDIR>>i) != 0 {
			b = append(b, byte(c))
		}
	}
	if t&QTTMP != 0 {
		b = append(b, 't')
	}
	return string(b)
}

// A Perm is the mode of a file as stat(5) has it: type bits and permissions
// for owner, group and others.
type Perm uint32

// The bits of a Perm.
const (
	DMDIR    Perm = 0x80000000 // directory
	DMAPPEND Perm = 0x40000000 // append-only
	DMEXCL   Perm = 0x20000000 // exclusive use
	DMMOUNT  Perm = 0x10000000 // mounted channel
	DMAUTH   Perm = 0x08000000 // authentication file
	DMTMP    Perm = 0x04000000 // not backed up

	DMREAD  Perm = 4 // one of these for each of owner, group, others
	DMWRITE Perm = 2
	DMEXEC  Perm = 1
)

// QidType returns the type bits of the mode as a qid carries them.
func (m Perm) QidType() QidType { return QidType(m >> 24) }

// IsDir reports whether the mode is a directory's.
func (m Perm) IsDir() bool { return m&DMDIR != 0 }

// String returns the mode as ls -l shows it: "d-rwxr-xr-x" has the type, the
// exclusive-use mark and three permissions for owner, group and others.
func (m Perm) String() string {
	b := []byte("--rwxrwxrwx")
	switch {
	case m&DMDIR != 0:
		b[0] = 'd'
	case m&DMAPPEND != 0:
		b[0] = 'a'
	case m&DMAUTH != 0:
		b[0] = 'A'
	}
	if m&DMEXCL != 0 {
		b[1] = 'l'
	}
	for i := range 9 {
		if m&(1<<(8-i)) == 0 {
			b[2+i] = '-'
		}
	}
	return string(b)
}

// A Mode is how a file is opened. See open(2) and open(5).
type Mode uint16

// The modes of open.
const (
	OREAD   Mode = 0    // read
	OWRITE  Mode = 1    // write
	ORDWR   Mode = 2    // read and write
	OEXEC   Mode = 3    // execute, which is read with another permission
	OTRUNC  Mode = 0x10 // truncate first
	OCEXEC  Mode = 0x20 // close on exec; never reaches a File
	ORCLOSE Mode = 0x40 // remove on close

	OEXCL Mode = 0x1000 // in create: fail if the file exists; never reaches a File
)

// Access returns the mode without its flags: OREAD, OWRITE, ORDWR or OEXEC.
func (m Mode) Access() Mode { return m & 3 }

// CanRead reports whether a file opened so may be read.
func (m Mode) CanRead() bool { return m.Access() != OWRITE }

// CanWrite reports whether a file opened so may be written.
func (m Mode) CanWrite() bool { return m.Access() == OWRITE || m.Access() == ORDWR }

// A Dir is a directory entry: what stat(5) returns.
type Dir struct {
	Type   uint16 // server type: the letter of a #-device; for kernel use
	Dev    uint32 // server subtype; for kernel use
	Qid    Qid
	Mode   Perm
	Atime  uint32 // last access, seconds since 1970
	Mtime  uint32 // last modification, seconds since 1970
	Length int64  // bytes; 0 for directories and for most device files
	Name   string // last element of the name; "/" for a root
	UID    string // owner
	GID    string // group
	MUID   string // who modified it last
}

// NullDir is the Dir of a Wstat that changes nothing: a field with the value
// it has here means "don't touch".
var NullDir = Dir{
	Type: 1<<16 - 1, Dev: 1<<32 - 1,
	Qid:  Qid{Path: 1<<64 - 1, Vers: 1<<32 - 1, Type: 1<<8 - 1},
	Mode: 1<<32 - 1, Atime: 1<<32 - 1, Mtime: 1<<32 - 1, Length: -1,
}

// IsDir reports whether the entry is a directory's.
func (d Dir) IsDir() bool { return d.Mode&DMDIR != 0 }

// ModTime returns the time of the last modification.
func (d Dir) ModTime() time.Time { return time.Unix(int64(d.Mtime), 0) }

// String returns the entry on one line, in the form of fcall(2)'s %D.
func (d Dir) String() string {
	return fmt.Sprintf("%q %q %q %q q %v m %#o at %d mt %d l %d t %d d %d",
		d.Name, d.UID, d.GID, d.MUID, d.Qid, uint32(d.Mode), d.Atime, d.Mtime, d.Length, d.Type, d.Dev)
}

// ValidName reports whether name can be the name of a file: not empty, not
// "." or "..", without slash or NUL. See intro(5).
func ValidName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00")
}

// Access reports whether user, a member of the groups that ingroup names,
// may open a file with this entry with the given mode. A file server with
// Plan 9's rules calls it from Open and, with OEXEC or OWRITE on a directory,
// from Walk, Create and Remove. See "permission" in intro(5).
func (d Dir) Access(user string, ingroup func(group, user string) bool, mode Mode) bool {
	have := d.Mode & 7
	if d.UID == user {
		have |= d.Mode >> 6 & 7
	}
	if d.GID == user || ingroup != nil && ingroup(d.GID, user) {
		have |= d.Mode >> 3 & 7
	}
	want := mode.needs()
	return have&want == want
}

// needs returns the permissions that opening with mode takes.
func (m Mode) needs() Perm {
	var want Perm
	switch m.Access() {
	case OREAD:
		want = DMREAD
	case OWRITE:
		want = DMWRITE
	case ORDWR:
		want = DMREAD | DMWRITE
	case OEXEC:
		want = DMEXEC
	}
	if m&OTRUNC != 0 {
		want |= DMWRITE
	}
	return want
}
