package ninep_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ramfs"
)

// says is what an error says, "" for none.
func says(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A plot is a row of TestRedialMeanwhile: a file, what happens to it while there is
// no connection, and what comes of it.
type plot struct {
	name string
	perm Perm
	open Mode                                    // closed: not at all
	then func(ctx context.Context, d File) error // to the directory
	use  func(ctx context.Context, f File) error
	want string
}

// closed is the mode of a file that is not opened.
const closed Mode = 0xffff

func readOnce(ctx context.Context, f File) error {
	_, err := f.Read(ctx, make([]byte, 10), 1)
	return err
}

func writeOnce(ctx context.Context, f File) error {
	_, err := f.Write(ctx, []byte("x"), 1)
	return err
}

func statOnce(ctx context.Context, f File) error {
	_, err := f.Stat(ctx)
	return err
}

// drop removes the file called f in a directory.
func drop(ctx context.Context, d File) error {
	f, err := d.Walk(ctx, "f")
	if err == nil {
		err = f.Remove(ctx)
		f.Close()
	}
	return err
}

// renew removes it and makes another.
func renew(perm Perm) func(context.Context, File) error {
	return func(ctx context.Context, d File) error {
		if err := drop(ctx, d); err != nil {
			return err
		}
		f, err := d.Create(ctx, "f", perm, OREAD)
		if err == nil {
			f.Close()
		}
		return err
	}
}

// change changes its entry.
func change(set func(d *Dir)) func(context.Context, File) error {
	return func(ctx context.Context, d File) error {
		f, err := d.Walk(ctx, "f")
		if err != nil {
			return err
		}
		defer f.Close()
		e := NullDir
		set(&e)
		return f.Wstat(ctx, e)
	}
}

func nothing(context.Context, File) error { return nil }

// What becomes of a file when the connection ends while it is not used, by what
// happens to it before it is looked for.
func TestRedialMeanwhile(t *testing.T) {
	for _, tt := range []plot{
		{"nothing happens", 0666, OREAD, nothing, readOnce, ""},
		{"nor to one that is written", 0666, OWRITE, nothing, writeOnce, ""},
		{"nor to one that is not open", 0666, closed, nothing, statOnce, ""},
		{"it is written", 0666, OREAD, func(ctx context.Context, d File) error {
			return WriteFile(ctx, d, "f", []byte("another text"), 0)
		}, readOnce, ""},
		{"it is removed", 0666, OREAD, drop, readOnce, "/d/f: file has been removed"},
		{"it is removed and not open", 0666, closed, drop, statOnce, "/d/f: file has been removed"},
		{"it is renamed", 0666, OWRITE, change(func(d *Dir) { d.Name = "g" }), writeOnce, "/d/f: file has been removed"},
		{"it is replaced", 0666, OREAD, renew(0666), readOnce, "/d/f: file has been replaced"},
		{"it is replaced and not open", 0666, closed, renew(0666), statOnce, "/d/f: file has been replaced"},
		{"a directory is in its place", 0666, OREAD, renew(DMDIR | 0777), readOnce, "/d/f: file has been replaced"},
		{"it may not be read any more", 0666, OREAD, change(func(d *Dir) { d.Mode = 0200 }), readOnce, "/d/f: permission denied"},
		{"it may be written, which was created so that it may not", 0444, OWRITE, nothing, statOnce, "/d/f: permission denied"},
		{"it was truncated", 0666, OWRITE | OTRUNC, func(ctx context.Context, d File) error {
			return WriteFile(ctx, d, "f", []byte("another text"), 0)
		}, func(ctx context.Context, f File) error {
			if d, err := f.Stat(ctx); err != nil || d.Length != 12 {
				return ErrIO
			}
			return nil
		}, ""},
		{"its use was exclusive", DMEXCL | 0666, OREAD, nothing, readOnce, "/d/f: connection lost, and the open file with it"},
		{"it was not open for exclusive use", DMEXCL | 0666, closed, nothing, statOnce, ""},
		{"it is for appending", DMAPPEND | 0666, OWRITE, nothing, writeOnce, ""},
		{"it was to be removed", 0666, OREAD | ORCLOSE, nothing, readOnce, "/d/f: file has been removed"},
		{"its directory is gone", 0666, OREAD, func(ctx context.Context, d File) error {
			e := NullDir
			e.Name = "e"
			return d.Wstat(ctx, e)
		}, readOnce, "/d/f: file has been removed"},
	} {
		t.Run(tt.name, func(t *testing.T) { synctest.Test(t, tt.run) })
	}
}

// run plays it, with the file in a directory.
func (p plot) run(t *testing.T) {
	ctx := t.Context()
	fs := ramfs.New("glenda", time.Now, 0)
	direct, _ := fs.Attach(ctx, "glenda", "")
	made, err := direct.Create(ctx, "d", DMDIR|0777, OREAD)
	if err != nil {
		t.Fatal(err)
	}
	made.Close()
	d, _ := direct.Walk(ctx, "d")
	c := &cutter{srv: fs}
	_, root := c.redialer(t, nil)
	there, _ := root.Walk(ctx, "d")
	f, err := there.Create(ctx, "f", p.perm, OWRITE)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(ctx, []byte("a text"), 0); err != nil {
		t.Fatal(err)
	}
	if p.perm&0222 != 0 {
		f.Close()
		if f, err = there.Walk(ctx, "f"); err == nil && p.open != closed {
			err = f.Open(ctx, p.open)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c.cut(nil)
	synctest.Wait()
	if err := p.then(ctx, d); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is no different the second time
		if err := p.use(ctx, f); says(err) != p.want {
			t.Errorf("the file gives %v, want %q", err, p.want)
		}
	}
	if err := statOnce(ctx, root); err != nil {
		t.Errorf("and the root %v", err)
	}
	f.Close()
}

// devices is a server of files that are not plain.
func devices() *Tree {
	conversation := &Node{Name: "ctl", Path: 20, Perm: 0666, Write: func(context.Context, []byte) error { return nil }}
	return NewTree("glenda", &Node{Path: 1, Children: []*Node{
		{Name: "clone", Path: 2, Perm: 0666, Open: func(context.Context, string, Mode) (*Node, error) { return conversation, nil }},
		{Name: "ctl", Path: 3, Perm: 0222, Write: func(context.Context, []byte) error { return nil }},
		{Name: "log", Path: 4, Perm: DMAPPEND | 0666, Write: func(context.Context, []byte) error { return nil }},
		TextFunc("state", func() string { return "well" }),
		Text("text", "a text"),
	}})
}

// What becomes of a call on an open device or the like when the connection ended
// before it, or before its reply arrived.
func TestRedialDevices(t *testing.T) {
	const lost, maybe = ": connection lost, and the open file with it", ": connection lost, perhaps after it was done"
	for _, tt := range []struct {
		name, file string
		open       Mode
		use        func(ctx context.Context, f File) error
		idle, late string // what it gives in either case, but for the name
	}{
		{"a device is written", "ctl", OWRITE, writeOnce, lost, maybe},
		{"a device is read", "state", OREAD, readOnce, lost, lost},
		{"a text that has a length is read", "text", OREAD, readOnce, "", ""},
		{"a file of another name is open", "clone", ORDWR, writeOnce, lost, maybe},
		{"the end of a file is written", "log", OWRITE, writeOnce, lost, maybe},
		{"a device is not open", "ctl", closed, statOnce, "", ""},
	} {
		for _, late := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, want := t.Context(), tt.idle
					c := &cutter{srv: devices()}
					_, root := c.redialer(t, nil)
					f, err := root.Walk(ctx, tt.file)
					if err == nil && tt.open != closed {
						err = f.Open(ctx, tt.open)
					}
					if err != nil {
						t.Fatal(err)
					}
					if late {
						want = tt.late
						c.set(func() { c.after = func(*Fcall) bool { c.after = nil; return true } })
					} else {
						c.cut(nil)
						synctest.Wait()
					}
					if want != "" {
						want = "/" + tt.file + want
					}
					if err := tt.use(ctx, f); says(err) != want {
						t.Errorf("it gives %v, want %q", err, want)
					}
				})
			})
		}
	}
}

