package cmd

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// hget - retrieve a web page
//
// Hget asks for the page that the URL names, by HTTP, and writes it on the
// standard output. It calls the server through the network directory netmtpt,
// by default /net, and follows where the server sends it on to.
//
//	-o  keep the local file in step with the page: if it is as long as
//	    the page, leave it; if it is shorter, and the server can, fetch
//	    what is missing; otherwise copy the page into it
//	-p  post body, by the method POST
//	-P  post the standard input
//	-m  use this method
//	-r  send this line in the header of the request, instead of one of
//	    the same name that hget has; may be repeated
//	-b  the URL may be relative to baseurl
//	-l  print the URL where the page was found, not the page
//	-h  print the header of the response before the page
//	-v  once a second and at the end, write on the standard error how many
//	    bytes have come, and how many there are, or 0 if that is not known
//	-x  the network directory
//
// A page that the server has compressed by gzip is expanded, but not with -o.
// In a URL http://user:password@host/ the two are sent along.
//
// # EXAMPLES
//
// A web server for one call, in rc, and who calls it from another machine:
//
//	n2% aux/listen1 -1t tcp!*!80 rc -c 'echo HTTP/1.0 200; echo; date' &
//	term% hget http://n2/
//
// A page of the host's network, from a node that is not joined to it:
//
//	import n1 /net /net.alt
//	hget -x /net.alt http://example.org/
//
// # SEE ALSO
//
// aux/dial(1), dial(2), ip(3), dns(8), listen(8)
//
// # DIAGNOSTICS
//
// The exit status is what the server says, as in 404 Not Found, if it has no
// page.
//
// # BUGS
//
// There is no TLS: a URL that begins with https is refused. There are no
// proxies and no cookies, and no ftp.
func hgetMain(p *proc.Proc) error {
	h := hget{p: p, net: "/net"}
	base := ""
	arg := argbegin(p, "[-hlvP] [-o file] [-p body] [-r header] [-m method] [-b baseurl] [-x netmtpt] url")
	for c := range arg.flags() {
		switch c {
		case 'o':
			h.file = arg.eargf()
		case 'p':
			h.post, h.body = true, []byte(arg.eargf())
		case 'P':
			h.post, h.stdin = true, true
		case 'm':
			h.method = arg.eargf()
		case 'r':
			h.header = append(h.header, arg.eargf())
		case 'b':
			base = arg.eargf()
		case 'l':
			h.where = true
		case 'h':
			h.head = true
		case 'v':
			h.verbose = true
		case 'x':
			h.net = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 || !h.sane() {
		arg.usage()
	}
	u, err := weburl(base, arg.args[0])
	if err == nil {
		err = h.run(u)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// weburl reads a URL, which may be relative to base.
func weburl(base, name string) (*url.URL, error) {
	u, err := url.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("bad url: %s", name)
	}
	if base != "" {
		b, err := url.Parse(base)
		if err != nil {
			return nil, fmt.Errorf("bad url: %s", base)
		}
		u = b.ResolveReference(u)
	}
	switch {
	case u.Scheme == "https":
		return nil, fmt.Errorf("%s: https is not supported: there is no TLS", u.Redacted())
	case u.Scheme != "http" || u.Hostname() == "":
		return nil, fmt.Errorf("%s: not an http url", u.Redacted())
	}
	return u, nil
}

// A hget is what one hget is asked to do.
type hget struct {
	p       *proc.Proc
	net     string
	file    string // local copy; "" for none
	method  string // "" for GET or POST
	header  []string
	post    bool
	body    []byte
	stdin   bool
	where   bool
	head    bool
	verbose bool
}

// sane reports whether what goes into the request keeps its form.
func (h *hget) sane() bool {
	if strings.ContainsAny(h.method, " \t\r\n") {
		return false
	}
	for _, l := range h.header {
		if fieldname(l) == "" || !strings.Contains(l, ":") || strings.ContainsAny(l, "\r\n") {
			return false
		}
	}
	return true
}

// run fetches the page at u.
func (h *hget) run(u *url.URL) error {
	if h.stdin {
		body, err := readall(h.p.Stdin())
		if err != nil {
			return fmt.Errorf("error reading <stdin>: %w", err)
		}
		h.body = body
	}
	req := webreq{method: "GET", url: u, header: h.header, post: h.post, body: h.body}
	if h.post {
		req.method = "POST"
	}
	if h.method != "" {
		req.method = h.method
	}
	if h.file != "" {
		return h.update(req)
	}
	pg, err := h.fetch(req)
	if err != nil {
		return err
	}
	defer pg.conn.close(h.p)
	if h.where {
		return writeall(h.p, 1, []byte(pg.url.String()+"\n"))
	}
	if err := h.printhead(pg); err != nil {
		return err
	}
	body := pg.body
	if enc := pg.get("content-encoding"); (enc == "gzip" || enc == "x-gzip") && !strings.Contains(pg.get("content-type"), "gzip") {
		body = &gunzip{in: body}
	}
	return h.copy(1, body, pg.length())
}

// A page is a response and the connection that it comes from.
type page struct {
	*webresp
	url  *url.URL
	conn conn
}

// maxRedirects is how many times a server may send us elsewhere.
const maxRedirects = 10

// fetch makes the request and follows redirections. A response that is an
// error comes as one. The caller closes the connection of the page.
func (h *hget) fetch(req webreq) (*page, error) {
	for range maxRedirects {
		pg, err := h.ask(req)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", req.url.Redacted(), err)
		}
		to := pg.get("location")
		switch pg.code {
		case 300, 302, 303:
			if to != "" && req.method != "HEAD" {
				req.method = "GET"
			}
			req.post, req.body = false, nil
		case 301, 307, 308:
		default:
			to = ""
		}
		if to == "" && pg.code < 300 {
			return pg, nil
		}
		pg.conn.close(h.p)
		if to == "" {
			return nil, errors.New(pg.status)
		}
		if req.url, err = weburl(req.url.String(), to); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: too many redirections", req.url.Redacted())
}

// ask makes one request.
func (h *hget) ask(req webreq) (*page, error) {
	port := req.url.Port()
	if port == "" {
		port = "80"
	}
	c, err := dial(h.p, h.net+"/tcp!"+req.url.Hostname()+"!"+port)
	if err != nil {
		return nil, err
	}
	if _, err = h.p.FD(c.fd).Write(req.bytes()); err == nil {
		var r *webresp
		if r, err = readresp(bufio.NewReaderSize(h.p.FD(c.fd), iounit), req.method); err == nil {
			return &page{r, req.url, c}, nil
		}
	}
	c.close(h.p)
	return nil, err
}

// update brings the local file up to date.
func (h *hget) update(req webreq) error {
	d, err := h.p.Stat(h.file)
	have := int64(0)
	if err == nil && !h.post && h.method == "" {
		have = d.Length
	}
	if have > 0 {
		head := req
		head.method = "HEAD"
		pg, err := h.fetch(head)
		if err != nil {
			return err
		}
		pg.conn.close(h.p)
		if pg.length() == have {
			return nil
		}
		if pg.length() > have {
			req.header = append(req.header[:len(req.header):len(req.header)], fmt.Sprintf("Range: bytes=%d-", have))
		}
	}
	pg, err := h.fetch(req)
	if err != nil {
		return err
	}
	defer pg.conn.close(h.p)
	if h.where {
		return writeall(h.p, 1, []byte(pg.url.String()+"\n"))
	}
	if err := h.printhead(pg); err != nil {
		return err
	}
	fd, err := h.openlocal(pg, have)
	if err != nil {
		return err
	}
	defer h.p.Close(fd)
	return h.copy(fd, pg.body, pg.length())
}

// openlocal opens the local file where the page goes: after the bytes that it
// has if these are missing in the page, which else takes their place.
func (h *hget) openlocal(pg *page, have int64) (int, error) {
	if have > 0 && pg.code == 206 {
		if !strings.HasPrefix(pg.get("content-range"), fmt.Sprintf("bytes %d-", have)) {
			return -1, errors.New("not the bytes that were asked for")
		}
		fd, err := h.p.Open(h.file, ninep.OWRITE)
		if err == nil {
			_, err = h.p.Seek(fd, have, 0)
		}
		return fd, err
	}
	return h.p.Create(h.file, ninep.OWRITE, 0o666)
}

// printhead prints the header of a response, if that is wanted.
func (h *hget) printhead(pg *page) error {
	if !h.head {
		return nil
	}
	return writeall(h.p, 1, []byte(strings.Join(append(pg.lines, "", ""), "\n")))
}

// copy writes a body of the length on a descriptor.
func (h *hget) copy(fd int, body io.Reader, length int64) error {
	var got int64
	said := h.p.Now()
	say := func() {
		fmt.Fprintf(h.p.Stderr(), "%d %d\n", got, max(length, 0))
	}
	b := make([]byte, iounit)
	for {
		n, err := body.Read(b)
		if n > 0 {
			if err := writeall(h.p, fd, b[:n]); err != nil {
				return fmt.Errorf("write error: %w", err)
			}
		}
		got += int64(n)
		if now := h.p.Now(); h.verbose && now.Sub(said) >= time.Second {
			said = now
			say()
		}
		if err != nil {
			if h.verbose {
				say()
			}
			if err == io.EOF {
				return nil
			}
			return fmt.Errorf("error reading page: %w", err)
		}
	}
}

// A gunzip expands in, which it begins to read when it is read itself.
type gunzip struct {
	in io.Reader
	z  *gzip.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.z == nil {
		z, err := gzip.NewReader(g.in)
		if err != nil {
			return 0, err
		}
		g.z = z
	}
	return g.z.Read(p)
}
