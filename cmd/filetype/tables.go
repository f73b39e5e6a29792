package filetype

// starts are what files of some kinds begin with.
var starts = []struct {
	start string
	kind
}{
	{"#builtin ", kind{"built-in command", octet}},
	{"\x1f\x9d", kind{"compressed", "application/x-compress"}},
	{"\x1f\x8b", kind{"gzip compressed", "application/x-gzip"}},
	{"BZh", kind{"bzip2 compressed", "application/x-bzip2"}},
	{"!<arch>\n__.SYMDE", kind{"archive random library", octet}},
	{"!<arch>\n", kind{"archive", octet}},
	{"070707", kind{"cpio archive - ascii header", octet}},
	{"QFI\xfb", kind{"QCOW disk image", octet}},
	{"%!", kind{"postscript", "application/postscript"}},
	{"\x04%!", kind{"postscript", "application/postscript"}},
	{"x T post", kind{"troff output for post", "application/troff"}},
	{"x T Latin1", kind{"troff output for Latin1", "application/troff"}},
	{"x T utf", kind{"troff output for UTF", "application/troff"}},
	{"x T 202", kind{"troff output for 202", "application/troff"}},
	{"x T aps", kind{"troff output for aps", "application/troff"}},
	{"x T ", kind{"troff output", "application/troff"}},
	{"GIF", kind{"GIF image", "image/gif"}},
	{"\x00PC Research, Inc\x00", kind{"ghostscript fax file", "application/ghostscript"}},
	{"%PDF", kind{"PDF", "application/pdf"}},
	{"<!DOCTYPE", kind{"HTML file", "text/html"}},
	{"<!doctype", kind{"HTML file", "text/html"}},
	{"<!--", kind{"XML file", "text/xml"}},
	{"<html>", kind{"HTML file", "text/html"}},
	{"<HTML>", kind{"HTML file", "text/html"}},
	{"<?xml", kind{"HTML file", "text/html"}},
	{"II*\x00", kind{"tiff", "image/tiff"}},
	{"MM\x00*", kind{"tiff", "image/tiff"}},
	{"\xff\xd8\xff\xe0", kind{"jpeg", "image/jpeg"}},
	{"\xff\xd8\xff\xe1", kind{"jpeg", "image/jpeg"}},
	{"\xff\xd8\xff\xdb", kind{"jpeg", "image/jpeg"}},
	{"\xff\xd8", kind{"jpeg", "image/jpeg"}},
	{"BM", kind{"bmp", "image/bmp"}},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kind{"microsoft office document", "application/doc"}},
	{"<MakerFile ", kind{"FrameMaker file", "application/framemaker"}},
	{"\x1bE\x1b", kind{"HP PCL printer data", octet}},
	{"\x1b&", kind{"HP PCL printer data", octet}},
	{"\x1b%-12345X", kind{"HPJCL file", "application/hpjcl"}},
	{"\x1bLua", kind{"Lua bytecode", octet}},
	{"ID3", kind{"mp3 audio with id3", "audio/mpeg"}},
	{".snd", kind{"sun audio", "audio/basic"}},
	{"\x89PNG", kind{"PNG image", "image/png"}},
	{"P1\n", kind{"ppm", "image/ppm"}},
	{"P2\n", kind{"ppm", "image/ppm"}},
	{"P3\n", kind{"ppm", "image/ppm"}},
	{"P4\n", kind{"ppm", "image/ppm"}},
	{"P5\n", kind{"ppm", "image/ppm"}},
	{"P6\n", kind{"ppm", "image/ppm"}},
	{"/* XPM */\n", kind{"xbm", "image/xbm"}},
	{".HTML ", kind{"troff -ms input", "text/troff"}},
	{".LP", kind{"troff -ms input", "text/troff"}},
	{".ND", kind{"troff -ms input", "text/troff"}},
	{".PP", kind{"troff -ms input", "text/troff"}},
	{".TL", kind{"troff -ms input", "text/troff"}},
	{".TR", kind{"troff -ms input", "text/troff"}},
	{".TH", kind{"manual page", "text/troff"}},
	{".\\\"", kind{"troff input", "text/troff"}},
	{".de", kind{"troff input", "text/troff"}},
	{".if", kind{"troff input", "text/troff"}},
	{".nr", kind{"troff input", "text/troff"}},
	{".tr", kind{"troff input", "text/troff"}},
	{"vac:", kind{"venti score", plain}},
	{"-----BEGIN CERTIFICATE-----\n", kind{"pem certificate", plain}},
	{"-----BEGIN TRUSTED CERTIFICATE-----\n", kind{"pem trusted certificate", plain}},
	{"-----BEGIN X509 CERTIFICATE-----\n", kind{"pem x.509 certificate", plain}},
	{"subject=/C=", kind{"pem certificate with header", plain}},
	{"process snapshot ", kind{"process snapshot", "application/snapfs"}},
	{"d8:announce", kind{"torrent file", "application/x-bittorrent"}},
	{"[playlist]", kind{"playlist", "application/x-scpls"}},
	{"#EXTM3U", kind{"playlist", "audio/x-mpegurl"}},
	{"BEGIN:VCARD\r\n", kind{"vCard", "text/directory;profile=vcard"}},
	{"BEGIN:VCARD\n", kind{"vCard", "text/directory;profile=vcard"}},
	{"AT&T", kind{"DjVu document", "image/vnd.djvu"}},
	{"Extended module: ", kind{"XM audio", "audio/xm"}},
	{"MThd", kind{"midi audio", "audio/midi"}},
	{"MUS\x1a", kind{"mus audio", "audio/mus"}},
	{"Creative Voice File\x1a", kind{"voc audio", "audio/x-voc"}},
	{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\xbb\x11\"\x00D\xff\xff\xff\xff\xff\xff\xff\xff\xaa\x99Uf", kind{"Xilinx bitstream (not byteswappped)", octet}},
	{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xbb\x00\x00\x00D\x00\"\x11\xff\xff\xff\xff\xff\xff\xff\xfffU\x99\xaa", kind{"Xilinx bitstream (byteswappped)", octet}},
}

