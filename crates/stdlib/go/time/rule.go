package time

// ruleParser reads a TZ rule of POSIX: CET-1CEST,M3.5.0,M10.5.0/3
type ruleParser struct {
	s  string
	ok bool
}

func (p *ruleParser) peek() byte {
	if p.s == "" {
		return 0
	}
	return p.s[0]
}

func (p *ruleParser) name() string {
	if p.peek() == '<' {
		for i := range len(p.s) {
			if p.s[i] == '>' {
				n := p.s[1:i]
				p.s = p.s[i+1:]
				return n
			}
		}
		p.ok = false
		return ""
	}
	i := 0
	for i < len(p.s) && (p.s[i] < '0' || p.s[i] > '9') && p.s[i] != ',' && p.s[i] != '-' && p.s[i] != '+' {
		i++
	}
	n := p.s[:i]
	p.s = p.s[i:]
	if i < 3 {
		p.ok = false
	}
	return n
}

func (p *ruleParser) number() int {
	i, n := 0, 0
	for i < len(p.s) && '0' <= p.s[i] && p.s[i] <= '9' && n < 10000 {
		n = n*10 + int(p.s[i]-'0')
		i++
	}
	if i == 0 {
		p.ok = false
	}
	p.s = p.s[i:]
	return n
}

func (p *ruleParser) skip(c byte) bool {
	if p.peek() == c {
		p.s = p.s[1:]
		return true
	}
	return false
}

// seconds reads [+-]hh[:mm[:ss]].
func (p *ruleParser) seconds() int {
	negative := p.skip('-')
	if !negative {
		p.skip('+')
	}
	n := p.number() * 3600
	if p.skip(':') {
		n += p.number() * 60
		if p.skip(':') {
			n += p.number()
		}
	}
	if negative {
		return -n
	}
	return n
}

// dayRule says on which day of a year, and when, a zone begins.
type dayRule struct {
	kind             byte // 'J' a day from 1 without February 29, 0 a day from 0, 'M' a day of a week of a month
	month, week, day int
	time             int
}

func (p *ruleParser) day() (r dayRule) {
	switch {
	case p.skip('J'):
		r.kind, r.day = 'J', p.number()
	case p.skip('M'):
		r.kind = 'M'
		r.month = p.number()
		p.ok = p.ok && p.skip('.')
		r.week = p.number()
		p.ok = p.ok && p.skip('.')
		r.day = p.number()
		p.ok = p.ok && 1 <= r.month && r.month <= 12 && 1 <= r.week && r.week <= 5 && r.day <= 6
	default:
		r.day = p.number()
	}
	r.time = 2 * 3600
	if p.skip('/') {
		r.time = p.seconds()
	}
	return r
}

// at returns the second of the year at which the rule applies, with a clock of the given offset.
func (r dayRule) at(year, offset int) int64 {
	var day int64
	first := daysTo(int64(year), January, 1)
	switch r.kind {
	case 'J':
		day = int64(r.day) - 1
		if isLeap(year) && r.day >= 60 {
			day++
		}
	case 'M':
		start := daysTo(int64(year), Month(r.month), 1)
		d := int64(r.day) - int64(weekday(start))
		if d < 0 {
			d += 7
		}
		d += int64(r.week-1) * 7
		for d >= int64(daysIn(Month(r.month), year)) {
			d -= 7
		}
		day = start + d - first
	default:
		day = int64(r.day)
	}
	return day*secondsPerDay + int64(r.time) - int64(offset)
}

// ruleAt returns the zone that a rule gives for a Unix time after the last change.
func ruleAt(rule string, last, sec int64) (name string, offset int, start, end int64, dst, ok bool) {
	p := &ruleParser{rule, true}
	std := p.name()
	stdOffset := -p.seconds()
	if !p.ok {
		return
	}
	if p.s == "" || p.s[0] == ',' {
		return std, stdOffset, last, maxTime, false, true
	}
	dstName := p.name()
	dstOffset := stdOffset + 3600
	if p.s != "" && p.s[0] != ',' {
		dstOffset = -p.seconds()
	}
	if p.s == "" {
		p.s = ",M3.2.0,M11.1.0"
	}
	p.ok = p.ok && p.skip(',')
	from := p.day()
	p.ok = p.ok && p.skip(',')
	to := p.day()
	if !p.ok || p.s != "" {
		return
	}
	days := (sec + unixToYear1) / secondsPerDay
	if (sec+unixToYear1)%secondsPerDay < 0 {
		days--
	}
	year, _, _ := civil(days)
	yearStart := daysTo(int64(year), January, 1)*secondsPerDay - unixToYear1
	inYear := sec - yearStart
	begin, finish := from.at(year, stdOffset), to.at(year, dstOffset)
	dst1, dst2 := true, false
	n1, o1, n2, o2 := dstName, dstOffset, std, stdOffset
	if finish < begin {
		begin, finish = finish, begin
		n1, o1, n2, o2 = n2, o2, n1, o1
		dst1, dst2 = dst2, dst1
	}
	const yearLength = 365 * secondsPerDay
	switch {
	case inYear < begin:
		return n2, o2, yearStart, yearStart + begin, dst2, true
	case inYear >= finish:
		return n2, o2, yearStart + finish, yearStart + yearLength, dst2, true
	}
	return n1, o1, yearStart + begin, yearStart + finish, dst1, true
}
