package hostexec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"ufo/hosted/fuse"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// magics are what programs of this host begin with.
var magics = []string{"\x7fELF"}

// maxIO is how much a program reads or writes at once: the memory for it has to
// be had each time one is started.
const maxIO = 128 << 10

// A running is a program on the host: our side of its shim.
type running struct {
	cmd     *command
	sock    *net.UnixConn
	mounted *fuse.Mounted
	release func() // of the name space

	heard  chan struct{} // closed when the shim says no more
	status string        // what it said last; known when heard is closed
}

// start starts the program in the name space of the session's process.
func (e executable) start(s *session) (*program, error) {
	view, release, err := s.p.Look()
	if err != nil {
		return nil, err
	}
	o := order{At: e.root(s, view), Path: e.name, Dir: s.p.Getwd(), TTY: s.tty}
	env := nodeEnviron(s.p)
	if o.At != "/" {
		o.Path, o.Dir = path.Join(o.At, o.Path), path.Join(o.At, o.Dir)
		env = os.Environ()
	}
	env = append(env, environ(s.p)...)
	r, err := o.launch(spec{args: s.p.Args, env: env, pty: s.tty, errPipe: s.errPipe, rows: s.rows, cols: s.cols})
	if err != nil {
		release()
		return nil, err
	}
	r.release = release
	// A note ends what does not come to an end, such as a walk to a hung mount.
	ctx := s.p.Context()
	stop := context.AfterFunc(ctx, func() { r.cmd.signal(sigKill) })
	defer stop()
	err = r.serve(view.Export("/"), fuse.Options{Context: s.p.Life(), User: s.p.User(), MaxIO: maxIO, Log: e.loader.Log})
	if err == nil {
		err = r.expect("started")
	}
	if err != nil {
		r.cmd.signal(sigKill)
		<-r.cmd.gone
		r.close()
		if ctx.Err() != nil {
			err = ninep.ErrIntr
		}
		return nil, err
	}
	go r.listen() // ends with the shim
	return &program{command: r.cmd, signal: r.signal, status: r.ended, close: r.close}, nil
}

// nodeEnviron returns what else a program needs that sees nothing of the host:
// the variables that Plan 9 has by other names.
func nodeEnviron(p *proc.Proc) []string {
	return []string{
		"PATH=" + strings.ReplaceAll(variable(p, "path"), "\x00", ":"),
		"HOME=" + variable(p, "home"), "USER=" + p.User(), "TERM=" + hostTerm(),
	}
}

// root returns where the name space shall be in what the program sees: what
// $hostroot says, or where the program finds what loads its libraries.
func (e executable) root(s *session, view ns.View) string {
	if at := variable(s.p, "hostroot"); strings.HasPrefix(at, "/") {
		return path.Clean(at)
	}
	if e.interp == "" {
		return "/"
	}
	if _, err := view.Stat(s.p.Life(), e.interp); err == nil {
		return "/"
	}
	return "/n"
}

// launch starts the shim and waits until it can do no more alone.
func (o order) launch(s spec) (*running, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, hostError(err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "shim"), os.NewFile(uintptr(pair[1]), "shim")
	defer ours.Close()
	defer theirs.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		return nil, hostError(err)
	}
	text, err := json.Marshal(o)
	if err != nil {
		conn.Close()
		return nil, err
	}
	s.path, s.dir, s.clean, s.extra = "/proc/self/exe", "/", true, []*os.File{theirs}
	s.args = append([]string{shimName, string(text)}, s.args...)
	s.attr = func(a *syscall.SysProcAttr) {
		a.Setctty = false // the terminal is for the program's own session
		a.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		// Who is not root has the privileges of his namespace until he executes
		// something, which the shim is.
		a.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
	cmd, err := s.start(nil)
	if err != nil {
		conn.Close()
		return nil, namespaceError(err)
	}
	return &running{cmd: cmd, sock: conn.(*net.UnixConn), heard: make(chan struct{})}, nil
}

// namespaceError returns why no namespace could be made, and what mends it.
func namespaceError(err error) error {
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) {
		return ninep.Error("the host does not let users make namespaces: as root, sysctl user.max_user_namespaces=10000" +
			" kernel.unprivileged_userns_clone=1, as far as the host knows them")
	}
	return hostError(err)
}

// serve waits for the shim's /dev/fuse, serves the name space there, and says so.
func (r *running) serve(srv ninep.Server, opt fuse.Options) error {
	fd, err := r.receiveFD()
	if err != nil {
		return err
	}
	if r.mounted, err = fuse.Serve(opt.Context, srv, fd, opt); err != nil {
		return err
	}
	_, err = r.sock.Write([]byte("go"))
	return err
}

// receiveFD returns the descriptor that the shim sends.
func (r *running) receiveFD() (int, error) {
	b, oob := make([]byte, 1024), make([]byte, unix.CmsgSpace(4))
	n, noob, _, _, err := r.sock.ReadMsgUnix(b, oob)
	if err == nil && noob == 0 {
		err = said(b[:n])
	}
	if err != nil {
		return -1, err
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:noob])
	if err != nil || len(msgs) != 1 {
		return -1, errShim
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) != 1 {
		return -1, errShim
	}
	unix.CloseOnExec(fds[0])
	return fds[0], nil
}

// expect waits for a word of the shim.
func (r *running) expect(word string) error {
	b := make([]byte, 1024)
	n, err := r.sock.Read(b)
	if err != nil || string(b[:n]) != word {
		return said(b[:n])
	}
	return nil
}

// errShim is what a shim has died of that says nothing.
var errShim = errors.New("the program that was to prepare a namespace has ended: does main call hostexec.Shim?")

// said returns the error that a message of the shim is.
func said(msg []byte) error {
	if text, ok := strings.CutPrefix(string(msg), "error "); ok {
		return ninep.Error(text)
	}
	return errShim
}

// listen hears how the program ended.
func (r *running) listen() {
	defer close(r.heard)
	r.status = "kill" // of the shim, if it says nothing
	b := make([]byte, 1024)
	for {
		n, err := r.sock.Read(b)
		if n == 0 || err != nil {
			return
		}
		if num, ok := strings.CutPrefix(string(b[:n]), "status "); ok {
			if ws, err := strconv.Atoi(num); err == nil {
				r.status = exitStatus(syscall.WaitStatus(ws))
			}
		}
	}
}

// ended returns the program's exit status.
func (r *running) ended() string {
	<-r.heard
	return r.status
}

// signal sends the program's process group a signal.
func (r *running) signal(sig signal) error {
	_, err := r.sock.Write([]byte("signal " + strconv.Itoa(int(sig))))
	return hostError(err)
}

// close gives back what the program had. It has ended.
func (r *running) close() {
	r.sock.Close()
	if r.mounted != nil {
		r.mounted.Unmount()
	}
	r.release()
	r.cmd.close()
}

// Available returns nil if programs of the host can be run in a name space, or
// an error that says what is missing and what mends it. It tries it, which
// takes a few milliseconds.
func Available() error {
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: as root, modprobe fuse; chmod 666 /dev/fuse", err)
	}
	f.Close()
	r, err := order{Probe: true}.launch(spec{})
	if err != nil {
		return err
	}
	r.release = func() {}
	fd, err := r.receiveFD()
	if err == nil {
		unix.Close(fd)
	}
	r.cmd.signal(sigKill)
	<-r.cmd.gone
	r.close()
	return err
}
