package vm

import (
	"bytes"
	"encoding/binary"
)

// To make a signal of a system call takes the host as long as two switches of
// context. So where a program has
//
//	MOV $n, BP; SYSCALL
//
// the stub's address space has instead a call, of the same length, to where the
// stub stores the registers and gives us our turn. Only pages that the program can
// execute and not write are replaced, by copies: what we read of its memory, for
// its debugger too, is as it was. The call goes through a table, whose entry for a
// number jumps to the stub with that in BP. The address of an entry has to be short,
// so the table is where programs have nothing. For who goes back to the SYSCALL
// itself, to make the call again, Run does as the processor would.
const (
	tableAddr = 0x1ff000
	jumps     = 64 // numbers that the table has
	jumpLen   = 10
)

// putJumps writes the entries and the table.
func putJumps(code, table []byte) {
	le := binary.LittleEndian
	for n := range jumps {
		at := stubJumps + jumpLen*n
		jump := code[jumpLen*n:]
		jump[0] = 0xbd // MOV $n, BP
		le.PutUint32(jump[1:], uint32(n))
		jump[5] = 0xe9 // JMP light
		entry := stubLight
		if n == clockCall {
			entry = stubClock
		}
		to := int32(entry - stubAddr - (at + jumpLen))
		le.PutUint32(jump[6:], uint32(to))
		le.PutUint64(table[8*n:], uint64(stubAddr+at))
	}
}

// A patch is a page of text, and its copy with calls.
type patch struct {
	page int64 // its offset in the extent
	copy Extent
}

// patches returns those of an extent, which it makes if it has not before: none if
// there is no memory for them, as programs can do without.
func (p *pool) patches(mem *Memory, e Extent) []patch {
	p.mu.Lock()
	list, ok := p.texts[e]
	var err error
	if !ok {
		err = patchText(mem, e, &list, true)
	}
	if !ok && err == nil {
		if p.texts == nil {
			p.texts = make(map[Extent][]patch)
		}
		p.texts[e] = list
	}
	p.mu.Unlock()
	if err != nil {
		for _, d := range list {
			mem.Free(d.copy)
		}
		return nil
	}
	return list
}

// patchText puts the calls in the copies of an extent's pages, of which it makes
// more if grow is set.
func patchText(mem *Memory, e Extent, list *[]patch, grow bool) error {
	text := mem.Bytes(e.Off, e.Len)
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], []byte("\x0f\x05"))
		if i < 0 {
			return nil
		}
		at += i
		call, from := callFor(text, at)
		for done := 0; done < len(call); {
			off := int64(from + done)
			b, err := patchPage(mem, e, list, off&^(PageSize-1), grow)
			if err != nil {
				return err
			}
			done += copy(b[off%PageSize:], call[done:])
		}
	}
}

// What is there instead, before the address of an entry: CALL [address], and
// prefixes without effect that make it as long as the longer form.
const (
	callPrefix = "\x3e\x3e"
	callTable  = "\xff\x14\x25"
	longCall   = len(callPrefix) + len(callTable) + 4
)

// calls returns the number for which there is a call, and how long that is.
func calls(b []byte) (n, length uint64, ok bool) {
	rest := bytes.TrimPrefix(b, []byte(callPrefix))
	addr, ok := bytes.CutPrefix(rest, []byte(callTable))
	if !ok || len(addr) < 4 {
		return 0, 0, false
	}
	n = (uint64(binary.LittleEndian.Uint32(addr)) - tableAddr) / 8
	return n, uint64(len(b) - len(addr) + 4), n < jumps
}

// callFor returns the call for the instructions that end with the SYSCALL at an
// offset, and where they begin: none for others.
func callFor(text []byte, at int) (call []byte, from int) {
	const short, long = "\xbd", "\x48\xc7\xc5" // MOV $n, of 4 bytes
	if at < 5 || at+2 > len(text) {
		return nil, 0
	}
	n := binary.LittleEndian.Uint32(text[at-4:])
	switch {
	case n >= jumps:
		return nil, 0
	case text[at-5] == short[0]:
		from = at - 5
	case at >= 7 && string(text[at-7:at-4]) == long:
		from = at - 7
		call = []byte(callPrefix)
	default:
		return nil, 0
	}
	call = append(call, callTable...)
	return binary.LittleEndian.AppendUint32(call, tableAddr+8*n), from
}

// patchPage returns the copy of the page at an offset, which may become one. If it
// may not, what is written to it is of no use, and goes nowhere.
func patchPage(mem *Memory, e Extent, list *[]patch, page int64, grow bool) ([]byte, error) {
	for _, p := range *list {
		if p.page == page {
			return mem.Bytes(p.copy.Off, PageSize), nil
		}
	}
	if !grow {
		return make([]byte, PageSize), nil
	}
	c, err := mem.Alloc(PageSize)
	if err != nil {
		return nil, err
	}
	*list = append(*list, patch{page, c})
	if err := mem.Populate(c.Off, PageSize); err != nil {
		return nil, err
	}
	b := mem.Bytes(c.Off, PageSize)
	copy(b, mem.Bytes(e.Off+page, PageSize))
	return b, nil
}

// rewrite makes the copies what they should be after n bytes were written.
func (p *pool) rewrite(mem *Memory, off, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for e, list := range p.texts {
		if len(list) == 0 || off >= e.Off+e.Len || e.Off >= off+n {
			continue
		}
		for _, d := range list {
			copy(mem.Bytes(d.copy.Off, PageSize), mem.Bytes(e.Off+d.page, PageSize))
		}
		patchText(mem, e, &list, false)
	}
}

// forget drops the copies of what is in an extent.
func (p *pool) forget(mem *Memory, e Extent) {
	p.mu.Lock()
	var drop []patch
	for text, list := range p.texts {
		if text.Off < e.Off+e.Len && e.Off < text.Off+text.Len {
			drop = append(drop, list...)
			delete(p.texts, text)
		}
	}
	p.mu.Unlock()
	for _, d := range drop {
		mem.Free(d.copy)
	}
}
