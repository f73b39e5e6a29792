//go:build !linux

package main

// hostChecks says what this system lacks.
func hostChecks() []check {
	return []check{
		{"FUSE", false, func(*doctor) string {
			return "not used on this system: no name space can be mounted as host files; nothing else needs it"
		}},
		{"ptrace", false, func(*doctor) string {
			return "not used on this system: Plan 9 binaries cannot run; built-in commands and scripts can"
		}},
	}
}

// hostMounts says that there are none.
func hostMounts() mountTable { return mountTable{} }
