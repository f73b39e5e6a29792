package ramfs_test

import (
	"context"
	"fmt"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// A tree in memory with a megabyte for all files together, as anybody sees it who
// mounts it.
func ExampleNew() {
	ctx := context.Background()
	srv := ramfs.New("glenda", time.Now, 1<<20)
	root, err := srv.Attach(ctx, "rob", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	f, err := root.Create(ctx, "notes", 0644, ninep.OWRITE)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = f.Write(ctx, make([]byte, 2<<20), 0)
	fmt.Println(err)
	f.Write(ctx, []byte("to be read\n"), 0)
	f.Close()
	text, err := ninep.ReadFile(ctx, root, "notes")
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// kernel allocate failed
	// to be read
	// <nil>
}
