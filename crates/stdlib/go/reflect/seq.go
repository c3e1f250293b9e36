package reflect

import "iter"

// counted yields start..n-1 converted to v's type.
func (v Value) counted(yield func(Value) bool) {
	t := v.Type()
	if isInt(v.kind()) {
		for i := range v.Int() {
			if !yield(ValueOf(i).Convert(t)) {
				return
			}
		}
		return
	}
	for i := range v.Uint() {
		if !yield(ValueOf(i).Convert(t)) {
			return
		}
	}
}

// Seq returns the iterator of a range statement over v with one variable.
func (v Value) Seq() iter.Seq[Value] {
	k := v.Kind()
	switch {
	case k == Func && isYield(v.Type().descriptor(), 1):
		return func(yield func(Value) bool) {
			body := MakeFunc(v.Type().In(0), func(in []Value) []Value {
				return []Value{ValueOf(yield(in[0]))}
			})
			v.Call([]Value{body})
		}
	case isInt(k) || isUint(k):
		return v.counted
	case k == Pointer && v.Type().Elem().Kind() == Array || k == Array || k == Slice:
		return func(yield func(Value) bool) {
			for i := range v.Len() {
				if !yield(ValueOf(i)) {
					return
				}
			}
		}
	case k == String:
		return func(yield func(Value) bool) {
			for i := range v.String() {
				if !yield(ValueOf(i)) {
					return
				}
			}
		}
	case k == Map:
		return func(yield func(Value) bool) {
			for it := v.MapRange(); it.Next(); {
				if !yield(it.Key()) {
					return
				}
			}
		}
	case k == Chan:
		return func(yield func(Value) bool) {
			for x, ok := v.Recv(); ok; x, ok = v.Recv() {
				if !yield(x) {
					return
				}
			}
		}
	}
	panic("reflect: " + v.Type().String() + " cannot produce iter.Seq[Value]")
}

// Seq2 returns the iterator of a range statement over v with two variables.
func (v Value) Seq2() iter.Seq2[Value, Value] {
	k := v.Kind()
	switch {
	case k == Func && isYield(v.Type().descriptor(), 2):
		return func(yield func(Value, Value) bool) {
			body := MakeFunc(v.Type().In(0), func(in []Value) []Value {
				return []Value{ValueOf(yield(in[0], in[1]))}
			})
			v.Call([]Value{body})
		}
	case k == Pointer && v.Type().Elem().Kind() == Array:
		return v.Elem().Seq2()
	case k == Array || k == Slice:
		return func(yield func(Value, Value) bool) {
			for i := range v.Len() {
				if !yield(ValueOf(i), v.Index(i)) {
					return
				}
			}
		}
	case k == String:
		return func(yield func(Value, Value) bool) {
			for i, c := range v.String() {
				if !yield(ValueOf(i), ValueOf(c)) {
					return
				}
			}
		}
	case k == Map:
		return func(yield func(Value, Value) bool) {
			for it := v.MapRange(); it.Next(); {
				if !yield(it.Key(), it.Value()) {
					return
				}
			}
		}
	}
	panic("reflect: " + v.Type().String() + " cannot produce iter.Seq2[Value, Value]")
}
