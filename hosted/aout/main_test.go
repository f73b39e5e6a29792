package aout_test

import (
	"fmt"
	"os"
	"testing"

	"ufo/hosted/vm"
)

// platformVar names the platform of the tests, or is "all"; if it is not set that
// is the one of who asks for none.
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

// platform returns the platform of the tests.
func platform(t testing.TB) vm.Platform {
	p, err := vm.NewPlatform(os.Getenv(platformVar))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
