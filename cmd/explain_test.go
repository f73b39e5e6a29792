package cmd

import "testing"

// TestExplain explains names on a machine whose root is the only file server.
func TestExplain(t *testing.T) {
	const root = "/       #/  d-rwxrwxrwx glenda glenda  glenda rwx\n"
	runRows(t, []row{
		{"a file", files{"f": "x"}, "explain /tmp/f", root +
			"/tmp    #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
			"/tmp/f  #/  --rw-rw-rw- glenda glenda  glenda rw-\n"},
		{"from the current directory", files{"f": "x"}, "explain f",
			"/tmp    #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
				"/tmp/f  #/  --rw-rw-rw- glenda glenda  glenda rw-\n"},
		{"qids", nil, "explain -v /tmp\nls -qd /tmp", "" +
			"/     #/  (0000000000000000 5 80)  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
			"/tmp  #/  (0000000000000003 0 80)  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
			"(0000000000000003 0 80) /tmp\n"},
		{"nothing to explain", nil, "explain", "usage: explain [-rwxcv] name ...\nstatus: usage\n"},
		{"an option it does not have", nil, "explain -q x", "usage: explain [-rwxcv] name ...\nstatus: usage\n"},
		{"an empty name", nil, "explain ''", "the kernel refuses: empty file name\nstatus: empty file name\n"},
		{"below a file", files{"f": "x"}, "explain -r f/g",
			"/tmp    #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
				"/tmp/f  #/  --rw-rw-rw- glenda glenda  glenda rw-\n" +
				"the kernel refuses: not a directory\n  there is nothing below a file\n" +
				"status: 'f' not a directory\n"},
		{"what is no device", nil, "explain '#M'", "the kernel refuses: unknown device in # filename\n" +
			"  #M is what mounted trees have in common, and no device: they are mounted from files in /srv\n" +
			"status: '#M' unknown device in # filename\n"},
		{"several", files{"f": "x"}, "explain f ./g",
			"/tmp    #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
				"/tmp/f  #/  --rw-rw-rw- glenda glenda  glenda rw-\n\n" +
				"/tmp  #/  d-rwxrwxrwx glenda glenda  glenda rwx\n    g: file does not exist\n" +
				"device #/ refuses: file does not exist\nstatus: './g' file does not exist\n"},
		{"a permission", files{"f": "x"}, "chmod 0 f\nexplain -w f",
			"/tmp    #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
				"/tmp/f  #/  ----------- glenda glenda  glenda ---\n    open for writing: permission denied\n" +
				"device #/ refuses: permission denied\n  to write takes w; glenda is its owner, and has ---\n" +
				"status: 'f' permission denied\n"},
		{"a directory for writing", nil, "explain -w /tmp",
			"/     #/  d-rwxrwxrwx glenda glenda  glenda rwx\n/tmp  #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
				"the kernel refuses: file is a directory\n" +
				"  a directory can be opened for reading only: files are made in it with create\n" +
				"status: '/tmp' file is a directory\n"},
		{"creating what is there leaves it", files{"f": "x"}, "explain -c f\ncat f",
			"/tmp    #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
				"/tmp/f  #/  --rw-rw-rw- glenda glenda  glenda rw-\n" +
				"the kernel refuses: file already exists\n" +
				"  create(2) would make the file empty: whether it might, explain -w tells\n" +
				"status: 'f' file already exists\nx"},
		{"creating leaves nothing", nil, "explain -c f\nls",
			"/tmp  #/  d-rwxrwxrwx glenda glenda  glenda rwx\n    f: file does not exist\n    create f: ok\n"},
		{"a command", nil, "explain cat", "cat is looked for in $path: /bin .\n" +
			"/         #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
			"/bin      #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
			"/bin/cat  #/  --rwxrwxrwx glenda glenda  glenda rwx\n    open for execution: ok\n"},
		{"a file is no command", files{"cat": ""}, "explain cat",
			"/tmp      #/  d-rwxrwxrwx glenda glenda  glenda rwx\n" +
				"/tmp/cat  #/  --rw-rw-rw- glenda glenda  glenda rw-\n"},
		{"no network", nil, "explain tcp!n1!9fs",
			"ask      nobody: /net/cs: file does not exist; the address stands for itself\n" +
				"answer   1 of 1: open /net/tcp/clone, write connect n1!9fs\n" +
				"call     n1!9fs: file does not exist\n" +
				"status: '/net' file does not exist\n"},
	})
}

func TestIsDialString(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"an address", "tcp!n1!9fs", true},
		{"without a service", "tcp!n1", true},
		{"of another network", "/net.alt/tcp!n1!9fs", true},
		{"of a network in a device", "#I/tcp!n1!9fs", true},
		{"a service that is off", "/rc/bin/service/!tcp79", false},
		{"a name", "/lib/ndb/local", false},
		{"a name with an exclamation mark", "./a!b", false},
		{"a file in a directory", "dir/a!", false},
		{"nothing to call", "tcp!", false},
		{"nothing", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := isDialString(tt.text); got != tt.want {
				t.Errorf("%q: %v", tt.text, got)
			}
		})
	}
}

func TestLinkState(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"as it is at first", "delay 0s\njitter 0s\nbandwidth 0\nloss 0%\nlimit 262144\nseed 0\nheal\n", "whole"},
		{"cut", "delay 0s\ncut\n", "cut"},
		{"slow", "delay 80ms\nloss 2%\nheal\n", "whole, delay 80ms, loss 2%"},
		{"nothing", "", "whole"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := linkState(tt.text); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
