package time

import "strconv"

// Month is a month, January being 1.
type Month int

const (
	January Month = 1 + iota
	February
	March
	April
	May
	June
	July
	August
	September
	October
	November
	December
)

const monthNames = "January  February March    April    May      June     July     August   SeptemberOctober  November December "

// String returns the month's English name.
func (m Month) String() string {
	if m < January || m > December {
		return "%!Month(" + strconv.FormatUint(uint64(m), 10) + ")"
	}
	return nthName(monthNames, 9, int(m)-1)
}

// nthName takes a name out of a table of padded names.
func nthName(table string, width, i int) string {
	name := table[i*width : (i+1)*width]
	for name[len(name)-1] == ' ' {
		name = name[:len(name)-1]
	}
	return name
}

// Weekday is a day of the week, Sunday being 0.
type Weekday int

const (
	Sunday Weekday = iota
	Monday
	Tuesday
	Wednesday
	Thursday
	Friday
	Saturday
)

const dayNames = "Sunday   Monday   Tuesday  WednesdayThursday Friday   Saturday "

// String returns the day's English name.
func (d Weekday) String() string {
	if d < Sunday || d > Saturday {
		return "%!Weekday(" + strconv.FormatUint(uint64(d), 10) + ")"
	}
	return nthName(dayNames, 9, int(d))
}

// clock returns the days since year 1 and the second of the day that t's clock shows.
func (t Time) clock() (days int64, second int) {
	sec := t.sec()
	if t.loc != nil {
		_, offset, _, _, _ := t.loc.lookup(t.unixSec())
		sec += int64(offset)
	}
	days = sec / secondsPerDay
	second = int(sec % secondsPerDay)
	if second < 0 {
		second += secondsPerDay
		days--
	}
	return days, second
}

// civil converts days since January 1, year 1 to a date. See H. Hinnant, "chrono-compatible low-level date algorithms":
// years begin in March, eras are of 400 years.
func civil(days int64) (year int, month Month, day int) {
	days += 306 // since March 1, year 0
	era := days / 146097
	if days < 0 && days%146097 != 0 {
		era--
	}
	inEra := days - era*146097
	yearOfEra := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	dayOfYear := inEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	day = int(dayOfYear-(153*m+2)/5) + 1
	year = int(yearOfEra + era*400)
	month = Month(m + 3)
	if month > December {
		month -= 12
		year++
	}
	return year, month, day
}

// daysTo returns the days from January 1, year 1 to a date with a month from 1 to 12.
func daysTo(year int64, month Month, day int64) int64 {
	m := int64(month)
	if m <= 2 {
		year--
		m += 12
	}
	era := year / 400
	if year < 0 && year%400 != 0 {
		era--
	}
	yearOfEra := year - era*400
	dayOfYear := (153*(m-3) + 2) / 5
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear + day - 1 - 306
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(m Month, year int) int {
	switch m {
	case February:
		if isLeap(year) {
			return 29
		}
		return 28
	case April, June, September, November:
		return 30
	}
	return 31
}

// Date returns the date on t's clock.
func (t Time) Date() (year int, month Month, day int) {
	days, _ := t.clock()
	return civil(days)
}

// Year returns the year on t's clock.
func (t Time) Year() int {
	year, _, _ := t.Date()
	return year
}

// Month returns the month on t's clock.
func (t Time) Month() Month {
	_, month, _ := t.Date()
	return month
}

// Day returns the day of the month on t's clock.
func (t Time) Day() int {
	_, _, day := t.Date()
	return day
}

// Weekday returns the day of the week on t's clock.
func (t Time) Weekday() Weekday {
	days, _ := t.clock()
	return weekday(days)
}

// weekday: January 1, year 1 was a Monday.
func weekday(days int64) Weekday {
	w := (days + 1) % 7
	if w < 0 {
		w += 7
	}
	return Weekday(w)
}

// YearDay returns the day of the year, from 1 on.
func (t Time) YearDay() int {
	days, _ := t.clock()
	year, _, _ := civil(days)
	return int(days-daysTo(int64(year), January, 1)) + 1
}

// ISOWeek returns the year and week of ISO 8601: a week belongs to the year of its Thursday.
func (t Time) ISOWeek() (year, week int) {
	days, _ := t.clock()
	thursday := days + int64(Thursday) - int64((weekday(days)+6)%7+1)
	year, _, _ = civil(thursday)
	return year, int(thursday-daysTo(int64(year), January, 1))/7 + 1
}

// Clock returns the time of day on t's clock.
func (t Time) Clock() (hour, min, sec int) {
	_, s := t.clock()
	return s / 3600, s / 60 % 60, s % 60
}

// Hour returns the hour on t's clock.
func (t Time) Hour() int {
	hour, _, _ := t.Clock()
	return hour
}

// Minute returns the minute on t's clock.
func (t Time) Minute() int {
	_, min, _ := t.Clock()
	return min
}

// Second returns the second on t's clock.
func (t Time) Second() int {
	_, _, sec := t.Clock()
	return sec
}

// Nanosecond returns the nanoseconds within the second.
func (t Time) Nanosecond() int { return int(t.nsec()) }

// carry normalizes hi*base+lo so that lo is in [0, base).
func carry(hi, lo, base int) (int, int) {
	n := lo / base
	lo -= n * base
	if lo < 0 {
		lo += base
		n--
	}
	return hi + n, lo
}

// Date returns the time at which loc's clock shows the given date and time of day. Values outside their ranges are carried
// over. Where a clock change skips or repeats a time, the result is right in one of the two zones.
func Date(year int, month Month, day, hour, min, sec, nsec int, loc *Location) Time {
	if loc == nil {
		panic("time: missing Location in call to Date")
	}
	var m int
	year, m = carry(year, int(month)-1, 12)
	sec, nsec = carry(sec, nsec, 1e9)
	min, sec = carry(min, sec, 60)
	hour, min = carry(hour, min, 60)
	day, hour = carry(day, hour, 24)

	days := daysTo(int64(year), Month(m+1), int64(day))
	unix := days*secondsPerDay + int64(hour*3600+min*60+sec) - unixToYear1
	if loc != UTC {
		// Guess with the offset that is in effect at the instant UTC's clock shows that time.
		_, offset, start, end, _ := loc.lookup(unix)
		if offset != 0 {
			utc := unix - int64(offset)
			if utc < start || utc >= end {
				_, offset, _, _, _ = loc.lookup(utc)
			}
			unix -= int64(offset)
		}
	}
	t := unixTime(unix, int32(nsec))
	t.setLoc(loc)
	return t
}
