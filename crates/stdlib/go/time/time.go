// Package time tells, computes with, formats and waits for times.
package time

// Time is an instant, with nanoseconds, and the place whose clock shows it. The zero value is January 1, year 1, 00:00 UTC.
//
// A time read from the clock carries a monotonic reading too, which differences of such times use.
//
// If wall has its top bit set, its next 33 bits are the seconds since 1885, its last 30 the nanoseconds, and ext is the
// monotonic reading; else ext has the seconds since year 1.
type Time struct {
	wall uint64
	ext  int64
	loc  *Location // nil for UTC
}

const (
	hasMonotonic = 1 << 63
	nsecBits     = 30
	nsecMask     = 1<<nsecBits - 1

	secondsPerDay       = 86400
	unixToYear1   int64 = 719162 * secondsPerDay // from year 1 to 1970
	wallToYear1   int64 = (1884*365 + 1884/4 - 1884/100 + 1884/400) * secondsPerDay
)

func (t *Time) nsec() int64 { return int64(t.wall & nsecMask) }

// sec returns the seconds since year 1.
func (t *Time) sec() int64 {
	if t.wall&hasMonotonic != 0 {
		return wallToYear1 + int64(t.wall<<1>>(nsecBits+1))
	}
	return t.ext
}

func (t *Time) unixSec() int64 { return t.sec() - unixToYear1 }

// strip drops the monotonic reading.
func (t *Time) strip() {
	if t.wall&hasMonotonic != 0 {
		t.ext = t.sec()
		t.wall &= nsecMask
	}
}

func (t *Time) setLoc(loc *Location) {
	if loc == &utcLoc {
		loc = nil
	}
	t.strip()
	t.loc = loc
}

// now reads the clocks: seconds and nanoseconds since 1970, and nanoseconds of the monotonic clock, which starts at 1 with the
// program.
func now() (sec int64, nsec int32, mono int64)

// Now returns the current local time.
func Now() Time {
	sec, nsec, mono := now()
	sec += unixToYear1 - wallToYear1
	if uint64(sec)>>33 != 0 {
		return Time{uint64(nsec), sec + wallToYear1, Local}
	}
	return Time{hasMonotonic | uint64(sec)<<nsecBits | uint64(nsec), mono, Local}
}

// Since returns the time elapsed since t.
func Since(t Time) Duration {
	if t.wall&hasMonotonic != 0 {
		_, _, mono := now()
		return monoSub(mono, t.ext)
	}
	return Now().Sub(t)
}

// Until returns the time that is left until t.
func Until(t Time) Duration {
	if t.wall&hasMonotonic != 0 {
		_, _, mono := now()
		return monoSub(t.ext, mono)
	}
	return t.Sub(Now())
}

// monoSub returns t-u within the range of Duration.
func monoSub(t, u int64) Duration {
	d := Duration(t - u)
	if d < 0 && t > u {
		return maxDuration
	}
	if d > 0 && t < u {
		return minDuration
	}
	return d
}

func unixTime(sec int64, nsec int32) Time { return Time{uint64(nsec), sec + unixToYear1, Local} }

// Unix returns the local time of sec seconds and nsec nanoseconds after January 1, 1970 UTC.
func Unix(sec int64, nsec int64) Time {
	if nsec < 0 || nsec >= 1e9 {
		n := nsec / 1e9
		sec += n
		nsec -= n * 1e9
		if nsec < 0 {
			nsec += 1e9
			sec--
		}
	}
	return unixTime(sec, int32(nsec))
}

// UnixMilli is Unix in milliseconds.
func UnixMilli(msec int64) Time { return Unix(msec/1e3, (msec%1e3)*1e6) }

// UnixMicro is Unix in microseconds.
func UnixMicro(usec int64) Time { return Unix(usec/1e6, (usec%1e6)*1e3) }

// Unix returns the seconds since January 1, 1970 UTC.
func (t Time) Unix() int64 { return t.unixSec() }

// UnixMilli returns the milliseconds since January 1, 1970 UTC.
func (t Time) UnixMilli() int64 { return t.unixSec()*1e3 + t.nsec()/1e6 }

// UnixMicro returns the microseconds since January 1, 1970 UTC.
func (t Time) UnixMicro() int64 { return t.unixSec()*1e6 + t.nsec()/1e3 }

// UnixNano returns the nanoseconds since January 1, 1970 UTC, which int64 can hold for the years 1678 to 2262.
func (t Time) UnixNano() int64 { return t.unixSec()*1e9 + t.nsec() }

// After reports whether t is later than u.
func (t Time) After(u Time) bool { return t.Compare(u) > 0 }

// Before reports whether t is earlier than u.
func (t Time) Before(u Time) bool { return t.Compare(u) < 0 }

// Equal reports whether t and u are the same instant.
func (t Time) Equal(u Time) bool { return t.Compare(u) == 0 }

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Compare returns -1, 0 or 1 as t is earlier than, equal to or later than u.
func (t Time) Compare(u Time) int {
	if t.wall&u.wall&hasMonotonic != 0 {
		return compare(t.ext, u.ext)
	}
	if c := compare(t.sec(), u.sec()); c != 0 {
		return c
	}
	return compare(t.nsec(), u.nsec())
}

