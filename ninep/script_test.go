package ninep_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// The golden transcripts are scripts for a live server, too: each connection
// to one of its own.
func TestTranscriptsAreScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, sessions, _ := strings.Cut(string(text), "\nserve ")
		for s := range strings.SplitSeq(sessions, "\nserve ") {
			if first, _, _ := strings.Cut(s, "\n"); first != "world" {
				continue // with limits, or a secret
			}
			t.Run(filepath.Base(file), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					dial := func(context.Context) (io.ReadWriteCloser, error) {
						a, b := Pipe()
						go Serve(ctx, a, world(), nil) // ends with ctx
						return b, nil
					}
					said, err := ninetest.Suite{Dial: dial}.Script(ctx, "serve "+s)
					if err != nil {
						t.Errorf("%v\n%s", err, strings.Join(said, "\n"))
					}
				})
			})
		}
	}
}
