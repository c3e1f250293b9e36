package time

import (
	"errors"
	"strconv"
)

// appendInt appends x with at least width digits.
func appendInt(b []byte, x, width int) []byte {
	u := uint(x)
	if x < 0 {
		b = append(b, '-')
		u = uint(-x)
	}
	digits := 1
	for v := u; v >= 10; v /= 10 {
		digits++
	}
	for ; digits < width; width-- {
		b = append(b, '0')
	}
	return strconv.AppendUint(b, uint64(u), 10)
}

// appendFraction appends a separator and n digits of the nanoseconds, or as many as are not zeros at the end.
func appendFraction(b []byte, nsec int, separator byte, n int, trim bool) []byte {
	var digits [9]byte
	for i := 8; i >= 0; i-- {
		digits[i] = byte('0' + nsec%10)
		nsec /= 10
	}
	n = min(n, 9)
	if trim {
		for n > 0 && digits[n-1] == '0' {
			n--
		}
		if n == 0 {
			return b
		}
	}
	b = append(b, separator)
	return append(b, digits[:n]...)
}

// String formats t as 2006-01-02 15:04:05.999999999 -0700 MST, and the monotonic reading as m=±seconds.
func (t Time) String() string {
	b := t.AppendFormat(nil, "2006-01-02 15:04:05.999999999 -0700 MST")
	if t.wall&hasMonotonic != 0 {
		u := uint64(t.ext)
		sign := byte('+')
		if t.ext < 0 {
			sign = '-'
			u = -u
		}
		b = append(b, " m="...)
		b = append(b, sign)
		b = strconv.AppendUint(b, u/1e9, 10)
		b = append(b, '.')
		b = appendInt(b, int(u%1e9), 9)
	}
	return string(b)
}

// GoString formats t as an expression of Go.
func (t Time) GoString() string {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b := []byte("time.Date(")
	b = appendInt(b, year, 0)
	if January <= month && month <= December {
		b = append(b, ", time."...)
		b = append(b, month.String()...)
	} else {
		b = appendInt(append(b, ", "...), int(month), 0)
	}
	for _, x := range [...]int{day, hour, minute, second, t.Nanosecond()} {
		b = append(b, ", "...)
		b = appendInt(b, x, 0)
	}
	b = append(b, ", "...)
	switch loc := t.Location(); loc {
	case UTC:
		b = append(b, "time.UTC"...)
	case Local:
		b = append(b, "time.Local"...)
	default:
		b = append(b, "time.Location("...)
		b = append(b, quote(loc.name)...)
		b = append(b, ')')
	}
	return string(append(b, ')'))
}

// Format formats t as the layout shows it for the reference time.
func (t Time) Format(layout string) string {
	return string(t.AppendFormat(make([]byte, 0, len(layout)+10), layout))
}

