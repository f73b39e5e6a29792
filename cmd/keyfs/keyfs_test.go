package keyfs

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/auth"
	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// A memory is a Store.
type memory struct {
	b       []byte
	version uint32
	fail    error // of the next write
}

func (m *memory) Version(context.Context) (Version, error) {
	if m.b == nil {
		return Version{}, fs.ErrNotExist
	}
	return Version{Mtime: m.version, Length: int64(len(m.b))}, nil
}

func (m *memory) Read(context.Context) ([]byte, error) {
	if m.b == nil {
		return nil, fs.ErrNotExist
	}
	return bytes.Clone(m.b), nil
}

func (m *memory) Write(_ context.Context, b []byte) error {
	if err := m.fail; err != nil {
		m.fail = nil
		return err
	}
	m.b = bytes.Clone(b)
	m.version++
	return nil
}

// A desk is where a test sits at a keyfs.
type desk struct {
	t     *testing.T
	fs    *FS
	store *memory
	root  ninep.File
}

func open(t *testing.T, cfg Config) desk {
	t.Helper()
	if cfg.Store == nil {
		cfg.Store = &memory{}
	}
	cfg.Owner = "bootes"
	f, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Attach(t.Context(), "bootes", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return desk{t, f, cfg.Store.(*memory), root}
}

// cat returns what a file reads, or the text of the error.
func (d desk) cat(name string) string {
	b, err := ninep.ReadFile(d.t.Context(), d.root, name)
	if err != nil {
		return string(ninep.ErrorOf(err))
	}
	return string(b)
}

// echo writes a file; "" or the text of the error.
func (d desk) echo(text, name string) string {
	f, err := ninep.OpenFile(d.t.Context(), d.root, name, ninep.OWRITE)
	if err != nil {
		return string(ninep.ErrorOf(err))
	}
	defer f.Close()
	if _, err := f.Write(d.t.Context(), []byte(text), 0); err != nil {
		return string(ninep.ErrorOf(err))
	}
	return ""
}

// create makes a file; "" or the text of the error.
func (d desk) create(name string, perm ninep.Perm) string {
	f, err := d.root.Create(d.t.Context(), name, perm, ninep.OREAD)
	if err != nil {
		return string(ninep.ErrorOf(err))
	}
	f.Close()
	return ""
}

// on does something to a file; "" or the text of the error.
func (d desk) on(name string, do func(f ninep.File) error) string {
	f, _, err := ninep.WalkNames(d.t.Context(), d.root, strings.Split(name, "/"))
	if err == nil {
		err = do(f)
		f.Close()
	}
	if err != nil {
		return string(ninep.ErrorOf(err))
	}
	return ""
}

func (d desk) remove(name string) string {
	return d.on(name, func(f ninep.File) error { return f.Remove(d.t.Context()) })
}

func (d desk) rename(name, to string) string {
	return d.on(name, func(f ninep.File) error {
		dir := ninep.NullDir
		dir.Name = to
		return f.Wstat(d.t.Context(), dir)
	})
}

func (d desk) ls(name string) string {
	dirs, err := ninep.ListDir(d.t.Context(), d.root, name)
	if err != nil {
		return string(ninep.ErrorOf(err))
	}
	var names []string
	for _, dir := range dirs {
		names = append(names, dir.Name)
	}
	return strings.Join(names, " ")
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestFiles writes each file, and reads what became of it: now, and by another
// keyfs from the same file.
func TestFiles(t *testing.T) {
	const now = 1800000000
	for _, c := range []struct {
		name, file, text string
		want, reads      string
	}{
		{"a key", "key", "1234567", "", "1234567"},
		{"a short key", "key", "123456", "garbled write data", "\x00\x00\x00\x00\x00\x00\x00"},
		{"a key and a newline", "key", "1234567\n", "garbled write data", "\x00\x00\x00\x00\x00\x00\x00"},
		{"an AES key", "aeskey", "0123456789abcdef", "", "0123456789abcdef"},
		{"a long AES key", "aeskey", "0123456789abcdef0", "garbled write data", strings.Repeat("\x00", 16)},
		{"a secret", "secret", "open sesame", "", "open sesame"},
		{"the longest secret", "secret", strings.Repeat("x", 31), "", strings.Repeat("x", 31)},
		{"a longer secret", "secret", strings.Repeat("x", 32), "garbled write data", ""},
		{"never", "expire", "never\n", "", "never\n"},
		{"a date", "expire", "1900000000", "", "1900000000\n"},
		{"no date", "expire", "tomorrow", "bad expiration date", "never\n"},
		{"a date too far", "expire", "4294967296", "bad expiration date", "never\n"},
		{"disabled", "status", "disabled\n", "", "disabled\n"},
		{"ok", "status", "ok", "", "ok\n"},
		{"no status", "status", "dead", "unknown status", "ok\n"},
		{"warnings", "warnings", "3\n", "", "3\n"},
		{"no warnings", "warnings", "some", "garbled write data", "0\n"},
		{"too many warnings", "warnings", "256", "garbled write data", "0\n"},
		{"a file nobody has", "keys", "x", "file does not exist", "file does not exist"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Store: &memory{}, Key: vectorKey, Now: func() time.Time { return time.Unix(now, 0) }}
			d := open(t, cfg)
			same(t, "create", d.create("ken", ninep.DMDIR|0777), "")
			same(t, "write", d.echo(c.text, "ken/"+c.file), c.want)
			same(t, "read", d.cat("ken/"+c.file), c.reads)
			same(t, "read from the file", open(t, cfg).cat("ken/"+c.file), c.reads)
		})
	}
}

