package ninetest

import "ufo/ninep"

// versionChecks are of version(5).
var versionChecks = []Check{
	{"version/first", "version(5)", "Tversion is the first message, and Rversion says which protocol both speak from there on.", func(x *exam) {
		r := x.dial().do(tversion(smallest, ninep.VERSION9P))
		x.want(r.Version == ninep.VERSION9P, "the version is %q", r.Version)
	}},
	{"version/needed", "version(5)", "Before Tversion no other request is answered but by an error.", func(x *exam) {
		c := x.dial()
		c.sendAs(1, tattach(0, x.User, x.Aname))
		c.refusedOrClosed()
	}},
	{"version/tag", "version(5)", "The tag of Tversion is NOTAG, and so is that of its reply.", func(x *exam) {
		r := x.dial().rpcAs(ninep.NOTAG, tversion(smallest, ninep.VERSION9P))
		x.want(r.Type == ninep.Rversion, "the reply is %v", r)
	}},
	{"version/msize", "version(5)", "The server's msize is at most the client's.", func(x *exam) {
		for _, n := range []uint32{8192, 8193, 16384, 65560, 1 << 20} {
			r := x.dial().do(tversion(n, ninep.VERSION9P))
			x.want(r.Msize <= n, "asked for %d, got %d", n, r.Msize)
			x.want(r.Msize > ninep.IOHDRSZ, "asked for %d, got %d, in which nothing fits", n, r.Msize)
		}
	}},
	{"version/msize-largest", "version(5)", "A client may propose any msize; the server answers with one that it can do.", func(x *exam) {
		r := x.dial().do(tversion(1<<32-1, ninep.VERSION9P))
		x.want(r.Version == ninep.VERSION9P && r.Msize > ninep.IOHDRSZ, "the reply is %v", r)
	}},
	{"version/msize-small", "version(5)", "A proposal of a small msize is met or refused, not exceeded.", func(x *exam) {
		c := x.dial()
		c.sendAs(ninep.NOTAG, tversion(256, ninep.VERSION9P))
		r := c.recv()
		x.want(r == nil || r.Type == ninep.Rerror || r.Type == ninep.Rversion && r.Msize <= 256, "the reply is %v", r)
	}},
	{"version/msize-zero", "version(5)", "An msize of 0, with which nothing can be said, is not taken up.", func(x *exam) {
		c := x.dial()
		c.sendAs(ninep.NOTAG, tversion(0, ninep.VERSION9P))
		r := c.recv()
		x.want(r == nil || r.Type == ninep.Rerror || r.Type == ninep.Rversion && r.Msize == 0, "the reply is %v", r)
	}},
	{"version/suffix", "version(5)", "What follows a period in the version is an extension; a server that does not know it answers without.", func(x *exam) {
		r := x.dial().do(tversion(smallest, "9P2000.ninetest"))
		x.want(r.Version == ninep.VERSION9P || r.Version == "unknown", "the version is %q", r.Version)
	}},
	{"version/later", "version(5)", "To a later version the server answers with one that it knows, or unknown.", func(x *exam) {
		r := x.dial().do(tversion(smallest, "9P2999"))
		x.want(r.Version == ninep.VERSION9P || r.Version == "unknown", "the version is %q", r.Version)
	}},
	{"version/earlier", "version(5)", "The server's version is not later than the client's.", func(x *exam) {
		r := x.dial().do(tversion(smallest, "9P1000"))
		x.want(r.Version == "9P1000" || r.Version == "unknown", "the version is %q", r.Version)
	}},
	{"version/unknown", "version(5)", "To a version that it does not understand the server answers Rversion, not Rerror, with the version unknown.", func(x *exam) {
		r := x.dial().do(tversion(smallest, "8P1999"))
		x.want(r.Version == "unknown", "the version is %q", r.Version)
	}},
	{"version/empty", "version(5)", "The empty version is not understood.", func(x *exam) {
		r := x.dial().do(tversion(smallest, ""))
		x.want(r.Version == "unknown", "the version is %q", r.Version)
	}},
	{"version/unknown-no-session", "version(5)", "Without an agreement there is no session.", func(x *exam) {
		c := x.dial()
		c.do(tversion(smallest, "8P1999"))
		c.sendAs(1, tattach(0, x.User, x.Aname))
		c.refusedOrClosed()
	}},
	{"version/again-fids", "version(5)", "Another Tversion clunks all fids.", func(x *exam) {
		c, root := x.tree()
		c.version(smallest)
		c.refused(tstat(root))
	}},
	{"version/again-reuse", "version(5)", "After another Tversion all fids can be used anew.", func(x *exam) {
		c, root := x.tree()
		c.version(smallest)
		c.do(tattach(root, x.User, x.Aname))
		c.do(tstat(root))
	}},
	{"version/again-msize", "version(5)", "Another Tversion agrees on another msize.", func(x *exam) {
		c := x.session(32 << 10)
		c.version(smallest)
		c.do(tstat(c.attach()))
		c.version(32 << 10)
		c.do(tstat(c.attach()))
	}},
	{"version/again-rclose", "version(5)", "The fids that another Tversion clunks are clunked in every way: a file to be removed then is.", func(x *exam) {
		c, dir := x.work()
		c.create(dir, "a", 0666, ninep.OWRITE|ninep.ORCLOSE)
		o, dir := x.second()
		x.want(o.has(dir, "a"), "the file is not there")
		c.version(smallest)
		x.want(!o.has(dir, "a"), "the file is still there")
	}},
	{"version/again-pending", "version(5)", "Another Tversion aborts what is outstanding: no reply to it comes any more.", func(x *exam) {
		c, f := x.waiting()
		c.sendAs(7, tread(f, 0, 100))
		c.version(smallest)
		c.do(tstat(c.attach()))
	}},
}
