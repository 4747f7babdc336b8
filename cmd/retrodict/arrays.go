package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/tensor"
)

// ownModel are the flags of every command that reads a model and arrays for its inputs.
type ownModel struct {
	ONNX  string   `name:"onnx" placeholder:"FILE" help:"The model, an ONNX file."`
	Input []string `placeholder:"NAME=FILE" sep:"none" help:"An input: an NPY file, or the arrays of an NPZ file. May be repeated; NAME may be left out if the model has one input."`
}

// bind opens the model and imports it for the inputs. change, if not nil, is called between. If r is not nil, inputs may
// be left out and are drawn from it.
func (c *ownModel) bind(seed uint64, change func(*model.Model) error, r *rand.Rand) (*model.Bound, error) {
	if c.ONNX == "" {
		return nil, fmt.Errorf("no model: add --onnx FILE")
	}
	m, err := model.Open(c.ONNX)
	if err != nil {
		return nil, err
	}
	if change != nil {
		if err := change(m); err != nil {
			return nil, fmt.Errorf("%s: %w", c.ONNX, err)
		}
	}
	arrays, err := readInputs(c.Input)
	if len(c.Input) == 0 && r != nil {
		arrays, err = m.RandomInputs(r, 2)
	}
	if err != nil {
		return nil, fmt.Errorf("--input: %w", err)
	}
	b, err := m.Bind(arrays, seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.ONNX, err)
	}
	return b, nil
}

// readInputs reads files given as NAME=FILE or FILE.
func readInputs(args []string) ([]npy.Array, error) {
	var list []npy.Array
	for _, arg := range args {
		name, path, ok := strings.Cut(arg, "=")
		if !ok {
			name, path = "", arg
		}
		read, err := readArrays(path)
		if err != nil {
			return nil, err
		}
		if name != "" {
			t, err := one(path, read, name)
			if err != nil {
				return nil, err
			}
			read = []npy.Array{{Name: name, Tensor: t}}
		}
		list = append(list, read...)
	}
	return list, nil
}

// readArrays reads an NPZ file, or an NPY file as one array without a name.
func readArrays(path string) ([]npy.Array, error) {
	if strings.EqualFold(filepath.Ext(path), ".npz") {
		list, err := npy.ReadArchiveFile(path, npy.Limit{})
		return list, plain(err)
	}
	t, err := npy.ReadFile(path, npy.Limit{})
	return []npy.Array{{Tensor: t}}, plain(err)
}

// one returns the array of that name, or the only one.
func one(path string, list []npy.Array, name string) (tensor.Tensor, error) {
	for _, a := range list {
		if a.Name == name || len(list) == 1 {
			return a.Tensor, nil
		}
	}
	return tensor.Tensor{}, fmt.Errorf("%s holds %d arrays, none of them called %q", path, len(list), name)
}

// plain shortens the error of a file that cannot be opened.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: no such file", p.Path)
	}
	return err
}

// ready returns an error if a file cannot be made at path, before anything is computed.
func ready(path string) error {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || !info.IsDir() {
		return fmt.Errorf("--out: %s is not a directory", filepath.Dir(path))
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("--out: %s is not a regular file", path)
	}
	return nil
}
