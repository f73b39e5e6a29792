package grid

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"ufo/auth"
	"ufo/cmd/keyfs"
	"ufo/cmd/ndb"
	"ufo/dev"
	"ufo/ninep"
)

// A Person is somebody who is to have an account in the grid, or another password.
type Person struct{ Name, Password string }

// keyFile is where the authentication server has the keys: see keyfs(4).
const keyFile = "adm/keys"

// A keymaker gives a grid its keys before it boots. The owner of each node that has
// an authentication domain, and a server for it among the nodes, has a random key, which
// the node remembers in its nvram; the server has the keys of all owners, and of
// people, in a file that is encrypted with its own. What is there already stays.
type keymaker struct {
	g      *Grid
	ctx    context.Context
	dom    string
	server *Node
	nodes  []*Node             // of the domain, that remember nothing or what is ours
	blank  map[*Node]bool      // that remember nothing
	keys   map[string]auth.Key // of owners
	fresh  map[string]bool     // owners whose keys are new
	old    map[string]bool     // owners who need one of p9sk1, too
}

// What keeps a grid from having keys.
var (
	errForgotten = errors.New("forgotten; without /adm/keys all would have new ones")
	errForeign   = errors.New("not made here; see changeuser(8)")
)

// makeKeys makes the keys that are missing, and those of people. Without a domain
// there are none.
func (g *Grid) makeKeys(ctx context.Context) error {
	k := keymaker{g: g, ctx: ctx, blank: map[*Node]bool{}, keys: map[string]auth.Key{}, fresh: map[string]bool{}, old: map[string]bool{}}
	defer clear(k.keys)
	if err := k.find(); err != nil || k.server == nil {
		return err
	}
	if _, ours := k.keys[k.server.owner()]; !ours && !k.blank[k.server] {
		if len(g.cfg.People) > 0 {
			return fmt.Errorf("%s: nvram: %w", k.server.Name, errForeign)
		}
		return nil
	}
	machine := k.keys[k.server.owner()]
	defer machine.Zero()
	k.choose()
	if err := k.install(&machine); err != nil {
		return err
	}
	for _, n := range k.nodes {
		if err := k.remember(n); err != nil {
			return fmt.Errorf("%s: nvram: %w", n.Name, err)
		}
	}
	g.domain, g.keyed = k.dom, make(map[string]bool)
	for _, n := range k.nodes {
		g.keyed[n.Name] = true
	}
	return nil
}

// Domain returns the authentication domain of which nodes have keys that the grid has
// made, "" if there is none.
func (g *Grid) Domain() string { return g.domain }

// Keyed reports whether a node has a key that the grid has made.
func (g *Grid) Keyed(node string) bool { return g.keyed[node] }

// owner returns the host owner of the node.
func (n *Node) owner() string {
	if n.User != "" {
		return n.User
	}
	return n.grid.cfg.Kernel.User
}

// find finds the domain, its nodes, and its server: the first node that is one.
func (k *keymaker) find() error {
	db, err := ndb.Parse(k.g.cfg.Topology.Name, k.g.cfg.Topology.Text)
	if err != nil {
		return err
	}
	doms := make(map[*Node]string)
	for _, n := range k.g.nodes {
		doms[n] = authdom(db, n.Name)
		if k.server == nil && doms[n] != "" && n.Is("auth") {
			k.server, k.dom = n, doms[n]
		}
	}
	for _, n := range k.g.nodes {
		if k.server == nil || doms[n] != k.dom {
			continue
		}
		k.old[n.owner()] = k.old[n.owner()] || usesP9sk1(db, n.Name)
		if err := k.read(n); err != nil {
			return fmt.Errorf("%s: nvram: %w", n.Name, err)
		}
	}
	return nil
}

// authdom returns the authentication domain of a node that has a server for it.
func authdom(db *ndb.DB, node string) (dom string) {
	server := false
	for _, p := range db.IPInfo("sys", node, "auth", "authdom") {
		server = server || p.Attr == "auth" && p.Val != ""
		if p.Attr == "authdom" && dom == "" {
			dom = p.Val
		}
	}
	if !server {
		return ""
	}
	return dom
}

// usesP9sk1 reports whether a node is to use the old protocol, too.
func usesP9sk1(db *ndb.DB, node string) bool {
	return slices.Contains(db.IPInfo("sys", node, "authproto"), ndb.Pair{Attr: "authproto", Val: "p9sk1"})
}

