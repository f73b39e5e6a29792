package tls

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"slices"
)

// The cipher suites there are, the best first. The others are for old peers.
const (
	PSKChaCha20Poly1305 uint16 = 0xccab
	PSKAES128CBCSHA256  uint16 = 0x00ae
	PSKAES128CBCSHA     uint16 = 0x008c
)

// A suite is how a connection is kept.
type suite struct {
	id        uint16
	hash, enc string
}

var suites = []suite{
	{PSKChaCha20Poly1305, "clear", "ccpoly96_aead"},
	{PSKAES128CBCSHA256, "sha256", "aes_128_cbc"},
	{PSKAES128CBCSHA, "sha1", "aes_128_cbc"},
}

const (
	masterLen   = 48
	finishedLen = 12
)

// records are what a handshake is made over.
type records interface {
	// Secret, ChangeOut and Flush are those of a Layer.
	Secret(hash, enc string, client bool, secret []byte) error
	ChangeOut() error
	Flush() error

	// put writes messages, or a part of one; get returns what comes next of those of
	// the other side, at least a byte.
	put(b []byte) error
	get() ([]byte, error)

	// change waits for the other side to encrypt.
	change() error
}

// A handshake is the beginning of a connection.
type handshake struct {
	records
	cfg      *Config
	isClient bool
	allowed  []*suite

	pending []byte    // of messages, not used yet
	hash    hash.Hash // of all messages
	client  hello
	server  hello
	suite   *suite
	master  [masterLen]byte
}

// allow returns the suites with these numbers.
func allow(ids []uint16) ([]*suite, error) {
	if ids == nil {
		ids = []uint16{PSKChaCha20Poly1305}
	}
	var allowed []*suite
	for _, id := range ids {
		i := slices.IndexFunc(suites, func(s suite) bool { return s.id == id })
		if i < 0 {
			return nil, errSuite
		}
		allowed = append(allowed, &suites[i])
	}
	return allowed, nil
}

// newHandshake returns one that has not begun.
func newHandshake(r records, cfg *Config, client bool) (*handshake, error) {
	allowed, err := allow(cfg.Suites)
	if err != nil {
		return nil, err
	}
	if len(cfg.Key) == 0 || len(cfg.Key) >= 1<<16 || len(cfg.Identity) >= 1<<16 {
		return nil, errKey
	}
	return &handshake{records: r, cfg: cfg, isClient: client, allowed: allowed, hash: sha256.New()}, nil
}

// run makes the handshake.
func (h *handshake) run() error {
	defer clear(h.master[:])
	if h.isClient {
		return h.asClient()
	}
	return h.asServer()
}

// prf fills out, as RFC 5246 has it, from a secret, a label and seeds.
func prf(out, secret []byte, label string, seeds ...[]byte) {
	seed := append([]byte(label), bytes.Join(seeds, nil)...)
	mac := hmac.New(sha256.New, secret)
	sum := func(parts ...[]byte) []byte {
		mac.Reset()
		for _, p := range parts {
			mac.Write(p)
		}
		return mac.Sum(nil)
	}
	for a := sum(seed); len(out) > 0; a = sum(a) {
		out = out[copy(out, sum(a, seed)):]
	}
}

// keys makes the keys of the connection from the shared one: the secret before the
// master secret is as many zeros, and the key.
func (h *handshake) keys() error {
	n := len(h.cfg.Key)
	pre := vector(nil, 2, make([]byte, n))
	pre = vector(pre, 2, h.cfg.Key)
	defer clear(pre)
	prf(h.master[:], pre, "master secret", h.client.random[:], h.server.random[:])
	a, err := find(h.suite.hash, h.suite.enc)
	if err != nil {
		return err
	}
	secret := make([]byte, a.size())
	defer clear(secret)
	prf(secret, h.master[:], "key expansion", h.server.random[:], h.client.random[:])
	return h.Secret(h.suite.hash, h.suite.enc, h.isClient, secret)
}

// send writes a message.
func (h *handshake) send(typ byte, body []byte) error {
	b := append([]byte{typ, 0}, byte(len(body)>>8), byte(len(body)))
	b = append(b, body...)
	h.hash.Write(b)
	return h.put(b)
}

// fill reads until n bytes of messages are pending.
func (h *handshake) fill(n int) error {
	for len(h.pending) < n {
		b, err := h.get()
		if err != nil {
			return err
		}
		h.pending = append(h.pending, b...)
	}
	return nil
}

