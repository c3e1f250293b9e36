package time

import (
	"errors"
	"sync"
	"syscall"
)

// Location is a place and its time zones over time.
type Location struct {
	name    string
	zones   []zone
	changes []change
	extend  string // a TZ rule for times after the last change
	once    sync.Once
}

type zone struct {
	name   string
	offset int // seconds east of UTC
	dst    bool
}

// change says that a zone is in effect from a time on.
type change struct {
	when int64
	zone uint8
}

const (
	minTime = -1 << 63
	maxTime = 1<<63 - 1
)

var (
	utcLoc   = Location{name: "UTC"}
	localLoc Location
)

// UTC is Universal Coordinated Time.
var UTC *Location = &utcLoc

// Local is the system's time zone: what TZ names, else /etc/localtime.
var Local *Location = &localLoc

// String returns the name that the Location was made with.
func (l *Location) String() string { return l.get().name }

func (l *Location) get() *Location {
	if l == nil {
		return &utcLoc
	}
	if l == &localLoc {
		l.once.Do(loadLocal)
	}
	return l
}

func loadLocal() {
	tz, ok := syscall.Getenv("TZ")
	switch {
	case !ok:
		if data, err := readFile("/etc/localtime"); err == nil {
			if l, err := LoadLocationFromTZData("Local", data); err == nil {
				localLoc.name, localLoc.zones, localLoc.changes, localLoc.extend = "Local", l.zones, l.changes, l.extend
				return
			}
		}
	case tz != "":
		if tz[0] == ':' {
			tz = tz[1:]
		}
		name := tz
		if tz != "" && tz[0] == '/' {
			if data, err := readFile(tz); err == nil {
				if l, err := LoadLocationFromTZData(tz, data); err == nil {
					if tz == "/etc/localtime" {
						name = "Local"
					}
					localLoc.name, localLoc.zones, localLoc.changes, localLoc.extend = name, l.zones, l.changes, l.extend
					return
				}
			}
		} else if tz != "" && tz != "UTC" {
			if l, err := loadZone(tz); err == nil {
				localLoc.name, localLoc.zones, localLoc.changes, localLoc.extend = "Local", l.zones, l.changes, l.extend
				return
			}
		}
	}
	localLoc.name = "UTC"
}

// FixedZone returns a Location that always has the zone given by its name and its offset in seconds.
func FixedZone(name string, offset int) *Location {
	return &Location{name: name, zones: []zone{{name, offset, false}}, changes: []change{{minTime, 0}}}
}

// lookup returns the zone in effect at a Unix time, and from when (inclusive) to when (exclusive) it is.
func (l *Location) lookup(sec int64) (name string, offset int, start, end int64, dst bool) {
	l = l.get()
	if len(l.zones) == 0 {
		return "UTC", 0, minTime, maxTime, false
	}
	if len(l.changes) == 0 || sec < l.changes[0].when {
		z := l.firstZone()
		end = maxTime
		if len(l.changes) > 0 {
			end = l.changes[0].when
		}
		return z.name, z.offset, minTime, end, z.dst
	}
	lo, hi := 0, len(l.changes) // changes[lo].when <= sec < changes[hi].when
	for hi-lo > 1 {
		if m := (lo + hi) / 2; sec < l.changes[m].when {
			hi = m
		} else {
			lo = m
		}
	}
	end = maxTime
	if hi < len(l.changes) {
		end = l.changes[hi].when
	}
	z := &l.zones[l.changes[lo].zone]
	name, offset, start, dst = z.name, z.offset, l.changes[lo].when, z.dst
	if lo == len(l.changes)-1 && l.extend != "" {
		if n, o, s, e, d, ok := ruleAt(l.extend, start, sec); ok {
			return n, o, s, e, d
		}
	}
	return name, offset, start, end, dst
}

// firstZone is what holds before the first change: the first zone without daylight saving.
func (l *Location) firstZone() *zone {
	if len(l.changes) > 0 {
		used := false
		for _, c := range l.changes {
			used = used || c.zone == 0
		}
		if !used {
			return &l.zones[0]
		}
		if first := l.changes[0].zone; l.zones[first].dst {
			for i := int(first) - 1; i >= 0; i-- {
				if !l.zones[i].dst {
					return &l.zones[i]
				}
			}
		}
	}
	for i := range l.zones {
		if !l.zones[i].dst {
			return &l.zones[i]
		}
	}
	return &l.zones[0]
}

