package keyfs

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"ufo/auth"
)

// vectors are files that Plan 9's own code encrypted: the first one and the first
// three of vectorUsers, with vectorKey.
var vectors = map[string]string{
	"older, one user":    "466bfb51076c1c412a166c7d9847ff6dacbd25a2726e463a18204f4c0ceacd367eea8d25d9c8878724f5431bcf57ab03244a56a8af45fea46e5a023abf4a4605c48288717c2d371e128927943f9a8c5789",
	"newer, one user":    "414553204b455953cde691bafabbd7a052a85081423a9b089f4c756d2ab4025b8e311183feb99e1bf7854542d285c85073f96775a1b5735f13e77e36c09cff159d89325c0a14eb07b7ff4b7769b12e5d85b1054a37af296ebcdb54f99196b5f31b423941c6b4ae8f8c21e13fc387e07cb0",
	"older, three users": "466bfb51076c1c412a166c7d9847ff6dacbd25a2726e463a18204f4c0ceacd367eea8d25d9c8878724f5431bcf57ab03244a56a8af45fea46e5a023abf4a4605c48288717c2d371e128927943f9a8c5707a54557e786047f5c3dadf2dcdae3c1d36100612dd74d97baaadda8f1d259949a7e9737ae551a67d4c61efaa11dd5c94bb54517a08a5fdcb1fd11b11b77f0aea27e1d0d016fdab4745c3ee593761d838613863bf4bded71467a5266e1eef8413470c03142df00ee8ebb1fb55a3c1f4fe5b06b8918b74380bb1a2536f3f4865ab7254871a9a4d6b81c182a19b77e7308bea87b",
	"newer, three users": "414553204b455953cde691bafabbd7a052a85081423a9b089f4c756d2ab4025b8e311183feb99e1bf7854542d285c85073f96775a1b5735f13e77e36c09cff159d89325c0a14eb07b7ff4b7769b12e5d85b1054a37af296ebcdb54f99196b5f31b423941c6b4ae8fc0c1c1c28d4b4c4123635306256a1235183e5051b56a5ba7d1eba70b7621b9341fb3e1fc994eebadc9bdeb8885054890ea85dae499dbd97e2acbcedb8b06ad5f1741112f0acdb280ec4587fd21eefdcda12ea7e09c909d5f96bd47c5a836c61c88422372563febf6830c07869d8814c8f33fecd96ad13de9c9821b7f5c1e8e0a3e05a6acc921db2e8df1b42d0043cfec0289d7ab8cc051552aae07ea94602f4681de78e38cc7120d2c79b7258bacd5d45c9eadf3e3408913766824",
}

var vectorKey = auth.Key{
	DES: [7]byte{1, 2, 3, 4, 5, 6, 7},
	AES: [16]byte{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf},
}

var vectorUsers = []user{
	{name: "glenda", secret: "bunny secret"},
	{name: "ken", status: disabled, warnings: 2, expire: 1767225600},
	{name: "zoë", secret: "0123456789012345678901234567890", expire: 4102444800},
}

// vector returns a file, and the users in it.
func vector(t testing.TB, name string) ([]byte, []user) {
	b, err := hex.DecodeString(vectors[name])
	if err != nil {
		t.Fatal(err)
	}
	users := slices.Clone(vectorUsers)
	if strings.HasSuffix(name, "one user") {
		users = users[:1]
	}
	for i := range users {
		for j := range users[i].key.DES {
			users[i].key.DES[j] = byte(16*(i+1) + j)
		}
		for j := 0; j < auth.KeyLen && strings.HasPrefix(name, "newer"); j++ {
			users[i].key.AES[j] = byte(0x40 + 16*i + j)
		}
	}
	return b, users
}

// TestVectors reads the files, and writes them: with the random bytes that are in
// them they are the same again.
func TestVectors(t *testing.T) {
	for name := range vectors {
		t.Run(name, func(t *testing.T) {
			b, want := vector(t, name)
			users, newer, err := decode(b, &vectorKey)
			if err != nil || newer != strings.HasPrefix(name, "newer") || len(users) != len(want) {
				t.Fatalf("%d users, newer %v, %v", len(users), newer, err)
			}
			for i, u := range users {
				u.log = nil
				if u.name != want[i].name || u.key != want[i].key || u.secret != want[i].secret ||
					u.expire != want[i].expire || u.status != want[i].status || u.warnings != want[i].warnings {
					t.Errorf("%d: %+v, want %+v", i, *u, want[i])
				}
			}
			mine := encode(users, &vectorKey, newer)
			off, block := 0, vectorKey.DESBlock()
			if newer {
				off, block = len(magic), aesBlock(&vectorKey)
			}
			plain := [2][]byte{bytes.Clone(b), bytes.Clone(mine)}
			for _, p := range plain {
				crypt(block, p[off:], true)
			}
			random := off + block.BlockSize()
			if !bytes.Equal(plain[0][random:], plain[1][random:]) {
				t.Error("what is encrypted differs")
			}
			copy(plain[1], plain[0][:random])
			crypt(block, plain[1][off:], false)
			if !bytes.Equal(plain[1], b) {
				t.Errorf("%x, want %x", plain[1], b)
			}
		})
	}
}

