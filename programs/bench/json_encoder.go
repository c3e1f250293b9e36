// A JSON encoder and parser by hand, over nested maps, slices and strings.
package main

import (
	"fmt"
	"slices"
	"strconv"
)

type object map[string]any

func quote(buf []byte, s string) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			buf = append(buf, '\\', c)
		case c == '\n':
			buf = append(buf, '\\', 'n')
		case c < ' ':
			buf = append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			buf = append(buf, c)
		}
	}
	return append(buf, '"')
}

func encode(buf []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(buf, "null"...)
	case bool:
		return strconv.AppendBool(buf, v)
	case int:
		return strconv.AppendInt(buf, int64(v), 10)
	case string:
		return quote(buf, v)
	case []any:
		buf = append(buf, '[')
		for i, e := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = encode(buf, e)
		}
		return append(buf, ']')
	case object:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		buf = append(buf, '{')
		for i, k := range keys {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = append(quote(buf, k), ':')
			buf = encode(buf, v[k])
		}
		return append(buf, '}')
	}
	panic("unknown type")
}

type parser struct {
	text []byte
	pos  int
}

func (p *parser) value() any {
	switch c := p.text[p.pos]; c {
	case '{':
		o := object{}
		for p.pos++; p.text[p.pos] != '}'; {
			key := p.str()
			p.pos++ // the colon
			o[key] = p.value()
			if p.text[p.pos] == ',' {
				p.pos++
			}
		}
		p.pos++
		return o
	case '[':
		list := []any{}
		for p.pos++; p.text[p.pos] != ']'; {
			list = append(list, p.value())
			if p.text[p.pos] == ',' {
				p.pos++
			}
		}
		p.pos++
		return list
	case '"':
		return p.str()
	case 't':
		p.pos += 4
		return true
	case 'f':
		p.pos += 5
		return false
	case 'n':
		p.pos += 4
		return nil
	}
	start := p.pos
	for p.pos < len(p.text) && (p.text[p.pos] == '-' || p.text[p.pos] >= '0' && p.text[p.pos] <= '9') {
		p.pos++
	}
	n, err := strconv.Atoi(string(p.text[start:p.pos]))
	if err != nil {
		panic(err)
	}
	return n
}

func (p *parser) str() string {
	var buf []byte
	for p.pos++; p.text[p.pos] != '"'; p.pos++ {
		c := p.text[p.pos]
		if c == '\\' {
			p.pos++
			if c = p.text[p.pos]; c == 'n' {
				c = '\n'
			}
		}
		buf = append(buf, c)
	}
	p.pos++
	return string(buf)
}

func main() {
	var people []any
	for i := range 300 {
		people = append(people, object{
			"id": i, "name": "person \"" + strconv.Itoa(i) + "\"", "active": i%3 == 0,
			"tags":   []any{"one", "two\nlines", nil, i * i},
			"nested": object{"depth": object{"deeper": -i}},
		})
	}
	doc := any(object{"people": people, "count": len(people)})
	var buf []byte
	sum := 0
	for range 480 {
		buf = encode(buf[:0], doc)
		p := parser{text: buf}
		doc = p.value()
		sum += len(buf) + p.pos
	}
	fmt.Println(sum, string(buf[:60]))
}
