package cmd_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"ufo/cmd"
	"ufo/ninep"
)

// FuzzAnything gives commands arguments and inputs that are made up, from a
// seed. FuzzCommands makes what no program would say; this goes deeper.
func FuzzAnything(f *testing.F) {
	each := 16
	if testing.Short() {
		each = 2
	}
	for n := range cmd.Table {
		for seed := range each {
			f.Add(uint(n), uint64(seed))
		}
	}
	f.Fuzz(func(t *testing.T, n uint, seed uint64) {
		c := cmd.Table[n%uint(len(cmd.Table))]
		m := newMaker(t, c, seed)
		run(t, append([]string{c.Name}, m.args()...), m.input())
	})
}

// A maker makes up arguments and inputs of a command.
type maker struct {
	*rand.Rand
	t     *testing.T
	flags []string // those of its usage
	words []string // the other words there
}

var flagWord = regexp.MustCompile(`-[A-Za-z0-9]+`)

// newMaker returns a maker that always makes the same of a command and a seed.
func newMaker(t *testing.T, c cmd.Command, seed uint64) *maker {
	h := fnv.New64()
	h.Write([]byte(c.Name))
	m := &maker{Rand: rand.New(rand.NewPCG(h.Sum64(), seed)), t: t}
	usage := strings.Join(cmd.Forms(t, c), " ")
	for _, word := range flagWord.FindAllString(usage, -1) {
		m.flags = append(m.flags, word)
		for _, letter := range word[1:] {
			m.flags = append(m.flags, "-"+string(letter))
		}
	}
	for _, word := range strings.FieldsFunc(usage, func(r rune) bool { return strings.ContainsRune(" []|.", r) }) {
		if word[0] != '-' && word != c.Name {
			m.words = append(m.words, word)
		}
	}
	return m
}

// pick returns one of list.
func (m *maker) pick(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[m.IntN(len(list))]
}

// args makes up arguments: most are of the kinds that commands have.
func (m *maker) args() []string {
	var args []string
	for n := m.IntN(5); n > 0 && m.IntN(4) > 0; n-- {
		flag := m.pick(m.flags)
		if m.IntN(8) == 0 {
			flag += m.pick(numbers)
		}
		args = append(args, flag)
		if m.IntN(3) == 0 {
			args = append(args, m.word())
		}
	}
	for range m.IntN(4) {
		args = append(args, m.word())
	}
	return args
}

func (m *maker) word() string {
	switch n := m.IntN(20); {
	case n < 8:
		return m.pick(fileNames)
	case n < 11:
		return m.pick(numbers)
	case n < 13:
		return m.pick(m.words)
	case n < 15:
		return m.pick(places)
	case n < 18:
		return m.program()
	case n < 19:
		return m.pick(cmd.Names())
	}
	return strings.ReplaceAll(m.bytes(12), "\x00", "x")
}

var (
	fileNames = []string{"f", "g", "d", "o", "d/x", "nosuch", ".", "..", "/", "-", "", "x.tar", "x.tgz", "x.zip", "x.iso", "x.dos", "x.bz2",
		"prog", "junk", "/tmp/f", "/dev/null", "/dev/zero", "/dev/cons", "/dev/random", "/n", "/mnt", "/srv", "/srv/out", "/proc", "/proc/1/ctl",
		"/proc/1/status", "/env/x", "/fd/0", "/fd/1", "#c", "#e", "#|", "#s/files", "#p/1/note", "/net", "/net/tcp/clone", "/bin/echo", strings.Repeat("d/", 300)}
	numbers = []string{"0", "1", "-1", "2", "10", "99", "100000", "0x10", "1e300", "-0", ".5", "1,2", "9999999999999999999", "-9223372036854775808",
		"2147483648", "1k", "16m", "nan", "+5", "1.2.3", "7/8", "010", "%d", "%999999999d", "%s", "a+w", "777"}
	places = []string{"n1", "n2", "n9", "tcp!n1!564", "tcp!n1!23", "tcp!*!7000", "udp!n1!7", "net!n1!9fs", "tcp!!", "!", "/net/tcp!n1!80", "http://n1/", "10.9.0.1",
		"http://n1:x/y", "#|", "sys", "ip", "dom", "glenda", "none", "echo hi", "exportfs", "boot", "1", "2", "interrupt", "kill"}
	tokens = strings.Split("{ } ( ) [ ] ; ;; | || & && < > >> << <<EOF >[2=1] <{ `{ ` ' \" \\ \\( \\) \\{ \\} = == != <= ~ !~ ! $ $0 $* $#x $\"x $x(1-3) x y f g o "+
		"print printf getline while(1) while for if else do break continue next return exit fn func define auto switch case not rfork eval whatis exec cd wait shift . "+
		"BEGIN END NF NR FS RS ENVIRON substr( gsub( split( sprintf( length system(\"echo\") close( delete in 0 1 -1 1e9 1e308 .5 16i 2o 20k sqrt(2) 2^100 9^99 % / * + - ^ ++ -- += , : ? "+
		"/a/ /(a*)*b/ /[^a-z]/ s/a/b/g s/.*/&&/ s//x/ y/ab/ba/ p d D q w r N n G H h P l = $ 1,$ g/a/ v/b/ k t m j J i a c e E u \\1 \n \n \n \t é λ \xff \x01 # // read scale ibase obase", " ")
)

