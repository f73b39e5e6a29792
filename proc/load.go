package proc

import (
	"context"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/ns"
)

// A Loader makes programs of files of one kind.
type Loader interface {
	// Match reports whether magic, the first bytes of a file, is of the
	// Loader's kind.
	Match(magic []byte) bool
	// Load makes the program. The file is open for reading; whoever wants
	// it after Load has returned takes a reference.
	Load(ctx context.Context, file *ns.Chan) (Main, error)
}

// magicLen is how much of a file the Loaders, and the #! line, may see.
const magicLen = 256

// load makes the program in the file called name, and gives the process the
// new arguments, name and file.
func (p *Proc) load(name string, args []string) (main Main, err error) {
	if p.trace != nil {
		defer p.tell("Exec", p.Now(), nil, &err, name, args)
	}
	ctx := p.begin(callExec)
	defer func() {
		// Main has what only it can give back: it begins in any case, and
		// what came meanwhile is heeded by it.
		if p.where.Store(int32(running)); err != nil {
			p.end()
		}
	}()
	file, magic, err := p.openExec(ctx, name)
	if err != nil {
		return nil, err
	}
	elem := lastElem(name)
	if line, ok := strings.CutPrefix(string(magic), "#!"); ok {
		// The interpreter is called with its own arguments from the
		// line, the script's name, and the arguments but the first.
		file.Close()
		words := interpreter(line)
		if len(words) == 0 {
			return nil, ninep.ErrBadExec
		}
		if file, magic, err = p.openExec(ctx, words[0]); err != nil {
			return nil, err
		}
		script := append([]string{elem}, words[1:]...)
		args = append(append(script, name), args[1:]...)
	}
	main, err = p.table.load(ctx, file, magic)
	if err != nil {
		file.Close()
		return nil, &ns.NameError{Name: name, Err: err}
	}
	p.become(elem, args, file)
	return main, nil
}

// openExec opens a program and reads its first bytes.
func (p *Proc) openExec(ctx context.Context, name string) (*ns.Chan, []byte, error) {
	file, err := p.View().Open(ctx, name, ninep.OEXEC)
	if err != nil {
		return nil, nil, intr(ctx, err)
	}
	magic := make([]byte, magicLen)
	n, err := file.ReadAt(ctx, magic, 0)
	if err != nil || n == 0 {
		file.Close()
		if err == nil {
			err = ninep.ErrBadExec
		}
		return nil, nil, &ns.NameError{Name: name, Err: err}
	}
	return file, magic[:n], nil
}

// interpreter returns the words of a #! line; none if it does not end.
func interpreter(line string) []string {
	line, _, ok := strings.Cut(line, "\n")
	if !ok {
		return nil
	}
	return strings.Fields(line)
}

// load asks the Loaders in turn.
func (t *Table) load(ctx context.Context, file *ns.Chan, magic []byte) (Main, error) {
	for _, l := range t.cfg.Loaders {
		if l.Match(magic) {
			return l.Load(ctx, file)
		}
	}
	return nil, ninep.ErrBadExec
}

// become makes the process the program called text. It consumes exe.
func (p *Proc) become(text string, args []string, exe *ns.Chan) {
	p.mu.Lock()
	old := p.exe
	p.text, p.title, p.exe, p.private = text, "", exe, false
	p.args = append([]string(nil), args...)
	p.Args = args
	if p.hang {
		p.shallStop(false)
	}
	p.mu.Unlock()
	if old != nil {
		old.Close()
	}
}

func lastElem(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

func itoa(n int) string { return strconv.Itoa(n) }
