package atomicfile

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
)

// Suffix is what the name of a file ends in until it is complete.
const Suffix = ".part"

// A File is written bit by bit and appears under its name when it is complete. Until then it is at its name plus Suffix,
// where an interrupted program leaves it.
type File struct {
	path string
	file *os.File
	buf  *bufio.Writer
}

// Create starts the file that is to be at path. What an interrupted program left there unfinished is overwritten; what is
// complete stays until Commit.
func Create(path string) (*File, error) {
	f, err := os.OpenFile(path+Suffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	return &File{path, f, bufio.NewWriterSize(f, 1<<16)}, nil
}

// Write appends p.
func (f *File) Write(p []byte) (int, error) { return f.buf.Write(p) }

// Flush hands what has been written to the operating system: it survives the end of the program, not that of the machine.
func (f *File) Flush() error { return f.buf.Flush() }

// Commit syncs and closes the file and gives it its name. On an error it stays where it is.
func (f *File) Commit() error {
	err := f.buf.Flush()
	if err == nil {
		err = f.file.Sync()
	}
	if e := f.file.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.path+Suffix, f.path)
	}
	if err == nil {
		syncDir(filepath.Dir(f.path))
	}
	return err
}

// Abort closes the file and removes it.
func (f *File) Abort() error { return errors.Join(f.file.Close(), os.Remove(f.path+Suffix)) }
