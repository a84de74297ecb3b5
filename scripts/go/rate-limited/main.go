// Command rate-limited is the mutex with a bound on the requests that are in flight at once; the
// others wait for their turn.
package main

import (
	"net/http"

	"loadgen.example/counters/counter"
)

const maxInFlight = 10

// limit lets max requests through at once: a token each, from a channel that holds no more.
func limit(max int) func(http.Handler) http.Handler {
	tokens := make(chan struct{}, max)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			next.ServeHTTP(w, r)
		})
	}
}

func main() {
	counter.Serve(counter.NewLocked(), limit(maxInFlight))
}
