// Command mutex keeps its counters in a map behind a lock.
package main

import "loadgen.example/counters/counter"

func main() {
	counter.Serve(counter.NewLocked())
}
