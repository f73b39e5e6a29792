package aout

import "encoding/json"

// Used returns how much memory programs have, in bytes of addresses, and of what
// they were given. Programs that are kept though nobody runs them are forgotten.
func (l *Loader) Used() (addresses, given int64) {
	if l.mem == nil {
		return 0, 0
	}
	l.forget()
	return l.mem.Given(), l.total.used.Load()
}

// CheckSnap reads the beginning of a file of frozen processes.
func CheckSnap(b []byte) error {
	var w thawing
	if err := json.Unmarshal(b, &w.snapshot); err != nil {
		return err
	}
	return w.check()
}
