package tls

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
)

// ciphers are the suites by OpenSSL's names.
var ciphers = map[uint16]string{
	PSKChaCha20Poly1305: "PSK-CHACHA20-POLY1305",
	PSKAES128CBCSHA256:  "PSK-AES128-CBC-SHA256",
	PSKAES128CBCSHA:     "PSK-AES128-CBC-SHA",
}

// openssl starts a program of OpenSSL's that knows our key, and returns what it
// reads and prints. It is killed when the test ends.
func openssl(t *testing.T, id uint16, psk []byte, args ...string) (in io.Writer, out *bufio.Reader) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl to compare with: install it")
	}
	args = append(args, "-psk", hex.EncodeToString(psk), "-cipher", ciphers[id]+":@SECLEVEL=0", "-tls1_2", "-quiet")
	cmd := exec.CommandContext(t.Context(), path, args...)
	w, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("openssl %s: %s", strings.Join(args, " "), stderr.Bytes())
		}
	})
	return w, bufio.NewReader(r)
}

// talk sends a line each way, and then much.
func talk(t *testing.T, c *Conn, in io.Writer, out *bufio.Reader) {
	t.Helper()
	fmt.Fprintln(c, "from us")
	if line, err := out.ReadString('\n'); line != "from us\n" {
		t.Fatalf("openssl prints %q, %v", line, err)
	}
	fmt.Fprintln(in, "from openssl")
	r := bufio.NewReader(c)
	if line, err := r.ReadString('\n'); line != "from openssl\n" {
		t.Fatalf("we read %q, %v", line, err)
	}
	text := bytes.Repeat([]byte("0123456789 abcdefghijklmnopqrstuvwxyz\n"), 5000)
	go c.Write(text) // ends with the connection
	got := make([]byte, len(text))
	if _, err := io.ReadFull(out, got); err != nil || !bytes.Equal(got, text) {
		t.Fatalf("openssl prints other things, %v", err)
	}
	go in.Write(text) // ends with openssl
	if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, text) {
		t.Fatalf("we read other things, %v", err)
	}
}

// TestOracleServer is a client of openssl s_server.
func TestOracleServer(t *testing.T) {
	for _, id := range all {
		for name, psk := range map[string][]byte{"short": key[:16], "as long as dp9ik's": bytes.Repeat(key, 4)[:256]} {
			for _, hint := range []string{"", "a hint"} {
				t.Run(fmt.Sprintf("%#x, %s key, hint %q", id, name, hint), func(t *testing.T) {
					args := []string{"s_server", "-nocert", "-psk_identity", Identity, "-naccept", "1"}
					if hint != "" {
						args = append(args, "-psk_hint", hint)
					}
					in, out, conn := serve(t, id, psk, args...)
					c, err := Client(conn, &Config{Key: psk, Identity: Identity, Suites: all})
					if err != nil {
						t.Fatal(err)
					}
					defer c.Close()
					if c.Suite() != id {
						t.Errorf("suite %#x", c.Suite())
					}
					talk(t, c, in, out)
				})
			}
		}
	}
}

// serve starts a server of OpenSSL's, on a port that was free, and connects to it.
func serve(t *testing.T, id uint16, psk []byte, args ...string) (io.Writer, *bufio.Reader, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	in, out := openssl(t, id, psk, append(args, "-accept", addr)...)
	for t.Context().Err() == nil {
		if conn, err := net.Dial("tcp", addr); err == nil {
			t.Cleanup(func() { conn.Close() })
			return in, out, conn
		}
	}
	t.Fatal(t.Context().Err())
	return nil, nil, nil
}

// TestOracleClient is a server for openssl s_client.
func TestOracleClient(t *testing.T) {
	for _, id := range all {
		for name, psk := range map[string][]byte{"short": key[:16], "as long as dp9ik's": bytes.Repeat(key, 4)[:256]} {
			t.Run(fmt.Sprintf("%#x, %s key", id, name), func(t *testing.T) {
				c, in, out, err := accept(t, id, psk, &Config{Key: psk, Identity: Identity, Suites: all})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if c.Suite() != id {
					t.Errorf("suite %#x", c.Suite())
				}
				talk(t, c, in, out)
			})
		}
	}
}

// accept starts a client of OpenSSL's, and makes the handshake with it.
func accept(t *testing.T, id uint16, psk []byte, cfg *Config) (*Conn, io.Writer, *bufio.Reader, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	in, out := openssl(t, id, psk, "s_client", "-psk_identity", Identity, "-connect", l.Addr().String())
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c, err := Server(conn, cfg)
	return c, in, out, err
}

// TestOracleRefused has keys, names and suites that do not go together.
func TestOracleRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		psk  []byte
		cfg  Config
		want Alert
	}{
		{"another key", key[:16], Config{Key: key[:15], Identity: Identity}, BadRecordMAC},
		{"another name", key[:16], Config{Key: key[:16], Identity: "bootes"}, UnknownPSKIdentity},
		{"another suite", key[:16], Config{Key: key[:16], Identity: Identity, Suites: all[1:]}, HandshakeFailure},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, _, err := accept(t, PSKChaCha20Poly1305, c.psk, &c.cfg); err != c.want {
				t.Errorf("our server: %v, want %v", err, c.want)
			}
			if c.name == "another name" {
				return // openssl s_server says so, and goes on
			}
			_, _, conn := serve(t, PSKChaCha20Poly1305, c.psk, "s_server", "-nocert", "-psk_identity", Identity, "-naccept", "1")
			if _, err := Client(conn, &c.cfg); err == nil || !strings.HasPrefix(err.Error(), "remote: ") {
				t.Errorf("our client: %v", err)
			}
		})
	}
}
