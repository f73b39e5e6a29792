package test

import (
	"go/ast"
	"go/printer"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ufo/dev"
)

// theirs are pages of other manuals that comments name as a source and that
// have no counterpart here.
const theirs = `
arg(2) dirread(2) fcall(2) getfields(2) lib9p(2) ndb(2) pushtls(2) quote(2) syslog(2)
mnt(3) swap(3) ndb(8) stty(1)
`

// ref is how a page is referred to.
var ref = regexp.MustCompile(`\b([a-z0-9][a-z0-9/-]*)\(([1-8])\)`)

// TestManRefs follows the references of manual, scripts, documents and
// comments: each page that is named must be there.
func TestManRefs(t *testing.T) {
	pages := manual(t)
	for _, s := range repo(t) {
		if strings.Contains(s.name, "/testdata/") {
			continue
		}
		for _, m := range ref.FindAllStringSubmatch(strings.ToLower(prose(s)), -1) {
			if s.ast != nil && slices.Contains(strings.Fields(theirs), m[0]) {
				continue
			}
			if pages[path.Base(m[1])+"("+m[2]+")"] == nil && pages[m[0]] == nil {
				t.Errorf("%s: %s: no such page in the manual", s.name, m[0])
			}
		}
	}
}

// prose returns what of a file is written for people: the comments of a Go
// file, all of another.
func prose(s source) string {
	if s.ast == nil {
		return s.text
	}
	var b strings.Builder
	for _, group := range s.ast.Comments {
		b.WriteString(group.Text())
	}
	return b.String()
}

// TestManSources wants the files and folders a page has under SOURCE.
func TestManSources(t *testing.T) {
	for _, p := range unique(manual(t)) {
		for _, name := range strings.Fields(p.parts["SOURCE"]) {
			if _, err := os.Stat("../" + name); err != nil {
				t.Errorf("%s: SOURCE: %v", p.name, err)
			}
		}
	}
}

// TestManDevices wants a page of section 3 for each device, and a device for
// each page.
func TestManDevices(t *testing.T) {
	pages := manual(t)
	known := map[string]bool{"intro": true}
	for _, part := range []struct {
		devs   []dev.Device
		source string
	}{{dev.Devices, "dev/dev"}, {dev.Hosted, "hosted/"}} {
		for _, d := range part.devs {
			known[d.Name] = true
			if p := pages[d.Name+"(3)"]; p == nil {
				t.Errorf("#%c: has no page %s(3)", d.Letter, d.Name)
			} else if !strings.Contains(p.parts["SOURCE"], part.source) {
				t.Errorf("%s: SOURCE does not name the device's", p.name)
			}
		}
	}
	for _, p := range unique(pages) {
		if p.section == "3" && !known[p.base] {
			t.Errorf("%s: there is no such device", p.name)
		}
	}
}

// section2 are packages whose exported functions and methods section 2 of the
// manual describes.
const section2 = "proc ninep ninep/ninetest ninep/ramfs auth"

// inner are the functions and methods of these packages that section 2 does not
// describe, each line with its reason.
const inner = `
AppendDir UnmarshalDir ValidName TraceTimes   of those who speak the protocol themselves
NewTable NewEgrp Up View Look Table           of the kernel, and its devices
AddFd CloseFd FdChan Fds                      what proc(3) does to other processes
Allowed Deny Serving                          cons(3): drivers, consoles
Done DotName Ended Env Exe Go Hang Info Kill NS     proc(3)
OnStop Post SetNoteid SetTitle SetUser Stop   proc(3)
TakeNote Trap WaitChild WaitStop              proc(3)
GoToCall Machine WhileStopped SetPrivate Private     proc(3)
AlarmLeft Apart Freeze OnFreeze Repeatable    snap(4)
Notes Self SetFiles SetName SetSelf Still     snap(4)
OnInterrupt Attend BeginCall EndCall SetSegments Segments       loaders, for programs that are not Go's
KillFor Pprint                                the same
SetMachine ForkOr Leave Left WatchFD                 the same
`

// TestManCalls compares each func in the SYNOPSIS of a page of section 2 with
// the source, parameter names and all; results may have names in the source
// alone.
func TestManCalls(t *testing.T) {
	have := map[string]bool{}
	for _, s := range repo(t) {
		if s.ast == nil || s.isTest() || !slices.Contains(strings.Fields(section2), s.dir()) {
			continue
		}
		for _, d := range s.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				have[signature(fn, fn.Type.Results)] = true
				have[signature(fn, unnamed(fn.Type.Results))] = true
			}
		}
	}
	for _, p := range unique(manual(t)) {
		if p.section != "2" {
			continue
		}
		synopsis := strings.Join(strings.Fields(p.parts["SYNOPSIS"]), " ")
		_, calls, _ := strings.Cut(synopsis, "func ")
		for call := range strings.SplitSeq(calls, "func ") {
			call = strings.TrimSpace(call)
			if call != "" && call[0] != 'm' && !have[call] { // m: main, which is the reader's
				t.Errorf("%s: %s: there is no such function", p.name, call)
			}
		}
	}
}

// TestManAllCalls wants a page in section 2 for each function and each method of
// a process that is exported, except those of inner.
func TestManAllCalls(t *testing.T) {
	var synopses string
	for _, p := range unique(manual(t)) {
		if p.section == "2" {
			synopses += strings.Join(strings.Fields(p.parts["SYNOPSIS"]), " ") + "\n"
		}
	}
	for _, s := range repo(t) {
		if s.ast == nil || s.isTest() || !slices.Contains(strings.Fields(section2), s.dir()) {
			continue
		}
		for _, d := range s.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || fn.Recv != nil && !strings.HasPrefix(signature(fn, nil), "(p *Proc)") {
				continue
			}
			described := strings.Contains(synopses, "func "+signature(fn, fn.Type.Results)) ||
				strings.Contains(synopses, "func "+signature(fn, unnamed(fn.Type.Results)))
			if known := slices.Contains(strings.Fields(inner), fn.Name.Name); !described && !known {
				t.Errorf("%s: %s: no page of section 2 has it", s.name, fn.Name.Name)
			} else if described && known {
				t.Errorf("%s: %s: is in a page, and in the list of those that are in none", s.name, fn.Name.Name)
			}
		}
	}
}

// unnamed returns results without their names.
func unnamed(results *ast.FieldList) *ast.FieldList {
	if results == nil {
		return nil
	}
	list := &ast.FieldList{}
	for _, field := range results.List {
		for range max(1, len(field.Names)) {
			list.List = append(list.List, &ast.Field{Type: field.Type})
		}
	}
	return list
}

// signature returns a function's declaration, with the given results, on one
// line.
func signature(fn *ast.FuncDecl, results *ast.FieldList) string {
	var b strings.Builder
	typ := *fn.Type
	typ.Results = results
	decl := ast.FuncDecl{Recv: fn.Recv, Name: fn.Name, Type: &typ}
	printer.Fprint(&b, token.NewFileSet(), &decl)
	return strings.TrimPrefix(strings.Join(strings.Fields(b.String()), " "), "func ")
}