// program makes up a program in no language, with something of each.
func (m *maker) program() string {
	var b strings.Builder
	for range 1 + m.IntN(12) {
		b.WriteString(m.pick(tokens))
		if m.IntN(2) == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// bytes makes up at most n bytes.
func (m *maker) bytes(n int) string {
	b := make([]byte, m.IntN(n+1))
	for i := range b {
		b[i] = byte(m.Uint32())
	}
	return string(b)
}

// input makes up what is read.
func (m *maker) input() string {
	switch m.IntN(8) {
	case 0:
		return ""
	case 1:
		return m.bytes(1 << 16)
	case 2:
		return m.damaged(conversation)
	case 3:
		return m.damaged(contents(m.t)[m.pick([]string{"x.tar", "x.tgz", "x.zip", "x.iso", "x.dos"})])
	case 4:
		return strings.Repeat(m.program(), m.IntN(1000))
	}
	var b strings.Builder
	for range m.IntN(20) {
		b.WriteString(m.program() + "\n")
	}
	return b.String()
}

// damaged returns s with some bytes changed, or cut off.
func (m *maker) damaged(s string) string {
	b := []byte(s)
	for n := m.IntN(20); n > 0 && len(b) > 0; n-- {
		at := m.IntN(len(b))
		if m.IntN(2) == 0 {
			at %= 1024 // where it says what it is
		}
		b[at] = byte(m.Uint32())
	}
	if m.IntN(4) == 0 {
		b = b[:m.IntN(len(b)+1)]
	}
	return string(b)
}

// conversation is what a client of 9P says.
var conversation = func() string {
	var b []byte
	for _, f := range []ninep.Fcall{
		{Type: ninep.Tversion, Tag: ninep.NOTAG, Msize: 8192, Version: "9P2000"},
		{Type: ninep.Tattach, Tag: 1, Fid: 1, Afid: ninep.NOFID, Uname: "glenda"},
		{Type: ninep.Twalk, Tag: 2, Fid: 1, Newfid: 2, Wname: []string{"tmp"}},
		{Type: ninep.Tstat, Tag: 3, Fid: 2},
		{Type: ninep.Tcreate, Tag: 4, Fid: 2, Name: "new", Perm: 0o666, Mode: ninep.ORDWR},
		{Type: ninep.Twrite, Tag: 5, Fid: 2, Data: []byte("text")},
		{Type: ninep.Tread, Tag: 6, Fid: 2, Count: 100},
		{Type: ninep.Tflush, Tag: 7, Oldtag: 6},
		{Type: ninep.Tremove, Tag: 8, Fid: 2},
		{Type: ninep.Tclunk, Tag: 9, Fid: 1},
	} {
		var err error
		if b, err = f.Append(b); err != nil {
			panic(fmt.Sprint(f.Type, ": ", err))
		}
	}
	return string(b)
}()

var made struct {
	sync.Mutex // guards contents
	contents   map[string]string
}

// contents returns archives and images of disks, by name.
func contents(t *testing.T) map[string]string {
	made.Lock()
	defer made.Unlock()
	if made.contents == nil {
		var z bytes.Buffer
		w := zip.NewWriter(&z)
		f, err := w.Create("d/a")
		if err == nil {
			_, err = f.Write([]byte("hello\n"))
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		tree := cmd.TarOf(t)
		made.contents = map[string]string{
			"x.tar": tree, "x.tgz": cmd.Gz(t, tree), "x.zip": z.String(),
			"x.iso": cmd.Gunzipped(t, "iso9660/testdata/both.iso.gz"), "x.dos": cmd.Gunzipped(t, "fat/testdata/floppy.img.gz"),
			"x.bz2": "BZh91AY&SY\xf2\x02\x04\xfd\x00\x00\x02\x41\x80\x00\x10\x02",
		}
	}
	return made.contents
}

// mentioned returns the contents that words speak of.
func mentioned(t *testing.T, words []string) map[string]string {
	some := map[string]string{}
	for name, text := range contents(t) {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, name) }) {
			some[name] = text
		}
	}
	return some
}
