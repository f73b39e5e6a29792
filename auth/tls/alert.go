package tls

import "fmt"

// An Alert is what one side tells the other when something is wrong, or when it
// has nothing more to say. As an error it is one that was received, or sent.
type Alert byte

// Alerts that are sent here, and some that others send.
const (
	CloseNotify        Alert = 0
	UnexpectedMessage  Alert = 10
	BadRecordMAC       Alert = 20
	RecordOverflow     Alert = 22
	HandshakeFailure   Alert = 40
	IllegalParameter   Alert = 47
	DecodeError        Alert = 50
	DecryptError       Alert = 51
	ProtocolVersion    Alert = 70
	InternalError      Alert = 80
	UserCanceled       Alert = 90
	NoRenegotiation    Alert = 100
	UnsupportedExt     Alert = 110
	UnknownPSKIdentity Alert = 115
)

// alerts are their texts, as devtls of 9front has them where it has.
var alerts = map[Alert]string{
	CloseNotify:        "close notify",
	UnexpectedMessage:  "unexpected message",
	BadRecordMAC:       "bad record mac",
	21:                 "decryption failed",
	RecordOverflow:     "record too long",
	30:                 "decompression failed",
	HandshakeFailure:   "could not negotiate acceptable security parameters",
	41:                 "no appropriate certificate available",
	42:                 "corrupted or invalid certificate",
	43:                 "unsupported certificate type",
	44:                 "revoked certificate",
	45:                 "expired certificate",
	46:                 "unacceptable certificate",
	IllegalParameter:   "illegal parameter",
	48:                 "unknown certificate authority",
	49:                 "access denied",
	DecodeError:        "error decoding message",
	DecryptError:       "error decrypting message",
	60:                 "export restriction violated",
	ProtocolVersion:    "protocol version not supported",
	71:                 "stronger security routines required",
	InternalError:      "internal error",
	UserCanceled:       "handshake canceled by user",
	NoRenegotiation:    "no renegotiation",
	UnsupportedExt:     "unsupported extension",
	UnknownPSKIdentity: "unknown psk identity",
}

func (a Alert) Error() string {
	if s, ok := alerts[a]; ok {
		return s
	}
	return fmt.Sprintf("tls unknown alert %d", byte(a))
}

// Fatal reports whether the connection is over after it.
func (a Alert) Fatal() bool {
	return a != CloseNotify && a != UserCanceled && a != NoRenegotiation
}
