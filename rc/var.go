package rc

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
)

// A global is a variable and a function of the same name. The values of
// variables, here and elsewhere, are never changed, only replaced.
type global struct {
	val       []string
	fn        *function
	changed   bool // val is not in /env
	fnChanged bool // fn is not in /env
}

// A function is what fn defines. It is immutable.
type function struct {
	body   command
	text   string // of body, for whatis and /env
	file   string // where it was defined
	checkE how    // flag e was in force there
}

// A local is a variable that lasts as long as a command.
type local struct {
	name    string
	val     []string
	changed bool
	next    *local
}

func (l *local) copy() *local {
	if l == nil {
		return nil
	}
	c := *l
	c.next = l.next.copy()
	return &c
}

func (l *local) find(name string) *local {
	for ; l != nil; l = l.next {
		if l.name == name {
			return l
		}
	}
	return nil
}

// get returns the value of a variable, nil if it has none.
func (sh *shell) get(name string) []string {
	if name == "status" {
		return sh.status
	}
	if l := sh.local.find(name); l != nil {
		return l.val
	}
	if v := sh.vars[name]; v != nil {
		return v.val
	}
	return nil
}

// set gives the innermost variable called name a value.
func (sh *shell) set(name string, val []string) {
	if name == "status" {
		sh.status = val // it is of no use in /env
		return
	}
	if l := sh.local.find(name); l != nil {
		l.val, l.changed = val, true
		return
	}
	v := sh.global(name)
	v.val = val
	sh.touch(name, v, &v.changed)
}

// global returns the global called name for changing.
func (sh *shell) global(name string) *global {
	sh.own()
	v := sh.vars[name]
	if v == nil {
		v = new(global)
		sh.vars[name] = v
	}
	return v
}

// touch notes that the global called name must be written to /env.
func (sh *shell) touch(name string, v *global, changed *bool) {
	if !v.changed && !v.fnChanged {
		sh.dirty = append(sh.dirty, name)
	}
	*changed = true
}

// push makes a local variable. That of $status is where the outer one is kept.
func (sh *shell) push(name string, val []string) {
	l := &local{name: name, val: val, changed: true, next: sh.local}
	if name == "status" {
		l.val, l.changed, sh.status = sh.status, false, val
	}
	sh.local = l
}

// pop forgets the locals inside of to, which /env then must forget as well.
func (sh *shell) pop(to *local) {
	for ; sh.local != to; sh.local = sh.local.next {
		name := sh.local.name
		if name == "status" {
			if !sh.exiting {
				sh.status = sh.local.val
			}
		} else if l := sh.local.next.find(name); l != nil {
			l.changed = true
		} else {
			v := sh.global(name)
			sh.touch(name, v, &v.changed)
		}
	}
}

// fn returns the function called name, nil if there is none.
func (sh *shell) fn(name string) *function {
	if v := sh.vars[name]; v != nil {
		return v.fn
	}
	return nil
}

// setFn defines a function or, with nil, deletes it.
func (sh *shell) setFn(name string, f *function) {
	v := sh.global(name)
	v.fn = f
	sh.touch(name, v, &v.fnChanged)
}

// first returns the first element of a variable, or otherwise.
func (sh *shell) first(name, otherwise string) string {
	if val := sh.get(name); len(val) > 0 {
		return val[0]
	}
	return otherwise
}

// position returns n if name is the number n > 0 of an element of $*.
func position(name string) (n int, ok bool) {
	if name == "" || name[0] < '0' || name[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(name)
	return n, err == nil && n > 0
}

// value returns the value of $name: of a variable or an element of $*.
func (sh *shell) value(name string) []string {
	n, ok := position(name)
	if !ok {
		return sh.get(name)
	}
	star := sh.get("*")
	if n > len(star) {
		return nil
	}
	return star[n-1 : n : n]
}

// The environment: one file in /env for each variable, with a NUL behind
// each element of the value, and one called fn#name for each function, with
// the command that defines it.

// readEnv makes variables of the files in /env. The functions are rcmain's
// business.
func (sh *shell) readEnv() {
	fd, err := sh.p.Open("/env", ninep.OREAD)
	if err != nil {
		sh.print(sh.name + ": can't open: " + err.Error() + "\n")
		return
	}
	defer sh.p.Close(fd)
	for {
		dirs, err := sh.p.ReadDir(fd)
		if err != nil || len(dirs) == 0 {
			return
		}
		for _, d := range dirs {
			if d.Length == 0 || strings.HasPrefix(d.Name, "fn#") {
				continue
			}
			if f, err := sh.p.Open("/env/"+d.Name, ninep.OREAD); err == nil {
				sh.global(d.Name).val = splitFields(sh.readAll(f), "")
				sh.p.Close(f)
			}
		}
	}
}

// updateEnv writes what changed to /env, so that a program that is about to
// run finds it there.
func (sh *shell) updateEnv() {
	if len(sh.dirty) > 0 {
		slices.Sort(sh.dirty)
		for _, name := range sh.dirty {
			sh.writeGlobal(name, sh.global(name))
		}
		sh.dirty = sh.dirty[:0]
	}
	sh.updateLocals(sh.local)
}

// updateLocals writes the locals from the outside in: the innermost counts.
func (sh *shell) updateLocals(l *local) {
	if l == nil {
		return
	}
	sh.updateLocals(l.next)
	if l.changed {
		l.changed = false
		sh.writeEnv(l.name, envValue(l.val))
	}
}

func (sh *shell) writeGlobal(name string, v *global) {
	if v.changed {
		v.changed = false
		sh.writeEnv(name, envValue(v.val))
	}
	if v.fnChanged {
		v.fnChanged = false
		text := ""
		if v.fn != nil {
			text = "fn " + Quote(name) + " " + v.fn.text + "\n"
		}
		sh.writeEnv("fn#"+name, text)
	}
}

func envValue(val []string) string {
	if len(val) == 0 {
		return ""
	}
	return strings.Join(val, "\x00") + "\x00"
}

func (sh *shell) writeEnv(name, text string) {
	file := "/env/" + name
	fd, err := sh.p.Create(file, ninep.OWRITE, 0666)
	if err != nil {
		sh.print(sh.name + ": can't open: " + err.Error() + "\n")
		return
	}
	defer sh.p.Close(fd)
	if text == "" {
		return
	}
	if _, err := sh.p.FD(fd).Write([]byte(text)); err != nil {
		sh.print(sh.name + ": can't write " + file + ": " + err.Error() + "\n")
	}
}

// splitFields divides s at the characters in seps, several of which count as
// one, and at NULs, each of which ends a field.
func splitFields(s, seps string) []string {
	var fields []string
	for {
		s = strings.TrimLeft(s, seps)
		if s == "" {
			return fields
		}
		end := strings.IndexFunc(s, func(r rune) bool { return r == 0 || strings.ContainsRune(seps, r) })
		if end < 0 {
			return append(fields, s)
		}
		fields = append(fields, s[:end])
		_, n := utf8.DecodeRuneInString(s[end:])
		s = s[end+n:]
	}
}
