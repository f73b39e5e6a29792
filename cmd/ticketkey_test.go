package cmd

import (
	"slices"
	"testing"

	"ufo/ninep"
)

// FuzzTicketkey reads any line as one of factotum's ctl. What is made of it, to find the
// key again, has the same values, and no more lines.
func FuzzTicketkey(f *testing.F) {
	for _, s := range []string{
		"key proto=dp9ik dom=lab user=glenda !password?", "key proto=p9sk1 dom='a b' user='it''s' x= role=client disabled=by.me",
		"key proto=dp9ik dom=lab user=glenda disabled", "key proto=pass user=glenda", "key proto=dp9ik dom='\n' user=a 'b c=d e'",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		k := parseTicketkey(line)
		if k == nil {
			return
		}
		words := ninep.Fields(k.pattern)
		for _, w := range []string{"proto=" + k.proto, "dom=" + k.dom, "user=" + k.user} {
			if !slices.Contains(words, w) {
				t.Errorf("%q becomes %q, without %q", line, k.pattern, w)
			}
		}
		if again := parseTicketkey("key " + k.pattern); again == nil || again.pattern != k.pattern {
			t.Errorf("%q becomes %q, and that %v", line, k.pattern, again)
		}
	})
}
