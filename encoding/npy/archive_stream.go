package npy

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
	"github.com/retrodict/retrodict/tensor"
)

// partBuffer is how much of an array is held in memory until it is written to its part.
const partBuffer = 1 << 14

// An ArchiveStream writes an NPZ archive of arrays that grow row by row, in any order and all at once. Until Close they
// are NPY files in a directory of the archive's name plus ".parts"; Close joins them, stored, and removes them. So at
// most 16 KiB an array are in memory, no files are held open, and what an interrupted program had recorded until its last
// Flush can be read. It is not safe for concurrent use.
type ArchiveStream struct {
	path   string
	seen   map[string]bool
	arrays []stream
}

// A stream is one array of an ArchiveStream.
type stream struct {
	name string
	rows *StreamWriter
	part *part
}

// CreateArchive starts the archive that is to be at path. Parts that an interrupted program left there are removed.
func CreateArchive(path string) (*ArchiveStream, error) {
	a := &ArchiveStream{path: path, seen: map[string]bool{}}
	err := os.RemoveAll(a.dir())
	if err == nil {
		err = os.Mkdir(a.dir(), 0o755)
	}
	if err != nil {
		return nil, fmt.Errorf("npy: %s: %w", path, pathless(err))
	}
	return a, nil
}

func (a *ArchiveStream) dir() string { return a.path + ".parts" }

// Array starts an array of that name, of elements of type t and rows of shape row, of rank at most 5. Only Append and
// Rows of what it returns are the caller's to call.
func (a *ArchiveStream) Array(name string, t tensor.Type, row tensor.Shape) (*StreamWriter, error) {
	p := &part{path: filepath.Join(a.dir(), fmt.Sprintf("%06d.npy", len(a.arrays)))}
	w, err := NewStreamWriter(p, t, row)
	if err != nil {
		return nil, err
	}
	if err := checkName(name, a.seen); err != nil {
		return nil, fmt.Errorf("npy: %s: array %q: %w", a.path, name, err)
	}
	a.arrays = append(a.arrays, stream{name, w, p})
	return w, nil
}

// Flush makes all parts complete arrays.
func (a *ArchiveStream) Flush() error {
	for _, s := range a.arrays {
		err := s.rows.Flush()
		if err == nil {
			err = s.part.flush()
		}
		if err != nil {
			return fmt.Errorf("npy: %s: array %q: %w", a.path, s.name, err)
		}
	}
	return nil
}

// Close joins the arrays, in the order in which they were started. On an error the parts stay.
func (a *ArchiveStream) Close() error {
	if err := a.Flush(); err != nil {
		return err
	}
	if err := atomicfile.Write(a.path, a.join); err != nil {
		return fmt.Errorf("npy: %s: %w", a.path, pathless(err))
	}
	return a.Abort()
}

// Abort removes the parts.
func (a *ArchiveStream) Abort() error {
	for _, s := range a.arrays {
		s.rows.err = errors.New("npy: stream: closed")
	}
	a.arrays = nil
	if err := os.RemoveAll(a.dir()); err != nil {
		return fmt.Errorf("npy: %s: %w", a.path, pathless(err))
	}
	return nil
}

// join copies the parts into an archive.
func (a *ArchiveStream) join(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, s := range a.arrays {
		e, err := z.CreateHeader(&zip.FileHeader{Name: s.name + ".npy", Method: zip.Store})
		if err == nil {
			err = s.part.copyTo(e)
		}
		if err != nil {
			return fmt.Errorf("array %q: %w", s.name, err)
		}
	}
	return z.Close()
}

// A part is a file that is open only while something is written to it.
type part struct {
	path string
	at   int64 // where buf belongs
	buf  []byte
}

// Write implements io.Writer.
func (p *part) Write(b []byte) (int, error) {
	if len(p.buf)+len(b) > partBuffer {
		if err := p.flush(); err != nil {
			return 0, err
		}
		if len(b) > partBuffer {
			err := p.put(b)
			return len(b), err
		}
	}
	p.buf = append(p.buf, b...)
	return len(b), nil
}

// Seek implements io.Seeker, without io.SeekEnd.
func (p *part) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekCurrent {
		offset += p.at + int64(len(p.buf))
	}
	if offset == p.at+int64(len(p.buf)) {
		return offset, nil
	}
	err := p.flush()
	p.at = offset
	return offset, err
}

// flush writes what is held.
func (p *part) flush() error {
	if len(p.buf) == 0 {
		return nil
	}
	err := p.put(p.buf)
	p.buf = p.buf[:0]
	return err
}

// put writes b at p.at, which it advances.
func (p *part) put(b []byte) error {
	f, err := os.OpenFile(p.path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	n, err := f.WriteAt(b, p.at)
	p.at += int64(n)
	return errors.Join(err, f.Close())
}

func (p *part) copyTo(w io.Writer) error {
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}
