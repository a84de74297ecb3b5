// Package counter serves named counters over HTTP, whatever keeps them.
//
//	GET /set?name=x&val=0   ok
//	GET /get?name=x         x: 0
//	GET or POST /inc?name=x ok
package counter

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
)

// Store keeps named counters. How it copes with concurrent calls is the point of each program.
type Store interface {
	Get(name string) (value int, found bool)
	Set(name string, value int)
	// Inc adds one to the counter; false if there is none of that name.
	Inc(name string) (found bool)
}

// Serve answers requests from store until the process ends; the port is the flag -port.
// Each of wrap goes around the handler, the last one outermost.
func Serve(store Store, wrap ...func(http.Handler) http.Handler) {
	port := flag.Int("port", 8000, "port to listen on, on the loopback interface")
	flag.Parse()
	var handler http.Handler = routes(store)
	for _, layer := range wrap {
		handler = layer(handler)
	}
	address := fmt.Sprintf("127.0.0.1:%d", *port)
	log.Printf("listening on http://%s", address)
	log.Fatal(http.ListenAndServe(address, handler))
}

func routes(store Store) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/get", func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("name")
		if value, found := store.Get(name); found {
			fmt.Fprintf(w, "%s: %d", name, value)
		} else {
			notFound(w, name)
		}
	})
	mux.HandleFunc("/set", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		value, err := strconv.Atoi(query.Get("val"))
		if err != nil {
			http.Error(w, "expected val=INTEGER", http.StatusBadRequest)
			return
		}
		store.Set(query.Get("name"), value)
		fmt.Fprint(w, "ok")
	})
	mux.HandleFunc("/inc", func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("name")
		if store.Inc(name) {
			fmt.Fprint(w, "ok")
		} else {
			notFound(w, name)
		}
	})
	return mux
}

func notFound(w http.ResponseWriter, name string) {
	http.Error(w, name+" not found", http.StatusNotFound)
}
