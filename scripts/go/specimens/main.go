// Command specimens makes one mistake with goroutines: what `go build -race` and Go's runtime say to
// it is compared with what other detectors say to the same mistake in the store.
//
// It exits 0 when the mistake went by unnoticed, 1 when its result is wrong, 4 when it hangs.
package main

import (
	"fmt"
	"os"
	"sort"
	"time"
)

// A specimen says whether its result is right.
type specimen func() bool

var specimens = map[string]specimen{
	"data-race":            dataRace,
	"load-then-store":      loadThenStore,
	"check-then-act":       checkThenAct,
	"false-success":        falseSuccess,
	"unprotected-map":      unprotectedMap,
	"map-iteration":        mapIteration,
	"racy-append":          racyAppend,
	"unawaited-task":       unawaitedTask,
	"forgotten-unlock":     forgottenUnlock,
	"unlock-of-unlocked":   unlockOfUnlocked,
	"access-outside-lock":  accessOutsideLock,
	"copied-lock":          copiedLock,
	"lock-over-slow-call":  lockOverSlowCall,
	"lock-taken-twice":     lockTakenTwice,
	"opposite-order":       oppositeOrder,
	"send-nobody-receives": sendNobodyReceives,
}

func usage() {
	var names []string
	for name := range specimens {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintln(os.Stderr, "usage: specimens NAME, of which there are:", names)
	os.Exit(64)
}

func main() {
	if len(os.Args) != 2 {
		usage()
	}
	run, found := specimens[os.Args[1]]
	if !found {
		usage()
	}
	// Some specimens never come back, and one that sleeps keeps Go's own deadlock detector quiet.
	time.AfterFunc(time.Second, func() {
		fmt.Println("hang")
		os.Exit(4)
	})
	if !run() {
		fmt.Println("wrong")
		os.Exit(1)
	}
	fmt.Println("right")
}
