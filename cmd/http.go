package cmd

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// This file is what a client says and hears by HTTP/1.1, RFC 9112, on one
// connection for each request:
//
//	req := webreq{method: "GET", url: u}
//	conn.Write(req.bytes())
//	resp, err := readresp(bufio.NewReader(conn), req.method)
//	io.Copy(out, resp.body)

// A webreq is a request.
type webreq struct {
	method string
	url    *url.URL
	header []string // further lines: "Name: value"
	post   bool     // there is a body
	body   []byte
}

// bytes returns the request as it goes over the connection. Lines of header
// take the place of those that it would have by itself.
func (r *webreq) bytes() []byte {
	lines := []string{
		"Host: " + r.url.Host,
		"User-Agent: hget",
		"Connection: close",
	}
	if u := r.url.User; u != nil {
		pass, _ := u.Password()
		lines = append(lines, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+pass)))
	}
	if r.post {
		lines = append(lines, "Content-Type: application/x-www-form-urlencoded", fmt.Sprintf("Content-Length: %d", len(r.body)))
	}
	given := make(map[string]bool)
	for _, l := range r.header {
		given[fieldname(l)] = true
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.method, r.url.RequestURI())
	for _, l := range lines {
		if !given[fieldname(l)] {
			b.WriteString(l + "\r\n")
		}
	}
	for _, l := range r.header {
		b.WriteString(l + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(r.body)
	return b.Bytes()
}

// fieldname returns the name of a header line, in lower case.
func fieldname(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return strings.ToLower(strings.TrimSpace(name))
}

// A webresp is a response.
type webresp struct {
	code   int
	status string   // "404 Not Found"
	lines  []string // of the header, as they came
	body   io.Reader
}

// get returns the value of a header field, "" if there is none.
func (r *webresp) get(name string) string {
	for _, l := range r.lines {
		if fieldname(l) == name {
			_, val, _ := strings.Cut(l, ":")
			return strings.TrimSpace(val)
		}
	}
	return ""
}

// length returns how long the body is, -1 if the header does not say.
func (r *webresp) length() int64 {
	n, err := strconv.ParseUint(r.get("content-length"), 10, 63)
	if err != nil || r.chunked() {
		return -1
	}
	return int64(n)
}

// chunked reports whether the body comes in chunks.
func (r *webresp) chunked() bool {
	return strings.EqualFold(r.get("transfer-encoding"), "chunked")
}

var (
	errNoHTTP    = errors.New("not an HTTP response")
	errBadHeader = errors.New("bad HTTP header")
	errBadChunk  = errors.New("bad HTTP chunk")
)

// readresp reads the head of the response to a request with the method. The
// body is read from in later.
func readresp(in *bufio.Reader, method string) (*webresp, error) {
	for {
		r, err := readhead(in)
		if err != nil {
			return nil, err
		}
		if r.code/100 == 1 {
			continue // the response proper follows
		}
		switch n := r.length(); {
		case method == "HEAD" || r.code == 204 || r.code == 304:
			r.body = strings.NewReader("")
		case r.chunked():
			r.body = &chunks{in: in}
		case n >= 0:
			r.body = &exactly{in, n}
		default:
			r.body = in
		}
		return r, nil
	}
}

// maxHeader is the most that the header of a response may have: lines, bytes
// of a line.
const maxHeader = 4096

// readhead reads a status line and the lines of a header.
func readhead(in *bufio.Reader) (*webresp, error) {
	line, err := webline(in)
	if err != nil {
		return nil, err
	}
	version, status, _ := strings.Cut(line, " ")
	num, _, _ := strings.Cut(strings.TrimSpace(status), " ")
	code, err := strconv.ParseUint(num, 10, 10)
	if !strings.HasPrefix(version, "HTTP/") || err != nil || code < 100 {
		return nil, errNoHTTP
	}
	r := &webresp{code: int(code), status: strings.TrimSpace(status)}
	for range maxHeader {
		line, err := webline(in)
		switch {
		case err != nil:
			return nil, err
		case line == "":
			return r, nil
		case !strings.Contains(line, ":"):
			return nil, errBadHeader
		}
		r.lines = append(r.lines, line)
	}
	return nil, errBadHeader
}

// webline reads a line and returns it without its end, which should be \r\n.
func webline(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		b, err := in.ReadSlice('\n')
		line = append(line, b...)
		switch {
		case len(line) > maxHeader:
			return "", errBadHeader
		case err == bufio.ErrBufferFull:
		case err == io.EOF:
			return "", io.ErrUnexpectedEOF
		case err != nil:
			return "", err
		default:
			return strings.TrimRight(string(line), "\r\n"), nil
		}
	}
}

// An exactly reads n more bytes of in; an end before that is an error.
type exactly struct {
	in io.Reader
	n  int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n, err := e.in.Read(p[:min(int64(len(p)), e.n)])
	e.n -= int64(n)
	if err == io.EOF && e.n > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// A chunks reads a body that comes in chunks: each is a line with its length
// in hexadecimal, so many bytes, and a line end. One of length 0 is the last.
type chunks struct {
	in   *bufio.Reader
	now  exactly // what is left of a chunk
	some bool    // a chunk was read: its line end follows
	over bool
}

func (c *chunks) Read(p []byte) (int, error) {
	for c.now.n == 0 {
		if c.over {
			return 0, io.EOF
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n, err := c.now.Read(p)
	if err == io.EOF && n > 0 {
		err = nil
	}
	return n, err
}

// next reads up to the data of the next chunk, or what follows the last.
func (c *chunks) next() error {
	if c.some {
		if line, err := webline(c.in); err != nil {
			return err
		} else if line != "" {
			return errBadChunk
		}
	}
	c.some = true
	line, err := webline(c.in)
	if err != nil {
		return err
	}
	num, _, _ := strings.Cut(line, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(num), 16, 63)
	if err != nil {
		return errBadChunk
	}
	c.now = exactly{c.in, int64(n)}
	for range maxHeader {
		if n > 0 {
			return nil
		}
		c.over = true
		if line, err = webline(c.in); err != nil || line == "" {
			return err // the end of the trailer
		}
	}
	return errBadHeader
}