// TestUsers makes, renames and removes users.
func TestUsers(t *testing.T) {
	d := open(t, Config{Key: vectorKey})
	same(t, "nobody", d.ls(""), "")
	for _, c := range []struct {
		name, got, want string
	}{
		{"a user", d.create("ken", ninep.DMDIR|0777), ""},
		{"another", d.create("zoë", ninep.DMDIR|0777), ""},
		{"the same again", d.create("ken", ninep.DMDIR|0777), "user already exists"},
		{"a file", d.create("rob", 0666), "permission denied"},
		{"too long a name", d.create(strings.Repeat("x", 28), ninep.DMDIR), "bad user name"},
		{"a space in it", d.create("a b", ninep.DMDIR), "bad user name"},
		{"another name", d.rename("ken", "rob"), ""},
		{"the name of another", d.rename("rob", "zoë"), "user already exists"},
		{"no good name", d.rename("rob", "a b"), "bad user name"},
		{"who is gone", d.rename("ken", "ken"), "file does not exist"},
		{"a file of a user's", d.remove("rob/key"), "permission denied"},
		{"a secret", d.echo("x", "zoë/secret"), ""},
		{"removed", d.remove("rob"), ""},
		{"all", d.ls(""), "zoë"},
		{"the files", d.ls("zoë"), "key aeskey secret log expire status warnings"},
		{"warnings", d.echo("5", "zoë/warnings"), ""},
		{"removing them", d.remove("zoë/warnings"), ""},
		{"are none then", d.cat("zoë/warnings"), "0\n"},
	} {
		same(t, c.name, c.got, c.want)
	}
	again := open(t, Config{Store: d.store, Key: vectorKey})
	same(t, "in the file", again.ls("")+" "+again.cat("zoë/secret"), "zoë x")
	if n, newer := again.fs.Users(); n != 1 || !newer {
		t.Errorf("%d users, %v", n, newer)
	}
}

