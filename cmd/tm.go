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
		if known := strings.IndexByte(tmletters, s[0]) >= 0; known {
			fmt.Fprintf(&b, "%*s", pad+w, field)
		} else {
			b.WriteString(field)
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
	var forms []string // what one, two, three ... letters mean
	num := func(n int) string { return strconv.Itoa(n) }
	num2 := func(n int) string { return fmt.Sprintf("%02d", n) }
	ns := t.Nanosecond()
	switch c {
	case 'Y':
		forms = []string{num(t.Year()), num(t.Year() % 100), "", num(t.Year())}
	case 'M':
		m := t.Month()
		forms = []string{num(int(m)), num2(int(m)), m.String()[:3], m.String()}
	case 'D':
		forms = []string{num(t.Day()), num2(t.Day())}
	case 'o':
		forms = []string{ordinal(t.Day())}
	case 'W':
		d := t.Weekday()
		forms = []string{num(int(d) + 1), d.String()[:3], d.String()}
	case 'H':
		forms = []string{num(t.Hour() % 12), num2(t.Hour() % 12)}
	case 'h':
		forms = []string{num(t.Hour()), num2(t.Hour())}
	case 'm':
		forms = []string{num(t.Minute()), num2(t.Minute())}
	case 's':
		forms = []string{num(t.Second()), num2(t.Second())}
	case 't':
		ms := fmt.Sprintf("%03d", ns/1e6)
		forms = []string{num(ns / 1e6), ms, ms}
	case 'u':
		us := ns / 1e3
		forms = []string{num(us % 1e3), fmt.Sprintf("%03d", us%1e3), num(us), fmt.Sprintf("%06d", us)}
	case 'n':
		forms = []string{num(ns % 1e3), fmt.Sprintf("%03d", ns%1e3),
			num(ns % 1e6), fmt.Sprintf("%06d", ns%1e6), num(ns), fmt.Sprintf("%09d", ns)}
	case 'z':
		forms = []string{t.Format("-0700")}
	case 'Z':
		forms = []string{t.Format("-0700"), t.Format("-07:00"), t.Format("MST")}
	case 'a':
		forms = []string{t.Format("pm")}
	case 'A':
		forms = []string{t.Format("PM")}
	case '?': // parse and format strings can be the same
		return "", true
	default:
		return strings.Repeat(string(c), w), true
	}
	if w > len(forms) || forms[w-1] == "" {
		return "", false
	}
	return forms[w-1], true
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
