package dev

import "ufo/ninep"

// control cuts a control message into words; one without words is refused.
func control(msg []byte) ([]string, error) {
	words := ninep.Fields(string(msg))
	if len(words) == 0 {
		return nil, ninep.ErrCtlShort
	}
	return words, nil
}
