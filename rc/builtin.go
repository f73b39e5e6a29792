package rc

import (
	"errors"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// IsBuiltin reports whether rc itself has a command called name.
func IsBuiltin(name string) bool { return builtin(name) != nil }

// builtin returns the built-in command called name, nil if there is none.
// Args[0] is the name.
func builtin(name string) func(sh *shell, args []string, m how) error {
	switch name {
	case ".":
		return (*shell).dot
	case "cd":
		return (*shell).cd
	case "eval":
		return (*shell).eval
	case "exec":
		return (*shell).execCmd
	case "exit":
		return (*shell).exit
	case "finit":
		return (*shell).finit
	case "flag":
		return (*shell).flag
	case "rfork":
		return (*shell).rfork
	case "shift":
		return (*shell).shift
	case "wait":
		return (*shell).waitCmd
	case "whatis":
		return (*shell).whatis
	}
	return nil
}

func (sh *shell) cd(args []string, m how) error {
	sh.setStatus("can't cd")
	switch len(args) {
	case 1:
		if home := sh.get("home"); len(home) == 0 {
			sh.print("Can't cd -- $home empty\n")
		} else if err := sh.p.Chdir(home[0]); err != nil {
			sh.print("Can't cd " + home[0] + ": " + err.Error() + "\n")
		} else {
			sh.setStatus("")
		}
	case 2:
		var err error
		for _, prefix := range sh.searchPath(args[1], "cdpath") {
			dir := makePath(prefix, args[1])
			if err = sh.p.Chdir(dir); err == nil {
				if prefix != "" && prefix != "." {
					sh.print(dir + "\n")
				}
				sh.setStatus("")
				return nil
			}
		}
		sh.print("Can't cd " + args[1] + ": " + err.Error() + "\n")
	default:
		sh.print("Usage: cd [directory]\n")
	}
	return nil
}

func (sh *shell) eval(args []string, m how) error {
	if len(args) == 1 {
		return sh.fail("Usage: eval cmd ...")
	}
	file := sh.where() + " *eval*"
	s := source{lex: newStringLexer(file, strings.Join(args[1:], " ")+"\n"), whole: true}
	return sh.source(file, s, m)
}

func (sh *shell) execCmd(args []string, m how) error {
	if len(args) == 1 {
		return sh.fail("exec: empty argument list")
	}
	return sh.exec(args[1:])
}

func (sh *shell) exit(args []string, m how) error {
	if len(args) > 2 {
		sh.print("Usage: exit [status]\nExiting anyway\n")
	}
	if len(args) > 1 {
		sh.setStatus(args[1])
	}
	return sh.quit()
}

// finit defines the functions that are in /env.
func (sh *shell) finit(args []string, m how) error {
	for _, file := range sh.glob(nil, markPattern("/env/fn#*")) {
		if err := sh.dot([]string{".", "-bq", file}, 0); err != nil {
			return err
		}
	}
	return nil
}

func (sh *shell) flag(args []string, m how) error {
	letter := byte(0) // which is never set
	if len(args) > 1 && args[1] != "" && args[1][0] < 128 {
		letter = args[1][0]
	}
	switch {
	case len(args) == 2 && sh.flags[letter]:
		sh.setStatus("")
	case len(args) == 2:
		sh.setStatus("flag not set")
	case len(args) == 3 && len(args[1]) == 1 && letter != 0 && (args[2] == "+" || args[2] == "-"):
		sh.flags[letter] = args[2] == "+"
		sh.setStatus("")
	default:
		return sh.fail("Usage: flag [letter] [+-]")
	}
	return nil
}

// rforkFlags are the letters of the rfork built-in.
var rforkFlags = map[rune]int{
	'n': proc.RFNAMEG, 'N': proc.RFCNAMEG, 'm': proc.RFNOMNT,
	'e': proc.RFENVG, 'E': proc.RFCENVG, 's': proc.RFNOTEG,
	'f': proc.RFFDG, 'F': proc.RFCFDG,
}

func (sh *shell) rfork(args []string, m how) error {
	letters := "ens"
	if len(args) == 2 {
		letters = args[1]
	}
	flags, ok := 0, len(args) <= 2
	for _, r := range letters {
		ok = ok && rforkFlags[r] != 0
		flags |= rforkFlags[r]
	}
	if !ok {
		sh.print("Usage: rfork [fnesFNEm]\n")
		sh.setStatus("rfork usage")
		return nil
	}
	if err := sh.p.Rfork(flags); err != nil {
		sh.print(sh.name + ": rfork failed\n")
		sh.setStatus("rfork failed")
		return nil
	}
	if flags&proc.RFCFDG != 0 {
		sh.redirs, sh.pipes = nil, nil
		sh.fdgen++
	}
	sh.setStatus("")
	return nil
}

func (sh *shell) shift(args []string, m how) error {
	n := 1
	if len(args) == 2 {
		n = atoi(args[1])
	}
	if len(args) > 2 {
		sh.print("Usage: shift [n]\n")
		sh.setStatus("shift usage")
		return nil
	}
	star := sh.get("*")
	sh.set("*", star[max(0, min(n, len(star))):])
	sh.setStatus("")
	return nil
}

func (sh *shell) waitCmd(args []string, m how) error {
	switch len(args) {
	case 1:
		sh.wait(0)
	case 2:
		if pid := atoi(args[1]); pid != 0 {
			sh.wait(max(0, pid))
		}
	default:
		return sh.fail("Usage: wait [pid]")
	}
	return nil
}

// whatis writes, unlike other messages, where its output is redirected to.
func (sh *shell) whatis(args []string, m how) error {
	if len(args) == 1 {
		return sh.fail("Usage: whatis name ...")
	}
	sh.setStatus("")
	for _, name := range args[1:] {
		text := sh.describe(name)
		if text == "" {
			sh.print(name + ": not found\n")
			sh.setStatus("not found")
			continue
		}
		sh.p.FD(sh.mapFD(1)).Write([]byte(text))
	}
	return nil
}

// describe returns what name is, as input for rc; "" if it is nothing.
func (sh *shell) describe(name string) string {
	text := ""
	switch val := sh.get(name); len(val) {
	case 0:
	case 1:
		text = name + "=" + Quote(val[0]) + "\n"
	default:
		text = name + "=(" + quoteList(val) + ")\n"
	}
	if f := sh.fn(name); f != nil {
		return text + "fn " + Quote(name) + " " + f.text + "\n"
	}
	if builtin(name) != nil {
		return text + "builtin " + name + "\n"
	}
	for _, dir := range sh.searchPath(name, "path") {
		file := makePath(dir, name)
		if d, err := sh.p.Stat(file); err == nil && d.Mode&0111 != 0 && !d.IsDir() {
			return text + file + "\n"
		}
	}
	return text
}

// atoi returns the number that s begins with, as in C: behind blanks and a sign.
func atoi(s string) int {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	minus := strings.HasPrefix(s, "-")
	if minus || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	n, _ := leadingInt(s)
	if minus {
		return -n
	}
	return n
}

// isIntr reports whether err says that a note ended a system call.
func isIntr(err error) bool { return errors.Is(err, ninep.ErrIntr) }
