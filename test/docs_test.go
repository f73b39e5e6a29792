package test

import (
	"go/ast"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"ufo/cmd"
	"ufo/rootfs"
)

var (
	quoted   = regexp.MustCompile("`([^`\n]+)`")
	linked   = regexp.MustCompile(`\]\(([^)\n]+)\)`)
	absolute = regexp.MustCompile(`(?:^|[\s('"])(/(?:adm|cfg|lib|rc|sys|usr)/[\w./-]*\w)`)
	example  = regexp.MustCompile(`\b(N|x|devx)\b`) // stands for a name of the reader's
)

// TestDocsLinks wants the files that the documents at the top and in docs
// link to or quote.
func TestDocsLinks(t *testing.T) {
	bases := map[string]bool{}
	for _, s := range repo(t) {
		bases[path.Base(s.name)] = true
	}
	for _, s := range repo(t) {
		if !strings.HasSuffix(s.name, ".md") {
			continue
		}
		var names []string
		for _, m := range linked.FindAllStringSubmatch(s.text, -1) {
			if !strings.Contains(m[1], "://") {
				names = append(names, path.Join(s.dir(), m[1]))
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(s.text, -1) {
			switch {
			case strings.ContainsAny(m[1], " $*~=#") || m[1][0] == '/' || example.MatchString(m[1]):
			case strings.Contains(m[1], "/"):
				names = append(names, m[1])
			case strings.HasSuffix(m[1], ".go") && !bases[m[1]]:
				t.Errorf("%s: %s: no such file", s.name, m[1])
			}
		}
		for _, name := range names {
			if _, err := os.Stat("../" + name); err != nil && !isPackage(name) {
				t.Errorf("%s: %s: no such file", s.name, name)
			}
		}
	}
}

// isPackage reports whether name is one of the standard library's.
func isPackage(name string) bool { return name == "testing/synctest" }

// TestDocsPaths wants the files of the distribution that documents, manual,
// scripts and transcripts name.
func TestDocsPaths(t *testing.T) {
	made := map[string]bool{}
	for _, f := range rootfs.Files() {
		made[f.Name] = true
	}
	for _, name := range strings.Fields(later) {
		made[name] = true
	}
	for _, s := range repo(t) {
		if s.ast != nil || s.dir() == ".ci" || s.dir() == "docs" {
			continue // of the host
		}
		for _, m := range absolute.FindAllStringSubmatch(s.text, -1) {
			if name := strings.TrimSuffix(m[1], "/"); !made[name] && !example.MatchString(name) {
				t.Errorf("%s: %s: not in the distribution", s.name, name)
			}
		}
	}
}

// later are files that somebody makes, of whom a document speaks.
const later = `
/rc/bin/cpurc.local /rc/bin/termrc.local /rc/lib/rcmain.local
/cfg/n2 /cfg/n2/cpurc /cfg/n2/service /cfg/n3 /cfg/n3/cpustart /cfg/node
 /usr/glenda/f /usr/glenda/n3.log /usr/glenda/lib/boots /lib/nofile /usr/glenda/tmp/hello /usr/glenda/tmp/priv /usr/glenda/tmp/priv/f /lib/words /usr/glenda/disc.iso /usr/glenda/disk.img
 /usr/user /usr/ken /usr/ken/f /usr/ken/lib /usr/ken/lib/profile
/adm/keys /adm/keys.new /adm/keys.who /adm/keyseed
/adm/secstore /adm/secstore/who /adm/secstore/store /adm/secstore/who/user /adm/secstore/who/glenda /adm/secstore/store/glenda/factotum
/adm/secstore/who/FICTITIOUS /adm/secstore/store/user /sys/log/secstore
/sys/man/section/name /sys/log/listen /sys/log/aan /rc/bin/service/tcp79
`

// command is a use of the host's command in a document or the manual.
var command = regexp.MustCompile(`(?m)(?:^|[` + "`" + `$] ?|^ +)(?:\./)?ufo ([a-z]+)`)

// TestDocsVerbs wants the verbs of the host's command that are shown, in code
// or at a prompt, to be those it has.
func TestDocsVerbs(t *testing.T) {
	verbs := map[string]bool{}
	for _, s := range repo(t) {
		if s.dir() != "cmd/ufo" || s.ast == nil {
			continue
		}
		for _, d := range s.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "verbs" {
				ast.Inspect(fn, func(n ast.Node) bool {
					if lit, ok := n.(*ast.CompositeLit); ok && lit.Type == nil && len(lit.Elts) > 0 {
						if name, ok := lit.Elts[0].(*ast.BasicLit); ok {
							verbs[strings.Trim(name.Value, `"`)] = true
						}
					}
					return true
				})
			}
		}
	}
	for _, s := range repo(t) {
		if s.ast != nil || !strings.HasSuffix(s.name, ".md") && !strings.HasPrefix(s.name, manroot) {
			continue
		}
		for _, m := range command.FindAllStringSubmatch(s.text, -1) {
			if !verbs[m[1]] {
				t.Errorf("%s: ufo %s: no such command", s.name, m[1])
			}
		}
	}
}

// TestScripts wants a page of the manual for each script that is a command,
// and no built-in of the same name, which would hide it.
func TestScripts(t *testing.T) {
	pages := manual(t)
	for _, f := range rootfs.Files() {
		name, ok := strings.CutPrefix(f.Name, "/rc/bin/")
		if !ok || f.Dir || strings.Contains(name, "/") {
			continue
		}
		if _, ok := cmd.Lookup(name); ok {
			t.Errorf("%s: is also the name of a built-in command", f.Name)
		}
		if pages[name+"(1)"] == nil && pages[name+"(4)"] == nil && pages[name+"(8)"] == nil {
			t.Errorf("%s: has no page in sections 1, 4 and 8", f.Name)
		}
	}
}
