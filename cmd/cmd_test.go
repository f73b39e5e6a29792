package cmd

import (
	"slices"
	"testing"
)

func TestTableIsSorted(t *testing.T) {
	if names := Names(); !slices.IsSorted(names) || len(slices.Compact(names)) != len(Table) {
		t.Errorf("not sorted, or a name twice: %q", names)
	}
	for _, c := range Table {
		if got, ok := Lookup(c.Name); !ok || got.Name != c.Name {
			t.Errorf("Lookup(%q) = %q, %v", c.Name, got.Name, ok)
		}
	}
	if _, ok := Lookup("nosuch"); ok {
		t.Error(`Lookup("nosuch") finds something`)
	}
}
