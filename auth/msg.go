package auth

import (
	"bytes"
	"fmt"
	"strings"
)

// Lengths in bytes of fields of messages. Names have a zero byte at the end.
const (
	NameLen     = 28
	DomLen      = 48
	ChalLen     = 8
	NonceLen    = 32
	PasswordLen = 28
	SecretLen   = 32

	errLen = 64
)

// TicketreqLen is the length of a ticket request.
const TicketreqLen = 1 + NameLen + DomLen + ChalLen + 2*NameLen

// A Type says what a message is, and keeps one from being taken for another.
type Type byte

// The first are types of requests and answers, the others of what is encrypted.
const (
	AuthTreq  Type = 1  // ticket request
	AuthChal  Type = 2  // challenge box request
	AuthPass  Type = 3  // change of password
	AuthOK    Type = 4  // an answer of known length follows
	AuthErr   Type = 5  // an error of 64 bytes follows
	AuthApop  Type = 7  // POP3
	AuthOKvar Type = 9  // an answer with its length follows
	AuthChap  Type = 10 // PPP
	AuthCram  Type = 12 // IMAP
	AuthPAK   Type = 19 // key agreement

	AuthTs Type = 64 // ticket encrypted for the server
	AuthTc Type = 65 // ticket encrypted for the client
	AuthAs Type = 66 // authenticator of the server
	AuthAc Type = 67 // authenticator of the client
	AuthTp Type = 68 // ticket for a change of password
	AuthHr Type = 69 // answer of HTTP
)

// A Short is the error of bytes that are not the whole message yet: it tells how
// many there must be. More may be wanted then.
type Short int

func (n Short) Error() string { return fmt.Sprintf("message too short: %d bytes wanted", int(n)) }

// A Ticketreq asks the authentication server for tickets, or for something else
// that its Type says.
type Ticketreq struct {
	Type    Type
	Authid  string        // the server's user
	Authdom string        // the server's domain
	Chal    [ChalLen]byte // the server's challenge
	Hostid  string        // the client's user
	Uid     string        // whom the client wants to be on the server
}

// Bytes returns the message, or ErrName.
func (tr *Ticketreq) Bytes() ([]byte, error) {
	b := make([]byte, 0, TicketreqLen)
	b = append(b, byte(tr.Type))
	b, err1 := appendName(b, tr.Authid, NameLen)
	b, err2 := appendName(b, tr.Authdom, DomLen)
	b = append(b, tr.Chal[:]...)
	b, err3 := appendName(b, tr.Hostid, NameLen)
	b, err4 := appendName(b, tr.Uid, NameLen)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		return nil, ErrName
	}
	return b, nil
}

// ParseTicketreq returns the request at the beginning of b. The error is Short.
func ParseTicketreq(b []byte) (*Ticketreq, error) {
	if len(b) < TicketreqLen {
		return nil, Short(TicketreqLen)
	}
	tr := &Ticketreq{Type: Type(b[0])}
	b = b[1:]
	tr.Authid, b = cutName(b, NameLen)
	tr.Authdom, b = cutName(b, DomLen)
	b = b[copy(tr.Chal[:], b):]
	tr.Hostid, b = cutName(b, NameLen)
	tr.Uid, _ = cutName(b, NameLen)
	return tr, nil
}

// appendName appends a name and zeros, n bytes in all.
func appendName(b []byte, name string, n int) ([]byte, error) {
	if len(name) >= n || strings.Contains(name, "\x00") {
		return b, ErrName
	}
	return append(append(b, name...), make([]byte, n-len(name))...), nil
}

// cutName returns the name in the first n bytes of b, and what follows them. Of
// n bytes that are all not zero the last is none of the name's.
func cutName(b []byte, n int) (string, []byte) {
	name, _, _ := bytes.Cut(b[:n-1], []byte{0})
	return string(name), b[n:]
}
