package ninep_test

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"ufo/ninep"
)

// attachAs attaches to a server as a user.
func attachAs(srv ninep.Server, user string) ninep.File {
	root, err := srv.Attach(context.Background(), user, "")
	if err != nil {
		fmt.Println(err)
	}
	return root
}

// serverOf returns a server of files.
func serverOf(nodes ...*ninep.Node) ninep.Server {
	return ninep.NewTree("glenda", &ninep.Node{Children: nodes})
}

func ExampleText() {
	ctx := context.Background()
	root := attachAs(serverOf(ninep.Text("version", "2000\n")), "glenda")
	text, err := ninep.ReadFile(ctx, root, "version")
	fmt.Printf("%s%v\n", text, err)
	fmt.Println(ninep.WriteFile(ctx, root, "version", []byte("2001"), 0))
	// Output:
	// 2000
	// <nil>
	// permission denied
}

func ExampleTextFunc() {
	reads := 0
	root := attachAs(serverOf(ninep.TextFunc("reads", func() string {
		reads++
		return fmt.Sprintln(reads)
	})), "glenda")
	for range 2 {
		text, _ := ninep.ReadFile(context.Background(), root, "reads")
		fmt.Print(string(text))
	}
	// Output:
	// 1
	// 2
}

func ExampleCtl() {
	ctl := ninep.Ctl{
		{Name: "delay", Args: "ms [jitter]", Do: func(_ context.Context, args []string) error {
			ms, err := strconv.Atoi(args[0])
			if err != nil {
				return ninep.ErrCmdArgs
			}
			fmt.Println("delay is", ms)
			return nil
		}},
		{Name: "say", Args: "[word ...]", Do: func(_ context.Context, args []string) error {
			fmt.Printf("%q\n", args)
			return nil
		}},
	}
	root := attachAs(serverOf(&ninep.Node{Name: "ctl", Perm: 0222, Write: ctl.Do}), "glenda")
	for _, msg := range []string{"delay 80", "say 'it''s' late\n", "delay", "delay long", "hurry"} {
		if err := ninep.WriteFile(context.Background(), root, "ctl", []byte(msg), 0); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// delay is 80
	// ["it's" "late"]
	// usage: delay ms [jitter]
	// usage: delay ms [jitter]
	// unknown control request
}

func ExampleEvents() {
	ctx := context.Background()
	var keys ninep.Events
	root := attachAs(serverOf(keys.File("keys")), "glenda")
	keys.Send("x") // nobody is there yet
	f, err := ninep.OpenFile(ctx, root, "keys", ninep.OREAD)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	keys.Send("y")
	keys.Send("z")
	keys.Close()
	for p := make([]byte, 100); ; {
		n, err := f.Read(ctx, p, 0) // waits, if there is nothing
		if n == 0 || err != nil {
			fmt.Println("the end,", err)
			break
		}
		fmt.Printf("%s\n", p[:n])
	}
	// Output:
	// y
	// z
	// the end, <nil>
}

// A directory whose files come and go has a List, and if there are many of
// them a Lookup that finds one.
func ExampleNode_list() {
	stock := map[string]int{"apples": 3, "pears": 5}
	file := func(name string) *ninep.Node {
		return ninep.TextFunc(name, func() string { return strconv.Itoa(stock[name]) })
	}
	dir := &ninep.Node{Name: "stock",
		List: func(context.Context) (nodes []*ninep.Node, err error) {
			for name := range stock {
				nodes = append(nodes, file(name))
			}
			return nodes, nil
		},
		Lookup: func(_ context.Context, name string) (*ninep.Node, error) {
			if _, ok := stock[name]; !ok {
				return nil, ninep.ErrNotExist
			}
			return file(name), nil
		},
	}
	root := attachAs(serverOf(dir), "glenda")
	stock["plums"] = 7
	text, err := ninep.ReadFile(context.Background(), root, "stock/plums")
	fmt.Println(string(text), err)
	dirs, _ := ninep.ListDir(context.Background(), root, "stock")
	fmt.Println(len(dirs), "files")
	_, err = ninep.ReadFile(context.Background(), root, "stock/nuts")
	fmt.Println(err)
	// Output:
	// 7 <nil>
	// 3 files
	// file does not exist
}

func ExampleReadOnly() {
	ctx := context.Background()
	srv := counter()
	view := attachAs(ninep.ReadOnly(srv), "glenda")
	fmt.Println(ninep.WriteFile(ctx, view, "ctl", []byte("add 1"), 0))
	fmt.Println(ninep.WriteFile(ctx, attachAs(srv, "glenda"), "ctl", []byte("add 1"), 0))
	text, _ := ninep.ReadFile(ctx, view, "value")
	fmt.Print(string(text))
	// Output:
	// file system read only
	// <nil>
	// 1
}

// Who has attached as glenda may change things, others may look.
func ExampleServerFunc() {
	tree := counter()
	srv := ninep.ServerFunc(func(ctx context.Context, user, spec string) (ninep.File, error) {
		switch user {
		case "glenda":
			return tree.Attach(ctx, user, spec)
		case "none":
			return nil, ninep.ErrNoAttach
		}
		return ninep.ReadOnly(tree).Attach(ctx, user, spec)
	})
	for _, user := range []string{"glenda", "ken"} {
		fmt.Println(user, ninep.WriteFile(context.Background(), attachAs(srv, user), "ctl", []byte("add 1"), 0))
	}
	_, err := srv.Attach(context.Background(), "none", "")
	fmt.Println("none", err)
	// Output:
	// glenda <nil>
	// ken file system read only
	// none mount/attach disallowed
}

func ExampleLog() {
	srv := ninep.Log(os.Stdout, counter(), nil)
	root := attachAs(srv, "glenda")
	ninep.WriteFile(context.Background(), root, "ctl", []byte("add 1"), 0)
	ninep.WriteFile(context.Background(), root, "value", []byte("7"), 0)
	ninep.ReadFile(context.Background(), root, "value")
	// Output:
	// glenda truncate /ctl
	// glenda write /ctl 5
	// glenda open /value: permission denied
}