// receive returns the next message.
func (h *handshake) receive() (typ byte, body []byte, err error) {
	for {
		if err := h.fill(4); err != nil {
			return 0, nil, err
		}
		n := int(binary.BigEndian.Uint32(h.pending)) & 0xffffff
		if n > maxHandshake {
			return 0, nil, DecodeError
		}
		if err := h.fill(4 + n); err != nil {
			return 0, nil, err
		}
		b := h.pending[:4+n]
		h.pending = h.pending[4+n:]
		if b[0] == helloRequest && n == 0 && h.isClient {
			continue
		}
		if b[0] != finishedMsg { // which is about what was said before it
			h.hash.Write(b)
		}
		return b[0], b[4:], nil
	}
}

// want returns the body of the next message, which must be of a type.
func (h *handshake) want(typ byte) ([]byte, error) {
	got, body, err := h.receive()
	if err == nil && got != typ {
		err = UnexpectedMessage
	}
	return body, err
}

// verify returns what the Finished of one side must be now.
func (h *handshake) verify(client bool) []byte {
	label := "server finished"
	if client {
		label = "client finished"
	}
	out := make([]byte, finishedLen)
	prf(out, h.master[:], label, h.hash.Sum(nil))
	return out
}

// finish encrypts from here, and proves that all was understood.
func (h *handshake) finish() error {
	if err := h.ChangeOut(); err != nil {
		return err
	}
	if err := h.send(finishedMsg, h.verify(h.isClient)); err != nil {
		return err
	}
	return h.Flush()
}

// finished takes the proof of the other side.
func (h *handshake) finished() error {
	if len(h.pending) > 0 { // what was not encrypted must not pass for it
		return UnexpectedMessage
	}
	if err := h.change(); err != nil {
		return err
	}
	want := h.verify(!h.isClient)
	got, err := h.want(finishedMsg)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(got, want) != 1 || len(h.pending) > 0 {
		return DecryptError
	}
	h.hash.Write(append([]byte{finishedMsg, 0, 0, finishedLen}, got...))
	return nil
}

// asClient makes the handshake.
func (h *handshake) asClient() error {
	rand.Read(h.client.random[:])
	for _, s := range h.allowed {
		h.client.suites = append(h.client.suites, s.id)
	}
	if err := h.send(clientHelloMsg, h.client.client()); err != nil {
		return err
	}
	if err := h.Flush(); err != nil {
		return err
	}
	if err := h.serverHello(); err != nil {
		return err
	}
	typ, body, err := h.receive()
	if err == nil && typ == serverKeyExchange { // a hint which identity to use
		r := &reader{b: body}
		if r.vector(2); !r.end() {
			return DecodeError
		}
		typ, body, err = h.receive()
	}
	switch {
	case err != nil:
		return err
	case typ != serverHelloDone:
		return UnexpectedMessage
	case len(body) != 0:
		return DecodeError
	}
	if err := h.keys(); err != nil {
		return err
	}
	if err := h.send(clientKeyExchange, vector(nil, 2, []byte(h.cfg.Identity))); err != nil {
		return err
	}
	if err := h.finish(); err != nil {
		return err
	}
	return h.finished()
}

// serverHello takes the server's choice.
func (h *handshake) serverHello() error {
	body, err := h.want(serverHelloMsg)
	if err != nil {
		return err
	}
	s, err := parseServerHello(body)
	if err != nil {
		return err
	}
	if s.version != version {
		return ProtocolVersion
	}
	h.server = *s
	if !h.use(s.suites) {
		return IllegalParameter
	}
	return nil
}

// use chooses the best suite that is allowed and among these, if there is one.
func (h *handshake) use(ids []uint16) bool {
	for _, s := range h.allowed {
		if slices.Contains(ids, s.id) {
			h.suite = s
			return true
		}
	}
	return false
}

// asServer makes the handshake.
func (h *handshake) asServer() error {
	body, err := h.want(clientHelloMsg)
	if err != nil {
		return err
	}
	c, err := parseClientHello(body)
	if err != nil {
		return err
	}
	if c.version < version {
		return ProtocolVersion
	}
	h.client = *c
	if !h.use(c.suites) {
		return HandshakeFailure
	}
	rand.Read(h.server.random[:])
	h.server.suites = []uint16{h.suite.id}
	h.server.renegotiate = c.renegotiate
	if err := h.send(serverHelloMsg, h.server.server()); err != nil {
		return err
	}
	if err := h.send(serverHelloDone, nil); err != nil {
		return err
	}
	if err := h.Flush(); err != nil {
		return err
	}
	if body, err = h.want(clientKeyExchange); err != nil {
		return err
	}
	r := &reader{b: body}
	identity := r.vector(2)
	if !r.end() {
		return DecodeError
	}
	if h.cfg.Identity != "" && h.cfg.Identity != string(identity) {
		return UnknownPSKIdentity
	}
	if err := h.keys(); err != nil {
		return err
	}
	if err := h.finished(); err != nil {
		return err
	}
	return h.finish()
}