// read finds out what a node remembers. What somebody else has told it stays.
func (k *keymaker) read(n *Node) error {
	b := make([]byte, dev.NvramSize)
	defer clear(b)
	if err := n.nvram.ReadAt(k.ctx, b, 0); err != nil {
		return err
	}
	if [dev.NvramSize]byte(b) == ([dev.NvramSize]byte{}) {
		k.blank[n] = true
		k.nodes = append(k.nodes, n)
		return nil
	}
	nv, err := auth.ParseNvram(b)
	if err != nil || nv.Authdom != k.dom || nv.Authid != n.owner() {
		return nil
	}
	if _, has := k.keys[nv.Authid]; !has || n == k.server {
		k.keys[nv.Authid] = nv.Key
	}
	nv.Key.Zero()
	k.nodes = append(k.nodes, n)
	return nil
}

// choose chooses the keys of owners: those of people are made from their passwords.
// One that was made before its owner needed that of p9sk1 gets it now.
func (k *keymaker) choose() {
	for _, n := range k.nodes {
		owner := n.owner()
		key, has := k.keys[owner]
		more := k.old[owner] && !key.HasDES()
		if has && !more {
			continue
		}
		if !has {
			rand.Read(key.AES[:])
		}
		if more {
			rand.Read(key.DES[:])
		}
		k.keys[owner], k.fresh[owner] = key, true
	}
	for _, p := range k.g.cfg.People {
		if _, owner := k.keys[p.Name]; owner {
			key := auth.PassKey(p.Password)
			k.keys[p.Name], k.fresh[p.Name] = auth.Key{AES: key.AES}, true // as wrkey(8) without p9sk1
			key.Zero()
		}
	}
}

// remember has a node remember its owner's key, if that is new or it has none.
func (k *keymaker) remember(n *Node) error {
	if !k.blank[n] && !k.fresh[n.owner()] {
		return nil
	}
	nv := auth.Nvram{Key: k.keys[n.owner()], Authid: n.owner(), Authdom: k.dom}
	defer nv.Key.Zero()
	b, err := nv.Bytes()
	if err != nil {
		return err
	}
	defer clear(b)
	return n.nvram.WriteAt(k.ctx, b, 0)
}

// accounts returns who has to be in the file.
func (k *keymaker) accounts() []keyfs.Account {
	var list []keyfs.Account
	for owner, key := range k.keys {
		list = append(list, keyfs.Account{Name: owner, Key: key, Replace: k.fresh[owner]})
	}
	for _, p := range k.g.cfg.People {
		if _, owner := k.keys[p.Name]; !owner {
			list = append(list, keyfs.Account{Name: p.Name, Key: *auth.PassKey(p.Password), Replace: true})
		}
	}
	slices.SortFunc(list, func(a, b keyfs.Account) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// install puts the new keys into the file, which belongs to the server's owner.
// Machine is the key it is encrypted with, if there is one.
func (k *keymaker) install(machine *auth.Key) error {
	owner := k.server.owner()
	root, err := k.g.cfg.Root.Attach(k.ctx, owner, "")
	if err != nil {
		return err
	}
	defer root.Close()
	old, err := ninep.ReadFile(k.ctx, root, keyFile)
	if errors.Is(err, fs.ErrNotExist) && renameKeys(k.ctx, root) == nil { // somebody was interrupted
		old, err = ninep.ReadFile(k.ctx, root, keyFile)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("/%s: %w", keyFile, err)
	case k.blank[k.server] && len(old) > 0:
		return fmt.Errorf("the key of %s is %w", k.server.Name, errForgotten)
	case len(k.fresh) == 0 && len(k.g.cfg.People) == 0:
		return nil
	}
	key := k.keys[owner]
	defer key.Zero()
	b, err := keyfs.Amend(old, machine, &key, k.accounts())
	if err == nil {
		err = replaceKeys(k.ctx, root, b)
	}
	if err != nil {
		return fmt.Errorf("/%s: %w", keyFile, err)
	}
	return nil
}

// replaceKeys writes the file anew beside the old one, as keyfs(4) does, which looks
// for it there.
func replaceKeys(ctx context.Context, root ninep.File, b []byte) error {
	if err := ninep.WriteFile(ctx, root, keyFile+".new", b, 0600); err != nil {
		return err
	}
	if old, _, err := ninep.WalkNames(ctx, root, strings.Split(keyFile, "/")); err == nil {
		err = old.Remove(ctx)
		old.Close()
		if err != nil {
			return err
		}
	}
	return renameKeys(ctx, root)
}

// renameKeys gives the new file the old one's name.
func renameKeys(ctx context.Context, root ninep.File) error {
	f, _, err := ninep.WalkNames(ctx, root, strings.Split(keyFile+".new", "/"))
	if err != nil {
		return err
	}
	defer f.Close()
	d := ninep.NullDir
	d.Name = path.Base(keyFile)
	return f.Wstat(ctx, d)
}
