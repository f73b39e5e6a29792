package ninetest

import (
	"strings"

	"ufo/ninep"
)

// othersChecks are of several clients at a time.
var othersChecks = []Check{
	{"others/idle", "intro(5)", "Who says nothing keeps nobody waiting.", func(x *exam) {
		x.dial()
		x.others()
	}},
	{"others/half", "intro(5)", "Who has said half a message keeps nobody waiting.", func(x *exam) {
		c, _ := x.tree()
		c.sendRaw([]byte{100, 0, 0})
		x.others()
	}},
	{"others/gone", "intro(5)", "Who goes without a word harms nobody.", func(x *exam) {
		for range 10 {
			c, _ := x.tree()
			c.hangup()
		}
		x.others()
	}},
	{"others/deaf", "intro(5)", "Who does not read his replies keeps nobody waiting.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		c.log.line(c.n, "# 1000 of Tread, and no reply is read")
		go func() {
			for i := range uint16(1000) {
				t := tread(f, 0, 8000)
				t.Tag = i
				b, _ := t.Append(nil)
				if _, err := c.rwc.Write(b); err != nil {
					return // ended by the hangup, or with the check
				}
			}
		}()
		x.others()
		x.others()
		c.hangup()
	}},
	{"others/many", "intro(5)", "Many can be connected.", func(x *exam) {
		var roots []*client
		for range 20 {
			c, _ := x.tree()
			roots = append(roots, c)
		}
		for _, c := range roots {
			c.do(tstat(0))
		}
	}},
	{"others/together", "intro(5)", "Many who do the same at a time get the same.", func(x *exam) {
		c, root, s := x.sampleFile()
		const n = 8
		fids := make([]uint32, n)
		for i := range fids {
			fids[i] = c.open(root, ninep.OREAD, s.file...)
		}
		c.log.line(c.n, "# 200 of Tread in one write")
		go c.rwc.Write(batch(200, func(i int) *ninep.Fcall { return tread(fids[i%n], 0, 16) }))
		for range 200 {
			r := c.recv()
			x.want(r != nil && r.Type == ninep.Rread && strings.HasPrefix(s.text, string(r.Data)) && len(r.Data) > 0, "the reply is %v", r)
		}
	}},
}

// treeChecks look at all files there are.
var treeChecks = []Check{
	{"tree/files", "intro(5)", "Names walk to what directories list; qids, entries and contents agree; this of all files that can be read.", func(x *exam) {
		x.tree()
		rwc, err := x.Dial(x.ctx)
		x.want(err == nil, "no connection: %v", err)
		c, err := ninep.NewClient(x.ctx, rwc, nil)
		x.want(err == nil, "no session: %v", err)
		opt := x.Suite.Tree
		opt.ReadOnly, opt.User, opt.Spec = true, x.User, x.Aname
		err = opt.Test(x.ctx, c)
		c.Close()
		x.want(err == nil, "%v", err)
	}},
}
