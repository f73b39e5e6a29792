package ninetest

import (
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
)

// ParseFcall parses a T-message in the form that [ninep.Fcall.String] gives it.
// The stat of a Twstat may also be a list of the fields to change, as in
//
//	Twstat tag 1 fid 2 stat name "x" length 0
func ParseFcall(line string) (*ninep.Fcall, error) {
	p := &parser{words: splitQuoted(line)}
	m := &ninep.Fcall{Stat: ninep.NullDir, Type: ninep.Tversion}
	name := p.next()
	for m.Type.String() != name {
		if m.Type += 2; m.Type > ninep.Twstat {
			return nil, fmt.Errorf("%s: no such message", name)
		}
	}
	fields := fieldsOf(m)
	for len(p.words) > 0 && p.err == nil {
		name := p.next()
		switch {
		case name == "stat" && len(p.words) > 0 && p.words[0][0] == '"':
			p.dir(&m.Stat)
		case name == "stat":
		case fields[name] == nil:
			return nil, fmt.Errorf("what is %s?", name)
		default:
			p.field(fields[name])
		}
		if name == "count" && m.Type == ninep.Twrite {
			var data string
			p.field(&data)
			m.Data = []byte(data)
		}
	}
	return m, p.err
}

// fieldsOf returns the fields of a message by the names they have in a line.
func fieldsOf(m *ninep.Fcall) map[string]any {
	fields := map[string]any{
		"tag": &m.Tag, "msize": &m.Msize, "version": &m.Version, "oldtag": &m.Oldtag, "fid": &m.Fid, "newfid": &m.Newfid,
		"afid": &m.Afid, "uname": &m.Uname, "aname": &m.Aname, "nwname": &m.Wname, "name": &m.Name, "perm": &m.Perm,
		"mode": &m.Mode, "offset": &m.Offset, "count": &m.Count,
	}
	if m.Type == ninep.Twstat {
		d := &m.Stat
		for name, f := range map[string]any{
			"name": &d.Name, "uid": &d.UID, "gid": &d.GID, "muid": &d.MUID, "mode": &d.Mode, "atime": &d.Atime,
			"mtime": &d.Mtime, "length": &d.Length, "type": &d.Type, "dev": &d.Dev,
		} {
			fields[name] = f
		}
	}
	return fields
}

// A parser takes the words of a line.
type parser struct {
	words []string
	err   error // the first
}

func (p *parser) next() string {
	if len(p.words) == 0 {
		if p.err == nil {
			p.err = fmt.Errorf("the line is too short")
		}
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// field sets a field to what the next words say.
func (p *parser) field(v any) {
	var err error
	switch v := v.(type) {
	case *string:
		*v, err = strconv.Unquote(p.next())
	case *[]string:
		for range p.number() {
			var s string
			p.field(&s)
			*v = append(*v, s)
			if p.err != nil {
				return
			}
		}
	case *uint16:
		*v = uint16(p.number())
	case *uint32:
		*v = uint32(p.number())
	case *uint64:
		w := p.next()
		if *v, err = strconv.ParseUint(w, 0, 64); strings.HasPrefix(w, "-") {
			var n int64
			n, err = strconv.ParseInt(w, 0, 64)
			*v = uint64(n)
		}
	case *int64:
		*v = p.number()
	case *ninep.Mode:
		*v = ninep.Mode(p.number())
	case *ninep.Perm:
		*v = ninep.Perm(p.number())
	}
	if err != nil && p.err == nil {
		p.err = err
	}
}

func (p *parser) number() int64 {
	n, err := strconv.ParseInt(p.next(), 0, 64)
	if err != nil && p.err == nil {
		p.err = err
	}
	return n
}

// dir sets an entry to what the words of its String say.
func (p *parser) dir(d *ninep.Dir) {
	for _, s := range []*string{&d.Name, &d.UID, &d.GID, &d.MUID} {
		p.field(s)
	}
	p.is("q")
	path := strings.TrimPrefix(p.next(), "(")
	n, err := strconv.ParseUint(path, 16, 64)
	if err != nil && p.err == nil {
		p.err = err
	}
	d.Qid = ninep.Qid{Path: n, Vers: uint32(p.number()), Type: qidType(strings.TrimSuffix(p.next(), ")"))}
	for _, f := range []struct {
		name string
		v    any
	}{{"m", &d.Mode}, {"at", &d.Atime}, {"mt", &d.Mtime}, {"l", &d.Length}, {"t", &d.Type}, {"d", &d.Dev}} {
		p.is(f.name)
		p.field(f.v)
	}
}

// is takes a word that has to be there.
func (p *parser) is(word string) {
	if got := p.next(); got != word && p.err == nil {
		p.err = fmt.Errorf("%q where %q should be", got, word)
	}
}

// qidType returns the type that letters stand for; all of them are all bits,
// of which there are some without a letter.
func qidType(letters string) ninep.QidType {
	if letters == ninep.NullDir.Qid.Type.String() {
		return ninep.NullDir.Qid.Type
	}
	var t ninep.QidType
	for i, c := range "dalMA" {
		if strings.ContainsRune(letters, c) {
			t |= ninep.QTDIR >> i
		}
	}
	if strings.Contains(letters, "t") {
		t |= ninep.QTTMP
	}
	return t
}

// splitQuoted splits at spaces that are not in quotes.
func splitQuoted(s string) []string {
	quoted, escaped := false, false
	return strings.FieldsFunc(s, func(r rune) bool {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}
