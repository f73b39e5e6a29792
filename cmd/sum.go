package cmd

import (
	"fmt"
	"hash/crc32"
	"io"

	"ufo/proc"
)

// sum - sum and count blocks in a file
//
// By default, sum calculates and prints a 32-bit hexadecimal checksum, a
// byte count, and the name of each file. The checksum is also a function of
// the input length. If no files are given, the standard input is summed.
// Other summing algorithms are available. The options are
//
//	-r  Sum with the algorithm of System V's sum -r and print the length
//	    (in 1K blocks) of the input.
//	-5  Sum with System V's default algorithm and print the length (in
//	    512-byte blocks) of the input.
//
// Sum is typically used to look for bad spots, to validate a file
// communicated over some transmission line or as a quick way to determine if
// two files on different machines might be the same.
//
// # SEE ALSO
//
// cmp(1), md5sum(1), sha1sum(1), wc(1)
func sumMain(p *proc.Proc) error {
	arg := argbegin(p, "[-5r] [file ...]")
	var sum summer = new(sum32)
	for c := range arg.flags() {
		switch c {
		case '5':
			sum = new(sum5)
		case 'r':
			sum = new(sumr)
		default:
			arg.usage()
		}
	}
	out := stdout(p)
	defer flush(p, out)
	return eachfile(p, arg.args, func(fd int, name string) error {
		sum.Reset()
		n, err := io.Copy(sum, p.FD(fd))
		if err != nil {
			return err
		}
		if name != "" {
			name = " " + name
		}
		fmt.Fprintf(out, "%s%s\n", sum.result(n), name)
		return nil
	})
}

// A summer sums what is written to it.
type summer interface {
	io.Writer
	Reset()
	result(n int64) string // the sum of n bytes
}

// sum32 is a CRC, of a file followed by its length.
type sum32 struct{ crc uint32 }

func (s *sum32) Reset() { s.crc = 0 }

func (s *sum32) Write(b []byte) (int, error) {
	// The package inverts the CRC before and after, this command does not.
	s.crc = ^crc32.Update(^s.crc, crc32.IEEETable, b)
	return len(b), nil
}

// The length is encoded so that an empty file's is not 0.
func (s *sum32) result(n int64) string {
	s.Write([]byte{byte(n>>24) ^ 0xcc, byte(n>>16) ^ 0x55, byte(n>>8) ^ 0xcc, byte(n) ^ 0x55})
	return fmt.Sprintf("%08x %6d", s.crc, n)
}

// sum5 is System V's sum: the bytes added up.
type sum5 struct{ sum uint32 }

func (s *sum5) Reset() { s.sum = 0 }

func (s *sum5) Write(b []byte) (int, error) {
	for _, c := range b {
		s.sum += uint32(c)
	}
	return len(b), nil
}

func (s *sum5) result(n int64) string {
	return fmt.Sprintf("%05d%6d", (s.sum>>16+s.sum)&0xffff, (n+511)/512)
}

// sumr is the older sum: rotated before each byte is added.
type sumr struct{ sum uint16 }

func (s *sumr) Reset() { s.sum = 0 }

func (s *sumr) Write(b []byte) (int, error) {
	for _, c := range b {
		s.sum = s.sum>>1 + s.sum<<15 + uint16(c)
	}
	return len(b), nil
}

func (s *sumr) result(n int64) string {
	return fmt.Sprintf("%05d%6d", s.sum, (n+1023)/1024)
}
