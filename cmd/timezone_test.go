package cmd

import (
	"os"
	"testing"
	"time"
	_ "time/tzdata"
)

// TestTimezones compares the files of /adm/timezone with Go's database, for the
// years that they are for.
func TestTimezones(t *testing.T) {
	zones := map[string]string{
		"GMT": "UTC", "local": "UTC", "Asia_India": "Asia/Kolkata", "CET": "Europe/Paris", "EET": "Europe/Athens", "WET": "Europe/Lisbon",
		"GB-Eire": "Europe/London", "Japan": "Asia/Tokyo", "NZ": "Pacific/Auckland", "PRC": "Asia/Shanghai",
		"US_Central": "America/Chicago", "US_Eastern": "America/New_York", "US_Mountain": "America/Denver", "US_Pacific": "America/Los_Angeles",
	}
	dirs, err := os.ReadDir("../rootfs/adm/timezone")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		t.Run(d.Name(), func(t *testing.T) {
			loc, err := time.LoadLocation(zones[d.Name()])
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile("../rootfs/adm/timezone/" + d.Name())
			if err != nil {
				t.Fatal(err)
			}
			z, err := parsezone(string(text))
			if err != nil {
				t.Fatal(err)
			}
			var times []time.Time
			for _, p := range z.pairs { // the seconds around each change, and some in between
				times = append(times, time.Unix(p-1, 0), time.Unix(p+1, 0))
			}
			end := time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
			for at := time.Date(2000, 1, 1, 0, 30, 0, 0, time.UTC); at.Before(end); at = at.AddDate(0, 0, 1) {
				times = append(times, at)
			}
			for _, at := range times {
				_, want := at.In(loc).Zone()
				if name, got := z.in(at).Zone(); got != want && at.Year() >= 2000 {
					t.Fatalf("%v: %s, %d seconds, not %d", at, name, got, want)
				}
			}
		})
	}
}
