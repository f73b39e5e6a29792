package grid

import (
	"strconv"

	"ufo/cmd/ndb"
	"ufo/dev"
)

// Limits are what a node may use of the host's memory, and how many processes it
// has at most; 0: as many as nodes have without being told.
//
//	memory=1g procmemory=64m procs=100
type Limits struct {
	Memory     int64 // bytes, of all programs that are made for Plan 9
	ProcMemory int64 // of each
	Procs      int
}

// addLimits gives a node the limits of its tuple.
func (n *NodeSpec) addLimits(tuple *ndb.Tuple) (err error) {
	for p := range tuple.Pairs {
		switch p.Attr {
		case "memory":
			n.Limits.Memory, err = dev.ParseSize(p.Val)
		case "procmemory":
			n.Limits.ProcMemory, err = dev.ParseSize(p.Val)
		case "procs":
			n.Limits.Procs, err = strconv.Atoi(p.Val)
			if err != nil || n.Limits.Procs <= 0 {
				return tuple.Errorf("procs=%s: not a number of processes", p.Val)
			}
		}
		if err != nil {
			return tuple.Errorf("%s=%s: not a size, such as 64m", p.Attr, p.Val)
		}
	}
	return nil
}
