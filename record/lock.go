package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Lock keeps other programs, and other parts of this one, from writing into a folder. The system frees it when its program
// ends, however it ends. It is advisory: only those who ask for it are kept away.
type Lock struct{ file *os.File }

// lockFile is the name of the file that is locked. The one that a killed program leaves behind is taken over.
const lockFile = ".lock"

// ErrLocked is returned where somebody else has the lock.
var ErrLocked = errors.New("record: in use")

// errBusy is returned by lockExclusively if somebody else has the lock.
var errBusy = errors.New("busy")

// LockFolder locks the folder at path, which must exist. The error of one that is locked wraps ErrLocked and names the process
// that has it, if that is known. On systems that know no such locks nobody is kept away.
func LockFolder(path string) (*Lock, error) {
	name := filepath.Join(path, lockFile)
	for {
		f, err := lockExclusively(name)
		if errors.Is(err, errBusy) {
			return nil, fmt.Errorf("%w: %s is being written by %s: wait for it to end, or stop it", ErrLocked, path, holder(name))
		}
		if err != nil {
			return nil, fmt.Errorf("record: lock: %w", err)
		}
		if !same(f, name) { // who had it before has just removed it
			_ = f.Close()
			continue
		}
		if err := f.Truncate(0); err == nil {
			_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
		}
		return &Lock{f}, nil
	}
}

// same reports whether f is what the name means.
func same(f *os.File, name string) bool {
	a, err := f.Stat()
	b, err2 := os.Stat(name)
	return err == nil && err2 == nil && os.SameFile(a, b)
}

// holder says who has a lock.
func holder(name string) string {
	b, err := os.ReadFile(name)
	if pid := strings.TrimSpace(string(b)); err == nil && pid != "" && len(pid) < 20 {
		return "process " + pid
	}
	return "another process"
}

// UnderWay reports whether somebody has the lock of the folder at path. On systems that know no such locks nobody can tell: it
// says so of every folder.
func UnderWay(path string) bool {
	if !locks {
		return true
	}
	name := filepath.Join(path, lockFile)
	if _, err := os.Stat(name); err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	f, err := lockExclusively(name)
	if err == nil {
		_ = f.Close() // a killed program has left the file behind
	}
	return err != nil
}

// Release frees the lock. A nil Lock has nothing to free.
func (l *Lock) Release() error {
	if l == nil {
		return nil
	}
	removed := os.Remove(l.file.Name()) // while it is locked; where that is not possible it is taken over later
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("record: lock: %w", errors.Join(err, removed))
	}
	return nil
}
