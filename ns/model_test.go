package ns_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/ns"
)

// A node is a file of the model. Which tree it is in makes no difference to
// a name space, so the model has no trees.
type node struct {
	id    string // contents of a file, name of a directory's birth
	dir   bool
	names []string // in the order of creation
	kids  map[string]*node
}

func newNode(id string, dir bool) *node {
	return &node{id: id, dir: dir, kids: make(map[string]*node)}
}

func (n *node) add(name string, kid *node) {
	n.names = append(n.names, name)
	n.kids[name] = kid
}

// A member is one entry of a mount point in the model.
type member struct {
	*node
	create bool
}

// A model is a name space in forty lines: names are resolved left to right on
// a stack, whose entries are on the near side of mounts; ".." pops.
type model struct {
	root   *node
	mounts map[*node][]member
}

func (m *model) members(n *node) []member {
	if mm := m.mounts[n]; mm != nil {
		return mm
	}
	return []member{{n, true}}
}

// walk returns the file on the near side of what is mounted there.
func (m *model) walk(name string) (*node, error) {
	stack := []*node{m.root}
	for _, elem := range strings.Split(name, "/") {
		at := stack[len(stack)-1]
		switch {
		case elem == "":
			continue
		case !at.dir:
			return nil, ninep.ErrNotDir
		case elem == "..":
			stack = stack[:max(1, len(stack)-1)]
			continue
		}
		var kid *node
		for _, mb := range m.members(at) {
			if kid = mb.kids[elem]; kid != nil {
				break
			}
		}
		if kid == nil {
			return nil, ninep.ErrNotExist
		}
		stack = append(stack, kid)
	}
	return stack[len(stack)-1], nil
}

func (m *model) bind(newname, oldname string, flag int) error {
	n, err := m.walk(newname)
	if err != nil {
		return err
	}
	o, err := m.walk(oldname)
	if err != nil {
		return err
	}
	return m.put(m.members(n), o, flag, m.mounts[n] != nil)
}

// mount is bind of the root of a tree that is new.
func (m *model) mount(root *node, oldname string, flag int) error {
	o, err := m.walk(oldname)
	if err != nil {
		return err
	}
	return m.put([]member{{root, false}}, o, flag, false)
}

// put makes from, which are mounts of something if union is set, seen at o.
func (m *model) put(from []member, o *node, flag int, union bool) error {
	order := flag & (ns.MBEFORE | ns.MAFTER)
	if from[0].dir != o.dir || !o.dir && order != ns.MREPL {
		return ninep.ErrMount
	}
	if union && flag&ns.MCREATE != 0 && (len(from) > 1 || !from[0].create) {
		return ninep.ErrMount
	}
	added := []member{{from[0].node, flag&ns.MCREATE != 0}}
	for _, mb := range from[1:] {
		added = append(added, member{mb.node, false})
	}
	have := m.mounts[o]
	if have == nil {
		have = []member{{o, false}}
	}
	switch order {
	case ns.MREPL:
		m.mounts[o] = added
	case ns.MBEFORE:
		m.mounts[o] = slices.Concat(added, have)
	case ns.MAFTER:
		m.mounts[o] = slices.Concat(have, added)
	}
	return nil
}

func (m *model) unmount(newname, oldname string) error {
	o, err := m.walk(oldname)
	if err != nil {
		return err
	}
	var n *node
	if newname != "" {
		if n, err = m.walk(newname); err != nil {
			return err
		}
		n = m.members(n)[0].node
	}
	mm := m.mounts[o]
	switch {
	case mm == nil:
		return ninep.ErrUnmount
	case n == nil:
		delete(m.mounts, o)
		return nil
	}
	i := slices.IndexFunc(mm, func(mb member) bool { return mb.node == n })
	if i < 0 {
		return ninep.ErrUnion
	}
	if len(mm) == 1 {
		delete(m.mounts, o)
	} else {
		m.mounts[o] = slices.Delete(slices.Clone(mm), i, i+1)
	}
	return nil
}

// create makes a file or directory that is not there, or tells which file it
// would truncate.
func (m *model) create(dirname, elem, id string, dir bool) (*node, error) {
	d, err := m.walk(dirname)
	if err != nil {
		return nil, err
	}
	if !d.dir {
		return nil, ninep.ErrNotDir
	}
	if n, err := m.walk(dirname + "/" + elem); err == nil {
		n = m.members(n)[0].node
		if n.dir {
			return nil, ninep.ErrIsDir
		}
		n.id = ""
		return n, nil
	}
	for _, mb := range m.members(d) {
		if mb.create {
			n := newNode(id, dir)
			mb.add(elem, n)
			return n, nil
		}
	}
	return nil, ninep.ErrNoCreate
}

// list returns the names in a directory, or the contents of a file.
func (m *model) list(name string) (string, error) {
	n, err := m.walk(name)
	if err != nil {
		return "", err
	}
	mm := m.members(n)
	if !mm[0].dir {
		return mm[0].id, nil
	}
	var names []string
	for _, mb := range mm {
		names = append(names, mb.names...)
	}
	return strings.Join(names, " "), nil
}

// A pair does the same to a model and to a name space.
type pair struct {
	t   *testing.T
	ctx context.Context
	v   ns.View
	m   *model
	rnd *rand.Rand
	n   int // of files made

	strict []*ninetest.StrictServer // all trees
}

func (p *pair) pick(from ...string) string { return from[p.rnd.IntN(len(from))] }

func (p *pair) name() string {
	var b strings.Builder
	for range 1 + p.rnd.IntN(4) {
		b.WriteString("/" + p.pick("a", "b", "c", "a", "b", ".."))
	}
	return b.String()
}

