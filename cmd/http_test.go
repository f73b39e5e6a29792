package cmd

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// Whatever a server says, reading it ends, without a panic and with no more
// than was said.
func FuzzReadresp(f *testing.F) {
	f.Add("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\n")
	f.Add("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nhi\n\r\n0\r\nA: b\r\n\r\n")
	f.Add("HEAD", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 302\nLocation: x\n\n")
	f.Fuzz(func(t *testing.T, method, text string) {
		r, err := readresp(bufio.NewReaderSize(strings.NewReader(text), 16), method)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.body)
		if len(body) > len(text) || err == nil && r.length() >= 0 && method != "HEAD" && r.code != 204 && r.code != 304 && int64(len(body)) != r.length() {
			t.Errorf("%q: %q, %v", text, body, err)
		}
	})
}
