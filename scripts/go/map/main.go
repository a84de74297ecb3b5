// Command map keeps its counters in a plain map that every request uses at once. net/http answers
// each connection in a goroutine of its own, so that nothing here looks concurrent, and all of it is.
package main

import "loadgen.example/counters/counter"

type store struct {
	counters map[string]int
}

func (s *store) Get(name string) (int, bool) {
	value, found := s.counters[name]
	return value, found
}

func (s *store) Set(name string, value int) {
	s.counters[name] = value
}

func (s *store) Inc(name string) bool {
	if _, found := s.counters[name]; !found {
		return false
	}
	s.counters[name]++
	return true
}

func main() {
	counter.Serve(&store{counters: map[string]int{"i": 0, "j": 0}})
}
