package ninetest

import (
	"io"

	"ufo/ninep"
)

// Null answers what it is sent on a connection without a look at it, until it
// ends: one read for the size, one for the message, and one write for the reply,
// with data made beforehand. It is the bound for what a server can do that is
// written so.
func Null(conn io.ReadWriteCloser) {
	defer conn.Close()
	w := &wire{rwc: conn}
	buf := make([]byte, 64<<10)
	var data []byte
	var t ninep.Fcall
	for {
		if _, err := io.ReadFull(conn, buf[:4]); err != nil {
			return
		}
		n := int(buf[0]) | int(buf[1])<<8 | int(buf[2])<<16
		if n > len(buf) {
			buf = append(make([]byte, 0, n), buf[:4]...)[:n]
		}
		if n < 7 {
			return
		}
		if _, err := io.ReadFull(conn, buf[4:n]); err != nil || t.Unmarshal(buf[:n]) != nil {
			return
		}
		r := ninep.Fcall{
			Type: t.Type + 1, Msize: t.Msize, Version: t.Version,
			Wqid: make([]ninep.Qid, len(t.Wname)), Count: uint32(len(t.Data)),
		}
		if t.Type == ninep.Tread {
			if int(t.Count) > len(data) {
				data = make([]byte, min(t.Count, ninep.MaxMsize))
			}
			r.Data = data[:min(int(t.Count), len(data))]
		}
		if w.add(t.Tag, &r) != nil || w.flush() != nil {
			return
		}
	}
}
