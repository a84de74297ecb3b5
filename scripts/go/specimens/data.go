package main

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	goroutines = 4
	calls      = 100
)

// together calls action from several goroutines at once, and waits for them.
func together(action func(id int)) {
	var all sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		all.Add(1)
		go func(g int) {
			defer all.Done()
			for call := 0; call < calls; call++ {
				action(g*calls + call)
			}
		}(g)
	}
	all.Wait()
}

func dataRace() bool {
	count := 0
	together(func(int) { count++ })
	return count == goroutines*calls
}

func loadThenStore() bool {
	var count int64
	together(func(int) { atomic.StoreInt64(&count, atomic.LoadInt64(&count)+1) })
	return count == goroutines*calls
}

func checkThenAct() bool {
	seats, sold := int64(20), int64(0)
	together(func(int) {
		if atomic.LoadInt64(&seats) > 0 {
			time.Sleep(time.Microsecond)
			atomic.AddInt64(&seats, -1)
			atomic.AddInt64(&sold, 1)
		}
	})
	return sold == 20
}

func falseSuccess() bool {
	var lock sync.Mutex
	seats, sold := 20, 0
	together(func(int) {
		lock.Lock()
		defer lock.Unlock()
		if seats > 0 {
			seats--
		}
		sold++
	})
	return sold == 20
}

func unprotectedMap() bool {
	jobs := map[int]bool{}
	together(func(id int) { jobs[id] = true })
	return len(jobs) == goroutines*calls
}

func mapIteration() bool {
	jobs := map[int]bool{}
	together(func(id int) {
		if id < calls {
			jobs[id] = true
			return
		}
		for id := range jobs {
			_ = id
		}
	})
	return len(jobs) == calls
}

func racyAppend() bool {
	var jobs []int
	together(func(id int) { jobs = append(jobs, id) })
	return len(jobs) == goroutines*calls
}

// unawaitedTask is wrong when the process ends before the task: nobody is left to say so.
func unawaitedTask() bool {
	saved := make(chan bool, 1)
	go func() {
		time.Sleep(10 * time.Millisecond)
		saved <- true
	}()
	return len(saved) == 1
}
