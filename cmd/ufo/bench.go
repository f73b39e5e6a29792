package main

import (
	"context"
	"fmt"
	"slices"

	"ufo/hosted/post"
	"ufo/ninep/ninetest"
)

// maxBench is the most megabytes of the file that is read and written.
const maxBench = 1024

// runBench measures a 9P server, or several in turns.
func runBench(c *command) error {
	ctx, stop := untilSignal()
	defer stop()
	if c.check.null != "" {
		return serveNull(ctx, c.check.null)
	}
	if c.check.size < 1 || c.check.size > maxBench {
		return usageError(fmt.Sprintf("-size %d: want 1 to %d", c.check.size, maxBench))
	}
	var peers []*peer
	for _, addr := range c.args {
		peers = append(peers, &peer{name: addr})
	}
	if len(peers) < 2 {
		p, err := c.peer()
		if err != nil {
			return err
		}
		peers = []*peer{p}
	}
	all := make([]ninetest.Bench, len(peers))
	for i, p := range peers {
		all[i] = ninetest.Bench{Suite: c.suite(p), Each: c.check.limit, Size: c.check.size << 20}
	}
	if len(peers) > 1 {
		for i, p := range peers {
			fmt.Fprintf(c.stdout, "%d is %s\n", i+1, p.name)
		}
	}
	i, err := ninetest.Compare(ctx, all, func(row []ninetest.Measure) { fmt.Fprint(c.stdout, benchRow(row)) })
	if err != nil {
		return fmt.Errorf("%s: %w", peers[i].name, c.attached(err))
	}
	return nil
}

// benchRow returns a line with what was measured of each server, and how it
// compares with the first.
func benchRow(row []ninetest.Measure) string {
	i := slices.IndexFunc(row, func(m ninetest.Measure) bool { return m.Unit != "" })
	if i < 0 {
		return ""
	}
	if len(row) == 1 {
		return fmt.Sprintf("%-32s %10.1f %s\n", row[0].Name, row[0].Value, row[0].Unit)
	}
	line := fmt.Sprintf("%-32s %-4s", row[i].Name, row[i].Unit)
	for i, m := range row {
		value, ratio := "-", ""
		if m.Unit != "" {
			value = fmt.Sprintf("%.1f", m.Value)
		}
		if m.Unit != "" && row[0].Unit != "" {
			ratio = fmt.Sprintf("x%.2f", m.Value/row[0].Value)
		}
		line += fmt.Sprintf(" %10s", value)
		if i > 0 {
			line += fmt.Sprintf(" %-6s", ratio)
		}
	}
	return line + "\n"
}

// serveNull answers at a socket as the bound for servers does, until ctx is done.
func serveNull(ctx context.Context, path string) error {
	l, err := post.Listen("unix!" + path)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			l.Close()
			return err
		}
		go ninetest.Null(conn) // ends with the connection
	}
}
