package cmd

import "strings"

// quote returns s as a word of rc: in quotes if it has characters special to
// rc or is empty, as Plan 9's %q prints it.
func quote(s string) string {
	special := func(c rune) bool { return c <= ' ' || strings.ContainsRune("`^#*[]=|\\?${}()'<>&;", c) }
	if s != "" && strings.IndexFunc(s, special) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
