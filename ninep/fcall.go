package ninep

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// A MsgType is the type of a 9P message. The reply to a T-message has the
// next type, or is an Rerror.
type MsgType uint8

// The messages of 9P2000. There is no Terror.
const (
	Tversion MsgType = 100 + iota
	Rversion
	Tauth
	Rauth
	Tattach
	Rattach
	terror
	Rerror
	Tflush
	Rflush
	Twalk
	Rwalk
	Topen
	Ropen
	Tcreate
	Rcreate
	Tread
	Rread
	Twrite
	Rwrite
	Tclunk
	Rclunk
	Tremove
	Rremove
	Tstat
	Rstat
	Twstat
	Rwstat
)

// Numbers of the protocol, with the names that fcall(2) gives them.
const (
	NOTAG     uint16 = 1<<16 - 1 // the tag of Tversion
	NOFID     uint32 = 1<<32 - 1 // the afid of a Tattach without authentication
	MAXWELEM         = 16        // names in one Twalk
	IOHDRSZ          = 24        // bytes of a message that are not data, at most
	VERSION9P        = "9P2000"
)

// The bounds that this package sets to the size of messages; 8 KB is what
// every implementation can do.
const (
	MinMsize     = 8 << 10
	DefaultMsize = 64<<10 + IOHDRSZ
	MaxMsize     = 1<<20 + IOHDRSZ
)

const hdrsz = 4 + 1 + 2 // size[4] type[1] tag[2]

// An Fcall is a 9P message. Which fields it has depends on its Type, and is
// written in section 5 of the manual and in the table below.
type Fcall struct {
	Type    MsgType
	Tag     uint16
	Fid     uint32
	Msize   uint32   // Tversion, Rversion
	Version string   // Tversion, Rversion
	Oldtag  uint16   // Tflush
	Ename   string   // Rerror
	Afid    uint32   // Tauth, Tattach
	Uname   string   // Tauth, Tattach
	Aname   string   // Tauth, Tattach
	Qid     Qid      // Rauth, Rattach, Ropen, Rcreate
	Newfid  uint32   // Twalk
	Wname   []string // Twalk
	Wqid    []Qid    // Rwalk
	Name    string   // Tcreate
	Perm    Perm     // Tcreate
	Mode    Mode     // Topen, Tcreate: the low byte
	Iounit  uint32   // Ropen, Rcreate
	Offset  uint64   // Tread, Twrite
	Count   uint32   // Tread, Rwrite
	Data    []byte   // Twrite, Rread
	Stat    Dir      // Rstat, Twstat
}

// A field is a parameter of a message: its name in the manual and where in
// an Fcall it is. The type of what the function points to says how the
// parameter is encoded.
type field struct {
	name string
	in   func(*Fcall) any
}

var (
	fAfid    = field{"afid", func(m *Fcall) any { return &m.Afid }}
	fAname   = field{"aname", func(m *Fcall) any { return &m.Aname }}
	fCount   = field{"count", func(m *Fcall) any { return &m.Count }}
	fData    = field{"count", func(m *Fcall) any { return &m.Data }}
	fEname   = field{"ename", func(m *Fcall) any { return &m.Ename }}
	fFid     = field{"fid", func(m *Fcall) any { return &m.Fid }}
	fIounit  = field{"iounit", func(m *Fcall) any { return &m.Iounit }}
	fMode    = field{"mode", func(m *Fcall) any { return &m.Mode }}
	fMsize   = field{"msize", func(m *Fcall) any { return &m.Msize }}
	fName    = field{"name", func(m *Fcall) any { return &m.Name }}
	fNewfid  = field{"newfid", func(m *Fcall) any { return &m.Newfid }}
	fOffset  = field{"offset", func(m *Fcall) any { return &m.Offset }}
	fOldtag  = field{"oldtag", func(m *Fcall) any { return &m.Oldtag }}
	fPerm    = field{"perm", func(m *Fcall) any { return &m.Perm }}
	fQid     = field{"qid", func(m *Fcall) any { return &m.Qid }}
	fStat    = field{"stat", func(m *Fcall) any { return &m.Stat }}
	fUname   = field{"uname", func(m *Fcall) any { return &m.Uname }}
	fVersion = field{"version", func(m *Fcall) any { return &m.Version }}
	fWname   = field{"nwname", func(m *Fcall) any { return &m.Wname }}
	fWqid    = field{"nwqid", func(m *Fcall) any { return &m.Wqid }}
)

