package time

import "errors"

// ParseError says where a text does not fit a layout.
type ParseError struct {
	Layout     string
	Value      string
	LayoutElem string
	ValueElem  string
	Message    string
}

func (e *ParseError) Error() string {
	if e.Message != "" {
		return "parsing time " + quote(e.Value) + e.Message
	}
	return "parsing time " + quote(e.Value) + " as " + quote(e.Layout) + ": cannot parse " + quote(e.ValueElem) + " as " + quote(e.LayoutElem)
}

var errBad = errors.New("bad value for field")

func isDigit(s string, i int) bool { return i < len(s) && '0' <= s[i] && s[i] <= '9' }

// digits reads one or two digits, exactly two if fixed.
func digits(s string, fixed bool) (n int, rest string, err error) {
	if !isDigit(s, 0) {
		return 0, s, errBad
	}
	if !isDigit(s, 1) {
		if fixed {
			return 0, s, errBad
		}
		return int(s[0] - '0'), s[1:], nil
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), s[2:], nil
}

// digits3 reads one to three digits, exactly three if fixed.
func digits3(s string, fixed bool) (n int, rest string, err error) {
	i := 0
	for ; i < 3 && isDigit(s, i); i++ {
		n = n*10 + int(s[i]-'0')
	}
	if i == 0 || fixed && i != 3 {
		return 0, s, errBad
	}
	return n, s[i:], nil
}

func foldedEqual(a, b string) bool {
	for i := range len(a) {
		x, y := a[i]|0x20, b[i]|0x20
		if x != y || x < 'a' || x > 'z' {
			return false
		}
	}
	return true
}

// named finds which name of a table (cut to short letters, if that is not 0) s begins with, whatever the case.
func named(table string, count, short int, s string) (index int, rest string, err error) {
	for i := range count {
		name := nthName(table, 9, i)
		if short > 0 {
			name = name[:short]
		}
		if len(s) >= len(name) && foldedEqual(s[:len(name)], name) {
			return i, s[len(name):], nil
		}
	}
	return -1, s, errBad
}

// skipPrefix removes a layout's literal text from value; a space stands for any number of spaces.
func skipPrefix(value, prefix string) (string, error) {
	for prefix != "" {
		if prefix[0] == ' ' {
			if value != "" && value[0] != ' ' {
				return value, errBad
			}
			for prefix != "" && prefix[0] == ' ' {
				prefix = prefix[1:]
			}
			for value != "" && value[0] == ' ' {
				value = value[1:]
			}
			continue
		}
		if value == "" || value[0] != prefix[0] {
			return value, errBad
		}
		prefix, value = prefix[1:], value[1:]
	}
	return value, nil
}

// signed reads a number with or without a sign.
func signed(s string) (n int, err error) {
	negative := s != "" && s[0] == '-'
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	if s == "" {
		return 0, errBad
	}
	for i := range len(s) {
		if !isDigit(s, i) {
			return 0, errBad
		}
		n = n*10 + int(s[i]-'0')
	}
	if negative {
		return -n, nil
	}
	return n, nil
}

// fraction reads a fraction of a second: a separator and digits.
func (f *fields) fraction(s string) error {
	if s[0] != '.' && s[0] != ',' {
		return errBad
	}
	if len(s) > 10 {
		s = s[:10]
	}
	n, err := signed(s[1:])
	if err != nil {
		return err
	}
	if n < 0 {
		f.outOfRange = "fractional second"
		return nil
	}
	for i := len(s); i < 10; i++ {
		n *= 10
	}
	f.nsec = n
	return nil
}

// abbreviation returns the length of the time zone abbreviation that s begins with.
func abbreviation(s string) (length int, ok bool) {
	if len(s) < 3 {
		return 0, false
	}
	if hasPrefix(s, "ChST") || hasPrefix(s, "MeST") {
		return 4, true
	}
	if hasPrefix(s, "GMT") {
		return 3 + signedOffset(s[3:]), true
	}
	if s[0] == '+' || s[0] == '-' {
		length = signedOffset(s)
		return length, length > 0
	}
	n := 0
	for n < 6 && n < len(s) && 'A' <= s[n] && s[n] <= 'Z' {
		n++
	}
	switch n {
	case 5:
		if s[4] == 'T' {
			return 5, true
		}
	case 4:
		// Most have T at the end; one has not.
		if s[3] == 'T' || hasPrefix(s, "WITA") {
			return 4, true
		}
	case 3:
		return 3, true
	}
	return 0, false
}

// signedOffset returns the length of a sign and hours up to 23.
func signedOffset(s string) int {
	if s == "" || s[0] != '-' && s[0] != '+' {
		return 0
	}
	n, i := 0, 1
	for ; isDigit(s, i); i++ {
		n = n*10 + int(s[i]-'0')
		if n > 23 {
			return 0
		}
	}
	if i == 1 {
		return 0
	}
	return i
}

// Parse parses a text that looks as the layout does for the reference time. Without a zone it is in UTC.
func Parse(layout, value string) (Time, error) { return parse(layout, value, UTC, Local) }

