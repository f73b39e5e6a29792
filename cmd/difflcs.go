package cmd

import "slices"

// A hunk is a difference of two files: lines a to b of the first, counted
// from 1, are replaced by lines c to d of the second. One of the ranges may
// be empty: b is a-1, or d is c-1.
type hunk struct{ a, b, c, d int }

// hunks returns the differences of two sequences of lines in order.
func hunks(old, new []string) []hunk {
	mate := matchlines(old, new)
	var hs []hunk
	i, j := 0, 0 // lines before these are done
	for i < len(old) || j < len(new) {
		if i < len(old) && mate[i] == j {
			i++
			j++
			continue
		}
		h := hunk{a: i + 1, c: j + 1}
		for i < len(old) && mate[i] < 0 {
			i++
		}
		if j = len(new); i < len(old) {
			j = mate[i]
		}
		h.b, h.d = i, j
		hs = append(hs, h)
	}
	return hs
}

// matchlines returns, for each line of old, the index of the line of new
// that is kept in its place, or -1: a longest common subsequence, found by
// the method of Hunt and McIlroy, An Algorithm for Differential File
// Comparison (Bell Labs Computing Science Technical Report 41, 1976). Of
// equally long ones it gives the same as Plan 9's diff.
func matchlines(old, new []string) []int {
	mate := make([]int, len(old))
	for i := range mate {
		mate[i] = -1
	}
	// What the files begin and end with needs no search.
	pre := 0
	for pre < len(old) && pre < len(new) && old[pre] == new[pre] {
		mate[pre] = pre
		pre++
	}
	m, n := len(old), len(new)
	for m > pre && n > pre && old[m-1] == new[n-1] {
		m, n = m-1, n-1
		mate[m] = n
	}
	for c := longest(old[pre:m], new[pre:n]); c != nil; c = c.pred {
		mate[pre+c.x] = pre + c.y
	}
	return mate
}

// A candidate is a pair of equal lines, x of the old and y of the new file,
// that ends a common subsequence.
type candidate struct {
	x, y int
	pred *candidate // what comes before it
}

// longest returns the last pair of a longest common subsequence.
//
// It goes through the old file. best[k] is the pair that ends a common
// subsequence of k+1 of the lines seen so far and has, of all such pairs,
// the smallest y: the most room for more. For each line its equals in the
// new file are tried in order, each of which may replace one of best or make
// it longer.
func longest(old, new []string) *candidate {
	where := make(map[string][]int) // the lines of new
	for y, line := range new {
		where[line] = append(where[line], y)
	}
	var best []*candidate
	for x, line := range old {
		// A pair may follow only pairs of earlier lines, not one that this
		// line has just put in: prev is what was at best[k-1] before.
		var prev *candidate
		k := 0
		for _, y := range where[line] {
			if prev != nil && y <= prev.y {
				continue
			}
			l, found := slices.BinarySearchFunc(best, y, func(c *candidate, y int) int { return c.y - y })
			if found {
				continue
			}
			if l != k {
				prev = best[l-1]
			}
			c := &candidate{x, y, prev}
			if l == len(best) {
				best = append(best, c)
				break
			}
			prev, best[l] = best[l], c
			k = l + 1
		}
	}
	if len(best) == 0 {
		return nil
	}
	return best[len(best)-1]
}
