//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package record

import "os"

// locks says whether this system knows locks that end with their process.
const locks = false

// lockExclusively opens the file of that name. This system knows no locks that end with their process: nobody is kept away.
func lockExclusively(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
}
