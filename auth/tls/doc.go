// Package tls is TLS 1.2 between two who share a key already: the secret that
// an authentication came to (package auth). There are no certificates.
//
// It promises that what is said can be read and changed by nobody without the
// key, that the end is the end that the other side made, and that both have the
// same key. It does not promise that old connections stay secret when the key
// becomes known; the secrets of dp9ik are used once.
//
// The cipher suite is TLS_PSK_WITH_CHACHA20_POLY1305_SHA256 (0xCCAB; RFC 5246,
// 4279, 7905). For peers that do not know it there are, if asked for, two with
// AES in CBC (0x00AE, 0x008C): they authenticate before they encrypt, which has
// been attacked often, by how long a wrong message takes.
//
// A Layer is the record layer alone, with the names of algorithms as tls(3) has
// them. Client and Server make the handshake over one, as pushtls(2) says.
package tls