// message has a row for each type: its name, and its parameters after the
// tag, in order. Append, Unmarshal and String follow it.
var message = [...]struct {
	name   string
	fields []field
}{
	Tversion: {"Tversion", []field{fMsize, fVersion}},
	Rversion: {"Rversion", []field{fMsize, fVersion}},
	Tauth:    {"Tauth", []field{fAfid, fUname, fAname}},
	Rauth:    {"Rauth", []field{fQid}},
	Tattach:  {"Tattach", []field{fFid, fAfid, fUname, fAname}},
	Rattach:  {"Rattach", []field{fQid}},
	Rerror:   {"Rerror", []field{fEname}},
	Tflush:   {"Tflush", []field{fOldtag}},
	Rflush:   {"Rflush", nil},
	Twalk:    {"Twalk", []field{fFid, fNewfid, fWname}},
	Rwalk:    {"Rwalk", []field{fWqid}},
	Topen:    {"Topen", []field{fFid, fMode}},
	Ropen:    {"Ropen", []field{fQid, fIounit}},
	Tcreate:  {"Tcreate", []field{fFid, fName, fPerm, fMode}},
	Rcreate:  {"Rcreate", []field{fQid, fIounit}},
	Tread:    {"Tread", []field{fFid, fOffset, fCount}},
	Rread:    {"Rread", []field{fData}},
	Twrite:   {"Twrite", []field{fFid, fOffset, fData}},
	Rwrite:   {"Rwrite", []field{fCount}},
	Tclunk:   {"Tclunk", []field{fFid}},
	Rclunk:   {"Rclunk", nil},
	Tremove:  {"Tremove", []field{fFid}},
	Rremove:  {"Rremove", nil},
	Tstat:    {"Tstat", []field{fFid}},
	Rstat:    {"Rstat", []field{fStat}},
	Twstat:   {"Twstat", []field{fFid, fStat}},
	Rwstat:   {"Rwstat", nil},
}

// valid reports whether there is such a message.
func (t MsgType) valid() bool { return int(t) < len(message) && message[t].name != "" }

// isT reports whether the type is a request's.
func (t MsgType) isT() bool { return t%2 == 0 }

// String returns the name of the message.
func (t MsgType) String() string {
	if !t.valid() {
		return fmt.Sprintf("message type %d", uint8(t))
	}
	return message[t].name
}

var le = binary.LittleEndian

// Append appends the message as it goes over the wire, size first. It fails
// on what has no encoding: a string or a stat of more than 65535 bytes, more
// than MAXWELEM names, an unknown type.
func (m *Fcall) Append(b []byte) ([]byte, error) {
	if !m.Type.valid() {
		return b, ErrBadMsg
	}
	start := len(b)
	b = append(b, 0, 0, 0, 0, byte(m.Type))
	b = le.AppendUint16(b, m.Tag)
	for _, f := range message[m.Type].fields {
		var err error
		if b, err = appendField(b, f.in(m)); err != nil {
			return b[:start], err
		}
	}
	le.PutUint32(b[start:], uint32(len(b)-start))
	return b, nil
}

func appendField(b []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case *uint16:
		b = le.AppendUint16(b, *v)
	case *uint32:
		b = le.AppendUint32(b, *v)
	case *uint64:
		b = le.AppendUint64(b, *v)
	case *Mode:
		b = append(b, byte(*v))
	case *Perm:
		b = le.AppendUint32(b, uint32(*v))
	case *Qid:
		b = appendQid(b, *v)
	case *[]byte:
		b = le.AppendUint32(b, uint32(len(*v)))
		b = append(b, *v...)
	case *string:
		return appendString(b, *v)
	case *[]string:
		if len(*v) > MAXWELEM {
			return b, ErrBadMsg
		}
		b = le.AppendUint16(b, uint16(len(*v)))
		for _, s := range *v {
			if b, err = appendString(b, s); err != nil {
				return b, err
			}
		}
	case *[]Qid:
		if len(*v) > MAXWELEM {
			return b, ErrBadMsg
		}
		b = le.AppendUint16(b, uint16(len(*v)))
		for _, q := range *v {
			b = appendQid(b, q)
		}
	case *Dir:
		n := len(b)
		b = append(b, 0, 0)
		if b, err = AppendDir(b, *v); err != nil {
			return b, err
		}
		if len(b)-n-2 > 1<<16-1 {
			return b, ErrTooLong
		}
		le.PutUint16(b[n:], uint16(len(b)-n-2))
	}
	return b, nil
}

func appendString(b []byte, s string) ([]byte, error) {
	if len(s) > 1<<16-1 {
		return b, ErrTooLong
	}
	b = le.AppendUint16(b, uint16(len(s)))
	return append(b, s...), nil
}

func appendQid(b []byte, q Qid) []byte {
	b = append(b, byte(q.Type))
	b = le.AppendUint32(b, q.Vers)
	return le.AppendUint64(b, q.Path)
}

// Unmarshal sets m to the message that b is, from its size to its last byte.
// Data is a part of b, not a copy. Whatever is not exactly a message gives
// ErrBadMsg, and leaves in m the Type and Tag if there are such.
func (m *Fcall) Unmarshal(b []byte) error {
	*m = Fcall{}
	d := decoder{b: b}
	size := d.uint32()
	m.Type = MsgType(d.uint8())
	m.Tag = d.uint16()
	if d.bad || int64(size) != int64(len(b)) || !m.Type.valid() {
		return ErrBadMsg
	}
	for _, f := range message[m.Type].fields {
		d.field(f.in(m))
	}
	if d.bad || len(d.b) != 0 {
		return ErrBadMsg
	}
	return nil
}

