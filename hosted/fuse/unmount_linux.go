package fuse

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A hostMount is what we hold of a mount in the host.
type hostMount struct {
	fd int    // our own descriptor of the connection to the kernel
	id string // in the table of mounts
}

// holdFD returns a hostMount with a descriptor of its own.
func holdFD(fd int) (hostMount, error) {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return hostMount{}, fmt.Errorf("dup of %s: %w", device, err)
	}
	return hostMount{fd: own}, nil
}

// closeFD closes a descriptor of the host.
func closeFD(fd int) { unix.Close(fd) }

// close gives the connection up; the kernel then forgets it.
func (h *hostMount) close() { unix.Close(h.fd) }

// Unmount takes the mount away. If it is in use, all calls end first, and who
// still has a file of it open, or stands in it, gets errors from then on.
// Every File is closed when it returns, unless there is an error. A second
// call returns what the first did.
func (m *Mounted) Unmount() error {
	m.once.Do(func() { m.err = m.unmount() })
	return m.err
}

func (m *Mounted) unmount() error {
	var err error
	if m.dir != "" && m.mounted() {
		if err = detachClean(m.dir); err != nil {
			m.fs.die()
			err = detach(m.dir)
		}
	}
	m.fs.die()
	select {
	case <-m.done:
	case <-time.After(20 * time.Millisecond):
		go m.hangUp() // ends with the serving, or when nobody waits for that any more
	}
	return errors.Join(err, m.wait())
}

// mounted reports whether what is mounted on dir is this.
func (m *Mounted) mounted() bool {
	select {
	case <-m.done:
		return false
	default:
		return m.host.id == lastMount(m.dir)
	}
}

// hangUp ends the serving of a mount that somebody still has, by giving up the
// connection: the kernel then answers everybody itself. The readers of the
// module have to leave it for that. They are told that there is nothing to wait
// for, but those that wait already see that only when a signal has interrupted
// them: SIGURG, of which the Go runtime sends itself any number and takes one
// more without harm.
func (m *Mounted) hangUp() {
	if err := unix.SetNonblock(m.host.fd, true); err != nil {
		return
	}
	t := time.NewTicker(5 * time.Millisecond)
	defer t.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return
		}
		for _, thread := range threads {
			if id, err := strconv.Atoi(thread.Name()); err == nil {
				unix.Tgkill(os.Getpid(), id, unix.SIGURG)
			}
		}
		select {
		case <-m.done:
			return
		case <-t.C:
		}
	}
}

// detachClean unmounts what nobody uses.
func detachClean(dir string) error {
	if os.Geteuid() == 0 {
		return unix.Unmount(dir, unix.UMOUNT_NOFOLLOW)
	}
	return runFusermount("-u", dir)
}

// detach unmounts from the host's tree what may be in use.
func detach(dir string) error {
	var err error
	if os.Geteuid() == 0 {
		err = unix.Unmount(dir, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	} else {
		err = runFusermount("-u", "-z", dir)
	}
	if err != nil {
		return fmt.Errorf("unmount %s: %w", dir, err)
	}
	return nil
}

// runFusermount runs fusermount3.
func runFusermount(args ...string) error {
	bin, err := fusermount()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// Dead reports whether a mount of ours is on dir whose server has died: every
// use of it gives ENOTCONN.
func Dead(dir string) bool {
	abs, err := absolute(dir)
	if err != nil || lastMount(abs) == "" {
		return false
	}
	answer := make(chan error, 1)
	go func() { // ends when the host answers
		var st unix.Stat_t
		answer <- unix.Stat(abs, &st)
	}()
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	select {
	case err := <-answer:
		return errors.Is(err, syscall.ENOTCONN)
	case <-t.C:
		return false
	}
}

// Clear takes a dead mount of ours away from dir; that there is none is no
// error.
func Clear(dir string) error {
	for Dead(dir) {
		abs, err := absolute(dir)
		if err != nil {
			return err
		}
		if err := detach(abs); err != nil {
			return err
		}
	}
	return nil
}

// lastMount returns the number of the mount of ours that one sees on dir, in
// the host's table of mounts; "" if there is none, or another.
func lastMount(dir string) string {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	id := ""
	for s := bufio.NewScanner(f); s.Scan(); {
		before, after, ok := strings.Cut(s.Text(), " - ")
		w := strings.Fields(before)
		if !ok || len(w) < 5 || unescape(w[4]) != dir {
			continue
		}
		id = ""
		if strings.HasPrefix(after, "fuse."+subtype+" ") {
			id = w[0]
		}
	}
	return id
}

// unescape undoes the octal escapes of the table of mounts.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
