package cmd

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"ufo/proc"
)

// pstree - print the processes as a tree
//
// Pstree prints the processes in /proc, each below the one that started it:
// process id, lines that show what belongs together, and arguments.
//
// # FILES
//
//	/proc/*/ppid
//	/proc/*/args
//
// # SEE ALSO
//
// ps(1), proc(3)
func pstreeMain(p *proc.Proc) error {
	arg := argbegin(p, "")
	arg.noflags()
	list, err := processes(p)
	if err != nil {
		return fatal(p, "/proc: %v", err)
	}
	t := pstree{p: p, out: stdout(p), kids: make(map[int][]process)}
	defer t.out.Flush()
	there := make(map[int]bool)
	for _, st := range list {
		there[st.pid] = true
	}
	for _, st := range list {
		// Who has lost its parent is nobody's.
		parent := t.number(st.pid, "ppid")
		if !there[parent] || parent == st.pid {
			parent = 0
		}
		t.kids[parent] = append(t.kids[parent], st)
	}
	t.print(0, "")
	return nil
}

// A pstree is the processes by the pid of their parents.
type pstree struct {
	p    *proc.Proc
	out  *bufio.Writer
	kids map[int][]process
}

// file returns what a file of a process says.
func (t *pstree) file(pid int, name string) string {
	b, _ := t.p.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	return strings.TrimSpace(string(b))
}

func (t *pstree) number(pid int, name string) int {
	n, _ := strconv.Atoi(t.file(pid, name))
	return n
}

// print prints the processes below pid.
func (t *pstree) print(pid int, indent string) {
	for i, st := range t.kids[pid] {
		branch, below := "├", "│"
		if i == len(t.kids[pid])-1 {
			branch, below = "└", " "
		}
		name := strings.ReplaceAll(t.file(st.pid, "args"), "\n", " ")
		if name == "" {
			name = st.text
		}
		fmt.Fprintf(t.out, "%-11d %s%s%s\n", st.pid, indent, branch, name)
		t.print(st.pid, indent+below)
	}
}
