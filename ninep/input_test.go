package ninep_test

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"testing"

	. "ufo/ninep"
)

// A said is a connection whose peer has said all that he will.
type said struct {
	bytes.Reader
	reads, writes int
	heard         bytes.Buffer
}

func (s *said) Read(p []byte) (int, error) {
	s.reads++
	return s.Reader.Read(p)
}

func (s *said) Write(p []byte) (int, error) {
	s.writes++
	return s.heard.Write(p)
}

func (s *said) Close() error { return nil }

// Messages of a middling size come several at a time once there have been a few,
// if there is memory for that; the others are read to where they are to be.
func TestServeReads(t *testing.T) {
	const k = 1 << 10
	for _, tt := range []struct {
		name        string
		sizes       []int // of the writes, again and again
		memory      int64
		least, most int // reads for 100 of them
	}{
		{"8 K", []int{8 * k}, 64 << 20, 20, 40},
		{"8 K, no memory", []int{8 * k}, 64 * k, 100, 105},
		{"20 K", []int{20 * k}, 64 << 20, 30, 70},
		{"64 K", []int{64 * k}, 64 << 20, 100, 105},
		{"mixed", []int{8 * k, 100, 64 * k, 30 * k}, 64 << 20, 50, 100},
		{"8 K, then 64 K", append(times(12, 8*k), times(88, 64*k)...), 64 << 20, 88, 105},
		{"8 K, 80 K, then 5 K", slices.Concat(times(10, 8*k), times(8, 80*k), times(82, 5*k)), 64 << 20, 20, 60},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, _ := stored(t, 1)
			text := pattern(100 * 64 * k)
			b := appended(
				Fcall{Type: Tversion, Tag: NOTAG, Msize: MaxMsize, Version: VERSION9P},
				Fcall{Type: Tattach, Afid: NOFID, Uname: "glenda"},
				Fcall{Type: Twalk, Newfid: 1, Wname: []string{"f"}},
				Fcall{Type: Topen, Fid: 1, Mode: OWRITE})
			end := 0
			for i := range 100 {
				n := tt.sizes[i%len(tt.sizes)]
				b = append(b, appended(Fcall{Type: Twrite, Fid: 1, Offset: uint64(end), Data: text[end:][:n]})...)
				end += n
			}
			conn := &said{Reader: *bytes.NewReader(b)}
			mem := NewMemory(tt.memory)
			if err := Serve(t.Context(), conn, srv, &ServeOptions{Memory: mem}); err != nil {
				t.Fatal(err)
			}
			if conn.reads < tt.least || conn.reads > tt.most {
				t.Errorf("%d reads, want %d to %d", conn.reads, tt.least, tt.most)
			}
			f, got := openFile(t, srv, OREAD), make([]byte, end+1)
			n, err := f.Read(t.Context(), got, 0)
			f.Close()
			if err != nil || !bytes.Equal(got[:n], text[:end]) {
				t.Errorf("%d bytes, %v, are not those that were written", n, err)
			}
			in := bufio.NewReader(&conn.heard)
			for replies := 0; ; replies++ {
				m, err := readFcall(in)
				if err == io.EOF && replies == 104 {
					break
				}
				if err != nil || m.Type == Rerror {
					t.Fatalf("reply %d: %v, %v", replies, m, err)
				}
			}
			if n := mem.Used(); n != 0 {
				t.Errorf("%d bytes are not given back", n)
			}
		})
	}
}

// An idler is a said that says when it has no more.
type idler struct{ said }

func (s *idler) ReadIdle(p []byte, idle func()) (int, error) {
	if s.Len() == 0 {
		idle()
	}
	return s.Read(p)
}

// A server that knows when a read waits replies to many requests at once, whether
// they fill its buffer or not; but the first does not wait for all of them when the
// peer never pauses.
func TestServeIdle(t *testing.T) {
	for _, tt := range []struct {
		name         string
		size, writes int
		idle         bool
	}{
		{"100 bytes", 100, 4, false},
		{"100 bytes, idle", 100, 2, true},
		{"64 K", 64 << 10, 101, false},
		{"64 K, idle", 64 << 10, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, _ := stored(t, 1)
			b := appended(
				Fcall{Type: Tversion, Tag: NOTAG, Msize: MaxMsize, Version: VERSION9P},
				Fcall{Type: Tattach, Afid: NOFID, Uname: "glenda"},
				Fcall{Type: Twalk, Newfid: 1, Wname: []string{"f"}},
				Fcall{Type: Topen, Fid: 1, Mode: OWRITE})
			for range 100 {
				b = append(b, appended(Fcall{Type: Twrite, Fid: 1, Data: make([]byte, tt.size)})...)
			}
			conn := &idler{said{Reader: *bytes.NewReader(b)}}
			var err error
			if tt.idle {
				err = Serve(t.Context(), conn, srv, nil)
			} else {
				err = Serve(t.Context(), &conn.said, srv, nil)
			}
			if err != nil || conn.writes != tt.writes {
				t.Errorf("%v; %d writes, want %d", err, conn.writes, tt.writes)
			}
		})
	}
}

// A pipe says that a read waits, before it does, and only then.
func TestPipeIdle(t *testing.T) {
	a, b := Pipe()
	defer a.Close()
	defer b.Close()
	in := a.(IdleReader)
	p := make([]byte, 10)
	for _, text := range []string{"first", ""} {
		io.WriteString(b, text)
		idles := 0
		n, err := in.ReadIdle(p, func() {
			idles++
			io.WriteString(b, "late")
		})
		want, times := text, 0
		if text == "" {
			want, times = "late", 1
		}
		if string(p[:n]) != want || err != nil || idles != times {
			t.Errorf("%q, %v, idle %d times; want %q, %d times", p[:n], err, idles, want, times)
		}
	}
}

// appended returns messages as bytes.
func appended(all ...Fcall) (b []byte) {
	for _, m := range all {
		b, _ = m.Append(b)
	}
	return b
}

// times returns a list of n times x.
func times(n, x int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = x
	}
	return all
}
