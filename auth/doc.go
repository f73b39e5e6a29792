// Package auth is Plan 9's authentication: what clients, servers and the
// authentication server say to each other, byte for byte as authsrv(6) has it,
// for any stream of bytes.
//
// # The three parties
//
// A client and a server do not know each other. Each shares a Key with the
// authentication server of a domain: its user's password, or something made
// from it. The client asks that server for two tickets with the same nonce key
// in them, one encrypted for itself and one for the server. Who can use the
// nonce key could decrypt a ticket and so is who he says.
//
//   - dp9ik first agrees with the authentication server on a new key for each
//     ticket, in an exchange that is tied to the password (PAK; package ed448). It
//     promises that who listens, or pretends to be one of the others, learns
//     nothing about a password that could be tried out elsewhere: each guess
//     takes a conversation with the authentication server. Nor do old
//     conversations become readable when a password becomes known. Tickets
//     are encrypted and authenticated with ChaCha20-Poly1305, and the session has
//     a secret of 256 bytes.
//   - p9sk1 encrypts tickets with DES, the key made from the password, without
//     authentication. Anybody may ask the authentication server for a ticket
//     and try passwords at home; all keys there are can be tried, too. It is for old
//     machines in networks that are trusted, and off unless Legacy asks for it.
//   - p9any lets client and server find out which of these and which domain
//     both know. It promises nothing: who stands between can take names from the
//     list. Without Legacy there is nothing worse to be led to.
//
// None of them hides who it is that authenticates, or from where. None protects
// what is said afterwards: that is what the secret is for, as a key for
// package tls.
//
// # Conversations
//
// A Conv is one side of an authentication in progress, as steps: Read gives what
// is to be sent to the other side, Write takes what came from there. Factotum(4)
// has these steps as files; Proxy makes them over a connection. A Server is the
// authentication server.
//
// Passwords and keys are compared in a time that does not depend on them, and
// overwritten once they are of no more use, as far as Go lets us: it may have
// copied them.
//
// The manual pages are authsrv(6) and authsrv(2) of 9front, factotum(4) and
// auth(2).
package auth

import "errors"

// What is wrong, in the words of the originals. Who is refused learns no more.
var (
	ErrProtocol  = errors.New("auth server protocol botch")
	ErrBadKey    = errors.New("bad key")
	ErrNegotiate = errors.New("negotiation failed, no common protocols or keys")
	ErrGaveUp    = errors.New("server gave up")
	ErrVersion   = errors.New("unknown version of p9any")
	ErrArg       = errors.New("invalid argument")
	ErrName      = errors.New("user id or domain too long")
	ErrRequest   = errors.New("bad ticket request")
	ErrDone      = errors.New("authentication is done")
)
