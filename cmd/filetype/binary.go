package filetype

import (
	"bytes"
	"encoding/binary"
	"strings"

	"ufo/cmd/tar"
)

// machines are those for which Plan 9's executables are made, by their number
// in the header. From the 26th on headers are longer, and say so by a bit.
var machines = map[uint32]string{
	8: "68020", 11: "386", 13: "sparc", 16: "mips", 18: "mips 4k", 20: "arm", 21: "power", 22: "mips 4k",
	24: "mips", 25: "sparc64", 26: "amd64", 27: "power64", 28: "arm64",
}

// executable knows those of Plan 9.
func executable(f *file) kind {
	if len(f.b) < 32 {
		return kind{}
	}
	magic := binary.BigEndian.Uint32(f.b)
	form := "executable"
	dynamic := magic&0x80000000 != 0
	magic &^= 0x80000000
	for n, name := range machines {
		want, entry := 4*n*n+7, 20
		if n >= 26 {
			want, entry = want|0x8000, 32
		}
		if magic != want || len(f.b) <= entry {
			continue
		}
		switch {
		case dynamic:
			form = "dlm"
		case f.b[entry]&0x80 != 0:
			form = "boot image" // it begins in the kernel
		}
		order := ""
		switch {
		case form == "boot image":
		case n == 16, n == 18:
			order = " BE"
		case n == 22, n == 24:
			order = " LE"
		}
		return kind{name + " plan 9 " + form + order, octet}
	}
	return kind{}
}

// cpus and elfTypes are what numbers in the header of an ELF file mean.
var cpus = map[uint16]string{
	1: "WE32100", 2: "SPARC", 3: "i386", 4: "M68000", 5: "M88000", 6: "i486", 7: "i860", 8: "R3000", 9: "S370",
	10: "R4000", 15: "HP-PA", 18: "sparc v8+", 19: "i960", 20: "PPC-32", 21: "PPC-64", 40: "ARM", 41: "Alpha",
	43: "sparc v9", 50: "IA-64", 62: "AMD64", 75: "VAX", 183: "ARM64", 243: "RISC-V",
}

var elfTypes = map[uint16]string{1: "relocatable object", 2: "executable", 3: "shared library", 4: "core dump"}

func elf(f *file) kind {
	if !bytes.HasPrefix(f.b, []byte("\x7fELF")) || len(f.b) < 20 {
		return kind{}
	}
	var order binary.ByteOrder = binary.LittleEndian
	if f.b[5] == 2 {
		order = binary.BigEndian
	}
	cpu, typ := cpus[order.Uint16(f.b[18:])], elfTypes[order.Uint16(f.b[16:])]
	if cpu == "" {
		cpu = "unknown"
	}
	if typ == "" {
		typ = "unknown"
	}
	return kind{cpu + " ELF " + typ, "application/x-elf-executable"}
}

func container(f *file) kind {
	b := append(f.b[:len(f.b):len(f.b)], make([]byte, 12)...)
	switch inner := string(b[8:12]); string(b[:4]) {
	case "FORM":
		if inner == "AIFF" {
			return kind{"aiff audio", "audio/x-aiff"}
		}
	case "RIFF":
		switch inner {
		case "WAVE":
			return kind{"wave audio", "audio/wave"}
		case "AVI ":
			return kind{"avi video", "video/avi"}
		case "WEBP":
			return kind{"webp image", "image/webp"}
		}
		return kind{"riff file", octet}
	}
	return kind{}
}

func tarFile(f *file) kind {
	switch b := f.at(0, tar.BlockSize); {
	case b == nil || !tar.IsHeader(b):
		return kind{}
	case tar.IsUstar(b):
		return kind{"posix tar archive", "application/x-ustar"}
	}
	return kind{"tar archive", "application/x-tar"}
}

func richText(f *file) kind {
	if bytes.Contains(f.b, []byte(`\rtf1`)) {
		return kind{"rich text format", "application/rtf"}
	}
	return kind{}
}

func dos(f *file) kind {
	if bytes.HasPrefix(f.b, []byte("MZ")) {
		return kind{"MSDOS executable", "application/x-msdownload"}
	}
	return kind{}
}

func icon(f *file) kind {
	b := f.b
	if len(b) < 10 || b[0]|b[1]|b[3]|b[9] != 0 || b[4]|b[5] == 0 {
		return kind{}
	}
	switch b[2] {
	case 1:
		return kind{"Microsoft icon file", "image/x-icon"}
	case 2:
		return kind{"Microsoft cursor file", "image/x-icon"}
	}
	return kind{}
}

func targa(f *file) kind {
	b := f.b
	if len(b) < 18 || b[12]|b[13] == 0 || b[14]|b[15] == 0 || !strings.ContainsRune("\x08\x0f\x10\x18\x20", rune(b[16])) || b[2]&^0xb != 0 {
		return kind{}
	}
	palette := b[5]|b[6] != 0
	switch {
	case b[1] == 0 && b[2]&3 >= 2 && !palette:
	case b[1] == 1 && b[2]&3 == 1 && b[7] != 0 && palette:
	default:
		return kind{}
	}
	return kind{"targa image", "image/tga"}
}

func ogg(f *file) kind {
	switch {
	case !bytes.HasPrefix(f.b, []byte("OggS")):
	case string(f.at(29, 6)) == "vorbis":
		return kind{"Ogg Vorbis I profile", "audio/ogg;codecs=vorbis"}
	case string(f.at(28, 8)) == "OpusHead":
		return kind{"Ogg Opus profile", "audio/ogg;codecs=opus"}
	}
	return kind{}
}

func mp4(f *file) kind {
	if len(f.b) <= 12 || string(f.b[4:8]) != "ftyp" {
		return kind{}
	}
	switch brand := string(f.b[8:12]); {
	case brand == "isom", strings.HasPrefix(brand, "mp4"):
		return kind{"mp4 video", "video/mp4"}
	case brand == "M4A ":
		return kind{"m4a audio", "audio/m4a"}
	}
	return kind{}
}

func mp3(f *file) kind {
	for i := range len(f.b) - 1 {
		if f.b[i] == 0xff && f.b[i+1]&0xfe == 0xfa {
			return kind{"mp3 audio", "audio/mpeg"}
		}
	}
	return kind{}
}

// encrypted finds bytes that are spread evenly, as those of what is encrypted
// or compressed are.
func encrypted(f *file) kind {
	if len(f.b) < 64 {
		return kind{}
	}
	var bucket [8]float64
	for _, c := range f.b[len(f.b)-64:] {
		bucket[c>>5]++
	}
	sum := 0.0
	for _, n := range bucket {
		sum += (n - 8) * (n - 8)
	}
	switch {
	case sum/8 > 24.322:
		return kind{}
	case bytes.HasPrefix(f.b, []byte("\x78\x9c")):
		return kind{"zlib compressed", "application/x-deflate"}
	}
	return kind{"encrypted", octet}
}