// IsZero reports whether t is the zero instant.
func (t Time) IsZero() bool { return t.sec() == 0 && t.nsec() == 0 }

func (t *Time) addSec(d int64) {
	if t.wall&hasMonotonic != 0 {
		sec := int64(t.wall << 1 >> (nsecBits + 1))
		if sum := sec + d; 0 <= sum && sum <= 1<<33-1 {
			t.wall = t.wall&nsecMask | uint64(sum)<<nsecBits | hasMonotonic
			return
		}
		t.strip()
	}
	sum := t.ext + d
	switch {
	case (sum > t.ext) == (d > 0):
		t.ext = sum
	case d > 0:
		t.ext = 1<<63 - 1
	default:
		t.ext = -(1<<63 - 1)
	}
}

// Add returns t+d.
func (t Time) Add(d Duration) Time {
	seconds := int64(d / 1e9)
	nsec := t.nsec() + int64(d%1e9)
	if nsec >= 1e9 {
		seconds++
		nsec -= 1e9
	} else if nsec < 0 {
		seconds--
		nsec += 1e9
	}
	t.wall = t.wall&^nsecMask | uint64(nsec)
	t.addSec(seconds)
	if t.wall&hasMonotonic != 0 {
		sum := t.ext + int64(d)
		if d < 0 && sum > t.ext || d > 0 && sum < t.ext {
			t.strip()
		} else {
			t.ext = sum
		}
	}
	return t
}

// Sub returns t-u, within the range of Duration.
func (t Time) Sub(u Time) Duration {
	if t.wall&u.wall&hasMonotonic != 0 {
		return monoSub(t.ext, u.ext)
	}
	d := Duration(t.sec()-u.sec())*Second + Duration(t.nsec()-u.nsec())
	switch {
	case u.Add(d).Equal(t):
		return d
	case t.Before(u):
		return minDuration
	}
	return maxDuration
}

// AddDate adds years, months and days to the date and normalizes the result, as Date does.
func (t Time) AddDate(years int, months int, days int) Time {
	year, month, day := t.Date()
	hour, min, sec := t.Clock()
	return Date(year+years, month+Month(months), day+days, hour, min, sec, int(t.nsec()), t.Location())
}

// UTC returns the same instant on the clock of UTC.
func (t Time) UTC() Time {
	t.setLoc(&utcLoc)
	return t
}

// Local returns the same instant on the local clock.
func (t Time) Local() Time {
	t.setLoc(Local)
	return t
}

// In returns the same instant on loc's clock.
func (t Time) In(loc *Location) Time {
	if loc == nil {
		panic("time: missing Location in call to Time.In")
	}
	t.setLoc(loc)
	return t
}

// Location returns whose clock shows t.
func (t Time) Location() *Location {
	if t.loc == nil {
		return UTC
	}
	return t.loc
}

// Zone returns the time zone in effect: its abbreviation and its offset east of UTC in seconds.
func (t Time) Zone() (name string, offset int) {
	name, offset, _, _, _ = t.loc.lookup(t.unixSec())
	return name, offset
}

// ZoneBounds returns when the zone in effect begins and ends, the zero Time for never.
func (t Time) ZoneBounds() (start, end Time) {
	_, _, from, to, _ := t.loc.lookup(t.unixSec())
	if from != minTime {
		start = unixTime(from, 0)
		start.setLoc(t.loc)
	}
	if to != maxTime {
		end = unixTime(to, 0)
		end.setLoc(t.loc)
	}
	return start, end
}

// IsDST reports whether daylight saving time is in effect.
func (t Time) IsDST() bool {
	_, _, _, _, dst := t.loc.lookup(t.unixSec())
	return dst
}

// remainder returns t's time since year 1 modulo d.
func (t Time) remainder(d Duration) Duration {
	sec, nsec := t.sec(), t.nsec()
	// (sec*1e9 + nsec) mod d with 128 bits, by sec mod d first where that is exact.
	neg := sec < 0
	if neg {
		sec, nsec = -sec, -nsec
		if nsec < 0 {
			nsec += 1e9
			sec--
		}
	}
	r := mulMod(uint64(sec), 1e9, uint64(d))
	r = (r + uint64(nsec)%uint64(d)) % uint64(d)
	if neg && r != 0 {
		r = uint64(d) - r
	}
	return Duration(r)
}

// mulMod returns a*b mod m for m < 1<<63.
func mulMod(a, b, m uint64) uint64 {
	a %= m
	var r uint64
	for ; b > 0; b >>= 1 {
		if b&1 != 0 {
			r = (r + a) % m
		}
		a = (a + a) % m
	}
	return r
}

// Truncate rounds t down to a multiple of d since year 1.
func (t Time) Truncate(d Duration) Time {
	t.strip()
	if d <= 0 {
		return t
	}
	return t.Add(-t.remainder(d))
}

// Round rounds t to the nearest multiple of d since year 1, halves up.
func (t Time) Round(d Duration) Time {
	t.strip()
	if d <= 0 {
		return t
	}
	r := t.remainder(d)
	if uint64(r)+uint64(r) < uint64(d) {
		return t.Add(-r)
	}
	return t.Add(d - r)
}
