// What Go programs do: goroutines that wait for each other, a file, HTTP over
// the loopback interface, another program, and the garbage collector.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func fetch() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go http.Serve(listener, http.FileServer(http.Dir("/etc")))
	var all sync.WaitGroup
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			answer, err := http.Get("http://" +
				listener.Addr().String() + "/passwd")
			check(err)
			_, err = io.ReadAll(answer.Body)
			check(err)
			answer.Body.Close()
		}()
	}
	all.Wait()
}

func collect() {
	var all sync.WaitGroup
	sums := make(chan int, 8)
	for i := 0; i < cap(sums); i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			sum := 0
			for n := 0; n < 200; n++ {
				sum += len(make([]byte, 64<<10))
			}
			sums <- sum
		}()
	}
	all.Wait()
	runtime.GC()
}

func main() {
	name := os.Args[1]
	check(os.WriteFile(name, []byte("hello"), 0600))
	text, err := os.ReadFile(name)
	check(err)
	check(os.Remove(name))
	printed, err := exec.Command("echo", string(text)).Output()
	check(err)
	fetch()
	collect()
	fmt.Print(string(printed))
}
