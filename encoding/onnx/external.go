package onnx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
)

// Bounds on the files of a model in bytes.
const (
	maxFile     = 2 << 30  // the model: protocol buffers cannot be larger
	maxExternal = 16 << 30 // all external tensors together
)

// Read reads the model in the file called name of fsys, and the external data files that it names relative to its own
// folder. Names that are absolute or leave that folder are errors. Pass the file system of an os.Root, whose files
// cannot be outside of it even through symbolic links.
func Read(fsys fs.FS, name string) (*Model, error) {
	m, err := read(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", name, err)
	}
	return m, nil
}

func read(fsys fs.FS, name string) (*Model, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("larger than %d bytes", maxFile)
	}
	d := &decoder{files: &files{fsys: fsys, dir: path.Dir(name), left: maxExternal}}
	return d.model(b)
}

// files reads pieces of the external data files of one model.
type files struct {
	fsys fs.FS
	dir  string
	left int64 // bytes that may still be read
}

// read returns the want bytes that the entries of external_data (location, offset, length) name.
func (s *files) read(entries [][2]string, want int64) ([]byte, error) {
	if s == nil {
		return nil, errors.New("its data is in another file: read the model from its folder")
	}
	location, offset := "", int64(0)
	for _, e := range entries {
		var err error
		switch e[0] {
		case "location":
			location = e[1]
		case "offset":
			offset, err = strconv.ParseInt(e[1], 10, 64)
		case "length":
			var n int64
			if n, err = strconv.ParseInt(e[1], 10, 64); err == nil && n != want {
				err = fmt.Errorf("want %d", want)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("external data: %s %q: %w", e[0], e[1], err)
		}
	}
	if location == "" || !fs.ValidPath(location) {
		return nil, fmt.Errorf("external data: location %q is not a path below the model's folder", location)
	}
	if s.left -= want; s.left < 0 {
		return nil, fmt.Errorf("external data: more than %d bytes", int64(maxExternal))
	}
	return s.piece(path.Join(s.dir, location), offset, want)
}

// piece returns n bytes at the given offset of a file, after checking that the file has them.
func (s *files) piece(name string, offset, n int64) ([]byte, error) {
	f, err := s.fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	r, ok := f.(io.ReaderAt)
	if !ok || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("external data: %s is not a regular file", name)
	}
	if offset < 0 || offset > info.Size() || n > info.Size()-offset {
		return nil, fmt.Errorf("external data: %s has %d bytes, want %d at offset %d", name, info.Size(), n, offset)
	}
	b := make([]byte, n)
	if _, err := r.ReadAt(b, offset); err != nil && !(errors.Is(err, io.EOF) && n == 0) {
		return nil, fmt.Errorf("external data: %s: %w", name, err)
	}
	return b, nil
}
