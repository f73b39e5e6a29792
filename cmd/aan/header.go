package aan

import (
	"encoding/binary"
	"errors"
)

const (
	headerLen = 12
	maxData   = 8192       // bytes in a message
	noMessage = 0xFFFFFFFF // the number in a header that is not of a message
)

// ErrProtocol is that of what no aan says.
var ErrProtocol = errors.New("aan protocol botch")

// A header stands before the data of a message, or alone.
type header struct {
	n     uint32 // bytes of data
	msg   uint32 // number of the message
	acked uint32 // how many messages the sender has taken
}

// parse reads a header from headerLen bytes.
func (h *header) parse(b []byte) error {
	h.n = binary.LittleEndian.Uint32(b)
	h.msg = binary.LittleEndian.Uint32(b[4:])
	h.acked = binary.LittleEndian.Uint32(b[8:])
	if h.n > maxData {
		return ErrProtocol
	}
	return nil
}

// append appends the header to b.
func (h header) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, h.n)
	b = binary.LittleEndian.AppendUint32(b, h.msg)
	return binary.LittleEndian.AppendUint32(b, h.acked)
}

// empty reports whether the header is not of a message.
func (h header) empty() bool { return h.n == 0 && h.msg == noMessage }