// ParseInLocation is Parse with loc for texts without a zone and for zone abbreviations.
func ParseInLocation(layout, value string, loc *Location) (Time, error) {
	return parse(layout, value, loc, loc)
}

// fields is what parse has found so far.
type fields struct {
	year, month, day, yearDay int
	hour, min, sec, nsec      int
	pm, am                    bool
	zone                      *Location
	zoneOffset                int // -1: none
	zoneName                  string
	outOfRange                string
}

func parse(fullLayout, fullValue string, defaultLoc, local *Location) (Time, error) {
	layout, value := fullLayout, fullValue
	f := fields{month: -1, day: -1, yearDay: -1, zoneOffset: -1}
	for {
		prefix, e, text, suffix := next(layout)
		rest, err := skipPrefix(value, prefix)
		if err != nil {
			return Time{}, &ParseError{fullLayout, fullValue, prefix, rest, ""}
		}
		value = rest
		if e == noElement {
			if value != "" {
				return Time{}, &ParseError{fullLayout, fullValue, "", value, ": extra text: " + quote(value)}
			}
			break
		}
		layout = suffix
		hold := value
		value, err = f.element(e, text, value, layout)
		if f.outOfRange != "" {
			return Time{}, &ParseError{fullLayout, fullValue, text, value, ": " + f.outOfRange + " out of range"}
		}
		if err != nil {
			return Time{}, &ParseError{fullLayout, fullValue, text, hold, ""}
		}
	}
	if f.pm && f.hour < 12 {
		f.hour += 12
	} else if f.am && f.hour == 12 {
		f.hour = 0
	}
	wrongDay := func() (Time, error) {
		return Time{}, &ParseError{fullLayout, fullValue, "", value, ": day-of-year out of range"}
	}
	if f.yearDay >= 0 {
		yd := f.yearDay
		last := 365
		if isLeap(f.year) {
			last = 366
		}
		if yd < 1 || yd > last {
			return wrongDay()
		}
		_, m, d := civil(daysTo(int64(f.year), January, 1) + int64(yd) - 1)
		if f.month >= 0 && f.month != int(m) {
			return Time{}, &ParseError{fullLayout, fullValue, "", value, ": day-of-year does not match month"}
		}
		if f.day >= 0 && f.day != d {
			return Time{}, &ParseError{fullLayout, fullValue, "", value, ": day-of-year does not match day"}
		}
		f.month, f.day = int(m), d
	}
	if f.month < 0 {
		f.month = 1
	}
	if f.day < 0 {
		f.day = 1
	}
	if f.day < 1 || f.day > daysIn(Month(f.month), f.year) {
		return Time{}, &ParseError{fullLayout, fullValue, "", value, ": day out of range"}
	}
	date := func(loc *Location) Time {
		return Date(f.year, Month(f.month), f.day, f.hour, f.min, f.sec, f.nsec, loc)
	}
	switch {
	case f.zone != nil:
		return date(f.zone), nil
	case f.zoneOffset != -1:
		t := date(UTC)
		t.addSec(-int64(f.zoneOffset))
		// The local zone, if it has this offset at this time; else a made-up one.
		name, offset, _, _, _ := local.lookup(t.unixSec())
		if offset == f.zoneOffset && (f.zoneName == "" || name == f.zoneName) {
			t.setLoc(local)
			return t, nil
		}
		t.setLoc(FixedZone(f.zoneName, f.zoneOffset))
		return t, nil
	case f.zoneName != "":
		t := date(UTC)
		offset, ok := local.offsetOf(f.zoneName, t.unixSec())
		if ok {
			t.addSec(-int64(offset))
			t.setLoc(local)
			return t, nil
		}
		if len(f.zoneName) > 3 && f.zoneName[:3] == "GMT" {
			n := 0
			for i := 4; isDigit(f.zoneName, i); i++ {
				n = n*10 + int(f.zoneName[i]-'0')
			}
			if f.zoneName[3] == '-' {
				n = -n
			}
			offset = n * 3600
		}
		t.addSec(-int64(offset))
		t.setLoc(FixedZone(f.zoneName, offset))
		return t, nil
	}
	return date(defaultLoc), nil
}

