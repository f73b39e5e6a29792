package test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ufo/dev"
)

// TestDevicesTable compares docs/devices.md with the devices there are, from
// which -update writes it.
func TestDevicesTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Devices\n\nMade from the table in [dev/devices.go](../dev/devices.go) by `go test ./test -update`.\n\n")
	b.WriteString("| | page | what it is |\n|---|---|---|\n")
	for _, d := range slices.Concat(dev.Devices, dev.Hosted) {
		letter := strings.ReplaceAll(string(d.Letter), "|", "\\|")
		fmt.Fprintf(&b, "| `#%s` | %s(3) | %s |\n", letter, d.Name, d.Text)
	}
	const name = "../docs/devices.md"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil || string(have) != b.String() {
		t.Errorf("%s is missing or stale (%v): run go test ./test -update", name, err)
	}
}
