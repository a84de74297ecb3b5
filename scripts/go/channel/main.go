// Command channel keeps its counters in a map that one goroutine owns; the others send it commands.
package main

import "loadgen.example/counters/counter"

type kind int

const (
	get kind = iota
	set
	inc
)

type command struct {
	kind  kind
	name  string
	value int
	reply chan<- answer
}

type answer struct {
	value int
	found bool
}

type store chan<- command

func (s store) ask(kind kind, name string, value int) answer {
	reply := make(chan answer)
	s <- command{kind, name, value, reply}
	return <-reply
}

func (s store) Get(name string) (int, bool) {
	a := s.ask(get, name, 0)
	return a.value, a.found
}

func (s store) Set(name string, value int) {
	s.ask(set, name, value)
}

func (s store) Inc(name string) bool {
	return s.ask(inc, name, 0).found
}

// manage owns the counters: no other goroutine ever sees the map.
func manage(commands <-chan command) {
	counters := map[string]int{"i": 0, "j": 0}
	for c := range commands {
		value, found := counters[c.name]
		switch {
		case c.kind == set:
			counters[c.name] = c.value
		case c.kind == inc && found:
			value++
			counters[c.name] = value
		}
		c.reply <- answer{value, found}
	}
}

func main() {
	commands := make(chan command)
	go manage(commands)
	counter.Serve(store(commands))
}
