package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ufo/proc"
)

// A zone is a time zone as /env/timezone has it: the name and the seconds
// east of Greenwich of standard and of daylight saving time, and the pairs of
// times between which the latter holds. The zero zone is GMT.
type zone struct {
	name  [2]string // standard, daylight
	diff  [2]int
	pairs []int64
}

// localzone returns the zone in $timezone; GMT if there is none or it cannot
// be understood.
func localzone(p *proc.Proc) zone {
	z, err := parsezone(p.Getenv("timezone"))
	if err != nil {
		return zone{}
	}
	return z
}

// parsezone reads the form "EST -18000 EDT -14400 9943200 25664400 ...".
func parsezone(s string) (zone, error) {
	var z zone
	f := strings.Fields(s)
	if len(f) < 4 {
		return z, fmt.Errorf("truncated timezone")
	}
	var err error
	for i := range 2 {
		z.name[i] = f[2*i]
		if z.diff[i], err = strconv.Atoi(f[2*i+1]); err != nil {
			return zone{}, err
		}
	}
	for _, w := range f[4:] {
		t, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return zone{}, err
		}
		if t == 0 {
			break
		}
		z.pairs = append(z.pairs, t)
	}
	return z, nil
}

// in returns the time with the zone's name and offset at that time.
func (z zone) in(t time.Time) time.Time {
	if z.name[0] == "" {
		return t.In(time.FixedZone("GMT", 0))
	}
	dst, abs := 0, t.Unix()
	for i := 0; i+1 < len(z.pairs); i += 2 {
		if abs > z.pairs[i] && abs <= z.pairs[i+1] {
			dst = 1
		}
	}
	return t.In(time.FixedZone(z.name[dst], z.diff[dst]))
}

// tmfmt formats t as Plan 9's library does: a run of one letter is a field, "_" pads
// it, "[...]" quotes text.
func tmfmt(t time.Time, format string) (string, error) {
	var b strings.Builder
	for s := format; s != ""; {
		pad := len(s)
		s = strings.TrimLeft(s, "_")
		pad -= len(s)
		if s == "" {
			break
		}
		if s[0] == '[' {
			text, rest, ok := quoted(s[1:])
			if !ok {
				return "", fmt.Errorf("garbled format %s", format)
			}
			b.WriteString(text)
			s = rest
			continue
		}
		w := 1
		for w < len(s) && s[w] == s[0] {
			w++
		}
		field, ok := tmfield(t, s[0], w)
		if !ok {
			return "", fmt.Errorf("garbled format %s", format)
		}
		if field != "" {
			fmt.Fprintf(&b, "%*s", pad+w, field)
		}
		s = s[w:]
	}
	return b.String(), nil
}

// tmletters are the letters of a format that stand for something.
const tmletters = "YMDoWHhmstunzZAa?"

// tmfield returns the field that w times the letter c means. Other characters
// stand for themselves.
func tmfield(t time.Time, c byte, w int) (string, bool) {
	if strings.IndexByte(tmletters, c) < 0 {
		return strings.Repeat(string(c), w), true
	}
	forms := tmforms(t, c)
	if w > len(forms) || forms[w-1] == "-" {
		return "", false
	}
	return forms[w-1], true
}

// tmforms returns what one, two, three ... times the letter c mean; "-" is
// nothing.
func tmforms(t time.Time, c byte) []string {
	num := strconv.Itoa
	pad := func(width, n int) string { return fmt.Sprintf("%0*d", width, n) }
	both := func(n int) []string { return []string{num(n), pad(2, n)} }
	ns := t.Nanosecond()
	switch c {
	case 'Y':
		return []string{num(t.Year()), num(t.Year() % 100), "-", num(t.Year())}
	case 'M':
		m := t.Month()
		return []string{num(int(m)), pad(2, int(m)), m.String()[:3], m.String()}
	case 'D':
		return both(t.Day())
	case 'o':
		return []string{ordinal(t.Day())}
	case 'W':
		d := t.Weekday()
		return []string{num(int(d) + 1), d.String()[:3], d.String()}
	case 'H':
		return both(t.Hour() % 12)
	case 'h':
		return both(t.Hour())
	case 'm':
		return both(t.Minute())
	case 's':
		return both(t.Second())
	case 't':
		return []string{num(ns / 1e6), pad(3, ns/1e6), pad(3, ns/1e6)}
	case 'u':
		us := ns / 1e3
		return []string{num(us % 1e3), pad(3, us%1e3), num(us), pad(6, us)}
	case 'n':
		return []string{num(ns % 1e3), pad(3, ns%1e3), num(ns % 1e6), pad(6, ns%1e6), num(ns), pad(9, ns)}
	case 'z':
		return []string{t.Format("-0700")}
	case 'Z':
		return []string{t.Format("-0700"), t.Format("-07:00"), t.Format("MST")}
	case 'a':
		return []string{t.Format("pm")}
	case 'A':
		return []string{t.Format("PM")}
	}
	return []string{""} // ?, which is for parsing
}

// quoted splits s after the bracket that ends quoted text, and returns the
// text. Brackets nest; a backslash quotes the next character.
func quoted(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for depth := 1; s != ""; s = s[1:] {
		switch s[0] {
		case '[':
			depth++
		case ']':
			depth--
		case '\\':
			if s = s[1:]; s == "" {
				return "", "", false
			}
		}
		if depth == 0 {
			return b.String(), s[1:], true
		}
		b.WriteByte(s[0])
	}
	return "", "", false
}

// ordinal returns the suffix of a day of the month: 1st, 2nd, 3rd, 4th.
func ordinal(day int) string {
	if day/10 != 1 {
		switch day % 10 {
		case 1:
			return "st"
		case 2:
			return "nd"
		case 3:
			return "rd"
		}
	}
	return "th"
}
