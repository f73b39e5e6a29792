package ninetest

import "ufo/ninep"

// attachChecks are of attach(5), without authentication.
var attachChecks = []Check{
	{"attach/root", "attach(5)", "An attach gives a fid for the root of the tree.", func(x *exam) {
		c := x.session(smallest)
		r := c.do(tattach(0, x.User, x.Aname))
		x.want(r.Qid.IsDir(), "the root is no directory: qid %v", r.Qid)
	}},
	{"attach/qid", "attach(5)", "The qid of Rattach is the server's idea of the root.", func(x *exam) {
		x.tree() // or nobody lets us in
		c := x.session(smallest)
		qid := c.do(tattach(0, x.User, x.Aname)).Qid
		d := c.stat(0)
		x.want(d.Qid.Path == qid.Path && d.Qid.Type == qid.Type, "attach gives %v, stat %v", qid, d.Qid)
	}},
	{"attach/twice", "attach(5)", "One connection can be attached several times; the fids are each for itself.", func(x *exam) {
		x.tree()
		c := x.session(smallest)
		for fid := range uint32(2) {
			r := c.do(tattach(fid, x.User, x.Aname))
			x.want(r.Qid.IsDir(), "the root is no directory: qid %v", r.Qid)
		}
		c.do(tclunk(0))
		c.do(tstat(1))
	}},
	{"attach/in-use", "attach(5)", "An attach to a fid that is in use is an error.", func(x *exam) {
		c, root := x.tree()
		c.refused(tattach(root, x.User, x.Aname))
	}},
	{"attach/in-use-kept", "attach(5)", "The fid that an attach wanted to have, and that is in use, stays what it is.", func(x *exam) {
		c, root, dir := x.sampleAny()
		f := c.walk(root, dir...)
		before := c.stat(f)
		c.refused(tattach(f, x.User, x.Aname))
		x.want(c.stat(f).Qid.Path == before.Qid.Path, "it is another file")
	}},
	{"attach/unknown-afid", "attach(5)", "The afid is NOFID or one that auth has established.", func(x *exam) {
		c := x.session(smallest)
		t := tattach(0, x.User, x.Aname)
		t.Afid = noFid
		c.refused(t)
	}},
	{"attach/afid-file", "attach(5)", "A fid that is a file of the tree is no afid.", func(x *exam) {
		c, root := x.tree()
		t := tattach(c.fid(), x.User, x.Aname)
		t.Afid = root
		c.refused(t)
	}},
	{"attach/refused-free", "attach(5)", "The fid of an attach that failed is free.", func(x *exam) {
		c := x.session(smallest)
		t := tattach(0, x.User, x.Aname)
		t.Afid = noFid
		c.refused(t)
		c.refused(tstat(0))
		c.attach()
	}},
	{"attach/aname", "attach(5)", "The aname may select a tree; with one that is not there the attach fails, or it selects nothing.", func(x *exam) {
		x.tree()
		c := x.session(smallest)
		r := c.rpc(tattach(0, x.User, "ninetest no such tree"))
		if r.Type == ninep.Rerror {
			c.do(tattach(0, x.User, x.Aname))
		}
		c.do(tstat(0))
	}},
	{"attach/reattach", "clunk(5)", "A root that was clunked can be attached again.", func(x *exam) {
		c, root := x.tree()
		for range 10 {
			c.do(tclunk(root))
			c.do(tattach(root, x.User, x.Aname))
		}
	}},
}

// authChecks are of attach(5) where it speaks of Tauth.
var authChecks = []Check{
	{"auth/answer", "attach(5)", "Tauth gets an Rauth with the qid of an authentication file, or an Rerror if no authentication is required.", func(x *exam) {
		c := x.session(smallest)
		r := c.rpc(tauth(5, x.User, x.Aname))
		x.want(r.Type == ninep.Rerror || r.Qid.Type&ninep.QTAUTH != 0, "the qid %v is not that of an authentication file", r.Qid)
	}},
	{"auth/refused-free", "attach(5)", "The afid of an auth that failed is free.", func(x *exam) {
		c := x.session(smallest)
		if r := c.rpc(tauth(0, x.User, x.Aname)); r.Type != ninep.Rerror {
			x.skip("the server has authentication")
		}
		c.refused(tstat(0))
		c.attach()
	}},
	{"auth/refused-unknown", "attach(5)", "An afid that auth has refused is no way to attach.", func(x *exam) {
		c := x.session(smallest)
		if r := c.rpc(tauth(5, x.User, x.Aname)); r.Type != ninep.Rerror {
			x.skip("the server has authentication")
		}
		t := tattach(0, x.User, x.Aname)
		t.Afid = 5
		c.refused(t)
	}},
	{"auth/in-use", "attach(5)", "The afid of Tauth is a new fid.", func(x *exam) {
		c, root := x.tree()
		c.refused(tauth(root, x.User, x.Aname))
		c.do(tstat(root))
	}},
	{"auth/unproven", "attach(5)", "An afid with which nothing was proven is no way to attach.", func(x *exam) {
		c := x.session(smallest)
		if r := c.rpc(tauth(5, x.User, x.Aname)); r.Type == ninep.Rerror {
			x.skip("no authentication: %s", r.Ename)
		}
		t := tattach(0, x.User, x.Aname)
		t.Afid = 5
		c.refused(t)
	}},
	{"auth/clunk", "attach(5)", "An afid is a fid: it can be clunked, and is free then.", func(x *exam) {
		c := x.session(smallest)
		if r := c.rpc(tauth(5, x.User, x.Aname)); r.Type == ninep.Rerror {
			x.skip("no authentication: %s", r.Ename)
		}
		c.do(tclunk(5))
		c.do(tauth(5, x.User, x.Aname))
	}},
	{"auth/other-user", "attach(5)", "An afid is good for the user and the tree of its auth only.", func(x *exam) {
		c := x.session(smallest)
		if r := c.rpc(tauth(5, x.User, x.Aname)); r.Type == ninep.Rerror {
			x.skip("no authentication: %s", r.Ename)
		}
		t := tattach(0, x.User+"2", x.Aname)
		t.Afid = 5
		c.refused(t)
	}},
}
