package time

import "errors"

// Duration is the time between two instants, in nanoseconds.
type Duration int64

const (
	Nanosecond  Duration = 1
	Microsecond          = 1000 * Nanosecond
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
)

const (
	minDuration Duration = -1 << 63
	maxDuration Duration = 1<<63 - 1
)

// String formats d as 72h3m0.5s; below a second it uses ms, µs or ns.
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	var buf [32]byte // filled from its end
	w := len(buf)
	put := func(s string) {
		w -= len(s)
		copy(buf[w:], s)
	}
	digits := func(v uint64) {
		for {
			w--
			buf[w] = byte('0' + v%10)
			if v /= 10; v == 0 {
				return
			}
		}
	}
	// fraction writes the last n digits of v without trailing zeros, after a point, and returns the rest.
	fraction := func(v uint64, n int) uint64 {
		some := false
		for range n {
			digit := byte(v % 10)
			some = some || digit != 0
			if some {
				w--
				buf[w] = '0' + digit
			}
			v /= 10
		}
		if some {
			put(".")
		}
		return v
	}
	u := uint64(d)
	if d < 0 {
		u = -u
	}
	switch {
	case u < uint64(Microsecond):
		put("ns")
		digits(u)
	case u < uint64(Millisecond):
		put("µs")
		digits(fraction(u, 3))
	case u < uint64(Second):
		put("ms")
		digits(fraction(u, 6))
	default:
		put("s")
		u = fraction(u, 9)
		digits(u % 60)
		if u /= 60; u > 0 {
			put("m")
			digits(u % 60)
			if u /= 60; u > 0 {
				put("h")
				digits(u)
			}
		}
	}
	if d < 0 {
		put("-")
	}
	return string(buf[w:])
}

// Nanoseconds returns d in nanoseconds.
func (d Duration) Nanoseconds() int64 { return int64(d) }

// Microseconds returns d in microseconds, rounded towards zero.
func (d Duration) Microseconds() int64 { return int64(d) / 1e3 }

// Milliseconds returns d in milliseconds, rounded towards zero.
func (d Duration) Milliseconds() int64 { return int64(d) / 1e6 }

// in divides whole and rest separately, which keeps more digits than one division.
func (d Duration) in(unit Duration) float64 {
	return float64(d/unit) + float64(d%unit)/float64(unit)
}

// Seconds returns d in seconds.
func (d Duration) Seconds() float64 { return d.in(Second) }

// Minutes returns d in minutes.
func (d Duration) Minutes() float64 { return d.in(Minute) }

// Hours returns d in hours.
func (d Duration) Hours() float64 { return d.in(Hour) }

// Truncate rounds d towards zero to a multiple of m.
func (d Duration) Truncate(m Duration) Duration {
	if m <= 0 {
		return d
	}
	return d - d%m
}

// Round rounds d to the nearest multiple of m, halves away from zero, within the range of Duration.
func (d Duration) Round(m Duration) Duration {
	if m <= 0 {
		return d
	}
	r := d % m
	if d < 0 {
		r = -r
		if uint64(r)+uint64(r) < uint64(m) {
			return d + r
		}
		if up := d - m + r; up < d {
			return up
		}
		return minDuration
	}
	if uint64(r)+uint64(r) < uint64(m) {
		return d - r
	}
	if up := d + m - r; up > d {
		return up
	}
	return maxDuration
}

// Abs returns d's absolute value; the least Duration becomes the greatest.
func (d Duration) Abs() Duration {
	switch {
	case d >= 0:
		return d
	case d == minDuration:
		return maxDuration
	}
	return -d
}

func unitOf(s string) uint64 {
	switch s {
	case "ns":
		return uint64(Nanosecond)
	case "us", "µs", "μs":
		return uint64(Microsecond)
	case "ms":
		return uint64(Millisecond)
	case "s":
		return uint64(Second)
	case "m":
		return uint64(Minute)
	case "h":
		return uint64(Hour)
	}
	return 0
}

// ParseDuration parses what String writes: numbers with units, such as "-1.5h" or "2h45m".
func ParseDuration(s string) (Duration, error) {
	bad := func() (Duration, error) {
		return 0, errors.New("time: invalid duration " + quote(s))
	}
	rest := s
	negative := false
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		negative = rest[0] == '-'
		rest = rest[1:]
	}
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return bad()
	}
	var total uint64
	for rest != "" {
		if rest[0] != '.' && (rest[0] < '0' || rest[0] > '9') {
			return bad()
		}
		var v uint64
		i := 0
		for ; i < len(rest) && '0' <= rest[i] && rest[i] <= '9'; i++ {
			if v > 1<<63/10 {
				return bad()
			}
			v = v*10 + uint64(rest[i]-'0')
			if v > 1<<63 {
				return bad()
			}
		}
		some := i > 0
		rest = rest[i:]

		var frac uint64
		scale := 1.0
		if rest != "" && rest[0] == '.' {
			full := false
			i := 1
			for ; i < len(rest) && '0' <= rest[i] && rest[i] <= '9'; i++ {
				if full || frac > (1<<63-1)/10 {
					full = true // further digits do not matter
					continue
				}
				y := frac*10 + uint64(rest[i]-'0')
				if y > 1<<63 {
					full = true
					continue
				}
				frac = y
				scale *= 10
			}
			some = some || i > 1
			rest = rest[i:]
		}
		if !some {
			return bad()
		}
		i = 0
		for i < len(rest) && rest[i] != '.' && (rest[i] < '0' || rest[i] > '9') {
			i++
		}
		if i == 0 {
			return 0, errors.New("time: missing unit in duration " + quote(s))
		}
		name := rest[:i]
		rest = rest[i:]
		unit := unitOf(name)
		if unit == 0 {
			return 0, errors.New("time: unknown unit " + quote(name) + " in duration " + quote(s))
		}
		if v > 1<<63/unit {
			return bad()
		}
		v *= unit
		if frac > 0 {
			v += uint64(float64(frac) * (float64(unit) / scale))
			if v > 1<<63 {
				return bad()
			}
		}
		total += v
		if total > 1<<63 {
			return bad()
		}
	}
	if negative {
		return -Duration(total), nil
	}
	if total > 1<<63-1 {
		return bad()
	}
	return Duration(total), nil
}
