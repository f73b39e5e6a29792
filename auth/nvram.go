package auth

import "errors"

// NvramLen is the length of what a machine keeps in its non-volatile memory.
const NvramLen = desLen + 1 + desLen + 1 + configLen + 1 + NameLen + 1 + DomLen + 1 + KeyLen + 1

const configLen = 14

// An Nvram is what a machine that starts by itself must remember: authsrv(2)'s
// Nvrsafe.
type Nvram struct {
	Key     Key
	Config  string // key to secstore
	Authid  string // the machine's owner
	Authdom string
}

// What can be wrong with it.
var (
	errNvramKey   = errors.New("bad nvram des key")
	errNvramID    = errors.New("bad authentication id")
	errNvramDom   = errors.New("bad authentication domain")
	errNvramEmpty = errors.New("empty nvram authid or authdom")
)

// Bytes returns the contents of the memory: each field with its sum, among them a
// second DES key of no use. The error is ErrName.
func (n *Nvram) Bytes() ([]byte, error) {
	config, err1 := appendName(nil, n.Config, configLen)
	id, err2 := appendName(nil, n.Authid, NameLen)
	dom, err3 := appendName(nil, n.Authdom, DomLen)
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, ErrName
	}
	var b []byte
	for _, f := range [][]byte{n.Key.DES[:], make([]byte, desLen), config, id, dom, n.Key.AES[:]} {
		b = append(append(b, f...), nvsum(f))
	}
	return b, nil
}

// nvsum returns the sum of a field.
func nvsum(b []byte) byte {
	sum := byte(9)
	for _, c := range b {
		sum += c
	}
	return sum
}

// ParseNvram returns what is at the beginning of b. Fields with the wrong sum are
// empty, which is an error of those that a machine cannot do without.
func ParseNvram(b []byte) (*Nvram, error) {
	if len(b) < NvramLen {
		return nil, Short(NvramLen)
	}
	ok := true
	cut := func(n int) []byte {
		f := b[:n]
		ok = b[n] == nvsum(f)
		b = b[n+1:]
		if !ok {
			return make([]byte, n)
		}
		return f
	}
	var err error
	must := func(wrong error) {
		if !ok && err == nil {
			err = wrong
		}
	}
	n := new(Nvram)
	copy(n.Key.DES[:], cut(desLen))
	must(errNvramKey)
	cut(desLen)
	n.Config, _ = cutName(cut(configLen), configLen)
	n.Authid, _ = cutName(cut(NameLen), NameLen)
	must(errNvramID)
	n.Authdom, _ = cutName(cut(DomLen), DomLen)
	must(errNvramDom)
	copy(n.Key.AES[:], cut(KeyLen))
	if err == nil && (n.Authid == "" || n.Authdom == "") {
		err = errNvramEmpty
	}
	return n, err
}
