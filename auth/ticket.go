package auth

// A Ticket says that who can use the nonce key may be Suid.
type Ticket struct {
	Type Type
	Chal [ChalLen]byte
	Cuid string // the client's user
	Suid string // who the client is on the server
	Key  Cipher // the nonce key
}

// Seal returns the message, encrypted, or ErrName. The nonce key must have the
// form of c.
func (t *Ticket) Seal(c *Cipher) ([]byte, error) {
	b := append(make([]byte, 0, ticketLen(c)), t.Chal[:]...)
	b, err1 := appendName(b, t.Cuid, NameLen)
	b, err2 := appendName(b, t.Suid, NameLen)
	if err1 != nil || err2 != nil {
		return nil, ErrName
	}
	b = append(b, t.Key.key[:t.Key.keyLen()]...)
	defer clear(b)
	return c.seal(t.Type, b), nil
}

// OpenTicket returns the ticket of a type at the beginning of b, and what comes
// after it. The errors are Short and ErrBadKey.
func OpenTicket(b []byte, c *Cipher, num Type) (*Ticket, []byte, error) {
	n := ticketLen(c)
	body, err := c.open(num, b, n)
	if err != nil {
		return nil, b, err
	}
	defer clear(body)
	t := &Ticket{Type: num, Key: Cipher{form: c.form}}
	rest := body[copy(t.Chal[:], body):]
	t.Cuid, rest = cutName(rest, NameLen)
	t.Suid, rest = cutName(rest, NameLen)
	copy(t.Key.key[:], rest)
	return t, b[c.size(n):], nil
}

// ticketLen returns the length of a ticket before it is encrypted with c.
func ticketLen(c *Cipher) int { return ChalLen + 2*NameLen + c.keyLen() }

// An Authenticator proves to who sent the challenge that its sender has the
// nonce key.
type Authenticator struct {
	Type Type
	Chal [ChalLen]byte
	Rand [NonceLen]byte // for the session's secret; not in form 0
}

// Seal returns the message, encrypted with the nonce key of a ticket.
func (a *Authenticator) Seal(c *Cipher) []byte {
	b := append(make([]byte, 0, authenticatorLen(c)), a.Chal[:]...)
	if c.form == 0 {
		b = append(b, 0, 0, 0, 0)
	} else {
		b = append(b, a.Rand[:]...)
	}
	return c.seal(a.Type, b)
}

// OpenAuthenticator returns the authenticator of a type at the beginning of b,
// and what comes after it. The errors are Short and ErrBadKey.
func OpenAuthenticator(b []byte, c *Cipher, num Type) (*Authenticator, []byte, error) {
	n := authenticatorLen(c)
	body, err := c.open(num, b, n)
	if err != nil {
		return nil, b, err
	}
	a := &Authenticator{Type: num}
	copy(a.Chal[:], body)
	if c.form == 1 {
		copy(a.Rand[:], body[ChalLen:])
	}
	return a, b[c.size(n):], nil
}

func authenticatorLen(c *Cipher) int {
	if c.form == 0 {
		return ChalLen + 4
	}
	return ChalLen + NonceLen
}

// A Passwordreq asks for another password, or another secret for protocols that
// are not Plan 9's, or both.
type Passwordreq struct {
	Old          string
	New          string // empty: it stays
	ChangeSecret bool
	Secret       string
}

const passwordreqLen = 2*PasswordLen + 1 + SecretLen

// Seal returns the message, encrypted with the nonce key of a ticket, or ErrName.
func (r *Passwordreq) Seal(c *Cipher) ([]byte, error) {
	b := make([]byte, 0, passwordreqLen)
	defer func() { clear(b) }()
	b, err1 := appendName(b, r.Old, PasswordLen)
	b, err2 := appendName(b, r.New, PasswordLen)
	if r.ChangeSecret {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b, err3 := appendName(b, r.Secret, SecretLen)
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, ErrName
	}
	return c.seal(AuthPass, b), nil
}

// OpenPasswordreq returns the request at the beginning of b, and what comes
// after it. The errors are Short and ErrBadKey.
func OpenPasswordreq(b []byte, c *Cipher) (*Passwordreq, []byte, error) {
	body, err := c.open(AuthPass, b, passwordreqLen)
	if err != nil {
		return nil, b, err
	}
	defer clear(body)
	r := new(Passwordreq)
	rest := body
	r.Old, rest = cutName(rest, PasswordLen)
	r.New, rest = cutName(rest, PasswordLen)
	r.ChangeSecret = rest[0] != 0
	r.Secret, _ = cutName(rest[1:], SecretLen)
	return r, b[c.size(passwordreqLen):], nil
}
