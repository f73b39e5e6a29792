package cmd

import (
	"context"
	"strings"
	"testing"

	"ufo/cmd/ndb"
)

func TestCs(t *testing.T) {
	db, err := ndb.Parse("local", testNdb)
	if err != nil {
		t.Fatal(err)
	}
	c := &connserver{mtpt: "/net", db: db, nets: []string{"tcp"}, ips: []string{"10.9.0.2"}}
	c.dns = func(_ context.Context, host string) ([]string, error) {
		if host != "outside.example" {
			return nil, errNoAddress
		}
		return []string{"192.0.2.1", "2001:db8::1"}, nil
	}
	for _, test := range []struct{ name, request, want string }{
		{"system and service", "tcp!n1!9fs", "/net/tcp/clone 10.9.0.1!564"},
		{"any network", "net!n1!9fs", "/net/tcp/clone 10.9.0.1!564"},
		{"domain name", "tcp!n2.lab!7", "/net/tcp/clone 10.9.0.2!7"},
		{"several addresses", "tcp!two!7", "/net/tcp/clone 10.9.0.3!7|/net/tcp/clone 10.9.0.4!7"},
		{"address", "tcp!10.1.2.3!9fs", "/net/tcp/clone 10.1.2.3!564"},
		{"address in brackets", "tcp![10.1.2.3]!9fs", "/net/tcp/clone 10.1.2.3!564"},
		{"address of version 6", "tcp!fe80::1!9fs", "/net/tcp/clone fe80::1!564"},
		{"announce", "tcp!*!9fs", "/net/tcp/clone 564"},
		{"announce all", "tcp!*!*", "/net/tcp/clone *"},
		{"restricted", "tcp!n1!exec", "/net/tcp/clone 10.9.0.1!512!r"},
		{"restricted number", "tcp!n1!512", "/net/tcp/clone 10.9.0.1!512!r"},
		{"another network", "udp!n1!dns", "/net/udp/clone 10.9.0.1!53"},
		{"service of another network", "tcp!n1!dns", "can't translate service"},
		{"what follows the service", "tcp!n1!9fs!fasttimeout", "/net/tcp/clone 10.9.0.1!564!fasttimeout"},
		{"unknown network", "il9!host!serv", "/net/il9/clone host!serv"},
		{"our network's server", "tcp!$auth!9fs", "/net/tcp/clone 10.9.0.1!564"},
		{"nobody's server", "tcp!$smtp!9fs", "can't translate address"},
		{"host outside", "tcp!outside.example!9fs", "/net/tcp/clone 192.0.2.1!564|/net/tcp/clone 2001:db8::1!564"},
		{"host outside, unknown service", "net!outside.example!nosuch", "can't translate service"},
		{"host outside, service and more", "net!outside.example!7!x", "/net/tcp/clone 192.0.2.1!7!x|/net/tcp/clone 2001:db8::1!7!x"},
		{"unknown system", "tcp!n9!9fs", "can't translate address"},
		{"unknown service", "tcp!n1!nosuch", "can't translate service"},
		{"odd service", "tcp!n1!a b", "can't translate service"},
		{"no service", "tcp!n1", "can't translate service"},
		{"empty service", "tcp!n1!", "/net/tcp/clone 10.9.0.1!"},
		{"no host and no service", "tcp!!!!x", "can't translate address"},
		{"name only", "n1", "can't translate service"},
		{"nothing", "", "bad request"},
		{"entry", "!sys=n2", "sys=n2 ip=10.9.0.2 dom=n2.lab|role=cpu|role=venti"},
		{"all pairs must match", "!sys=n2 role=venti", "sys=n2 ip=10.9.0.2 dom=n2.lab|role=cpu|role=venti"},
		{"any value", "!sys=n2 dom=*", "sys=n2 ip=10.9.0.2 dom=n2.lab|role=cpu|role=venti"},
		{"no entry", "!sys=n2 role=fs", "no match"},
		{"no pairs", "!sys", "bad query"},
		{"no query", "!", "bad query"},
		{"about a system", "!ipinfo sys=n1 fs role", "role=fs fs=n1"},
		{"about us", "!ipinfo dom @auth", "dom=n2.lab auth=10.9.0.1"},
		{"about nothing", "!ipinfo sys=n1", "bad query"},
		{"about nobody", "!ipinfo sys=n9 fs", "no match"},
	} {
		t.Run(test.name, func(t *testing.T) {
			replies, err := c.answer(t.Context(), "none", test.request)
			got := strings.Join(replies, "|")
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("%s: %q, want %q", test.request, got, test.want)
			}
		})
	}
}

