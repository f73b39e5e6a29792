package ninep

// AppendDir appends an entry in the machine-independent form of stat(5),
// which begins with its size[2]. It fails if the entry is too long for that.
func AppendDir(b []byte, d Dir) ([]byte, error) {
	start := len(b)
	b = le.AppendUint16(append(b, 0, 0), d.Type)
	b = le.AppendUint32(b, d.Dev)
	b = appendQid(b, d.Qid)
	b = le.AppendUint32(b, uint32(d.Mode))
	b = le.AppendUint32(b, d.Atime)
	b = le.AppendUint32(b, d.Mtime)
	b = le.AppendUint64(b, uint64(d.Length))
	for _, s := range [...]string{d.Name, d.UID, d.GID, d.MUID} {
		var err error
		if b, err = appendString(b, s); err != nil {
			return b[:start], err
		}
	}
	size := len(b) - start - 2
	if size > 1<<16-1 {
		return b[:start], ErrTooLong
	}
	le.PutUint16(b[start:], uint16(size))
	return b, nil
}

// UnmarshalDir returns the entry that b begins with and the bytes after it.
// What cannot be an entry gives ErrBadStat.
func UnmarshalDir(b []byte) (d Dir, rest []byte, err error) {
	dec := decoder{b: b}
	d = dec.dir()
	if dec.bad {
		return Dir{}, b, ErrBadStat
	}
	return d, dec.b, nil
}

// dir takes an entry.
func (d *decoder) dir() Dir {
	in := decoder{b: d.take(int(d.uint16())), bad: d.bad}
	dir := Dir{
		Type: in.uint16(), Dev: in.uint32(), Qid: in.qid(), Mode: Perm(in.uint32()),
		Atime: in.uint32(), Mtime: in.uint32(), Length: int64(in.uint64()),
		Name: in.string(), UID: in.string(), GID: in.string(), MUID: in.string(),
	}
	d.bad = in.bad || len(in.b) != 0 || dir.Length < NullDir.Length
	return dir
}