// offsetOf finds the offset of the zone with an abbreviation, preferably one in effect at the time.
func (l *Location) offsetOf(name string, unix int64) (offset int, ok bool) {
	l = l.get()
	for i := range l.zones {
		if z := &l.zones[i]; z.name == name {
			if n, o, _, _, _ := l.lookup(unix - int64(z.offset)); n == name {
				return o, true
			}
		}
	}
	for i := range l.zones {
		if l.zones[i].name == name {
			return l.zones[i].offset, true
		}
	}
	return 0, false
}

// LoadLocation returns the Location with a name of the IANA database, such as "Europe/Paris".
func LoadLocation(name string) (*Location, error) {
	switch name {
	case "", "UTC":
		return UTC, nil
	case "Local":
		return Local, nil
	}
	if name[0] == '/' || name[0] == '\\' {
		return nil, errors.New("time: invalid location name")
	}
	for i := range len(name) {
		if name[i] == '\\' || name[i] == '.' && i+1 < len(name) && name[i+1] == '.' && (i == 0 || name[i-1] == '/') {
			return nil, errors.New("time: invalid location name")
		}
	}
	return loadZone(name)
}

func loadZone(name string) (*Location, error) {
	dirs := []string{"/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/", "/usr/lib/locale/TZ/", "/etc/zoneinfo/"}
	if dir, ok := syscall.Getenv("ZONEINFO"); ok && dir != "" {
		dirs = append([]string{dir + "/"}, dirs...)
	}
	for _, dir := range dirs {
		if data, err := readFile(dir + name); err == nil {
			return LoadLocationFromTZData(name, data)
		} else if err != syscall.ENOENT && err != syscall.ENOTDIR {
			return nil, err
		}
	}
	return nil, errors.New("unknown time zone " + name)
}

func readFile(name string) ([]byte, error) {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	var data []byte
	buf := make([]byte, 4096)
	for {
		n, err := syscall.Read(fd, buf)
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			return data, nil
		}
		data = append(data, buf[:n]...)
	}
}

var errBadData = errors.New("malformed time zone information")

// LoadLocationFromTZData reads the contents of a file of the time zone database (RFC 8536).
func LoadLocationFromTZData(name string, data []byte) (*Location, error) {
	if len(data) < 44 || string(data[:4]) != "TZif" {
		return nil, errBadData
	}
	number := func(at int) int {
		return int(data[at])<<24 | int(data[at+1])<<16 | int(data[at+2])<<8 | int(data[at+3])
	}
	at, wide := 0, 4
	var counts [6]int // isutc, isstd, leap, time, type, char
	for {
		if len(data) < at+44 {
			return nil, errBadData
		}
		for i := range counts {
			counts[i] = number(at + 20 + 4*i)
		}
		version := data[at+4]
		at += 44
		if version == 0 || wide == 8 {
			break
		}
		// Version 2 and later repeat everything with 64-bit times.
		at += counts[3]*4 + counts[3] + counts[4]*6 + counts[5] + counts[2]*8 + counts[1] + counts[0]
		wide = 8
	}
	times, types, chars := counts[3], counts[4], counts[5]
	whenAt := at
	indexAt := whenAt + times*wide
	typeAt := indexAt + times
	charAt := typeAt + types*6
	end := charAt + chars + counts[2]*(wide+4) + counts[1] + counts[0]
	if types == 0 || end > len(data) {
		return nil, errBadData
	}
	l := &Location{name: name}
	if rest := data[end:]; len(rest) > 2 && rest[0] == '\n' && rest[len(rest)-1] == '\n' {
		l.extend = string(rest[1 : len(rest)-1])
	}
	for i := range types {
		p := typeAt + 6*i
		abbreviation := int(data[p+5])
		if abbreviation >= chars {
			return nil, errBadData
		}
		text := data[charAt+abbreviation : charAt+chars]
		n := 0
		for n < len(text) && text[n] != 0 {
			n++
		}
		l.zones = append(l.zones, zone{string(text[:n]), int(int32(number(p))), data[p+4] != 0})
	}
	for i := range times {
		var when int64
		if wide == 4 {
			when = int64(int32(number(whenAt + 4*i)))
		} else {
			when = int64(number(whenAt+8*i))<<32 | int64(number(whenAt+8*i+4))
		}
		z := data[indexAt+i]
		if int(z) >= types {
			return nil, errBadData
		}
		l.changes = append(l.changes, change{when, z})
	}
	if len(l.changes) == 0 {
		l.changes = []change{{minTime, 0}}
	}
	return l, nil
}