func TestNdbCommands(t *testing.T) {
	rcRows(t, []row{
		{name: "query value", cmd: `ndb/query sys n2 ip`, want: "10.9.0.2\n"},
		{name: "query entry", cmd: `ndb/query sys n2`, want: "sys=n2 ip=10.9.0.2 dom=n2.lab\n\trole=cpu\n\trole=venti\n"},
		{name: "query pairs", cmd: `ndb/query sys n2 role ip`, want: "ip=10.9.0.2\n\trole=cpu\n\trole=venti\n"},
		{name: "query all values of an entry", cmd: `ndb/query -m sys n2 role`, want: "cpu\nventi\n"},
		{name: "query all entries", cmd: `ndb/query -a role cpu sys`, want: "n2\n"},
		{name: "query no entry", cmd: `ndb/query sys n9 ip`},
		{name: "query as of a system", cmd: `ndb/query -i sys n2 fs`, want: "n1\n"},
		{name: "query addresses", cmd: `ndb/query -i sys n2 @fs auth`, want: "fs=10.9.0.1 auth=n1\n"},
		{name: "query another file", cmd: `echo 'a=b c=d' >f; ndb/query -f f a b c`, want: "d\n"},
		{name: "query no file", cmd: `ndb/query -f nosuch a b`, want: "ndb/query: no db files: 'nosuch' file does not exist\nstatus: no db files: 'nosuch' file does not exist\n"},
		{name: "query a bad file", cmd: `echo 'a="b' >f; ndb/query -f f a b`,
			want: "ndb/query: no db files: f:1: a=: no closing quote\nstatus: no db files: f:1: a=: no closing quote\n"},
		{name: "cs", cmd: `bind -c /tmp /net; mkdir tcp; touch tcp/clone; ndb/cs; ndb/csquery /net/cs tcp!n1!9fs net!n2!7; ndb/csquery -s /net/cs tcp!n9!9fs`,
			want: "/net/tcp/clone 10.9.0.1!564\n/net/tcp/clone 10.9.0.2!7\nstatus: errors\n"},
		{name: "csquery asks for addresses", cmd: `bind -c /tmp /net; ndb/cs; echo tcp!n1!7 | ndb/csquery >[2]/dev/null`, want: "/net/tcp/clone 10.9.0.1!7\n"},
		{name: "query asks cs", cmd: `bind -c /tmp /net; ndb/cs; ndb/query -c sys n2 dom; ndb/query -ci sys n2 fs auth`, want: "n2.lab\nfs=n1 auth=n1\n"},
		{name: "refresh", cmd: `bind -c /tmp /net; ndb/cs; echo 'sys=n5 ip=10.9.0.5' >>/lib/ndb/local; ndb/csquery -s /net/cs tcp!n5!7 || echo unknown; echo refresh >/net/cs; ndb/csquery /net/cs tcp!n5!7`,
			want: "unknown\n/net/tcp/clone 10.9.0.5!7\n"},
		{name: "another cs takes its place", cmd: `bind -c /tmp /net; ndb/cs; ndb/cs; ns | grep -c srv/cs; ndb/csquery /net/cs tcp!n1!7`, want: "1\n/net/tcp/clone 10.9.0.1!7\n"},
	})
}
