package main

import (
	"sync"
	"time"
)

// A store is a list of jobs behind a lock that is taken and released by hand.
type store struct {
	lock sync.Mutex
	jobs []int
}

// full is where the seldom taken path begins.
const full = 50

func forgottenUnlock() bool {
	var s store
	together(func(id int) {
		s.lock.Lock()
		if len(s.jobs) == full {
			return
		}
		s.jobs = append(s.jobs, id)
		s.lock.Unlock()
	})
	return true
}

func unlockOfUnlocked() bool {
	var s store
	together(func(id int) {
		s.lock.Lock()
		if len(s.jobs) == full {
			s.lock.Unlock()
		} else {
			s.jobs = append(s.jobs, id)
		}
		s.lock.Unlock()
	})
	return true
}

func accessOutsideLock() bool {
	var s store
	together(func(id int) {
		s.lock.Lock()
		jobs := s.jobs
		s.lock.Unlock()
		s.jobs = append(jobs, id)
	})
	return len(s.jobs) == goroutines*calls
}

// A handle shares its jobs with its copies, and not its lock: `go vet` says so.
type handle struct {
	lock sync.Mutex
	jobs *[]int
}

func (h handle) add(id int) {
	h.lock.Lock()
	defer h.lock.Unlock()
	*h.jobs = append(*h.jobs, id)
}

func copiedLock() bool {
	h := handle{jobs: new([]int)}
	together(func(id int) { h.add(id) })
	return len(*h.jobs) == goroutines*calls
}

func lockOverSlowCall() bool {
	var s store
	together(func(id int) {
		s.lock.Lock()
		defer s.lock.Unlock()
		time.Sleep(100 * time.Microsecond)
		s.jobs = append(s.jobs, id)
	})
	return len(s.jobs) == goroutines*calls
}

func (s *store) isFull() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	return len(s.jobs) >= full
}

func lockTakenTwice() bool {
	var s store
	together(func(id int) {
		s.lock.Lock()
		defer s.lock.Unlock()
		if len(s.jobs) < full || !s.isFull() {
			s.jobs = append(s.jobs, id)
		}
	})
	return true
}

func oppositeOrder() bool {
	var jobs, calls sync.Mutex
	together(func(id int) {
		first, second := &jobs, &calls
		if id%2 == 0 {
			first, second = second, first
		}
		first.Lock()
		time.Sleep(time.Microsecond)
		second.Lock()
		second.Unlock()
		first.Unlock()
	})
	return true
}

func sendNobodyReceives() bool {
	announcements := make(chan int, full)
	together(func(id int) { announcements <- id })
	return true
}
