package factotum

import (
	"math/rand/v2"
	"slices"
)

// This file bounds the conversations, so that nobody keeps others from theirs. When there
// are too many, one of the user who has most ends: who begins more and more ends his
// own. Users are those of processes here, but one of them, none or the owner, serves
// callers who have not shown yet who they are, and may never. So which one
// ends is drawn by lot: who keeps what he has without a word loses it sooner or
// later, and who has just begun mostly comes to his end. Were it always the oldest, none would
// when too many are in earnest, each being ended when the next is about to.

// maxOpen is how many rpc files can be in use.
const maxOpen = 1024

// enter makes room for r, and counts it.
func (f *Factotum) enter(r *rpc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) == maxOpen {
		i := f.crowding(r.user)
		go f.open[i].finish() // ends with the call under way, which it ends
		f.open = slices.Delete(f.open, i, i+1)
	}
	f.open = append(f.open, r)
}

// crowding returns which rpc file is to end for another of user. The caller holds mu.
func (f *Factotum) crowding(user string) int {
	most, has := 0, map[string]int{user: 1}
	for _, r := range f.open {
		has[r.user]++
		most = max(most, has[r.user])
	}
	var all []int
	for i, r := range f.open {
		if has[r.user] == most {
			all = append(all, i)
		}
	}
	return all[rand.IntN(len(all))]
}

// leave counts r out, if it did not have to end before.
func (f *Factotum) leave(r *rpc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.open, r); i >= 0 {
		f.open = slices.Delete(f.open, i, i+1)
	}
}
