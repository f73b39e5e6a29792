package main

import (
	"context"
	"fmt"
	"strings"

	"ufo/grid"
	"ufo/ninep"
	"ufo/rootfs"
)

// ndb is where a grid has its topology, among its own files.
const ndb = "lib/ndb/local"

// keepTopology has a grid without a file on the host be what its own network
// database says, if that was changed since the grid was made. If it is no
// topology any more it is put aside: a grid that does not boot cannot be
// mended.
func (h *host) keepTopology() error {
	ctx := context.Background()
	root, err := h.disk.Attach(ctx, "sys", "")
	if err != nil {
		return err
	}
	defer root.Close()
	text, err := readFile(ctx, root, ndb)
	if err != nil {
		return fmt.Errorf("/%s: %w: -fresh starts anew", ndb, err)
	}
	if base, _ := rootfs.ReadFile("/" + ndb); text == h.topo.Text || text == string(base) {
		return nil
	}
	topo, err := grid.ParseTopology("/"+ndb, text)
	if err == nil {
		// Programs of the grid can write that file. What they may do on the
		// host is not theirs to say.
		if topo.Revoke() {
			h.log(fmt.Sprintf("/%s: what it grants of the host is left out: say it with -host, or boot from a file of the host", ndb))
		}
		h.topo = topo
		return nil
	}
	h.log(fmt.Sprintf("%v: booting without it: what it was is in /%s.bad", err, ndb))
	return writeFile(ctx, root, ndb+".bad", text)
}

// readFile returns the text of a file.
func readFile(ctx context.Context, root ninep.File, name string) (string, error) {
	f, _, err := ninep.WalkNames(ctx, root, strings.Split(name, "/"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := f.Open(ctx, ninep.OREAD); err != nil {
		return "", err
	}
	var text []byte
	buf := make([]byte, 8192)
	for {
		n, err := f.Read(ctx, buf, int64(len(text)))
		if n == 0 || err != nil {
			return string(text), err
		}
		text = append(text, buf[:n]...)
	}
}

// writeFile makes a file with a text, in the place of one that may be there.
func writeFile(ctx context.Context, root ninep.File, name, text string) error {
	names := strings.Split(name, "/")
	if old, _, err := ninep.WalkNames(ctx, root, names); err == nil {
		old.Remove(ctx)
		old.Close()
	}
	last := len(names) - 1
	dir, _, err := ninep.WalkNames(ctx, root, names[:last])
	if err != nil {
		return err
	}
	defer dir.Close()
	f, err := dir.Create(ctx, names[last], 0664, ninep.OWRITE)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(ctx, []byte(text), 0)
	return err
}
