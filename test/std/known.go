package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// A known has tests that fail.
type known struct {
	why   map[string]string   // by package and test, with a space between them
	stops map[string][]string // by package: those that would end or stop the others
}

// readKnown reads them: package and test on a line of their own, for as many as
// have the reason in the indented lines that follow. Stops after that means that
// the test is not run, as it would never end or ends the others. The test * is any of
// the package that does not end in time. A # begins a comment.
func readKnown(name string) (known, error) {
	k := known{make(map[string]string), make(map[string][]string)}
	f, err := os.Open(name)
	if err != nil {
		return k, err
	}
	defer f.Close()
	var names []string
	reason := false // of names, has begun
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch words := strings.Fields(line); {
		case len(words) == 0 || line[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			for _, name := range names {
				k.why[name] = strings.TrimSpace(k.why[name] + " " + strings.Join(words, " "))
			}
			reason = true
		case len(words) != 2 && (len(words) != 3 || words[2] != "stops"):
			return k, fmt.Errorf("%s:%d: want a package and a test", name, n)
		default:
			if reason {
				names, reason = nil, false
			}
			names = append(names, words[0]+" "+words[1])
			if len(words) == 3 {
				k.stops[words[0]] = append(k.stops[words[0]], words[1])
			}
		}
	}
	return k, lines.Err()
}
