package fuse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"ufo/ninep"
)

// device is where the host's kernel speaks FUSE.
const device = "/dev/fuse"

// Mount mounts a Server on a directory of the host: by mount(2) as root, by
// fusermount3 otherwise. A dead mount that is there is cleared away first.
//
// Ctx is for attaching. Error: what Attach returned, or what is missing on the
// host and what mends it.
func Mount(ctx context.Context, srv ninep.Server, dir string, opt Options) (*Mounted, error) {
	if err := Available(); err != nil {
		return nil, err
	}
	dir, err := absolute(dir)
	if err != nil {
		return nil, err
	}
	if Dead(dir) {
		if err := Clear(dir); err != nil {
			return nil, err
		}
	}
	fs, err := newFileSystem(ctx, srv, opt)
	if err != nil {
		return nil, err
	}
	fd, err := mount(dir, fs.opt)
	if err != nil {
		fs.close()
		return nil, err
	}
	m, err := serve(fs, fd)
	if err != nil {
		return nil, errors.Join(err, detach(dir))
	}
	m.dir, m.host.id = dir, lastMount(dir)
	return m, nil
}

// absolute returns a name of dir by which the table of mounts knows it. It
// looks at the directories above it only, not at what may be mounted there.
func absolute(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	up, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return "", err
	}
	return filepath.Join(up, filepath.Base(abs)), nil
}

// Available returns nil if this host can mount for the present user, or an
// error that says what is missing and what mends it.
func Available() error {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s does not exist: the host's kernel has no FUSE; as root, modprobe fuse", device)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s may not be opened: as root, chmod 666 %s", device, device)
	case err != nil:
		return fmt.Errorf("%w: does the host's kernel have FUSE? as root, modprobe fuse", err)
	}
	f.Close()
	if os.Geteuid() == 0 {
		return mayMount()
	}
	_, err = fusermount()
	return err
}

// mayMount returns an error if we are root without what makes him so, as in a
// container.
func mayMount() error {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&head, &data[0]); err != nil {
		return fmt.Errorf("capget: %w", err)
	}
	if data[0].Effective&(1<<unix.CAP_SYS_ADMIN) == 0 {
		return errors.New("root may not mount here: give the container CAP_SYS_ADMIN, or run as an ordinary user with fuse3 installed")
	}
	return nil
}

// fusermount returns where the program is that mounts for users.
func fusermount() (string, error) {
	for _, name := range []string{"fusermount3", "/bin/fusermount3", "fusermount", "/bin/fusermount"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("fusermount3 is not there, without which only root can mount: install the package fuse3")
}

// MountData returns what mount(2) wants to know for a mount of type "fuse.ufo"
// that is answered from the /dev/fuse descriptor fd, on behalf of a user and a
// group. It is for who mounts what [Serve] serves; the flags are MS_NOSUID and
// MS_NODEV, and MS_RDONLY with ReadOnly.
func MountData(fd int, uid, gid uint32, opt Options) string {
	data := fmt.Sprintf("fd=%d,rootmode=%o,user_id=%d,group_id=%d,max_read=%d", fd, unix.S_IFDIR, uid, gid, opt.maxIO())
	if opt.AllowOther {
		data += ",allow_other"
	}
	return data
}

// mount mounts on dir and returns the descriptor to serve.
func mount(dir string, opt Options) (int, error) {
	if os.Geteuid() == 0 {
		return mountDirect(dir, opt)
	}
	return mountUser(dir, opt)
}

// mountDirect mounts as root.
func mountDirect(dir string, opt Options) (int, error) {
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", device, err)
	}
	var flags uintptr = unix.MS_NOSUID | unix.MS_NODEV
	if opt.ReadOnly {
		flags |= unix.MS_RDONLY
	}
	data := MountData(fd, uint32(os.Geteuid()), uint32(os.Getegid()), opt)
	err = unix.Mount(opt.Name, dir, "fuse."+subtype, flags, data)
	if err == nil {
		return fd, nil
	}
	unix.Close(fd)
	return -1, fmt.Errorf("mount on %s: %w", dir, err)
}

// mountUser lets fusermount3 mount, which sends the descriptor over a socket.
func mountUser(dir string, opt Options) (int, error) {
	bin, err := fusermount()
	if err != nil {
		return -1, err
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socketpair: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "fusermount"), os.NewFile(uintptr(pair[1]), "fusermount")
	defer ours.Close()
	defer theirs.Close()
	comma := strings.NewReplacer(`\`, `\\`, ",", `\,`)
	options := fmt.Sprintf("fsname=%s,subtype=%s,max_read=%d,nosuid,nodev", comma.Replace(opt.Name), subtype, opt.maxIO())
	if opt.AllowOther {
		options += ",allow_other"
	}
	if opt.ReadOnly {
		options += ",ro"
	}
	cmd := exec.Command(bin, "-o", options, "--", dir)
	cmd.Env = append(os.Environ(), "_FUSE_COMMFD=3")
	cmd.ExtraFiles = []*os.File{theirs}
	if out, err := cmd.CombinedOutput(); err != nil {
		return -1, fmt.Errorf("mount on %s: %w: %s", dir, err, bytes.TrimSpace(out))
	}
	return receiveFD(pair[0])
}

// receiveFD returns the descriptor that comes over a socket.
func receiveFD(socket int) (int, error) {
	oob := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(socket, make([]byte, 1), oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("fusermount: %w", err)
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil || len(msgs) != 1 {
		return -1, errors.New("fusermount: no descriptor came")
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) != 1 {
		return -1, errors.New("fusermount: no descriptor came")
	}
	return fds[0], nil
}
