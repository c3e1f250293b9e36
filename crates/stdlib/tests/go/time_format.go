package main

import (
	"fmt"
	"time"
)

func main() {
	layouts := []string{time.Layout, time.ANSIC, time.UnixDate, time.RubyDate, time.RFC822, time.RFC822Z, time.RFC850, time.RFC1123, time.RFC1123Z, time.RFC3339, time.RFC3339Nano,
		time.Kitchen, time.StampMicro, time.DateTime, "2006-002", "__2 06", "Jan January Janet", "3:4:5pm", "15h4m5.999s", "_2006 _2", "Z07 -07:00:00 .000 ,999", "MST"}
	zones := []*time.Location{time.UTC, time.FixedZone("", 3601), time.FixedZone("EST", -5*3600)}
	for _, name := range []string{"Europe/Paris", "America/New_York", "Asia/Kolkata"} {
		if l, err := time.LoadLocation(name); err == nil {
			zones = append(zones, l)
		} else {
			fmt.Println(err)
		}
	}
	seconds := []int64{0, 1136239445, -1, 1e9, 1720000000, 1735689599, 4102444800, -62135596800, 253402300799, 1711846800}
	for _, sec := range seconds {
		for i, loc := range zones {
			t := time.Unix(sec, 123456789*int64(i%2)).In(loc)
			fmt.Println(t, t.Weekday(), t.YearDay(), t.Unix(), t.IsDST())
			y, w := t.ISOWeek()
			fmt.Println(y, w, t.AddDate(0, 1, -40), t.Truncate(time.Hour), t.Round(24*time.Hour))
			fmt.Printf("%#v %v\n", t, t.Sub(time.Unix(1e9, 5)))
			for _, l := range layouts {
				text := t.Format(l)
				back, err := time.Parse(l, text)
				fmt.Println(text, "|", back, err)
			}
			b, err := t.MarshalJSON()
			fmt.Println(string(b), err)
		}
	}
	for _, s := range []string{"", "2006", "2006-13-01T00:00:00Z", "2006-02-30T00:00:00Z", "2006-01-02T25:00:00Z", "2006-01-02T15:04:05", "2006-01-02T15:04:05+99:00", "2006-01-02T15:04:05Zx"} {
		fmt.Println(time.Parse(time.RFC3339, s))
	}
	for _, d := range []time.Duration{0, 1, 999, 1500, 1e6 + 1, 1e9, 61 * 1e9, 3661*1e9 + 5e6, -90 * 60 * 1e9, 1<<63 - 1, -1 << 63} {
		back, err := time.ParseDuration(d.String())
		fmt.Println(d, back, err, d.Round(time.Second), d.Truncate(time.Minute), d.Seconds(), d.Abs())
	}
	for _, s := range []string{"", "1", "1.5h", "1h2", ".5s", ".s", "1x", "1us", "-1.5h30m", "3000000h", "1é"} {
		fmt.Println(time.ParseDuration(s))
	}
}
