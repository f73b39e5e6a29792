package main

import (
	"encoding/binary"
	"io"
	"time"
)

// A pcap writes what is said on connections to a file of packets, as Wireshark
// and tcpdump read them. The packets are made up, since there were none: each
// connection is one of TCP, from a port of its own to that of 9P, and each
// message is a segment, or several if it is long.
type pcap struct {
	w     io.Writer
	conns map[int]*pcapConn
	err   error // the first in writing
}

// A pcapConn is a connection that has not ended.
type pcapConn struct {
	next  [2]uint32 // numbers of the next bytes of the caller and of the server
	ended int       // how many of them send no more
}

// Who sends a packet.
const (
	fromCaller = iota
	fromServer
)

// The layout of the file, of IPv4 (RFC 791) and of TCP (RFC 9293).
const (
	pcapMagic = 0xa1b23c4d // with times in nanoseconds
	pcapRaw   = 101        // packets begin with their IP header
	pcapHead  = 16         // bytes before each packet
	ipHead    = 20
	tcpHead   = 20
	tcpProto  = 6
	port9P    = 564
	maxPacket = 0xffff
	firstPort = 49152 // of those for callers, up to the last

	flagFIN = 1 << 0
	flagSYN = 1 << 1
	flagPSH = 1 << 3
	flagACK = 1 << 4
)

// newPcap begins a file.
func newPcap(w io.Writer) *pcap {
	p := &pcap{w: w, conns: make(map[int]*pcapConn)}
	le := binary.LittleEndian
	b := le.AppendUint32(nil, pcapMagic)
	b = le.AppendUint16(b, 2) // version 2.4
	b = le.AppendUint16(b, 4)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // time zone, accuracy
	b = le.AppendUint32(b, maxPacket)
	b = le.AppendUint32(b, pcapRaw)
	p.write(b)
	return p
}

// message records that one side of the nth connection has sent b.
func (p *pcap) message(n, from int, b []byte, now time.Time) {
	p.begin(n, now)
	for len(b) > 0 {
		part := b[:min(len(b), maxPacket-ipHead-tcpHead)]
		b = b[len(part):]
		p.packet(n, from, flagPSH|flagACK, part, now)
	}
}

// end records that one side of the nth connection sends no more.
func (p *pcap) end(n, from int, now time.Time) {
	p.begin(n, now)
	p.packet(n, from, flagFIN|flagACK, nil, now)
	if p.conns[n].ended++; p.conns[n].ended == len(p.conns[n].next) {
		delete(p.conns, n)
	}
}

// begin records how the nth connection was made, unless it has.
func (p *pcap) begin(n int, now time.Time) {
	if p.conns[n] != nil {
		return
	}
	p.conns[n] = new(pcapConn)
	p.packet(n, fromCaller, flagSYN, nil, now)
	p.packet(n, fromServer, flagSYN|flagACK, nil, now)
	p.packet(n, fromCaller, flagACK, nil, now)
}

// packet writes a packet.
func (p *pcap) packet(n, from int, flags byte, data []byte, now time.Time) {
	seq := &p.conns[n].next
	size := ipHead + tcpHead + len(data)
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, pcapHead+size), uint32(now.Unix()))
	b = binary.LittleEndian.AppendUint32(b, uint32(now.Nanosecond()))
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = append(append(b, make([]byte, ipHead+tcpHead)...), data...)

	be := binary.BigEndian
	ip := b[pcapHead:]
	ip[0] = 4<<4 | ipHead/4
	be.PutUint16(ip[2:], uint16(size))
	ip[8], ip[9] = 64, tcpProto
	copy(ip[12:], []byte{127, 0, 0, 1, 127, 0, 0, 1})
	be.PutUint16(ip[10:], checksum(0, ip[:ipHead]))

	tcp := ip[ipHead:]
	src, dst := uint16(firstPort+n%(1<<16-firstPort)), uint16(port9P)
	if from == fromServer {
		src, dst = dst, src
	}
	be.PutUint16(tcp, src)
	be.PutUint16(tcp[2:], dst)
	be.PutUint32(tcp[4:], seq[from])
	if flags&flagACK != 0 {
		be.PutUint32(tcp[8:], seq[1-from])
	}
	tcp[12], tcp[13] = tcpHead/4<<4, flags
	be.PutUint16(tcp[14:], 0xffff) // the window
	pseudo := checksum(tcpProto+uint32(len(tcp)), ip[12:ipHead])
	be.PutUint16(tcp[16:], checksum(uint32(^pseudo), tcp))

	seq[from] += uint32(len(data))
	if flags&(flagSYN|flagFIN) != 0 {
		seq[from]++
	}
	p.write(b)
}

// checksum returns the Internet's checksum of b and a sum of what was before it
// (RFC 1071).
func checksum(sum uint32, b []byte) uint16 {
	for len(b) > 1 {
		sum += uint32(b[0])<<8 | uint32(b[1])
		b = b[2:]
	}
	if len(b) > 0 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// write writes to the file until there is an error.
func (p *pcap) write(b []byte) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
	}
}
