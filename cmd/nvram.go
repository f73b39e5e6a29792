package cmd

import (
	"cmp"
	"fmt"

	"ufo/auth"
	"ufo/ninep"
	"ufo/proc"
)

// nvramFile returns the name of the file in which a machine keeps its key.
func nvramFile(p *proc.Proc) string { return cmp.Or(getenv(p, "nvram"), "#r/nvram") }

// readNvram returns what the machine remembers, and what is wrong with that.
func readNvram(p *proc.Proc) (*auth.Nvram, error) {
	file := nvramFile(p)
	fd, err := p.Open(file, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer p.Close(fd)
	b := make([]byte, auth.NvramLen)
	n, err := p.Read(fd, b)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	if n < len(b) {
		return nil, fmt.Errorf("can't read %d bytes from %s", len(b), file)
	}
	return auth.ParseNvram(b)
}

// writeNvram has the machine remember.
func writeNvram(p *proc.Proc, nv *auth.Nvram) error {
	b, err := nv.Bytes()
	if err != nil {
		return err
	}
	defer clear(b)
	fd, err := p.Open(nvramFile(p), ninep.OWRITE)
	if err != nil {
		return err
	}
	defer p.Close(fd)
	return writeall(p, fd, b)
}

// machineKey returns the key of the machine's owner, or asks for his password.
func machineKey(p *proc.Proc) (*auth.Key, error) {
	nv, err := readNvram(p)
	if err == nil {
		return &nv.Key, nil
	}
	fmt.Fprintf(p.Stderr(), "%v\ncan't read NVRAM, please enter machine key\n", err)
	s, err := getpass(p, false, true)
	if err != nil {
		return nil, err
	}
	return auth.PassKey(s), nil
}

// private keeps the memory of a process from debuggers.
func private(p *proc.Proc) {
	if err := p.WriteFile(fmt.Sprintf("#p/%d/ctl", p.Getpid()), []byte("private")); err != nil {
		warn(p, "can't protect itself from debugging: %v", err)
	}
}
