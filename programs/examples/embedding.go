// Struct embedding: fields and methods of the inner type are promoted.
package main

import "fmt"

type Animal struct {
	Name string
	legs int
}

func (a Animal) Describe() string  { return fmt.Sprintf("%s has %d legs", a.Name, a.legs) }
func (a *Animal) Rename(to string) { a.Name = to }

type Speaker interface{ Speak() string }

type Dog struct {
	Animal
	Tricks []string
}

func (d Dog) Speak() string { return d.Name + " barks" }

type Puppy struct {
	*Dog
	Weeks int
}

// Describe hides the promoted method, and uses it.
func (p Puppy) Describe() string {
	return fmt.Sprintf("%s, and is %d weeks old", p.Dog.Describe(), p.Weeks)
}

type Logged struct {
	Speaker
	log []string
}

func (l *Logged) Speak() string {
	s := l.Speaker.Speak()
	l.log = append(l.log, s)
	return s
}

func main() {
	d := Dog{Animal{"Rex", 4}, []string{"sit"}}
	d.Rename("Max")
	fmt.Println(d.Describe())
	fmt.Println(d.Speak(), d.Tricks)

	p := Puppy{&d, 7}
	p.Rename("Mini")
	fmt.Println(p.Describe())
	fmt.Println(d.Name, p.Name, p.legs)

	l := Logged{Speaker: p}
	l.Speak()
	fmt.Println(l.log)
	fmt.Printf("%v %+v\n", d, d.Animal)
}
