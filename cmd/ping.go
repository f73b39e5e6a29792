package cmd

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// ip/ping - probe the network
//
// Ping sends messages to the service echo of a system, and measures how long
// they take to come back. It prints a line for each: the number of the message,
// from 0, the round trip time, and the average until then; or, if a message does
// not come back, lost and its number. The exit status is lost messages if there
// were some.
//
//	-a  print the addresses, too
//	-f  send as fast as possible
//	-i  milliseconds between messages: 1000
//	-l  print lost messages only
//	-n  how many messages: 32
//	-q  print nothing
//	-r  wait between messages for up to twice as long, at random
//	-s  length of a message in bytes, 32 to 8192: 64
//	-w  milliseconds to wait when all have been sent: 5000
//
// # EXAMPLES
//
// How far is n2 when its link is slow?
//
//	echo delay 80ms >/mnt/grid/links/term-n2/ctl
//	ip/ping -n 3 n2
//
// # FILES
//
//	/net/udp
//
// # SEE ALSO
//
// ip(3), loopback(3), grid(4), udpecho(8)
//
// # BUGS
//
// The wire of a grid has no icmp: the messages are datagrams of udp to port 7,
// where ip/udpecho(8) answers. So a system that runs none seems to be dead,
// and there is no time to live to print. A message that comes back after a
// minute is counted lost. There is no -6: the address says which IP it is.
func pingMain(p *proc.Proc) error {
	g := pinger{p: p, interval: -1, count: 32, size: 64, wait: 5 * time.Second}
	arg := argbegin(p, "[-aflqr] [-i interval] [-n count] [-s size] [-w waittime] destination")
	for c := range arg.flags() {
		switch c {
		case 'a':
			g.addrs = true
		case 'f':
			g.flood = true
		case 'i':
			g.interval = arg.millis()
		case 'l':
			g.lostonly = true
		case 'n':
			g.count = arg.number()
		case 'q':
			g.quiet = true
		case 'r':
			g.random = true
		case 's':
			g.size = min(max(arg.number(), 32), 8192)
		case 'w':
			g.wait = arg.millis()
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	if g.interval <= 0 {
		g.interval = time.Second
	}
	if g.flood {
		g.interval = 0
	}
	var err error
	if g.conn, err = dial(p, netmkaddr(arg.args[0], "udp", "echo")); err != nil {
		warn(p, "couldn't dial: %v", err)
		return status("dialing")
	}
	return g.run()
}

// number returns the argument of a flag that is a number, not less than 0.
func (arg *argv) number() int {
	n, err := strconv.ParseUint(arg.eargf(), 10, 31)
	if err != nil {
		arg.usage()
	}
	return int(n)
}

// millis returns the argument of a flag that is a number of milliseconds.
func (arg *argv) millis() time.Duration { return time.Duration(arg.number()) * time.Millisecond }

// A pinger is a run of ping. One process sends, and another receives.
type pinger struct {
	p               *proc.Proc
	conn            conn
	addrs, lostonly bool
	quiet           bool
	flood, random   bool
	size, count     int
	interval, wait  time.Duration

	// Of the receiver; read when it has ended.
	replies, lost int
	sum           time.Duration // of the round trips
	old           int           // messages before this one are done with

	mu   sync.Mutex // guards sent
	sent []pingmsg
}

// A pingmsg is a message that was sent.
type pingmsg struct {
	at      time.Time
	replied bool
}

// tooLate is when a message is lost.
const tooLate = time.Minute

// pingHead is the length of what comes before the pattern in a message: its
// number.
const pingHead = 4

// run sends the messages and receives those that come back.
func (g *pinger) run() error {
	p := g.p
	if !g.quiet {
		fmt.Fprintf(p.Stdout(), "sending %d %d byte messages %d ms apart to udp!%s\n",
			g.count, g.size, g.interval.Milliseconds(), g.conn.remote(p))
	}
	_, err := p.Fork(proc.RFREND, func(k *proc.Proc) error {
		g.receive(k)
		return nil
	})
	if err != nil {
		warn(p, "can't fork: %v", err)
		return status("forking")
	}
	g.send()
	if _, err := p.Wait(); err != nil {
		return fatal(p, "wait: %v", err)
	}
	if g.lost > 0 {
		return status("lost messages")
	}
	return nil
}

// send sends all messages.
func (g *pinger) send() {
	msg := make([]byte, g.size)
	for i := range msg {
		msg[i] = byte(i)
	}
	for i := range g.count {
		if i > 0 && g.interval > 0 {
			d := g.interval
			if g.random {
				d += rand.N(g.interval)
			}
			g.p.Sleep(d)
		}
		binary.BigEndian.PutUint32(msg, uint32(i))
		g.mu.Lock()
		g.sent = append(g.sent, pingmsg{at: g.p.Now()})
		g.mu.Unlock()
		if err := writeall(g.p, g.conn.fd, msg); err != nil {
			warn(g.p, "write failed: %v", err)
			return
		}
	}
}

// receive takes what comes back, until that is all, or nothing more comes.
func (g *pinger) receive(k *proc.Proc) {
	b := make([]byte, 1<<16)
	for g.replies+g.lost < g.count {
		left := time.Duration(g.count - g.replies - g.lost)
		var n int
		err := within(k, left*g.interval+g.wait, func() (err error) {
			n, err = k.Read(g.conn.fd, b)
			return err
		})
		if err == nil && n == 0 {
			err = ninep.ErrHungup
		}
		if err != nil {
			if !errors.Is(err, ninep.ErrTimedOut) {
				warn(k, "%v", err)
			}
			g.giveup(k)
			break
		}
		g.take(k, b[:n], k.Now())
	}
	if g.lost > 0 && !g.quiet {
		fmt.Fprintf(k.Stdout(), "%d out of %d messages lost\n", g.lost, g.lost+g.replies)
	}
}

// take takes a message that came back.
func (g *pinger) take(k *proc.Proc, b []byte, now time.Time) {
	if len(b) != g.size {
		fmt.Fprintf(k.Stdout(), "bad len %d/%d\n", len(b), g.size)
		return
	}
	for i, c := range b[pingHead:] {
		if c != byte(i+pingHead) {
			fmt.Fprint(k.Stdout(), "corrupted reply\n")
			break
		}
	}
	num := int(binary.BigEndian.Uint32(b))
	at, again, ok := g.reply(num)
	if !ok {
		fmt.Fprintf(k.Stdout(), "bad sequence %d\n", num)
		return
	}
	rtt := now.Sub(at)
	if g.sum += rtt; !again {
		g.replies++
	}
	if !g.quiet && !g.lostonly {
		fmt.Fprintf(k.Stdout(), "%d%s rtt %d µs, avg rtt %d µs\n", num, cmp.Or(g.ends(k), ":"),
			rtt.Microseconds(), g.sum.Microseconds()/int64(g.replies))
	}
	g.expire(k, now.Add(-tooLate))
}

// reply notes that a message came back, and returns when it was sent, and
// whether it has come back before. A message that was given up, or not sent,
// is not ok.
func (g *pinger) reply(num int) (at time.Time, again, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if num < g.old || num >= len(g.sent) {
		return time.Time{}, false, false
	}
	m := &g.sent[num]
	again, m.replied = m.replied, true
	return m.at, again, true
}

// expire gives up the messages sent before a time.
func (g *pinger) expire(k *proc.Proc, before time.Time) {
	g.mu.Lock()
	var lost []int
	for ; g.old < len(g.sent) && g.sent[g.old].at.Before(before); g.old++ {
		if !g.sent[g.old].replied {
			lost = append(lost, g.old)
		}
	}
	g.mu.Unlock()
	for _, num := range lost {
		g.lost++
		if !g.quiet {
			fmt.Fprintf(k.Stdout(), "lost %d%s\n", num, g.ends(k))
		}
	}
}

// giveup gives up all that is not there.
func (g *pinger) giveup(k *proc.Proc) { g.expire(k, k.Now().Add(1)) }

// ends returns the addresses for the line of a message, if they are wanted.
func (g *pinger) ends(k *proc.Proc) string {
	if !g.addrs {
		return ""
	}
	local, _ := k.ReadFile(g.conn.dir + "/local")
	from, _, _ := strings.Cut(string(local), "!")
	to, _, _ := strings.Cut(g.conn.remote(k), "!")
	return fmt.Sprintf(": %s -> %s", from, to)
}
