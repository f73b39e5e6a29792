package ninep_test

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"9fans.net/go/plan9"

	. "ufo/ninep"
)

// someDir is an entry that has something in each field.
var someDir = Dir{
	Type: 'M', Dev: 7, Qid: Qid{Path: 1 << 40, Vers: 3, Type: QTDIR}, Mode: DMDIR | 0755,
	Atime: 1e9, Mtime: 1e9 + 1, Length: 1 << 33, Name: "ndb", UID: "sys", GID: "adm", MUID: "glenda",
}

// messages has one of each type, and some at the limits.
var messages = []Fcall{
	{Type: Tversion, Tag: NOTAG, Msize: 8216, Version: "9P2000"},
	{Type: Rversion, Tag: NOTAG, Msize: 8192, Version: "unknown"},
	{Type: Tauth, Tag: 1, Afid: 2, Uname: "glenda", Aname: "main"},
	{Type: Rauth, Tag: 1, Qid: Qid{1, 2, QTAUTH}},
	{Type: Tattach, Tag: 1, Fid: 3, Afid: NOFID, Uname: "glenda", Aname: ""},
	{Type: Rattach, Tag: 1, Qid: Qid{math.MaxUint64, math.MaxUint32, QTDIR}},
	{Type: Rerror, Tag: 1, Ename: "file does not exist"},
	{Type: Tflush, Tag: 2, Oldtag: 1},
	{Type: Rflush, Tag: 2},
	{Type: Twalk, Tag: 1, Fid: 1, Newfid: 2, Wname: []string{}},
	{Type: Twalk, Tag: 1, Fid: 1, Newfid: 2, Wname: []string{"lib", "ndb", "λ"}},
	{Type: Rwalk, Tag: 1, Wqid: []Qid{}},
	{Type: Rwalk, Tag: 1, Wqid: []Qid{{1, 0, QTDIR}, {2, 0, QTFILE}}},
	{Type: Topen, Tag: 1, Fid: 2, Mode: ORDWR | OTRUNC | ORCLOSE},
	{Type: Ropen, Tag: 1, Qid: Qid{2, 0, 0}, Iounit: 8192},
	{Type: Tcreate, Tag: 1, Fid: 2, Name: "new", Perm: DMDIR | DMAPPEND | 0777, Mode: OREAD},
	{Type: Rcreate, Tag: 1, Qid: Qid{3, 0, QTDIR}, Iounit: 0},
	{Type: Tread, Tag: 1, Fid: 2, Offset: 1 << 35, Count: 8192},
	{Type: Rread, Tag: 1, Data: []byte{}},
	{Type: Rread, Tag: 1, Data: []byte("hello\x00")},
	{Type: Twrite, Tag: 1, Fid: 2, Offset: math.MaxUint64, Data: []byte("hello")},
	{Type: Rwrite, Tag: 1, Count: 5},
	{Type: Tclunk, Tag: 1, Fid: 2},
	{Type: Rclunk, Tag: 1},
	{Type: Tremove, Tag: 1, Fid: 2},
	{Type: Rremove, Tag: 1},
	{Type: Tstat, Tag: 1, Fid: 2},
	{Type: Rstat, Tag: 1, Stat: someDir},
	{Type: Twstat, Tag: 1, Fid: 2, Stat: NullDir},
	{Type: Rwstat, Tag: 1},
}

