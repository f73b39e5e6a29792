package tls

import (
	"encoding/binary"
	"slices"
)

// The types of handshake messages that are used here.
const (
	helloRequest      = 0
	clientHelloMsg    = 1
	serverHelloMsg    = 2
	serverKeyExchange = 12
	serverHelloDone   = 14
	clientKeyExchange = 16
	finishedMsg       = 20
)

const (
	randomLen    = 32
	maxSession   = 32
	maxHandshake = 1 << 14 // length of a message

	scsv        = 0x00ff // in a list of suites: renegotiation would be safe
	renegotiate = 0xff01 // the extension that answers it
)

// A reader takes fields off a message. Once one is not there all are zero, and
// bad is set.
type reader struct {
	b   []byte
	bad bool
}

// bytes takes n bytes.
func (r *reader) bytes(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return make([]byte, min(n, randomLen))
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

// number takes a number of n bytes.
func (r *reader) number(n int) int {
	v := 0
	for _, c := range r.bytes(n) {
		v = v<<8 | int(c)
	}
	return v
}

// vector takes bytes after their length, which has n bytes.
func (r *reader) vector(n int) []byte {
	m := r.number(n)
	if r.bad {
		return nil
	}
	return r.bytes(m)
}

// end reports whether all was taken and all was there.
func (r *reader) end() bool { return !r.bad && len(r.b) == 0 }

// A hello is that of a client, with all its suites, or of a server, with one.
type hello struct {
	version     int
	random      [randomLen]byte
	suites      []uint16
	renegotiate bool // the extension, or what stands for it
}

func vector(b []byte, n int, v []byte) []byte {
	if n == 2 {
		b = append(b, byte(len(v)>>8))
	}
	return append(append(b, byte(len(v))), v...)
}

// client returns a client's message: no session, no compression, and no
// extensions but that which can be told by a suite.
func (h *hello) client() []byte {
	b := binary.BigEndian.AppendUint16(nil, version)
	b = append(b, h.random[:]...)
	b = append(b, 0)
	var list []byte
	for _, s := range append(slices.Clone(h.suites), scsv) {
		list = binary.BigEndian.AppendUint16(list, s)
	}
	b = vector(b, 2, list)
	return vector(b, 1, []byte{0})
}

// server returns a server's message.
func (h *hello) server() []byte {
	b := binary.BigEndian.AppendUint16(nil, version)
	b = append(b, h.random[:]...)
	b = append(b, 0)
	b = binary.BigEndian.AppendUint16(b, h.suites[0])
	b = append(b, 0)
	if h.renegotiate {
		ext := binary.BigEndian.AppendUint16(nil, renegotiate)
		b = vector(b, 2, vector(ext, 2, []byte{0}))
	}
	return b
}

// parseClientHello returns a client's. Of extensions only that for renegotiation
// is looked at.
func parseClientHello(b []byte) (*hello, error) {
	r := &reader{b: b}
	h := &hello{version: r.number(2)}
	copy(h.random[:], r.bytes(randomLen))
	session := r.vector(1)
	list := r.vector(2)
	compressions := r.vector(1)
	if len(list)%2 != 0 || len(list) == 0 || len(session) > maxSession {
		return nil, DecodeError
	}
	for len(list) > 0 {
		h.suites = append(h.suites, binary.BigEndian.Uint16(list))
		list = list[2:]
	}
	h.renegotiate = slices.Contains(h.suites, scsv)
	if err := r.extensions(h, false); err != nil {
		return nil, err
	}
	if !slices.Contains(compressions, 0) {
		return nil, IllegalParameter
	}
	return h, nil
}

// parseServerHello returns a server's. It must have no extension that was not
// asked for.
func parseServerHello(b []byte) (*hello, error) {
	r := &reader{b: b}
	h := &hello{version: r.number(2)}
	copy(h.random[:], r.bytes(randomLen))
	if len(r.vector(1)) > maxSession {
		return nil, DecodeError
	}
	h.suites = []uint16{uint16(r.number(2))}
	compression := r.number(1)
	if err := r.extensions(h, true); err != nil {
		return nil, err
	}
	if compression != 0 {
		return nil, IllegalParameter
	}
	return h, nil
}

// extensions takes the extensions of a hello, if there are any.
func (r *reader) extensions(h *hello, strict bool) error {
	if r.end() {
		return nil
	}
	all := &reader{b: r.vector(2)}
	if !r.end() {
		return DecodeError
	}
	seen := map[int]bool{}
	for !all.end() {
		id, body := all.number(2), all.vector(2)
		switch {
		case all.bad || seen[id]:
			return DecodeError
		case id == renegotiate:
			if len(body) != 1 || body[0] != 0 { // not the first handshake
				return HandshakeFailure
			}
			h.renegotiate = true
		case strict:
			return UnsupportedExt
		}
		seen[id] = true
	}
	return nil
}