// same compares errors by what a program would see of them.
func (p *pair) same(what string, got, want error) {
	p.t.Helper()
	if (got == nil) != (want == nil) || want != nil && !errors.Is(got, want) {
		p.t.Fatalf("%s: %v, model says %v\n%s", what, got, want, p.v.Pgrp)
	}
}

func (p *pair) step() {
	p.t.Helper()
	switch a, b := p.name(), p.name(); p.rnd.IntN(12) {
	case 0, 1:
		flag := p.rnd.IntN(3) | p.rnd.IntN(2)*ns.MCREATE
		if p.rnd.IntN(3) == 0 {
			flag = 0
		}
		p.same(fmt.Sprint("bind ", a, b, flag), p.v.Bind(p.ctx, a, b, flag), p.m.bind(a, b, flag))
	case 2:
		flag := p.rnd.IntN(3) | p.rnd.IntN(2)*ns.MCREATE
		p.same(fmt.Sprint("mount ", a, flag), p.mountTree(a, flag), p.m.mount(newNode("root", true), a, flag))
	case 3:
		p.same("unmount "+a, p.v.Unmount(p.ctx, "", a), p.m.unmount("", a))
	case 4:
		p.same("unmount "+a+" "+b, p.v.Unmount(p.ctx, a, b), p.m.unmount(a, b))
	case 5, 6, 7:
		p.create(a, p.pick("a", "b", "c"), p.rnd.IntN(3) > 0)
	default:
		p.list(a)
		p.exported(a)
	}
}

// exported walks a name in the name space as others see it, at once and one element
// after another.
func (p *pair) exported(name string) {
	p.t.Helper()
	names := strings.FieldsFunc(name, func(c rune) bool { return c == '/' || c == '.' })
	if len(names) == 0 {
		return
	}
	root, err := p.v.Export("/").Attach(p.ctx, "glenda", "")
	if err != nil {
		p.t.Fatal(err)
	}
	defer root.Close()
	sameWalk(p.t, root, names)
}

// tree returns a new tree, one in two of which takes several names at once.
func (p *pair) tree() *ninetest.StrictServer {
	var srv ninep.Server = ramfs.New("glenda", time.Now, 0)
	if p.rnd.IntN(2) == 0 {
		srv = countWalks(srv, new(int))
	}
	strict := ninetest.Strict(srv)
	p.strict = append(p.strict, strict)
	return strict
}

// mountTree mounts a file server of its own, with nothing in it.
func (p *pair) mountTree(name string, flag int) error {
	srv := p.tree()
	c := ns.Post(p.ctx, p.v.Devs, "#s/x", srv, nil)
	defer c.Close()
	return p.v.Mount(p.ctx, c, name, flag, "")
}

func (p *pair) create(dir, elem string, isdir bool) {
	p.t.Helper()
	p.n++
	id := fmt.Sprint("f", p.n)
	name := dir + "/" + elem
	mode, perm := ninep.OWRITE, ninep.Perm(0666)
	if isdir {
		mode, perm = ninep.OREAD, ninep.DMDIR|0777
	}
	n, want := p.m.create(dir, elem, id, isdir)
	c, err := p.v.Create(p.ctx, name, mode, perm)
	if want == nil && isdir && !n.dir { // the file exists: opened OREAD|OTRUNC
		n.id = ""
	}
	p.same("create "+name, err, want)
	if err != nil {
		return
	}
	defer c.Close()
	if !n.dir && !isdir {
		n.id = id
		if _, err := c.Write(p.ctx, []byte(id)); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *pair) list(name string) {
	p.t.Helper()
	want, wanterr := p.m.list(name)
	c, err := p.v.Open(p.ctx, name, ninep.OREAD)
	p.same("open "+name, err, wanterr)
	_, explained := p.v.Explain(p.ctx, name, ns.ToRead)
	p.same("explain "+name, explained, wanterr)
	if fmt.Sprint(explained) != fmt.Sprint(err) {
		p.t.Fatalf("explain %s: %v, open says %v", name, explained, err)
	}
	if err != nil {
		return
	}
	defer c.Close()
	var got string
	if c.Qid().IsDir() {
		dirs, err := p.v.ReadDir(p.ctx, c)
		if err != nil {
			p.t.Fatal(err)
		}
		var names []string
		for _, d := range dirs {
			names = append(names, d.Name)
		}
		got = strings.Join(names, " ")
	} else {
		b := make([]byte, 100)
		n, err := c.Read(p.ctx, b)
		if err != nil {
			p.t.Fatal(err)
		}
		got = string(b[:n])
	}
	if got != want {
		p.t.Fatalf("%s holds %q, model says %q\n%s", name, got, want, p.v.Pgrp)
	}
}

// TestModel does random binds, mounts, unmounts, creates and walks in a name space
// and in the model, and finds them the same, and nothing left over.
func TestModel(t *testing.T) {
	for seed := range uint64(200) {
		root := newNode("root", true)
		p := &pair{t: t, ctx: context.Background(), rnd: rand.New(rand.NewPCG(seed, 0)),
			m: &model{root: root, mounts: make(map[*node][]member)}}
		devs := ns.NewDevtab(map[rune]ninep.Server{'/': p.tree()})
		slash, err := devs.Root(p.ctx, "glenda")
		if err != nil {
			t.Fatal(err)
		}
		p.v = ns.View{Pgrp: ns.NewPgrp(), Slash: slash, Dot: slash, User: "glenda", Devs: devs}
		for range 300 {
			p.step()
			if t.Failed() {
				t.Fatal("seed ", seed)
			}
		}
		pg := p.v.Pgrp.Copy()
		p.v.Pgrp.Close()
		pg.Close()
		slash.Close()
		for _, s := range p.strict {
			if err := s.Check(); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
	}
}