// AppendFormat is Format to the end of b.
func (t Time) AppendFormat(b []byte, layout string) []byte {
	name, offset, _, _, _ := t.loc.lookup(t.unixSec())
	days, second := Time{t.wall & nsecMask, t.sec() + int64(offset), nil}.clock()
	year, month, day := civil(days)
	hour, minute, second := second/3600, second/60%60, second%60
	twelve := hour % 12
	if twelve == 0 {
		twelve = 12
	}
	for layout != "" {
		prefix, e, text, suffix := next(layout)
		b = append(b, prefix...)
		if e == noElement {
			break
		}
		layout = suffix
		switch e {
		case longYear:
			b = appendInt(b, year, 4)
		case shortYear:
			y := year
			if y < 0 {
				y = -y
			}
			b = appendInt(b, y%100, 2)
		case longMonth:
			b = append(b, month.String()...)
		case shortMonth:
			b = append(b, month.String()[:3]...)
		case plainMonth:
			b = appendInt(b, int(month), 0)
		case zeroMonth:
			b = appendInt(b, int(month), 2)
		case longDay:
			b = append(b, weekday(days).String()...)
		case shortDay:
			b = append(b, weekday(days).String()[:3]...)
		case plainDate:
			b = appendInt(b, day, 0)
		case underDate:
			if day < 10 {
				b = append(b, ' ')
			}
			b = appendInt(b, day, 0)
		case zeroDate:
			b = appendInt(b, day, 2)
		case underYearDay, zeroYearDay:
			n := int(days-daysTo(int64(year), January, 1)) + 1
			if e == zeroYearDay {
				b = appendInt(b, n, 3)
				break
			}
			if n < 100 {
				b = append(b, ' ')
				if n < 10 {
					b = append(b, ' ')
				}
			}
			b = appendInt(b, n, 0)
		case hour24:
			b = appendInt(b, hour, 2)
		case hour12:
			b = appendInt(b, twelve, 0)
		case zeroHour12:
			b = appendInt(b, twelve, 2)
		case plainMinute:
			b = appendInt(b, minute, 0)
		case zeroMinute:
			b = appendInt(b, minute, 2)
		case plainSecond:
			b = appendInt(b, second, 0)
		case zeroSecond:
			b = appendInt(b, second, 2)
		case upperPM:
			if hour >= 12 {
				b = append(b, "PM"...)
			} else {
				b = append(b, "AM"...)
			}
		case lowerPM:
			if hour >= 12 {
				b = append(b, "pm"...)
			} else {
				b = append(b, "am"...)
			}
		case zoneName:
			if name != "" {
				b = append(b, name...)
				break
			}
			// No abbreviation: hours and minutes.
			b = appendOffset(b, offset, numZone)
		case fraction0, fraction9:
			b = appendFraction(b, t.Nanosecond(), text[0], len(text)-1, e == fraction9)
		default:
			b = appendOffset(b, offset, e)
		}
	}
	return b
}

// appendOffset appends a zone offset in one of its forms.
func appendOffset(b []byte, offset int, e element) []byte {
	if e < numZone {
		if offset == 0 {
			return append(b, 'Z')
		}
		e += numZone - isoZone
	}
	minutes := offset / 60
	seconds := offset
	if offset < 0 {
		b = append(b, '-')
		minutes, seconds = -minutes, -seconds
	} else {
		b = append(b, '+')
	}
	b = appendInt(b, minutes/60, 2)
	if e == numZoneShort {
		return b
	}
	if e == numZoneColon || e == numZoneColonSeconds {
		b = append(b, ':')
	}
	b = appendInt(b, minutes%60, 2)
	if e == numZoneSeconds || e == numZoneColonSeconds {
		if e == numZoneColonSeconds {
			b = append(b, ':')
		}
		b = appendInt(b, seconds%60, 2)
	}
	return b
}

// quote quotes s as error messages do: only ASCII stays as it is.
func quote(s string) string {
	const hex = "0123456789abcdef"
	b := []byte{'"'}
	for i, c := range s {
		if c >= 0x80 || c < ' ' {
			n := 1
			if c >= 0x80 {
				n = len(string(c))
				if c == '\uFFFD' && (i+3 > len(s) || s[i:i+3] != "\uFFFD") {
					n = 1
				}
			}
			for _, x := range []byte(s[i : i+n]) {
				b = append(b, '\\', 'x', hex[x>>4], hex[x&15])
			}
			continue
		}
		if c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, byte(c))
	}
	return string(append(b, '"'))
}

// appendStrict formats t in RFC 3339, which years outside 0 to 9999 and offsets of a day and more do not fit.
func (t Time) appendStrict(b []byte, what string) ([]byte, error) {
	start := len(b)
	b = t.AppendFormat(b, RFC3339Nano)
	if b[start+len("9999")] != '-' {
		return nil, errors.New(what + "year outside of range [0,9999]")
	}
	if b[len(b)-1] != 'Z' {
		c := b[len(b)-len("Z07:00")]
		hours := int(b[len(b)-5]-'0')*10 + int(b[len(b)-4]-'0')
		if '0' <= c && c <= '9' || hours >= 24 {
			return nil, errors.New(what + "timezone hour outside of range [0,23]")
		}
	}
	return b, nil
}

// MarshalJSON formats t as a JSON string in RFC 3339.
func (t Time) MarshalJSON() ([]byte, error) {
	b, err := t.appendStrict([]byte{'"'}, "Time.MarshalJSON: ")
	if err != nil {
		return nil, err
	}
	return append(b, '"'), nil
}

