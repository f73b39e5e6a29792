package aout

// Used returns how much memory programs have, in bytes of addresses.
func (l *Loader) Used() int64 {
	if l.mem == nil {
		return 0
	}
	return l.mem.Given()
}
