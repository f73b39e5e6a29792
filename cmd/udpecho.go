package cmd

import (
	"time"

	"ufo/proc"
)

// ip/udpecho - echo UDP packets
//
// Udpecho sends each datagram that comes to udp port 7 back to where it came
// from. That is what ip/ping calls: every node of a grid runs one from when it
// boots.
//
//	-x  the network directory, by default /net
//
// Each caller has a process of its own, which ends when nothing came for a
// minute; there are at most 64 at a time.
//
// # SEE ALSO
//
// ip(3), cpurc(8), ping(8)
func udpechoMain(p *proc.Proc) error {
	const maxCallers = 64
	net := "/net"
	arg := argbegin(p, "[-x netmtpt]")
	for c := range arg.flags() {
		switch c {
		case 'x':
			net = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		arg.usage()
	}
	addr := net + "/udp!*!echo"
	a, err := announce(p, addr)
	if err != nil {
		return fatal(p, "can't announce %s: %v", addr, err)
	}
	s := callserver{maxprocs: maxCallers, run: udpecho}
	return fatal(p, "%v", s.serve(p, a))
}

// udpecho echoes the datagrams of one caller.
func udpecho(k *proc.Proc, c conn) error {
	k.SetTitle(c.remote(k))
	b := make([]byte, 1<<16)
	for {
		err := within(k, time.Minute, func() error {
			n, err := k.Read(0, b)
			if err == nil {
				_, err = k.Write(1, b[:n])
			}
			return err
		})
		if err != nil {
			return nil // the caller has had enough
		}
	}
}