// UnmarshalJSON parses a JSON string in RFC 3339.
func (t *Time) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return errors.New("Time.UnmarshalJSON: input is not a JSON string")
	}
	var err error
	*t, err = parseStrict(string(data[1 : len(data)-1]))
	return err
}

// AppendText appends t in RFC 3339.
func (t Time) AppendText(b []byte) ([]byte, error) { return t.appendStrict(b, "Time.AppendText: ") }

// MarshalText formats t in RFC 3339.
func (t Time) MarshalText() ([]byte, error) { return t.appendStrict(nil, "Time.MarshalText: ") }

// UnmarshalText parses RFC 3339.
func (t *Time) UnmarshalText(data []byte) error {
	var err error
	*t, err = parseStrict(string(data))
	return err
}

// parseStrict parses RFC 3339 without the liberties that Parse takes.
func parseStrict(s string) (Time, error) {
	t, err := Parse(RFC3339, s)
	if err != nil {
		return Time{}, err
	}
	digits := func(x string) int { return int(x[0]-'0')*10 + int(x[1]-'0') }
	bad := func(e, v, msg string) (Time, error) { return Time{}, &ParseError{RFC3339, s, e, v, msg} }
	switch {
	case s[len("2006-01-02T")+1] == ':':
		return bad("15", s[len("2006-01-02T"):][:1], "")
	case s[len("2006-01-02T15:04:05")] == ',':
		return bad(".", ",", "")
	case s[len(s)-1] != 'Z':
		switch {
		case digits(s[len(s)-5:]) >= 24:
			return bad("Z07:00", s[len(s)-6:], ": timezone hour out of range")
		case digits(s[len(s)-2:]) >= 60:
			return bad("Z07:00", s[len(s)-6:], ": timezone minute out of range")
		}
	}
	return t, nil
}

// AppendBinary appends a binary form of t: a version, seconds since year 1, nanoseconds, and the zone's offset in minutes.
func (t Time) AppendBinary(b []byte) ([]byte, error) {
	version, offset, seconds := byte(1), -1, 0
	if t.Location() != UTC {
		_, offset = t.Zone()
		if offset%60 != 0 {
			version, seconds = 2, offset%60
		}
		offset /= 60
		if offset < -32768 || offset == -1 || offset > 32767 {
			return b, errors.New("Time.MarshalBinary: unexpected zone offset")
		}
	}
	sec, nsec := t.sec(), t.nsec()
	b = append(b, version)
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(sec>>shift))
	}
	for shift := 24; shift >= 0; shift -= 8 {
		b = append(b, byte(nsec>>shift))
	}
	b = append(b, byte(offset>>8), byte(offset))
	if version == 2 {
		b = append(b, byte(seconds))
	}
	return b, nil
}

// MarshalBinary returns a binary form of t.
func (t Time) MarshalBinary() ([]byte, error) { return t.AppendBinary(nil) }

// UnmarshalBinary reads what MarshalBinary made.
func (t *Time) UnmarshalBinary(data []byte) error {
	if len(data) == 0 {
		return errors.New("Time.UnmarshalBinary: no data")
	}
	version := data[0]
	if version != 1 && version != 2 {
		return errors.New("Time.UnmarshalBinary: unsupported version")
	}
	want := 15
	if version == 2 {
		want++
	}
	if len(data) != want {
		return errors.New("Time.UnmarshalBinary: invalid length")
	}
	var sec int64
	for _, c := range data[1:9] {
		sec = sec<<8 | int64(c)
	}
	var nsec int32
	for _, c := range data[9:13] {
		nsec = nsec<<8 | int32(c)
	}
	offset := int(int16(data[13])<<8|int16(data[14])) * 60
	if version == 2 {
		offset += int(int8(data[15]))
	}
	*t = Time{uint64(nsec), sec, nil}
	if offset == -60 {
		t.setLoc(&utcLoc)
	} else if _, local, _, _, _ := Local.lookup(t.unixSec()); offset == local {
		t.setLoc(Local)
	} else {
		t.setLoc(FixedZone("", offset))
	}
	return nil
}

// GobEncode is MarshalBinary.
func (t Time) GobEncode() ([]byte, error) { return t.MarshalBinary() }

// GobDecode is UnmarshalBinary.
func (t *Time) GobDecode(data []byte) error { return t.UnmarshalBinary(data) }