// TestGone uses files of a user who has been removed.
func TestGone(t *testing.T) {
	d := open(t, Config{Key: vectorKey})
	d.create("ken", ninep.DMDIR)
	f, err := ninep.OpenFile(t.Context(), d.root, "ken/status", ninep.ORDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d.remove("ken")
	d.create("ken", ninep.DMDIR)
	if _, err := f.Write(t.Context(), []byte("disabled"), 0); !errors.Is(err, ninep.ErrNotExist) {
		t.Error(err)
	}
	if _, err := f.Read(t.Context(), make([]byte, 10), 0); !errors.Is(err, ninep.ErrNotExist) {
		t.Error(err)
	}
	same(t, "the new one", d.cat("ken/status"), "ok\n")
}

// TestLockedOut reads keys of users who may not log in.
func TestLockedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, Config{Key: vectorKey})
		d.create("ken", ninep.DMDIR)
		keys := func(what, want string) {
			t.Helper()
			for _, file := range []string{"key", "aeskey", "secret"} {
				got := d.cat("ken/" + file)
				if want == "" && strings.Trim(got, "\x00") == "" {
					continue
				}
				same(t, what+": "+file, got, want)
			}
		}
		keys("at first", "")
		d.echo("disabled", "ken/status")
		keys("disabled", "user disabled")
		d.echo("ok", "ken/status")
		keys("enabled", "")
		soon := time.Now().Add(10 * time.Second).Unix()
		d.echo(strconv.FormatInt(soon, 10), "ken/expire")
		time.Sleep(10 * time.Second)
		keys("in the last second", "")
		time.Sleep(time.Second)
		keys("expired", "user expired")
		same(t, "status", d.cat("ken/status"), "expired\n")
		d.echo("never", "ken/expire")
		for i := range 9 {
			d.echo("bad", "ken/log")
			if i == 4 {
				d.echo("good", "ken/log")
			}
		}
		same(t, "log", d.cat("ken/log"), "4\n")
		keys("four in a row", "")
		for range 6 {
			d.echo("bad\n", "ken/log")
		}
		keys("ten", "user in purgatory")
		time.Sleep(9 * time.Second)
		keys("nine seconds later", "user in purgatory")
		time.Sleep(time.Second)
		keys("ten seconds later", "")
		for range 10 {
			d.echo("bad", "ken/log")
		}
		time.Sleep(19 * time.Second)
		keys("twenty, nineteen seconds later", "user in purgatory")
		time.Sleep(time.Second)
		keys("a second later", "")
	})
}

// TestFailedWrite has the file not be written: then nothing has changed.
func TestFailedWrite(t *testing.T) {
	d := open(t, Config{Key: vectorKey})
	d.create("ken", ninep.DMDIR)
	before := bytes.Clone(d.store.b)
	for _, c := range []struct {
		name string
		do   func() string
	}{
		{"create", func() string { return d.create("rob", ninep.DMDIR) }},
		{"write", func() string { return d.echo("disabled", "ken/status") }},
		{"rename", func() string { return d.rename("ken", "rob") }},
		{"remove", func() string { return d.remove("ken") }},
	} {
		d.store.fail = ninep.ErrIO
		same(t, c.name, c.do(), "i/o error")
		same(t, "afterwards", d.ls("")+" "+d.cat("ken/status"), "ken ok\n")
	}
	if !bytes.Equal(d.store.b, before) {
		t.Error("the file has changed")
	}
}

// TestTwo has two keyfs use a file: each sees what the other has done.
func TestTwo(t *testing.T) {
	a := open(t, Config{Key: vectorKey})
	b := open(t, Config{Key: vectorKey, Store: a.store})
	a.create("ken", ninep.DMDIR)
	same(t, "the other", b.ls(""), "ken")
	b.echo("bad", "ken/log")
	a.echo("secret", "ken/secret")
	b.create("rob", ninep.DMDIR)
	same(t, "all", a.ls("")+", "+a.cat("ken/secret"), "ken rob, secret")
	same(t, "the attempts are still counted", b.cat("ken/log"), "1\n")
	b.remove("ken")
	same(t, "who is gone", a.cat("ken/secret"), "file does not exist")
}

