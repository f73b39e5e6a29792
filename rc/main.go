package rc

import (
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// rcmains are the files of commands with which rc begins: the usual one, and
// one that is there without a file server.
var rcmains = []string{"/rc/lib/rcmain", "/boot/rcmain"}

// rcmain is what rc begins with if there is no such file: a shell without a
// profile is better than none.
const rcmain = `if(~ $#home 0) home=/
if(~ $#ifs 0) ifs=' 	
'
if(~ $#prompt 0) prompt=('% ' '	')
if(~ $#prompt 1) prompt=($prompt '	')
if(flag p) path=/bin
if not finit
if(~ $#path 0) path=(/bin .)
fn sigexit
if(flag l) . -q $home/lib/profile
if(! ~ $#cflag 0) {
	status=''
	eval $cflag
}
if not if(flag i) {
	status=''
	if(! ~ $#* 0) . $*
	. -i /fd/0
}
if not if(~ $#* 0) {
	status=''
	. /fd/0
}
if not {
	status=''
	. $*
}
`

// Main is rc, the shell: see rc(1).
func Main(p *proc.Proc) error {
	sh := &shell{p: p, name: p.Args[0], vars: make(map[string]*global), status: success}
	opt, err := sh.options(p.Args[1:])
	if err != nil {
		sh.print(err.Error() + "\n" + usage)
		return exitError("bad flags")
	}
	p.Notify(sh.note)
	sh.readEnv()
	sh.set("pid", []string{itoa(p.Getpid())})
	sh.set("cflag", opt.command)
	sh.set("rcname", p.Args[:1])
	sh.set("*", opt.args)
	sh.file = "*bootstrap*"
	if err = sh.begin(opt); err == nil {
		sh.sigexit()
	}
	return sh.exitStatus()
}

const usage = "Usage: rc [-srdiIlxebpvV] [-c command] [-m initial] [file [arg ...]]\n"

// options are the arguments of rc.
type options struct {
	command []string // of -c
	initial string   // of -m
	args    []string
}

// options sets the flags and returns what else the arguments say.
func (sh *shell) options(args []string) (opt options, err error) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		letters := args[0][1:]
		args = args[1:]
		for len(letters) > 0 {
			c := letters[0]
			letters = letters[1:]
			if strings.IndexByte("srdiIlxebpvVcm", c) < 0 {
				//lint:ignore ST1005 the words of Plan 9's rc
				return opt, fmt.Errorf("Illegal flag -%c", c)
			}
			if sh.flags[c] {
				//lint:ignore ST1005 the words of Plan 9's rc
				return opt, fmt.Errorf("Flag -%c: set twice", c)
			}
			sh.flags[c] = true
			if c != 'c' && c != 'm' {
				continue
			}
			value := letters
			if value == "" {
				if len(args) == 0 {
					//lint:ignore ST1005 the words of Plan 9's rc
					return opt, fmt.Errorf("Flag -%c: too few arguments", c)
				}
				value, args = args[0], args[1:]
			}
			letters = ""
			if c == 'c' {
				opt.command = []string{value}
			} else {
				opt.initial = value
			}
		}
	}
	opt.args = args
	if strings.HasPrefix(sh.name, "-") {
		sh.flags['l'] = true
	}
	if sh.flags['I'] {
		sh.flags['i'] = false
	} else if len(args) == 0 && opt.command == nil && sh.terminal() {
		sh.flags['i'] = true
	}
	return opt, nil
}

// terminal reports whether the standard input is a console.
func (sh *shell) terminal() bool {
	name, err := sh.p.Fd2path(0)
	return err == nil && (strings.HasSuffix(name, "/dev/cons") || strings.HasPrefix(name, "#c") && strings.HasSuffix(name, "/cons"))
}

// begin runs the commands of rcmain, which run all others.
func (sh *shell) begin(opt options) error {
	if opt.initial != "" {
		return sh.dot(append([]string{".", "-bq", "--", opt.initial}, opt.args...), tail)
	}
	for _, file := range rcmains {
		if fd, err := sh.p.Open(file, ninep.OREAD|ninep.OCEXEC); err == nil {
			sh.p.Close(fd)
			return sh.dot(append([]string{".", "-bq", file}, opt.args...), tail)
		}
	}
	if sh.flags['i'] {
		// Who interrupted the wait for a file server wants a shell all the same.
		sh.notes, sh.pending = [nsig]int{}, 0
	}
	s := source{lex: newStringLexer("rcmain", rcmain), whole: true, quiet: true}
	return sh.source("rcmain", s, tail)
}

// trace prints a command before it runs, for flag r.
func (sh *shell) trace(c command) {
	text, _, _ := strings.Cut(printCommand(c), "\n")
	sh.print(fmt.Sprintf("%s:%d pid %d %T %s\n", sh.file, c.pos(), sh.p.Getpid(), c, text))
}
