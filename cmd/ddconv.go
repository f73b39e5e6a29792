package cmd

// ebcdicASCII is what each byte of EBCDIC is in ASCII. No two are the same.
const ebcdicASCII = "" +
	"\x00\x01\x02\x03\x9c\x09\x86\x7f\x97\x8d\x8e\x0b\x0c\x0d\x0e\x0f" +
	"\x10\x11\x12\x13\x9d\x85\x08\x87\x18\x19\x92\x8f\x1c\x1d\x1e\x1f" +
	"\x80\x81\x82\x83\x84\x0a\x17\x1b\x88\x89\x8a\x8b\x8c\x05\x06\x07" +
	"\x90\x91\x16\x93\x94\x95\x96\x04\x98\x99\x9a\x9b\x14\x15\x9e\x1a" +
	"\x20\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\x5b\x2e\x3c\x28\x2b\x21" +
	"\x26\xa9\xaa\xab\xac\xad\xae\xaf\xb0\xb1\x5d\x24\x2a\x29\x3b\x5e" +
	"\x2d\x2f\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\x7c\x2c\x25\x5f\x3e\x3f" +
	"\xba\xbb\xbc\xbd\xbe\xbf\xc0\xc1\xc2\x60\x3a\x23\x40\x27\x3d\x22" +
	"\xc3\x61\x62\x63\x64\x65\x66\x67\x68\x69\xc4\xc5\xc6\xc7\xc8\xc9" +
	"\xca\x6a\x6b\x6c\x6d\x6e\x6f\x70\x71\x72\xcb\xcc\xcd\xce\xcf\xd0" +
	"\xd1\x7e\x73\x74\x75\x76\x77\x78\x79\x7a\xd2\xd3\xd4\xd5\xd6\xd7" +
	"\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7" +
	"\x7b\x41\x42\x43\x44\x45\x46\x47\x48\x49\xe8\xe9\xea\xeb\xec\xed" +
	"\x7d\x4a\x4b\x4c\x4d\x4e\x4f\x50\x51\x52\xee\xef\xf0\xf1\xf2\xf3" +
	"\x5c\x9f\x53\x54\x55\x56\x57\x58\x59\x5a\xf4\xf5\xf6\xf7\xf8\xf9" +
	"\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\xfa\xfb\xfc\xfd\xfe\xff"

// ddtable returns what each byte becomes: the case is that of ASCII.
func (d *dd) ddtable() *[256]byte {
	var t [256]byte
	for i := range t {
		c := byte(i)
		if d.conv == "ascii" {
			c = ebcdicASCII[i]
		}
		if d.ucase && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if d.lcase && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		t[i] = c
	}
	if d.conv != "ebcdic" && d.conv != "ibm" {
		return &t
	}
	var ebcdic [256]byte
	for i := range ebcdicASCII {
		ebcdic[ebcdicASCII[i]] = byte(i)
	}
	if d.conv == "ibm" {
		ebcdic['!'], ebcdic['['], ebcdic[']'], ebcdic['|'] = 0x5a, 0xad, 0xbd, 0x4f
	}
	for i := range t {
		t[i] = ebcdic[t[i]]
	}
	return &t
}

// convert writes a block that was read. The error is the exit status.
func (d *dd) convert(b []byte) error {
	for _, c := range b {
		var err error
		switch {
		case d.cbs == 0 || d.conv == "":
			err = d.put(d.table[c])
		case d.conv == "ascii" || d.conv == "unblock":
			err = d.unblock(d.table[c])
		default:
			err = d.block(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unblock takes a byte of a record. Blanks wait until something follows them
// in the record.
func (d *dd) unblock(c byte) error {
	if c == ' ' {
		d.blanks++
	} else {
		for ; d.blanks > 0; d.blanks-- {
			if err := d.put(' '); err != nil {
				return err
			}
		}
		if err := d.put(c); err != nil {
			return err
		}
	}
	if d.col++; d.col < d.cbs {
		return nil
	}
	d.col, d.blanks = 0, 0
	return d.put('\n')
}

// block takes a byte of a line, before it is converted.
func (d *dd) block(c byte) error {
	if c == '\n' {
		for ; d.col < d.cbs; d.col++ {
			if err := d.put(d.table[' ']); err != nil {
				return err
			}
		}
		d.col = 0
		return nil
	}
	if d.col == d.cbs {
		d.cut++
	}
	if d.col++; d.col > d.cbs {
		return nil
	}
	return d.put(d.table[c])
}
