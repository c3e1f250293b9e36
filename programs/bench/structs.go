// Structs by value: passed, returned, copied and compared.
package main

import "fmt"

type vector struct{ x, y, z int64 }

type particle struct {
	position, velocity vector
	id                 int32
	alive              bool
}

//go:noinline
func (v vector) plus(w vector) vector { return vector{v.x + w.x, v.y + w.y, v.z + w.z} }

//go:noinline
func (v vector) scaled(k int64) vector { return vector{v.x * k, v.y * k, v.z * k} }

//go:noinline
func step(p particle) particle {
	p.position = p.position.plus(p.velocity)
	if p.position.x > 1000 {
		p.velocity = p.velocity.scaled(-1)
	}
	if p.position == (vector{}) {
		p.alive = false
	}
	return p
}

func main() {
	particles := make([]particle, 1000)
	for i := range particles {
		n := int64(i)
		particles[i] = particle{velocity: vector{n % 7, n % 5, n % 3}, id: int32(i), alive: true}
	}
	for range 20_000 {
		for i := 0; i < len(particles); i += 2 {
			particles[i] = step(particles[i])
		}
	}
	var sum vector
	alive := 0
	for _, p := range particles {
		sum = sum.plus(p.position)
		if p.alive {
			alive++
		}
	}
	fmt.Println(sum, alive)
}
