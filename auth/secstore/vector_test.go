package secstore

import (
	"encoding/hex"
	"testing"
)

// TestVectors compares with what the C programs of Plan 9 made, with drawterm's
// libraries.
func TestVectors(t *testing.T) {
	for _, tt := range []struct{ user, password, hi string }{
		{"glenda", "a good one", "U719t1Mush9hPC24i1A6lrDPOIykaZSTucINTa8kh/8KNie6m+Qi+T10HJiFNbtTTNL/jKCmgaqT7AKXylQrrD5MnZ59fUUgfFSU7jrwzPvJgybm8TTT7SQoO1P2iFJxNeD2pcdGOouR32UBP2/R7f8EU2e8DvJltN2YA/2ezCk="},
		{"bootes", "hunter22", "LgU5Tl+P4HZyX8yT+eH1hP+u94sJP2pRqSurUtXx/QYWjGR/CZKzCtyeBJ2QqGsDB2rR4V+qiybuGbTYDdj7cybtd/5oy+o2GkstG6Z9cuWEgE0P/BgwfncJogsogNR2Zs+OUwUomPY5G47OpWYWRcLl6D9wLYd2xkaCeZkxHvQ="},
	} {
		if hi := MakeHi(tt.user, tt.password).String(); hi != tt.hi {
			t.Errorf("%s: %s; want %s", tt.user, hi, tt.hi)
		}
	}
	file, err := hex.DecodeString("faaea5368fefb3900753b349d5db18c1f25aa652499c9e211f6ecdd9f543" +
		"a5cdd0818a10377eccd38c1572735624e6d87143dbd7cb1a613487668fd2")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Open("a good one", file); string(b) != "key proto=pass !password=hi\n" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}