// TestBroken has the file become one that cannot be read: users stay, and the file is
// not written.
func TestBroken(t *testing.T) {
	var warned []string
	d := open(t, Config{Key: vectorKey, Warn: func(msg string) { warned = append(warned, msg) }})
	d.create("ken", ninep.DMDIR)
	good := d.store.b
	d.store.Write(t.Context(), good[:len(good)-1])
	same(t, "reading", d.cat("ken/status"), "ok\n")
	same(t, "writing", d.echo("disabled", "ken/status"), "key file truncated")
	same(t, "creating", d.create("rob", ninep.DMDIR), "key file truncated")
	if len(d.store.b) != len(good)-1 {
		t.Error("the file was written")
	}
	if len(warned) != 1 {
		t.Errorf("warned: %q", warned)
	}
	d.store.Write(t.Context(), good)
	same(t, "mended", d.echo("disabled", "ken/status"), "")
	d.store.b = nil
	same(t, "gone", d.cat("ken/status"), "disabled\n")
}

// TestReadOnly permits no changes, but counts attempts.
func TestReadOnly(t *testing.T) {
	b, _ := vector(t, "older, three users")
	d := open(t, Config{Key: vectorKey, Store: &memory{b: b}, ReadOnly: true})
	for _, got := range []string{
		d.create("rob", ninep.DMDIR), d.echo("x", "ken/secret"), d.rename("ken", "rob"), d.remove("ken"), d.remove("ken/warnings"),
	} {
		same(t, "a change", got, "mounted read-only")
	}
	same(t, "an attempt", d.echo("bad", "ken/log")+d.cat("ken/log"), "1\n")
	same(t, "the newer key", d.cat("ken/aeskey"), "keyfile not in aes format")
	same(t, "all", d.ls(""), "glenda ken zoë")
}

// TestAttacks is about who reads keys, and files that are not ours.
func TestAttacks(t *testing.T) {
	b, _ := vector(t, "newer, three users")
	for _, user := range []string{"none", "glenda", "", "sys"} {
		f, err := New(t.Context(), Config{Owner: "bootes", Key: vectorKey, Store: &memory{b: b}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Attach(t.Context(), user, ""); err != ninep.ErrPerm {
			t.Errorf("%q attaches: %v", user, err)
		}
	}
	for _, c := range []struct {
		name string
		cfg  Config
		want error
	}{
		{"another machine's key", Config{Key: *auth.PassKey("another"), Store: &memory{b: b}}, ErrKey},
		{"no key", Config{Store: &memory{b: b}}, ErrNoKey},
		{"half of the file", Config{Key: vectorKey, Store: &memory{b: b[:len(b)/2]}}, ErrSize},
	} {
		if _, err := New(t.Context(), c.cfg); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	d := open(t, Config{Store: &memory{}})
	same(t, "a user without a key to encrypt with", d.create("ken", ninep.DMDIR), string(ninep.ErrorOf(ErrNoKey)))
	d = open(t, Config{Key: vectorKey, Store: &memory{b: b}})
	if bytes.Contains(d.store.b, []byte("bunny")) {
		t.Error("the file is not encrypted")
	}
}

func TestConformance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := vector(t, "newer, three users")
		f, err := New(t.Context(), Config{Owner: "glenda", Key: vectorKey, Store: &memory{b: b}})
		if err != nil {
			t.Fatal(err)
		}
		if err := ninetest.TestServer(t.Context(), f); err != nil {
			t.Error(err)
		}
		// A directory that is made has files that cannot be removed.
		if err := (ninetest.Options{ReadOnly: true}).TestWire(t.Context(), f); err != nil {
			t.Errorf("over a wire: %v", err)
		}
		dial, stop := ninetest.Served(t.Context(), f, nil)
		defer stop()
		fuzz := ninetest.Fuzz{Suite: ninetest.Suite{Dial: dial}, Seed: 1, Messages: 2000, Write: true}
		if _, said, err := fuzz.Run(t.Context()); err != nil {
			t.Errorf("%v\n%s", err, strings.Join(said, "\n"))
		}
	})
}
