package time

// Layouts: how the time Mon Jan 2 15:04:05 MST 2006 (in -0700) is written.
const (
	Layout      = "01/02 03:04:05PM '06 -0700"
	ANSIC       = "Mon Jan _2 15:04:05 2006"
	UnixDate    = "Mon Jan _2 15:04:05 MST 2006"
	RubyDate    = "Mon Jan 02 15:04:05 -0700 2006"
	RFC822      = "02 Jan 06 15:04 MST"
	RFC822Z     = "02 Jan 06 15:04 -0700"
	RFC850      = "Monday, 02-Jan-06 15:04:05 MST"
	RFC1123     = "Mon, 02 Jan 2006 15:04:05 MST"
	RFC1123Z    = "Mon, 02 Jan 2006 15:04:05 -0700"
	RFC3339     = "2006-01-02T15:04:05Z07:00"
	RFC3339Nano = "2006-01-02T15:04:05.999999999Z07:00"
	Kitchen     = "3:04PM"
	Stamp       = "Jan _2 15:04:05"
	StampMilli  = "Jan _2 15:04:05.000"
	StampMicro  = "Jan _2 15:04:05.000000"
	StampNano   = "Jan _2 15:04:05.000000000"
	DateTime    = "2006-01-02 15:04:05"
	DateOnly    = "2006-01-02"
	TimeOnly    = "15:04:05"
)

// element is what a piece of a layout stands for.
type element int

const (
	noElement element = iota
	longMonth
	shortMonth
	plainMonth
	zeroMonth
	longDay
	shortDay
	plainDate
	underDate
	zeroDate
	underYearDay
	zeroYearDay
	hour24
	hour12
	zeroHour12
	plainMinute
	zeroMinute
	plainSecond
	zeroSecond
	longYear
	shortYear
	upperPM
	lowerPM
	zoneName
	isoZone        // Z0700
	isoZoneSeconds // Z070000
	isoZoneShort   // Z07
	isoZoneColon   // Z07:00
	isoZoneColonSeconds
	numZone // -0700
	numZoneSeconds
	numZoneShort
	numZoneColon
	numZoneColonSeconds
	fraction0 // .000, as many digits
	fraction9 // .999, without trailing zeros
)

func startsLower(s string) bool { return s != "" && 'a' <= s[0] && s[0] <= 'z' }

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

// zoneForm finds which form of a zone offset s, after its sign or Z, begins with.
func zoneForm(s string) (form element, length int) {
	switch {
	case hasPrefix(s, "070000"):
		return isoZoneSeconds, 6
	case hasPrefix(s, "07:00:00"):
		return isoZoneColonSeconds, 8
	case hasPrefix(s, "0700"):
		return isoZone, 4
	case hasPrefix(s, "07:00"):
		return isoZoneColon, 5
	case hasPrefix(s, "07"):
		return isoZoneShort, 2
	}
	return noElement, 0
}

// elementAt returns the element that s begins with and its length.
func elementAt(s string) (e element, length int) {
	switch s[0] {
	case 'J':
		if hasPrefix(s, "January") {
			return longMonth, 7
		}
		if hasPrefix(s, "Jan") && !startsLower(s[3:]) {
			return shortMonth, 3
		}
	case 'M':
		if hasPrefix(s, "Monday") {
			return longDay, 6
		}
		if hasPrefix(s, "Mon") && !startsLower(s[3:]) {
			return shortDay, 3
		}
		if hasPrefix(s, "MST") {
			return zoneName, 3
		}
	case '0':
		if len(s) >= 2 && '1' <= s[1] && s[1] <= '6' {
			switch s[1] {
			case '1':
				return zeroMonth, 2
			case '2':
				return zeroDate, 2
			case '3':
				return zeroHour12, 2
			case '4':
				return zeroMinute, 2
			case '5':
				return zeroSecond, 2
			}
			return shortYear, 2
		}
		if hasPrefix(s, "002") {
			return zeroYearDay, 3
		}
	case '1':
		if hasPrefix(s, "15") {
			return hour24, 2
		}
		return plainMonth, 1
	case '2':
		if hasPrefix(s, "2006") {
			return longYear, 4
		}
		return plainDate, 1
	case '_':
		if hasPrefix(s, "_2") && !hasPrefix(s, "_2006") {
			return underDate, 2
		}
		if hasPrefix(s, "__2") {
			return underYearDay, 3
		}
	case '3':
		return hour12, 1
	case '4':
		return plainMinute, 1
	case '5':
		return plainSecond, 1
	case 'P':
		if hasPrefix(s, "PM") {
			return upperPM, 2
		}
	case 'p':
		if hasPrefix(s, "pm") {
			return lowerPM, 2
		}
	case '-':
		if form, n := zoneForm(s[1:]); n > 0 {
			return form - isoZone + numZone, n + 1
		}
	case 'Z':
		if form, n := zoneForm(s[1:]); n > 0 {
			return form, n + 1
		}
	case '.', ',':
		if len(s) > 1 && (s[1] == '0' || s[1] == '9') {
			n := 1
			for n < len(s) && s[n] == s[1] {
				n++
			}
			if n == len(s) || s[n] < '0' || s[n] > '9' {
				if s[1] == '0' {
					return fraction0, n
				}
				return fraction9, n
			}
		}
	}
	return noElement, 0
}

// next splits a layout around its first element; e is noElement when there is none.
func next(layout string) (prefix string, e element, text, suffix string) {
	for i := range len(layout) {
		if e, n := elementAt(layout[i:]); n > 0 {
			return layout[:i], e, layout[i : i+n], layout[i+n:]
		}
	}
	return layout, noElement, "", ""
}
