package cmd

import (
	"fmt"
	"strconv"
	"time"

	"ufo/proc"
)

// date - print the date
//
// Date prints the date, in the format
//
//	Tue Aug 16 17:03:52 CDT 1977
//
// or the given one. With the argument seconds it prints that time, counted
// from 00:00:00 GMT, January 1, 1970, instead of now. The options are
//
//	-u         Greenwich Mean Time rather than local time
//	-n         the number of seconds since the epoch
//	-i         ISO 8601, without time of day: 1977-08-16
//	-t         ISO 8601: 1977-08-16T17:03:52-05:00
//	-f format  in this format (see below)
//
// In a format, a run of one letter is a field, and other characters are
// copied. The fields are
//
//	YYYY YY              year
//	M MM MMM MMMM        month: number, two digits, short name, name
//	D DD o               day of the month; its ordinal suffix
//	W WW WWW             day of the week
//	h hh H HH a A        hour; hour of 12; am or pm
//	m mm s ss            minute, second
//	t tt u uuuu n nnnnnn milli-, micro-, nanoseconds; padded
//	Z ZZ ZZZ             zone: +0100, +01:00, its name
//	[...]                quoted text
//	_                    one more column for the next field
//
// Local time is that of $timezone, which is a file of /adm/timezone: name and
// seconds east of Greenwich of standard and of daylight saving time, and the
// pairs of times between which the latter holds. Without it, it is GMT.
//
// # EXAMPLES
//
// What time is it in Japan?
//
//	@{rfork e; cp /adm/timezone/Japan /env/timezone; date}
//
// # FILES
//
//	/env/timezone  the local zone
//	/adm/timezone  a directory of zones
//
// # SEE ALSO
//
// sleep(1), time(1)
//
// # BUGS
//
// The zones are right from 2000 to 2037, and there are not many.
func dateMain(p *proc.Proc) error {
	arg := argbegin(p, "[-itun] [-f format] [seconds]")
	format := "WW MMM _D hh:mm:ss ZZZ YYYY"
	var nflag, uflag bool
	for c := range arg.flags() {
		switch c {
		case 'n':
			nflag = true
		case 'u':
			uflag = true
		case 't':
			format = "YYYY-MM-DDThh:mm:ssZZ"
		case 'i':
			format = "YYYY-MM-DD"
		case 'f':
			format = arg.eargf()
		default:
			arg.usage()
		}
	}
	t := p.Now()
	switch len(arg.args) {
	case 0:
	case 1:
		sec, err := strconv.ParseInt(arg.args[0], 0, 64)
		if err != nil {
			arg.usage()
		}
		t = time.Unix(sec, 0)
	default:
		arg.usage()
	}
	var z zone
	if !uflag {
		z = localzone(p)
	}
	if nflag {
		return puts(p, fmt.Sprintf("%d\n", t.Unix()))
	}
	s, err := tmfmt(z.in(t), format)
	if err != nil {
		return fatal(p, "%v", err)
	}
	return puts(p, s+"\n")
}
