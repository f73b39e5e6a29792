package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestUsers adds people, whose passwords are told once, and kept.
func TestUsers(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	file := filepath.Join(dir, "one", "passwords")
	const told = "ufo: the password of %s is [a-z2-7]{4}(-[a-z2-7]{4}){3}, kept in "
	say := func(name string) string { return strings.Replace(told, "%s", name, 1) + regexp.QuoteMeta(file) + "\n" }
	want(t, "", 0, say("ken")+say("glenda")+"/usr/glenda\n/usr/ken\n3:ken:ken:\n", "-users", "ken,glenda", "-c", "ls -d /usr/*; grep ken /adm/users")
	b, err := os.ReadFile(file)
	if info, serr := os.Stat(file); err != nil || serr != nil || info.Mode() != 0600 || !regexp.MustCompile("^ken [a-z2-7-]{19}\nglenda [a-z2-7-]{19}\n$").Match(b) {
		t.Errorf("the file: %q, %v", b, err)
	}
	want(t, "", 0, say("rob")+"ken ken\n", "-users", "ken,rob", "-c", "ls -ld /usr/ken | awk '{print $4, $5}'")
	again, _ := os.ReadFile(file)
	if !strings.HasPrefix(string(again), string(b)) {
		t.Errorf("passwords that were told are others: %q", again)
	}
	// They are good: the authentication server knows them.
	ken := strings.Fields(string(b))[1]
	check := "echo 'key proto=dp9ik dom=lab.local user=ken !password=" + ken + "' >/mnt/factotum/ctl; auth/keyfs >/dev/null; ls -p /mnt/keys"
	want(t, "", 0, "glenda\nken\nrob\n", "-c", check)
	want(t, "", 0, strings.Split(say("ken"), ",")[0]+"\n", "-mem", "-users", "ken", "-c", "")
	want(t, "", 0, say("ken")+"glenda\nken\n", "-fresh", "-users", "ken", "-c", check)
	want(t, "", 2, "ufo: -users a:b: a:b: unknown user\nusage: .*", "-users", "a:b", "-c", "")
}

// TestUsersNoDomain has people where nobody could know their passwords.
func TestUsersNoDomain(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	file := filepath.Join(dir, "lab.ndb")
	os.WriteFile(file, []byte("sys=term ip=10.9.0.9\n\trole=fs role=terminal\n"), 0666)
	want(t, "", 0, "ufo: -users: no passwords, as no node is an authentication server with a key for them\n/usr/ken\n", "up", "-users", "ken", "-c", "ls -d /usr/ken", file)
}

// TestForgotten boots a grid whose authentication server, which is its file server too,
// has lost its key: it lets nobody in, the users' keys are still there.
func TestForgotten(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	want(t, "", 0, "/rc\n", "up", "-c", "ls -d /rc", "four")
	os.Remove(filepath.Join(dir, "four", "n1.nvram"))
	want(t, "", 0, "ufo: no keys: the key of n1 is forgotten; .*\nboot: no name space from the root: mount /root: not authenticated\n", "up", "-c", "test -e /rc || status=''", "four")
}
