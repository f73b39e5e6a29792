package auth

import "encoding/binary"

// An Info is what an authentication came to: auth(2)'s AuthInfo.
type Info struct {
	Cuid   string // who the client is, on the client
	Suid   string // who the client is, on the server
	Cap    string // a capability to become Suid, for cap(3); of a server only
	Secret []byte // known to both sides and to nobody else
}

// maxField is the length of the longest field of an Info.
const maxField = 1<<16 - 1

// Bytes returns the message in which factotum(4) gives an Info: each field after
// its length in two bytes, the lower first. The error is ErrName.
func (ai *Info) Bytes() ([]byte, error) {
	var b []byte
	for _, f := range []string{ai.Cuid, ai.Suid, ai.Cap, string(ai.Secret)} {
		if len(f) > maxField {
			return nil, ErrName
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(len(f)))
		b = append(b, f...)
	}
	return b, nil
}

// ParseInfo returns the Info that is all of b. The error is ErrProtocol.
func ParseInfo(b []byte) (*Info, error) {
	var fields [4][]byte
	for i := range fields {
		if len(b) < 2 {
			return nil, ErrProtocol
		}
		n := int(binary.LittleEndian.Uint16(b))
		b = b[2:]
		if len(b) < n {
			return nil, ErrProtocol
		}
		fields[i], b = b[:n], b[n:]
	}
	if len(b) != 0 {
		return nil, ErrProtocol
	}
	return &Info{
		Cuid:   string(fields[0]),
		Suid:   string(fields[1]),
		Cap:    string(fields[2]),
		Secret: append([]byte(nil), fields[3]...),
	}, nil
}

// Zero overwrites the secret.
func (ai *Info) Zero() { clear(ai.Secret) }