// theirs returns m as the oracle has it.
func theirs(t *testing.T, m Fcall) *plan9.Fcall {
	f := &plan9.Fcall{
		Type: uint8(m.Type), Tag: m.Tag, Fid: m.Fid, Msize: m.Msize, Version: m.Version, Oldtag: m.Oldtag,
		Ename: m.Ename, Qid: theirQid(m.Qid), Iounit: m.Iounit, Afid: m.Afid, Uname: m.Uname, Aname: m.Aname,
		Perm: plan9.Perm(m.Perm), Name: m.Name, Mode: uint8(m.Mode), Newfid: m.Newfid, Wname: m.Wname,
		Offset: m.Offset, Count: m.Count, Data: m.Data,
	}
	if m.Type == Rauth {
		f.Aqid = f.Qid
	}
	for _, q := range m.Wqid {
		f.Wqid = append(f.Wqid, theirQid(q))
	}
	if m.Type == Rstat || m.Type == Twstat {
		d := m.Stat
		var err error
		f.Stat, err = (&plan9.Dir{
			Type: d.Type, Dev: d.Dev, Qid: theirQid(d.Qid), Mode: plan9.Perm(d.Mode), Atime: d.Atime, Mtime: d.Mtime,
			Length: uint64(d.Length), Name: d.Name, Uid: d.UID, Gid: d.GID, Muid: d.MUID,
		}).Bytes()
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func theirQid(q Qid) plan9.Qid { return plan9.Qid{Path: q.Path, Vers: q.Vers, Type: uint8(q.Type)} }

func TestFcallOracle(t *testing.T) {
	for _, m := range messages {
		t.Run(m.Type.String(), func(t *testing.T) {
			got, err := m.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			want, err := theirs(t, m).Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%v\ngot  %x\nwant %x", &m, got, want)
			}
			var back Fcall
			if err := back.Unmarshal(got); err != nil || !reflect.DeepEqual(back, m) {
				t.Errorf("got  %+v, %v\nwant %+v", back, err, m)
			}
		})
	}
}

// Every part of a message that is not the whole is refused, and so is a
// message with a byte more.
func TestFcallLengths(t *testing.T) {
	for _, m := range messages {
		b, _ := m.Append(nil)
		for n := range len(b) {
			short := bytes.Clone(b[:n])
			if n >= 4 {
				short[0], short[1], short[2], short[3] = byte(n), byte(n>>8), 0, 0
			}
			if err := new(Fcall).Unmarshal(short); err != ErrBadMsg {
				t.Errorf("%v: %d of %d bytes: %v", &m, n, len(b), err)
			}
		}
		long := append(bytes.Clone(b), 0)
		if err := new(Fcall).Unmarshal(long); err != ErrBadMsg {
			t.Errorf("%v: a byte behind it: %v", &m, err)
		}
		if long[0]++; long[0] == 0 {
			long[1]++
		}
		if err := new(Fcall).Unmarshal(long); err != ErrBadMsg {
			t.Errorf("%v: a byte too long: %v", &m, err)
		}
	}
}

func TestFcallRefuses(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	for _, tt := range []struct {
		name string
		m    Fcall
		want error
	}{
		{"no type", Fcall{}, ErrBadMsg},
		{"Terror", Fcall{Type: 106}, ErrBadMsg},
		{"type 128", Fcall{Type: 128}, ErrBadMsg},
		{"string of 64 KB", Fcall{Type: Rerror, Ename: long}, ErrTooLong},
		{"name of 64 KB", Fcall{Type: Twalk, Wname: []string{long}}, ErrTooLong},
		{"17 names", Fcall{Type: Twalk, Wname: make([]string, 17)}, ErrBadMsg},
		{"17 qids", Fcall{Type: Rwalk, Wqid: make([]Qid, 17)}, ErrBadMsg},
		{"stat of 64 KB", Fcall{Type: Rstat, Stat: Dir{Name: long[:1<<15], UID: long[:1<<15]}}, ErrTooLong},
		{"stat of 64 KB with its size", Fcall{Type: Rstat, Stat: Dir{Name: long[:1<<16-1-47]}}, ErrTooLong},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if b, err := tt.m.Append([]byte("ab")); err != tt.want || string(b) != "ab" {
				t.Errorf("got %d bytes, %v; want 2, %v", len(b), err, tt.want)
			}
		})
	}
}

func TestFcallString(t *testing.T) {
	for _, tt := range []struct {
		m    Fcall
		want string
	}{
		{Fcall{Type: Twalk, Tag: 1, Newfid: 1, Wname: []string{"lib", "ndb"}}, `Twalk tag 1 fid 0 newfid 1 nwname 2 "lib" "ndb"`},
		{Fcall{Type: Tattach, Afid: NOFID, Uname: "glenda"}, `Tattach tag 0 fid 0 afid -1 uname "glenda" aname ""`},
		{Fcall{Type: Ropen, Qid: Qid{31, 2, QTAPPEND | QTTMP}}, `Ropen tag 0 qid (1f 2 at) iounit 0`},
		{Fcall{Type: Rread, Data: bytes.Repeat([]byte("a"), 65)}, `Rread tag 0 count 65 "` + strings.Repeat("a", 64) + `"...`},
		{Fcall{Type: 99, Tag: 3}, `message type 99 tag 3`},
	} {
		if got := tt.m.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestUnmarshalDir(t *testing.T) {
	b, err := AppendDir(nil, someDir)
	if err != nil {
		t.Fatal(err)
	}
	two := append(bytes.Clone(b), b...)
	d, rest, err := UnmarshalDir(two)
	if d != someDir || !bytes.Equal(rest, b) || err != nil {
		t.Errorf("got %v, %d bytes, %v", d, len(rest), err)
	}
	for n := range len(b) {
		if _, _, err := UnmarshalDir(b[:n]); err != ErrBadStat {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	}
	nul := bytes.Replace(b, []byte("sys"), []byte("s\x00s"), 1)
	if _, _, err := UnmarshalDir(nul); err != ErrBadStat {
		t.Errorf("NUL in a string: %v", err)
	}
}

// FuzzFcall: what is a message is the same message when encoded again, and
// the oracle reads it, too.
func FuzzFcall(f *testing.F) {
	for _, m := range messages {
		b, _ := m.Append(nil)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Fcall
		if m.Unmarshal(b) != nil {
			return
		}
		_ = m.String()
		again, err := m.Append(nil)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\ngot  %x, %v\nfrom %x", &m, again, err, b)
		}
		if _, err := plan9.UnmarshalFcall(b); err != nil {
			t.Fatalf("%v: the oracle says %v", &m, err)
		}
	})
}