// TestBadFiles reads files that are none, or not ours.
func TestBadFiles(t *testing.T) {
	older, _ := vector(t, "older, three users")
	newer, _ := vector(t, "newer, three users")
	other := auth.Key{DES: [7]byte{9}, AES: [16]byte{9}}
	for _, c := range []struct {
		name string
		file []byte
		key  auth.Key
		want error
	}{
		{"empty", nil, vectorKey, nil},
		{"without users", encode(nil, &vectorKey, true), vectorKey, nil},
		{"without users, older", encode(nil, &vectorKey, false), vectorKey, nil},
		{"another key", older, other, ErrKey},
		{"another key, newer", newer, other, ErrKey},
		{"no DES key", older, auth.Key{AES: vectorKey.AES}, ErrNoKey},
		{"no AES key", newer, auth.Key{DES: vectorKey.DES}, ErrNoKey},
		{"a byte less", newer[:len(newer)-1], vectorKey, ErrSize},
		{"a byte more", append(bytes.Clone(older), 0), vectorKey, ErrSize},
		{"less than the beginning", newer[:12], vectorKey, ErrSize},
		{"the magic alone", []byte(magic), vectorKey, nil},
		{"zeros", make([]byte, oldOff+oldLen), vectorKey, ErrKey},
		{"as long as nobody's", make([]byte, oldOff+(maxUsers+1)*oldLen), vectorKey, errTooMany},
	} {
		t.Run(c.name, func(t *testing.T) {
			if users, _, err := decode(c.file, &c.key); !errors.Is(err, c.want) || err == nil && len(users) != 0 {
				t.Errorf("%d users, %v, want %v", len(users), err, c.want)
			}
		})
	}
}

// TestNoSense keeps records that make no sense as they are, beside those that do.
func TestNoSense(t *testing.T) {
	users := []*user{{name: "a b"}, {name: "ken"}, {name: strings.Repeat("x", auth.NameLen)}}
	file := encode(users, &vectorKey, true)
	got, _, err := decode(file, &vectorKey)
	if err != nil || len(got) != 3 || got[0].raw == nil || got[1].name != "ken" || got[2].raw == nil {
		t.Fatalf("%v, %v", got, err)
	}
	again := encode(got, &vectorKey, true)
	crypt(aesBlock(&vectorKey), file[len(magic):], true)
	crypt(aesBlock(&vectorKey), again[len(magic):], true)
	if !bytes.Equal(file[newOff:], again[newOff:]) {
		t.Error("they were changed")
	}
	if older := encode(got, &vectorKey, false); len(older) != oldOff+oldLen {
		t.Errorf("in the other form: %d bytes", len(older))
	}
}

// TestConvert encrypts files anew, and has them be of the newer form.
func TestConvert(t *testing.T) {
	fresh := auth.PassKey("another")
	for name := range vectors {
		for _, newer := range []bool{false, true} {
			b, want := vector(t, name)
			b, err := Convert(b, &vectorKey, fresh, newer)
			if err != nil {
				t.Fatal(err)
			}
			users, is, err := decode(b, fresh)
			if err != nil || is != (newer || strings.HasPrefix(name, "newer")) || len(users) != len(want) || users[0].key != want[0].key {
				t.Errorf("%s, %v: %v, %v", name, newer, users, err)
			}
		}
	}
	b, _ := vector(t, "newer, one user")
	if _, err := Convert(b, fresh, &vectorKey, false); err != ErrKey {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	for name := range vectors {
		b, _ := vector(f, name)
		f.Add(b, true)
		f.Add(b, false)
	}
	f.Fuzz(func(t *testing.T, b []byte, plain bool) {
		if plain { // what is in the file, not how it is encrypted
			if b = bytes.Clone(b); len(b) >= newOff && string(b[:len(magic)]) == magic {
				crypt(aesBlock(&vectorKey), b[len(magic):], false)
			} else {
				crypt(vectorKey.DESBlock(), b, false)
			}
		}
		users, newer, err := decode(b, &vectorKey)
		if err != nil {
			return
		}
		again, form, err := decode(encode(users, &vectorKey, newer), &vectorKey)
		if err != nil || form != newer || len(again) != len(users) {
			t.Fatalf("%d users became %d, %v", len(users), len(again), err)
		}
		for i, u := range users {
			if a := again[i]; a.name != u.name || a.key != u.key || a.secret != u.secret || a.expire != u.expire ||
				a.status != u.status || a.warnings != u.warnings || !bytes.Equal(a.raw, u.raw) {
				t.Errorf("%+v became %+v", u, a)
			}
		}
	})
}
