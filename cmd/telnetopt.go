package cmd

import (
	"bytes"
	"fmt"
)

// This file is the telnet protocol, RFC 854 and 855: what is said between the
// bytes of a conversation about how to have it.

// What follows the byte iac.
const (
	telSE        = 240 // ends a subnegotiation
	telBreak     = 243
	telInterrupt = 244
	telAYT       = 246 // are you there?
	telSB        = 250 // begins a subnegotiation
	telWill      = 251
	telWont      = 252
	telDo        = 253
	telDont      = 254
	iac          = 255
)

// The options that we know.
const (
	optBinary = 0
	optEcho   = 1
	optSGA    = 3  // no "go ahead" after each turn
	optTerm   = 24 // the kind of terminal
)

// telVerbs are the names of the verbs from telWill on.
var telVerbs = [...]string{"will", "wont", "do", "dont"}

// maxSub is the most of a subnegotiation that is kept.
const maxSub = 128

// A telproto is the state of the protocol at our end.
type telproto struct {
	cooked bool   // we echo: the other side is not to
	term   string // kind of terminal

	remote, local [256]bool // options in force at the other end, at ours

	state telstate
	verb  byte   // of the option that comes next
	sub   []byte // subnegotiation so far
	// debug, if not nil, is told what is said.
	debug func(format string, a ...any)
}

// A telstate says what the next byte is.
type telstate int

const (
	telData   telstate = iota // of the conversation
	telCmd                    // after iac
	telOpt                    // an option, after a verb
	telSub                    // of a subnegotiation
	telSubCmd                 // after iac in a subnegotiation
)

// take reads what came. It returns what is of the conversation, and what to
// answer.
func (t *telproto) take(b []byte) (data, answer []byte) {
	for _, c := range b {
		switch t.state {
		case telData:
			if c == iac {
				t.state = telCmd
			} else {
				data = append(data, c)
			}
		case telCmd:
			t.state = telData
			switch {
			case c == iac:
				data = append(data, c)
			case c == telSB:
				t.state, t.sub = telSub, nil
			case c >= telWill:
				t.state, t.verb = telOpt, c
			case c == telAYT:
				answer = append(answer, "ufo telnet\r\n"...)
			}
		case telOpt:
			t.state = telData
			answer = append(answer, t.option(t.verb, c)...)
		case telSub:
			if c == iac {
				t.state = telSubCmd
			} else {
				t.keep(c)
			}
		case telSubCmd:
			t.state = telSub
			if c == telSE {
				t.state = telData
				answer = append(answer, t.negotiate()...)
			} else {
				t.keep(c)
			}
		}
	}
	return data, answer
}

// keep adds a byte to the subnegotiation, which is cut to what is useful.
func (t *telproto) keep(c byte) {
	if len(t.sub) < maxSub {
		t.sub = append(t.sub, c)
	}
}

// option takes a request, or a promise, about an option and returns the answer:
// none if nothing changes, so that the two do not answer each other for ever.
func (t *telproto) option(verb, opt byte) []byte {
	t.tell("r", verb, opt)
	switch known := t.known(verb, opt); {
	case verb == telWill && !known:
		return t.say(telDont, opt)
	case verb == telWill && !t.remote[opt]:
		t.remote[opt] = true
		return t.say(telDo, opt)
	case verb == telWont && t.remote[opt]:
		t.remote[opt] = false
		return t.say(telDont, opt)
	case verb == telDo && !known:
		return t.say(telWont, opt)
	case verb == telDo && !t.local[opt]:
		t.local[opt] = true
		return t.say(telWill, opt)
	case verb == telDont && t.local[opt]:
		t.local[opt] = false
		return t.say(telWont, opt)
	}
	return nil
}

// known reports whether an option may be in force at the side that the verb
// speaks of.
func (t *telproto) known(verb, opt byte) bool {
	switch opt {
	case optBinary, optSGA:
		return true
	case optEcho:
		return verb == telWill && !t.cooked
	case optTerm:
		return verb == telDo
	}
	return false
}

// negotiate answers a subnegotiation: the one we know asks for the kind of
// terminal.
func (t *telproto) negotiate() []byte {
	const is, send = 0, 1
	if !bytes.HasPrefix(t.sub, []byte{optTerm, send}) {
		return nil
	}
	answer := append([]byte{iac, telSB, optTerm, is}, telEscape([]byte(t.term))...)
	return append(answer, iac, telSE)
}

// say returns the bytes of a verb.
func (t *telproto) say(verb, opt byte) []byte {
	t.tell("s", verb, opt)
	return []byte{iac, verb, opt}
}

// tell tells debug what was received or sent.
func (t *telproto) tell(dir string, verb, opt byte) {
	if t.debug != nil {
		t.debug("%s", fmt.Sprintf("%s %s %d", dir, telVerbs[verb-telWill], opt))
	}
}

// telEscape returns b as it goes over the connection: with each iac twice.
func telEscape(b []byte) []byte { return bytes.ReplaceAll(b, []byte{iac}, []byte{iac, iac}) }
