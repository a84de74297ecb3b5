package counter

import "sync"

// Locked keeps its counters in a map behind one lock.
type Locked struct {
	mutex    sync.Mutex
	counters map[string]int
}

// NewLocked returns a store with the counters i and j at 0.
func NewLocked() *Locked {
	return &Locked{counters: map[string]int{"i": 0, "j": 0}}
}

// Get implements Store.
func (s *Locked) Get(name string) (int, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	value, found := s.counters[name]
	return value, found
}

// Set implements Store.
func (s *Locked) Set(name string, value int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counters[name] = value
}

// Inc implements Store.
func (s *Locked) Inc(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, found := s.counters[name]; !found {
		return false
	}
	s.counters[name]++
	return true
}
