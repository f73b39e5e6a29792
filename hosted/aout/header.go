package aout

import (
	"encoding/binary"

	"ufo/hosted/vm"
	"ufo/ninep"
)

// A kind is one of the kinds of processes that programs are made for.
type kind struct {
	name     string // as $cputype has it
	magic    uint32
	header   int64  // length of the file's header
	text     uint64 // where the text segment begins
	round    uint64 // data begins at the next multiple of it
	stacktop uint64
	stack    int64 // length of the stack
	word     int   // bytes of a pointer, and of an argument on the stack
	narrow   bool
}

// The kinds. The magic numbers are those of a.out.h, the addresses those of
// mem.h of the kernels.
var kinds = []*kind{
	{name: "amd64", magic: 0x8a97, header: 40, text: 0x200000, round: 0x200000, stacktop: 0x7ffffffff000, stack: 16 << 20, word: 8},
	{name: "386", magic: 0x1eb, header: 32, text: 0x1000, round: 0x1000, stacktop: 0xdffff000, stack: 16 << 20, word: 4, narrow: true},
}

// A header is what the beginning of a program says.
type header struct {
	*kind
	textLen, dataLen, bssLen int64 // textLen with the header, which is mapped too
	entry                    uint64
}

// kindOf returns the kind of the program that begins with magic, nil if it is none.
func kindOf(magic []byte) *kind {
	if len(magic) < 4 {
		return nil
	}
	for _, k := range kinds {
		if binary.BigEndian.Uint32(magic) == k.magic {
			return k
		}
	}
	return nil
}

// parse returns the header of a program; size is the length of the file.
func parse(b []byte, size int64) (header, error) {
	h := header{kind: kindOf(b)}
	if h.kind == nil || int64(len(b)) < h.header {
		return h, ninep.ErrBadExec
	}
	word := func(i int) int64 { return int64(binary.BigEndian.Uint32(b[4*i:])) }
	h.textLen, h.dataLen, h.bssLen = h.header+word(1), word(2), word(3)
	h.entry = uint64(word(5))
	if h.word == 8 {
		h.entry = binary.BigEndian.Uint64(b[32:])
	}
	if h.textLen+h.dataLen > size || h.entry < h.text || h.entry >= h.text+uint64(h.textLen) || h.dataEnd() > h.stackBase() {
		return h, ninep.ErrBadExec
	}
	return h, nil
}

// data returns where the data segment begins.
func (h header) data() uint64 {
	return (h.text + uint64(h.textLen) + h.round - 1) &^ (h.round - 1)
}

// dataEnd returns where the data end, with the zeros that follow them, before the
// program asks for more.
func (h header) dataEnd() uint64 { return h.data() + pages(uint64(h.dataLen+h.bssLen)) }

func (h header) stackBase() uint64 { return h.stacktop - uint64(h.stack) }

// pages rounds up to whole pages.
func pages(n uint64) uint64 { return (n + vm.PageSize - 1) &^ (vm.PageSize - 1) }
