package aout_test

import (
	"fmt"
	"os"
	"testing"

	"ufo/hosted/vm"
)

// platformVar names the platform of the tests, or is "all"; if it is not set that
// is the one of who asks for none, and those tests for which it matters are made on
// each.
const platformVar = "PLATFORM"

func TestMain(m *testing.M) {
	names := []string{os.Getenv(platformVar)}
	if names[0] == "all" {
		names = vm.PlatformNames()
	}
	for _, name := range names {
		os.Setenv(platformVar, name)
		if code := m.Run(); code != 0 {
			fmt.Printf("on the platform %s\n", name)
			os.Exit(code)
		}
	}
}

// each makes a test on each platform, unless one was asked for.
func each(t *testing.T, f func(t *testing.T)) {
	if os.Getenv(platformVar) != "" {
		f(t)
		return
	}
	for _, name := range vm.PlatformNames() {
		t.Run(name, func(t *testing.T) {
			t.Setenv(platformVar, name)
			f(t)
		})
	}
}

// platform returns the platform of the tests.
func platform(t testing.TB) vm.Platform {
	p, err := vm.NewPlatform(os.Getenv(platformVar))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
