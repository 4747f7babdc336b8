package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Folder is the directory of one run.
type Folder struct{ path string }

// maxSuffix bounds the search for a free name.
const maxSuffix = 10000

// Create makes a new folder under root, which is made too if it is missing, for a run that starts at the given time.
func Create(root, name string, seed uint64, at time.Time) (*Folder, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	base := filepath.Join(root, fmt.Sprintf("%s-%s-s%d", at.Format("20060102-150405"), name, seed))
	for n := 1; n < maxSuffix; n++ {
		path := base
		if n > 1 {
			path = fmt.Sprintf("%s-%d", base, n)
		}
		err := os.Mkdir(path, 0o755)
		if err == nil {
			return &Folder{path}, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("record: %w", err)
		}
	}
	return nil, fmt.Errorf("record: %s and %d more are taken", base, maxSuffix)
}

// Path returns the path of the folder, or of a file in it.
func (f *Folder) Path(name ...string) string {
	return filepath.Join(append([]string{f.path}, name...)...)
}

// Write creates the file of that name, or replaces it, with what write writes: into a temporary file that is synced and
// renamed.
func (f *Folder) Write(name string, write func(io.Writer) error) error {
	if err := writeWhole(f.Path(name), write); err != nil {
		return fmt.Errorf("record: %s: %w", f.Path(name), err)
	}
	return nil
}

// writeWhole creates or replaces the file at path, whole or not at all.
func writeWhole(path string, write func(io.Writer) error) error {
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(t, 1<<16)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = t.Chmod(0o644)
	}
	if err == nil {
		err = t.Sync()
	}
	if e := t.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(t.Name()))
	}
	return err
}
