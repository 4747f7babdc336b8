package catalog

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/record"
)

// inputs are the keys of a configuration that name files a run reads. Their paths are relative to the directory in which
// the run was started.
func inputs() []string {
	return []string{"data.npz", "data.npy", "data.csv", "data.idx", "data.labels", "network.init.from", "network.onnx"}
}

// An Archive says what Export put together.
type Archive struct {
	Command string   `json:"command"` // that runs it again, in the unpacked folder
	Files   int      `json:"files"`
	Missing []string `json:"missing"` // files that the run read and that are not there any more
}

// Export writes a zip archive of a run: its folder, the files of its data and weights, and RERUN.txt with the command that
// runs it again. base is the directory that paths in the configuration are relative to. Entries are sorted and carry no
// times: the same folder gives the same bytes.
func Export(w io.Writer, r Run, base string) (Archive, error) {
	a := Archive{Missing: []string{}}
	z := zip.NewWriter(w)
	files, err := list(r.Path)
	if err != nil {
		return a, err
	}
	for _, name := range files {
		if err := add(z, r.ID+"/"+name, filepath.Join(r.Path, filepath.FromSlash(name)), nil); err != nil {
			return a, err
		}
	}
	a.Files = len(files)
	keys, err := settings(r.Path)
	if err != nil {
		return a, err
	}
	command := []string{"retrodict", "run", "config.yaml"}
	var notes bytes.Buffer
	for _, k := range keys {
		if k.key == "data.dir" && k.value != "" {
			fmt.Fprintf(&notes, "The data set is not in this archive: it was read from the directory %s; elsewhere, add --set data.dir=DIR.\n", k.value)
		}
		if !slices.Contains(inputs(), k.key) || k.value == "" {
			continue
		}
		path := k.value
		if !filepath.IsAbs(path) {
			path = filepath.Join(base, path)
		}
		to := "inputs/" + k.key + filepath.Ext(path)
		h := sha256.New()
		err := add(z, r.ID+"/"+to, path, h)
		if errors.Is(err, fs.ErrNotExist) {
			a.Missing = append(a.Missing, k.value)
			fmt.Fprintf(&notes, "%s was read from %s, which was not there any more.\n", k.key, k.value)
			continue
		}
		if err != nil {
			return a, err
		}
		a.Files++
		command = append(command, "--set", k.key+"="+to)
		fmt.Fprintf(&notes, "%s was %s, SHA-256 %s.\n", k.key, k.value, hex.EncodeToString(h.Sum(nil)))
	}
	a.Command = record.CommandLine(command...)
	e, err := z.CreateHeader(&zip.FileHeader{Name: r.ID + "/RERUN.txt", Method: zip.Deflate})
	if err == nil {
		_, err = e.Write(rerun(r, a.Command, notes.String()))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return a, fmt.Errorf("catalog: export: %w", err)
	}
	return a, nil
}

// list returns the files of a run, sorted, with slashes. What is hidden or being written is left out.
func list(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(d.Name(), ".part") || strings.HasSuffix(d.Name(), ".parts")
		switch {
		case hidden && d.IsDir():
			return fs.SkipDir
		case !hidden && d.Type().IsRegular():
			rel, err := filepath.Rel(root, path)
			files = append(files, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	slices.Sort(files)
	return files, nil
}

// add copies a file into the archive, and into h if it is not nil.
func add(z *zip.Writer, name, path string, h io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	defer func() { _ = f.Close() }()
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	if h != nil {
		w = io.MultiWriter(w, h)
	}
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	return nil
}

// rerun returns the text of RERUN.txt.
func rerun(r Run, command, notes string) []byte {
	var b bytes.Buffer
	m := r.Manifest
	fmt.Fprintf(&b, "%s\n\nTo run it again, in this folder:\n\n    %s\n\n", r.ID, command)
	fmt.Fprintf(&b, "It was made by: %s\n", m.CommandLine())
	fmt.Fprintf(&b, "version %s, revision %s, %s, %s/%s %s, matrix products by %s\n", or(m.Build.Version), or(m.Build.Revision), m.Build.Go, m.Build.OS, m.Build.Arch, m.Build.Level, or(m.Machine.Backend))
	if m.Build.Modified {
		fmt.Fprintln(&b, "The sources were not as committed.")
	}
	if m.Hash != "" {
		fmt.Fprintf(&b, "\nSHA-256 of all parameters at the end: %s\n", m.Hash)
	}
	if m.Scope != "" {
		fmt.Fprintf(&b, "Reproducible: %s.\n", m.Scope)
	}
	if notes != "" {
		fmt.Fprintf(&b, "\n%s", notes)
	}
	return b.Bytes()
}