// numbers are what the first four bytes of files of some kinds are, the first
// byte being the least, where mask has bits.
var numbers = []struct {
	value, mask uint32
	kind
}{
	{0xf16df16d, 0xffffffff, kind{"pac1 audio file", octet}},
	{0x31636170, 0xffffffff, kind{"pac3 audio file", octet}},
	{0x32630070, 0xffff00ff, kind{"pac4 audio file", octet}},
	{0xba010000, 0xffffffff, kind{"mpeg system stream", octet}},
	{0x43614c66, 0xffffffff, kind{"FLAC audio file", "audio/flac"}},
	{0x30800cc0, 0xffffffff, kind{"inferno .dis executable", octet}},
	{0x04034b50, 0xffffffff, kind{"zip archive", "application/zip"}},
	{0o70707, 0xffff, kind{"cpio archive", "application/x-cpio"}},
	{0x2f7, 0xffff, kind{"tex dvi", "application/dvi"}},
	{0xfaff, 0xfeff, kind{"mp3 audio", "audio/mpeg"}},
	{0xf0ff, 0xf6ff, kind{"aac audio", "audio/aac"}},
	{0xcefaedfe, 0xffffffff, kind{"32-bit power Mach-O executable", octet}},
	{0xcffaedfe, 0xffffffff, kind{"64-bit power Mach-O executable", octet}},
	{0xfeedface, 0xffffffff, kind{"386 Mach-O executable", octet}},
	{0xfeedfacf, 0xffffffff, kind{"amd64 Mach-O executable", octet}},
	{0xbebafeca, 0xffffffff, kind{"Mach-O universal executable", octet}},
	{0xad4e5cd1, 0xffffffff, kind{"venti arena", octet}},
	{0x2bb19a52, 0xffffffff, kind{"paq archive", octet}},
	{0x1a53454e, 0xffffffff, kind{"NES ROM", octet}},
	{0xa1b2c3d4, 0xffffffff, kind{"pcap file", "application/vnd.tcpdump.pcap"}},
	{0xd4c3b2a1, 0xffffffff, kind{"pcap file", "application/vnd.tcpdump.pcap"}},
	{0xa1b23c4d, 0xffffffff, kind{"pcap file", "application/vnd.tcpdump.pcap"}},
	{0x4d3cb2a1, 0xffffffff, kind{"pcap file", "application/vnd.tcpdump.pcap"}},
}