// element reads one element. after is the rest of the layout.
func (f *fields) element(e element, text, value, after string) (rest string, err error) {
	switch e {
	case shortYear:
		if len(value) < 2 {
			return value, errBad
		}
		if f.year, err = signed(value[:2]); err != nil {
			return value, err
		}
		if f.year >= 69 {
			f.year += 1900
		} else {
			f.year += 2000
		}
		return value[2:], nil
	case longYear:
		if len(value) < 4 || !isDigit(value, 0) || !isDigit(value, 1) || !isDigit(value, 2) || !isDigit(value, 3) {
			return value, errBad
		}
		f.year = 0
		for i := range 4 {
			f.year = f.year*10 + int(value[i]-'0')
		}
		return value[4:], nil
	case shortMonth:
		f.month, rest, err = named(monthNames, 12, 3, value)
		f.month++
		return rest, err
	case longMonth:
		f.month, rest, err = named(monthNames, 12, 0, value)
		f.month++
		return rest, err
	case plainMonth, zeroMonth:
		f.month, rest, err = digits(value, e == zeroMonth)
		if err == nil && (f.month < 1 || f.month > 12) {
			f.outOfRange = "month"
		}
		return rest, err
	case shortDay:
		_, rest, err = named(dayNames, 7, 3, value)
		return rest, err
	case longDay:
		_, rest, err = named(dayNames, 7, 0, value)
		return rest, err
	case plainDate, underDate, zeroDate:
		if e == underDate && value != "" && value[0] == ' ' {
			value = value[1:]
		}
		f.day, rest, err = digits(value, e == zeroDate)
		return rest, err
	case underYearDay, zeroYearDay:
		if e == underYearDay {
			for range 2 {
				if value != "" && value[0] == ' ' {
					value = value[1:]
				}
			}
		}
		f.yearDay, rest, err = digits3(value, e == zeroYearDay)
		return rest, err
	case hour24:
		f.hour, rest, err = digits(value, false)
		if f.hour < 0 || f.hour >= 24 {
			f.outOfRange = "hour"
		}
		return rest, err
	case hour12, zeroHour12:
		f.hour, rest, err = digits(value, e == zeroHour12)
		if f.hour < 0 || f.hour > 12 {
			f.outOfRange = "hour"
		}
		return rest, err
	case plainMinute, zeroMinute:
		f.min, rest, err = digits(value, e == zeroMinute)
		if f.min < 0 || f.min >= 60 {
			f.outOfRange = "minute"
		}
		return rest, err
	case plainSecond, zeroSecond:
		f.sec, rest, err = digits(value, e == zeroSecond)
		if err != nil {
			return rest, err
		}
		if f.sec < 0 || f.sec >= 60 {
			f.outOfRange = "second"
			return rest, nil
		}
		// A fraction may follow that the layout does not mention.
		if len(rest) >= 2 && (rest[0] == '.' || rest[0] == ',') && isDigit(rest, 1) {
			if _, e, _, _ := next(after); e == fraction0 || e == fraction9 {
				return rest, nil
			}
			n := 2
			for isDigit(rest, n) {
				n++
			}
			return rest[n:], f.fraction(rest[:n])
		}
		return rest, nil
	case upperPM, lowerPM:
		if len(value) < 2 {
			return value, errBad
		}
		switch {
		case e == upperPM && value[:2] == "PM", e == lowerPM && value[:2] == "pm":
			f.pm = true
		case e == upperPM && value[:2] == "AM", e == lowerPM && value[:2] == "am":
			f.am = true
		default:
			return value[2:], errBad
		}
		return value[2:], nil
	case zoneName:
		if hasPrefix(value, "UTC") {
			f.zone = UTC
			return value[3:], nil
		}
		n, ok := abbreviation(value)
		if !ok {
			return value, errBad
		}
		f.zoneName = value[:n]
		return value[n:], nil
	case fraction0:
		// As many digits as the layout has.
		if len(value) < len(text) {
			return value, errBad
		}
		return value[len(text):], f.fraction(value[:len(text)])
	case fraction9:
		if len(value) < 2 || value[0] != '.' && value[0] != ',' || !isDigit(value, 1) {
			return value, nil
		}
		n := 0
		for isDigit(value, n+1) {
			n++
		}
		return value[n+1:], f.fraction(value[:n+1])
	}
	return f.offset(e, value)
}

// offset reads a numeric zone offset.
func (f *fields) offset(e element, value string) (rest string, err error) {
	if e < numZone {
		if value != "" && value[0] == 'Z' {
			f.zone = UTC
			return value[1:], nil
		}
		e += numZone - isoZone
	}
	var hour, min, sec int
	length := 0
	colon := false
	switch e {
	case numZoneShort:
		length = 3
	case numZone:
		length = 5
	case numZoneColon:
		length, colon = 6, true
	case numZoneSeconds:
		length = 7
	case numZoneColonSeconds:
		length, colon = 9, true
	}
	if len(value) < length {
		return value, errBad
	}
	text := value[1:length]
	for i, p := range [...]*int{&hour, &min, &sec} {
		if text == "" {
			break
		}
		if i > 0 && colon {
			if text[0] != ':' {
				return value, errBad
			}
			text = text[1:]
		}
		*p, text, err = digits(text, true)
		if err != nil {
			return value, err
		}
	}
	rest = value[length:]
	switch {
	case hour > 24:
		f.outOfRange = "time zone offset hour"
	case min > 60:
		f.outOfRange = "time zone offset minute"
	case sec > 60:
		f.outOfRange = "time zone offset second"
	}
	f.zoneOffset = hour*3600 + min*60 + sec
	switch value[0] {
	case '+':
	case '-':
		f.zoneOffset = -f.zoneOffset
	default:
		return value, errBad
	}
	return rest, nil
}
