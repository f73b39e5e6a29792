package dev

import (
	"strings"

	"ufo/ninep"
	"ufo/ns"
)

// fields cuts a control message into words, as ns.Fields does. One newline at
// the end is not part of the message.
func fields(msg []byte) []string { return ns.Fields(strings.TrimSuffix(string(msg), "\n")) }

// control cuts a control message into words; one without words is refused.
func control(msg []byte) ([]string, error) {
	words := fields(msg)
	if len(words) == 0 {
		return nil, ninep.Error("short control request")
	}
	return words, nil
}