// unmarshalWrite is Unmarshal for a Twrite whose data is elsewhere than its first
// twritesz bytes, head.
func (m *Fcall) unmarshalWrite(head, data []byte) error {
	d := decoder{b: head}
	size := d.uint32()
	*m = Fcall{Type: MsgType(d.uint8()), Tag: d.uint16(), Fid: d.uint32(), Offset: d.uint64(), Data: data}
	if d.uint32() != uint32(len(data)) || int64(size) != int64(len(head)+len(data)) {
		return ErrBadMsg
	}
	return nil
}

// A decoder takes things off b. Once bad it returns zeros.
type decoder struct {
	b   []byte
	bad bool // b was too short, or not what it should be
}

// take returns the next n bytes, or nil when there are fewer.
func (d *decoder) take(n int) []byte {
	if d.bad || n > len(d.b) {
		d.bad = true
		return nil
	}
	p := d.b[:n:n]
	d.b = d.b[n:]
	return p
}

func (d *decoder) uint8() uint8 {
	if p := d.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	if p := d.take(2); p != nil {
		return le.Uint16(p)
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if p := d.take(4); p != nil {
		return le.Uint32(p)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if p := d.take(8); p != nil {
		return le.Uint64(p)
	}
	return 0
}

func (d *decoder) qid() Qid {
	return Qid{Type: QidType(d.uint8()), Vers: d.uint32(), Path: d.uint64()}
}

// string takes a string; NUL is illegal in all strings of 9P.
func (d *decoder) string() string {
	s := string(d.take(int(d.uint16())))
	if strings.IndexByte(s, 0) >= 0 {
		d.bad = true
	}
	return s
}

// count takes the number of names or qids of a walk.
func (d *decoder) count() int {
	n := d.uint16()
	if n > MAXWELEM {
		d.bad = true
		return 0
	}
	return int(n)
}

// field takes a parameter.
func (d *decoder) field(v any) {
	switch v := v.(type) {
	case *uint16:
		*v = d.uint16()
	case *uint32:
		*v = d.uint32()
	case *uint64:
		*v = d.uint64()
	case *Mode:
		*v = Mode(d.uint8())
	case *Perm:
		*v = Perm(d.uint32())
	case *Qid:
		*v = d.qid()
	case *[]byte:
		if n := d.uint32(); int64(n) <= int64(len(d.b)) {
			*v = d.take(int(n))
		} else {
			d.bad = true
		}
	case *string:
		*v = d.string()
	case *[]string:
		*v = make([]string, d.count())
		for i := range *v {
			(*v)[i] = d.string()
		}
	case *[]Qid:
		*v = make([]Qid, d.count())
		for i := range *v {
			(*v)[i] = d.qid()
		}
	case *Dir:
		in := decoder{b: d.take(int(d.uint16())), bad: d.bad}
		*v = in.dir()
		d.bad = d.bad || in.bad || len(in.b) != 0
	}
}

// String returns the message on one line, parameters by name, long data cut.
//
//	Twalk tag 1 fid 0 newfid 1 nwname 2 "lib" "ndb"
func (m *Fcall) String() string {
	b := fmt.Appendf(nil, "%v tag %d", m.Type, m.Tag)
	if !m.Type.valid() {
		return string(b)
	}
	for _, f := range message[m.Type].fields {
		b = append(append(append(b, ' '), f.name...), ' ')
		b = formatField(b, f.in(m))
	}
	return string(b)
}

func formatField(b []byte, v any) []byte {
	const most = 64 // bytes of data to show
	switch v := v.(type) {
	case *uint16:
		b = fmt.Append(b, *v)
	case *uint32:
		if *v == NOFID {
			return append(b, "-1"...)
		}
		b = fmt.Append(b, *v)
	case *uint64:
		b = fmt.Append(b, *v)
	case *Mode:
		b = fmt.Appendf(b, "%#x", uint16(*v))
	case *Perm:
		b = fmt.Appendf(b, "%#o", uint32(*v))
	case *Qid:
		b = append(b, v.String()...)
	case *Dir:
		b = append(b, v.String()...)
	case *string:
		b = strconv.AppendQuote(b, *v)
	case *[]byte:
		b = fmt.Appendf(b, "%d %q", len(*v), (*v)[:min(len(*v), most)])
		if len(*v) > most {
			b = append(b, "..."...)
		}
	case *[]string:
		b = fmt.Append(b, len(*v))
		for _, s := range *v {
			b = fmt.Appendf(b, " %q", s)
		}
	case *[]Qid:
		b = fmt.Append(b, len(*v))
		for _, q := range *v {
			b = append(append(b, ' '), q.String()...)
		}
	}
	return b
}
