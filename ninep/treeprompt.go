package ninep

// This file is which calls of a [Tree] are prompt: those for which it calls no
// function that is given a context. What is given none cannot be interrupted, and
// so must not wait.

// Prompt is a [Prompter]'s: there is nothing to wait for at the root.
func (t *Tree) Prompt(MsgType) bool { return true }

// stillRoot reports whether no walk in the tree waits. It looks at all nodes once.
func (t *Tree) stillRoot() bool {
	t.looked.Do(func() { t.still = t.root.still(make(map[*Node]bool)) })
	return t.still
}

// still reports whether no walk from a node waits, other than through those seen:
// a node may be below itself.
func (n *Node) still(seen map[*Node]bool) bool {
	if n.List != nil || n.Lookup != nil {
		return false
	}
	seen[n] = true
	for _, c := range n.Children {
		if !seen[c] && !c.still(seen) {
			return false
		}
	}
	return true
}

// Prompt is a [Prompter]'s. A walk may be one of several names.
func (f *treeFile) Prompt(call MsgType) bool {
	n, _ := f.node()
	waits := false
	switch call {
	case Twalk:
		return f.still
	case Topen:
		n = f.place
		waits = n.May != nil || n.Open != nil
	case Tcreate:
		return n.Create == nil // what is created is opened, too
	case Tread:
		waits = n.List != nil || n.Read != nil || n.ReadAt != nil
	case Twrite:
		waits = n.Write != nil || n.WriteAt != nil
	case Tremove:
		waits = f.place.Remove != nil
	case Twstat:
		waits = n.Wstat != nil
	}
	return n.Prompt || !waits
}
