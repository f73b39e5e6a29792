package ninep

// This file is which calls of a [Tree] are prompt: those for which it calls no
// function that is given a context. What is given none cannot be interrupted, and
// so must not wait.

// Prompt is a [Prompter]'s: there is nothing to wait for at the root.
func (t *Tree) Prompt(MsgType) bool { return true }

// still reports whether no walk from a node waits.
func (n *Node) still() bool {
	if n.List != nil || n.Lookup != nil {
		return false
	}
	for _, c := range n.Children {
		if !c.still() {
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
