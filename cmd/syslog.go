package cmd

import (
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// syslog appends a line to the file name in /sys/log, if it is there, and
// writes it on the console if cons is set. See syslog(2).
func syslog(p *proc.Proc, cons bool, name, format string, a ...any) {
	sysname, _ := p.ReadFile("#c/sysname")
	line := fmt.Sprintf("%s %s %s\n", strings.TrimSpace(string(sysname)),
		p.Now().UTC().Format("Jan _2 15:04:05"), fmt.Sprintf(format, a...))
	appendline(p, "/sys/log/"+name, line)
	if cons {
		appendline(p, "#c/cons", name+": "+line)
	}
}

// appendline adds a line to a file that exists.
func appendline(p *proc.Proc, name, line string) {
	fd, err := p.Open(name, ninep.OWRITE)
	if err != nil {
		return
	}
	defer p.Close(fd)
	p.Seek(fd, 0, 2)
	p.Write(fd, []byte(line))
}
