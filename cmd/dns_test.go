package cmd

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"ufo/cmd/ndb"
)

// dnsNdb is a database of names.
const dnsNdb = testNdb + `dom=mail.lab ip=10.9.0.5 ip=2001:db8::5 ipv6=2001:db8::6
	mx=n1.lab pref=10
	mx=n2.lab
	txt="hello, world"
dom=www.lab cname=web.lab
dom=web.lab cname=n2.lab
dom=loop.lab cname=loop.lab
dom=nowhere.lab cname=n9.lab
dom=lab ns=n2.lab
dom=*.wild.lab ip=10.9.0.7
dom=special.wild.lab ip=10.9.0.8
dom=9.9.9.10.in-addr.arpa ptr=nine.lab
sys=six ip=2001:db8::1
ipnet=labnet ip=10.8.0.0 ipmask=/112
	dom=net.lab
`

func TestDns(t *testing.T) {
	db, err := ndb.Parse("local", dnsNdb)
	if err != nil {
		t.Fatal(err)
	}
	d := &resolver{db: db, domains: []string{"lab", "wild.lab"}, owner: "glenda"}
	d.further = func(context.Context, string) ([]string, error) { return nil, errNoName }
	for _, test := range []struct{ name, request, want string }{
		{"domain", "n2.lab ip", "n2.lab ip\t10.9.0.2"},
		{"system", "n1 ip", "n1 ip\t10.9.0.1"},
		{"capitals", "N2.Lab ip", "n2.lab ip\t10.9.0.2"},
		{"rooted", "n2.lab. ip", "n2.lab ip\t10.9.0.2"},
		{"several", "two ip", "two ip\t10.9.0.3|two ip\t10.9.0.4"},
		{"of version 4", "mail.lab ip", "mail.lab ip\t10.9.0.5"},
		{"of version 6", "mail.lab ipv6", "mail.lab ipv6\t2001:db8::5|mail.lab ipv6\t2001:db8::6"},
		{"none of version 6", "n1 ipv6", "resource does not exist"},
		{"mail exchangers", "mail.lab mx", "mail.lab mx\t10 n1.lab|mail.lab mx\t1 n2.lab"},
		{"text", "mail.lab txt", "mail.lab txt\thello, world"},
		{"name server", "lab ns", "lab ns\tn2.lab"},
		{"alias of an alias", "www.lab ip", "n2.lab ip\t10.9.0.2"},
		{"the alias itself", "www.lab cname", "www.lab cname\tweb.lab"},
		{"alias of itself", "loop.lab ip", "resource does not exist"},
		{"alias of nothing", "nowhere.lab ip", "resource does not exist"},
		{"any name", "a.b.wild.lab ip", "a.b.wild.lab ip\t10.9.0.7"},
		{"any name but this", "special.wild.lab ip", "special.wild.lab ip\t10.9.0.8"},
		{"in a domain of ours", "mail ip", "mail.lab ip\t10.9.0.5"},
		{"in the second", "special ip", "special.wild.lab ip\t10.9.0.8"},
		{"rooted is in none", "mail. ip", "name does not exist"},
		{"address", "2.0.9.10.in-addr.arpa ptr", "2.0.9.10.in-addr.arpa ptr\tn2.lab"},
		{"address of a system", "1.0.9.10.in-addr.arpa ptr", "1.0.9.10.in-addr.arpa ptr\tn1"},
		{"address given as such", "9.9.9.10.in-addr.arpa ptr", "9.9.9.10.in-addr.arpa ptr\tnine.lab"},
		{"address of version 6", ptrName(netip.MustParseAddr("2001:db8::1")) + " ptr", ptrName(netip.MustParseAddr("2001:db8::1")) + " ptr\tsix"},
		{"address of a network", "0.0.8.10.in-addr.arpa ptr", "name does not exist"},
		{"no address", "1.2.in-addr.arpa ptr", "name does not exist"},
		{"no address of version 6", "10.2.ip6.arpa ptr", "name does not exist"},
		{"all", "mail.lab all", "mail.lab ip\t10.9.0.5|mail.lab ipv6\t2001:db8::5|mail.lab ipv6\t2001:db8::6|mail.lab mx\t10 n1.lab|mail.lab mx\t1 n2.lab|mail.lab txt\thello, world"},
		{"as in a database", "!n2.lab ip", "dom=n2.lab ip=10.9.0.2"},
		{"6 as in a database", "!six ipv6", "dom=six ip=2001:db8::1"},
		{"mail as in a database", "!mail.lab mx", "dom=mail.lab pref=10 mx=n1.lab|dom=mail.lab pref=1 mx=n2.lab"},
		{"text as in a database", "!mail.lab txt", `dom=mail.lab txt="hello, world"`},
		{"pointer as in a database", "!2.0.9.10.in-addr.arpa ptr", "ptr=2.0.9.10.in-addr.arpa dom=n2.lab"},
		{"network", "net.lab ip", "resource does not exist"},
		{"nothing of the kind", "n2.lab mx", "resource does not exist"},
		{"no type", "n2.lab", "illegal request n2.lab"},
		{"empty", "", "illegal request "},
		{"bad type", "n2.lab srv", "unknown type srv"},
	} {
		t.Run(test.name, func(t *testing.T) {
			replies, err := d.answer(context.Background(), "glenda", test.request)
			got := strings.Join(replies, "|")
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("%s\ngot  %q\nwant %q", test.request, got, test.want)
			}
		})
	}
}

func TestDnsQuestion(t *testing.T) {
	for _, test := range []struct{ name, line, want string }{
		{"name", "n2.lab\n", "n2.lab ip"},
		{"address", "10.9.0.2", "2.0.9.10.in-addr.arpa ptr"},
		{"address of version 6", "::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa ptr"},
		{"type", " n2.lab  mx ", "n2.lab  mx"},
		{"reverse name", "2.0.9.10.in-addr.arpa ptr", "2.0.9.10.in-addr.arpa ptr"},
		{"no address", "n2 ptr", "n2 ptr"},
		{"bang", "! 10.9.0.2", "!2.0.9.10.in-addr.arpa ptr"},
		{"empty", " \n", ""},
		{"bang alone", "!", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := dnsQuestion(test.line); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A reverse name is that of its address, and nothing makes ptrAddr panic.
func FuzzPtrAddr(f *testing.F) {
	f.Add("2.0.9.10.in-addr.arpa")
	f.Add("1.0.0.0.ip6.arpa")
	f.Fuzz(func(t *testing.T, name string) {
		ip, ok := ptrAddr(name)
		if again, ok2 := ptrAddr(ptrName(ip)); ok && (!ok2 || again != ip) {
			t.Errorf("%q: %v, %v", name, ip, again)
		}
	})
}
