package main

type shape interface{ Name() string }

func id[T any](v T) T { return v }

func main() {
	func() {
		defer func() { println(recover().(error).Error()) }()
		_ = id(any("s")).(shape)
	}()
	func() {
		defer func() { println(recover().(error).Error()) }()
		_ = id(any(5)).(string)
	}()
	func() {
		defer func() { println(recover().(error).Error()) }()
		_ = id(any(nil)).(int)
	}()
}