// What is written to the end of a file is not written twice.
func TestRedialAppend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		c := &cutter{srv: ramfs.New("glenda", time.Now, 0)}
		_, root := c.redialer(t, nil)
		f, err := root.Create(ctx, "f", DMAPPEND|0666, OWRITE)
		if err != nil {
			t.Fatal(err)
		}
		c.set(func() { c.after = func(m *Fcall) bool { return m.Type == Twrite } })
		if err := writeOnce(ctx, f); says(err) != "/f: connection lost, perhaps after it was done" {
			t.Error(err)
		}
		c.set(func() { c.after = nil })
		if err := writeOnce(ctx, f); err != nil {
			t.Error(err)
		}
		if got, err := ReadFile(ctx, root, "f"); string(got) != "xx" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// An opening is a File whose Open takes so long that something happens before it returns.
type opening struct {
	File
	then func()
}

func (o opening) Open(ctx context.Context, mode Mode) error {
	err := o.File.Open(ctx, mode)
	o.then()
	return err
}

// The connection ends when a file has been opened, and somebody else looks for the file
// before the open has returned: it is open.
func TestRedialWhileOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		c := &cutter{srv: ramfs.New("glenda", time.Now, 0)}
		var root File
		attaches := 0
		_, root = c.redialer(t, &RedialOptions{Attach: func(ctx context.Context, on *Client, user, spec string) (File, error) {
			f, err := on.Attach(ctx, user, spec)
			if attaches++; err != nil || attaches > 1 {
				return f, err
			}
			return opening{f, func() {
				c.cut(nil)
				synctest.Wait()
				if err := statOnce(ctx, root); err != nil {
					t.Error(err)
				}
			}}, nil
		}})
		if err := root.Open(ctx, OREAD); err != nil {
			t.Fatal(err)
		}
		if _, err := root.ReadDir(ctx); err != nil || attaches != 2 {
			t.Errorf("%v, after %d attaches", err, attaches)
		}
	})
}