// offsets are numbers further in.
var offsets = []struct {
	off         int64
	value, mask uint32
	kind
}{
	{256 * 1024, 0xe7a5e4a9, 0xffffffff, kind{"venti arenas partition", octet}},
	{256 * 1024, 0xc75e5cd1, 0xffffffff, kind{"venti index section", octet}},
	{128 * 1024, 0x89ae7637, 0xffffffff, kind{"fossil write buffer", octet}},
	{4, 0x31647542, 0xffffffff, kind{"OS X finder properties", octet}},
	{0x100, 0x41474553, 0xffffffff, kind{"SEGA ROM", octet}},
	{0x1fc, 0xaa550000, 0xffff0000, kind{"bootable disk image", octet}},
}

// texts are strings further in.
var texts = []struct {
	off  int64
	text string
	kind
}{
	{32 * 1024, "\x01CD001\x01", kind{"ISO9660 CD image", "application/x-iso9660-image"}},
	{32 * 4, "DICM", kind{"DICOM medical imaging data", "application/dicom"}},
	{1080, "M.K.", kind{"Amiga module", "audio/mod"}},
}

// tags are the elements of HTML, longer ones before those they begin with.
var tags = []string{
	"blockquote", "!DOCTYPE", "![CDATA[", "basefont", "frameset", "noframes", "textarea", "caption", "button", "center",
	"iframe", "object", "option", "script", "select", "strong", "blink", "embed", "frame", "input",
	"label", "param", "small", "style", "table", "tbody", "tfoot", "thead", "title", "?xml",
	"body", "code", "font", "form", "head", "html", "link", "menu", "meta", "span",
	"!--", "big", "dir", "div", "img", "pre", "sub", "sup", "br", "dd",
	"dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
	"li", "ol", "td", "th", "tr", "tt", "ul", "a", "b", "i",
	"p", "q", "u",
}

// words are those of programming languages.
var words = map[string]class{
	"PATH":       limboWord,
	"TEXT":       asWord,
	"adt":        alefWord,
	"aggr":       alefWord,
	"alef":       alefWord,
	"array":      limboWord,
	"block":      fortranWord,
	"char":       cWord,
	"common":     fortranWord,
	"con":        limboWord,
	"data":       fortranWord,
	"dimension":  fortranWord,
	"double":     cWord,
	"extern":     cWord,
	"bio":        header,
	"float":      cWord,
	"fn":         limboWord,
	"function":   fortranWord,
	"h":          dotH,
	"implement":  limboWord,
	"import":     limboWord,
	"include":    include,
	"int":        cWord,
	"integer":    fortranWord,
	"iota":       limboWord,
	"libc":       header,
	"long":       cWord,
	"module":     limboWord,
	"real":       fortranWord,
	"ref":        limboWord,
	"register":   cWord,
	"self":       limboWord,
	"short":      cWord,
	"static":     cWord,
	"stdio":      header,
	"struct":     cWord,
	"subroutine": fortranWord,
	"u":          header,
	"void":       cWord,
}

// languages are blocks of Unicode and what is written in them.
var languages = []struct {
	mode      int
	low, high rune
	name      string
}{
	{normal, 0x0100, 0x01ff, "Extended Latin"},
	{normal, 0x0370, 0x03ff, "Greek"},
	{normal, 0x0400, 0x04ff, "Cyrillic"},
	{normal, 0x0530, 0x058f, "Armenian"},
	{normal, 0x0590, 0x05ff, "Hebrew"},
	{normal, 0x0600, 0x06ff, "Arabic"},
	{normal, 0x0900, 0x097f, "Devanagari"},
	{normal, 0x0980, 0x09ff, "Bengali"},
	{normal, 0x0a00, 0x0a7f, "Gurmukhi"},
	{normal, 0x0a80, 0x0aff, "Gujarati"},
	{normal, 0x0b00, 0x0b7f, "Oriya"},
	{normal, 0x0b80, 0x0bff, "Tamil"},
	{normal, 0x0c00, 0x0c7f, "Telugu"},
	{normal, 0x0c80, 0x0cff, "Kannada"},
	{normal, 0x0d00, 0x0d7f, "Malayalam"},
	{normal, 0x0e00, 0x0e7f, "Thai"},
	{normal, 0x0e80, 0x0eff, "Lao"},
	{normal, 0x1000, 0x105f, "Tibetan"},
	{normal, 0x10a0, 0x10ff, "Georgian"},
	{normal, 0x3040, 0x30ff, "Japanese"},
	{normal, 0x3100, 0x312f, "Chinese"},
	{first, 0x3130, 0x318f, "Korean"},
	{multi, 0x3400, 0x3d2f, "Korean"},
	{shared, 0x4e00, 0x9fff, "CJK"},
}
