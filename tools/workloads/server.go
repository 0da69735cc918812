// An HTTP server: files, and a counter behind a lock.
package main

import (
	"fmt"
	"net/http"
	"os"
	"sync"
)

func main() {
	var lock sync.Mutex
	count := 0
	http.Handle("/", http.FileServer(http.Dir(".")))
	http.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		count++
		fmt.Fprintln(w, count)
	})
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
