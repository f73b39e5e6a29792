package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ufo/proc"
)

// cal - print calendar
//
// Cal prints a calendar. A month is a number from 1 to 12, the name of a month
// in lower case, or its first three letters. A year is between 1 and 9999.
// What is not given is this month, or this year. One argument that is a number
// greater than 12 is a year, all of which is printed.
//
// With -s the week begins on another day than Sunday: 1 is Monday, 7 Sunday.
//
// The calendar is that of Great Britain and its colonies: try
//
//	cal sep 1752
//
// # BUGS
//
// Years begin in January, which they did not always do.
//
// The year 90 is not 1990.
func calMain(p *proc.Proc) error {
	arg := argbegin(p, "[-s 1..7] [month] [year]")
	first := 0
	for c := range arg.flags() {
		if c != 's' {
			arg.usage()
		}
		n, err := strconv.Atoi(arg.eargf())
		if err != nil || n < 0 || n > 7 {
			arg.usage()
		}
		first = n % 7
	}
	now := localzone(p).in(p.Now())
	month, year := int(now.Month()), now.Year()
	switch len(arg.args) {
	case 0:
	case 1:
		n := monthNumber(arg.args[0])
		if n > 12 {
			if n > 9999 {
				return puts(p, "cal: bad argument\n")
			}
			return puts(p, yearCalendar(n, first))
		}
		month = n
	case 2:
		month = monthNumber(arg.args[0])
		year, _ = strconv.Atoi(arg.args[1])
	default:
		arg.usage()
	}
	if month < 1 || month > 12 || year < 1 || year > 9999 {
		return puts(p, "cal: bad argument\n")
	}
	out := fmt.Sprintf("   %s %d\n%s\n", time.Month(month), year, weekdays(first))
	for _, line := range monthLines(month, year, first) {
		out += strings.TrimRight(line, " ") + "\n"
	}
	return puts(p, out)
}

// monthNumber returns the number of a month's name, or a number.
func monthNumber(s string) int {
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if s == name || s == name[:3] || s == "sept" && m == time.September {
			return int(m)
		}
	}
	n, _ := strconv.Atoi(s)
	return n
}

// weekdays returns the heading of a month.
func weekdays(first int) string {
	const days = "Su  M Tu  W Th  F Sa Su  M Tu  W Th  F Sa"
	return days[3*first : 3*first+20]
}

// monthLines returns the six lines of a month.
func monthLines(month, year, first int) []string {
	// The day after September 2, 1752 was the 14th.
	old := func(y, m, d int) bool { return y*10000+m*100+d < 17520914 }
	length := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if month == 2 && year%4 == 0 && old(year, month, 1) {
		length = 29
	}
	lines := make([]string, 6)
	i := (weekday(year, month, 1, old(year, month, 1)) - first + 7) % 7
	lines[0] = strings.Repeat("   ", i)
	for d := 1; d <= length; d++ {
		if year == 1752 && month == 9 && d == 3 {
			d = 14
		}
		lines[i/7] += fmt.Sprintf("%2d ", d)
		i++
	}
	return lines
}

// weekday returns the day of the week of a date, 0 for Sunday, in the old
// calendar or the new.
func weekday(year, month, day int, julian bool) int {
	y, m := year, month
	if m < 3 {
		y, m = y-1, m+12
	}
	n := 365*y + y/4 + (153*(m-3)+2)/5 + day
	if julian {
		n -= 2
	} else {
		n += y/400 - y/100
	}
	return (n + 2) % 7
}

// yearCalendar returns a year, three months in a row.
func yearCalendar(year, first int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n\n\n%32s%d\n\n", "", year)
	for m := 1; m <= 12; m += 3 {
		sep := "         "
		for _, month := range []int{m, m + 1, m + 2} {
			b.WriteString(sep + time.Month(month).String()[:3])
			sep = strings.Repeat(" ", 20)
		}
		fmt.Fprintf(&b, "\n%s\n", strings.Join(slices.Repeat([]string{weekdays(first)}, 3), "   "))
		one, two, three := monthLines(m, year, first), monthLines(m+1, year, first), monthLines(m+2, year, first)
		for i := range one {
			line := fmt.Sprintf("%-23s%-23s%s", one[i], two[i], three[i])
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return b.String() + "\n\n\n"
}
