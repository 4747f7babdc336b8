package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml"
)

// A Change is a key that differs between two runs. A side that does not have it is "–".
type Change struct {
	Key string `json:"key"`
	A   string `json:"a"`
	B   string `json:"b"`
}

// A Difference is what two runs do not have in common.
type Difference struct {
	A       string   `json:"a"` // their names
	B       string   `json:"b"`
	Config  []Change `json:"config"`
	Made    []Change `json:"made"`    // program, machine
	Results []Change `json:"results"` // hashes, metrics
	Same    bool     `json:"same"`    // both ended with the same bits in all parameters
}

// missing stands for what is not there.
const missing = "–"

// Diff compares two runs: configurations key by key, by whom they were made, and what came of them.
func Diff(a, b Run) (Difference, error) {
	d := Difference{A: a.ID, B: b.ID, Config: []Change{}, Made: []Change{}, Results: []Change{}}
	ka, err := settings(a.Path)
	if err != nil {
		return d, err
	}
	kb, err := settings(b.Path)
	if err != nil {
		return d, err
	}
	d.Config = changes(ka, kb)
	d.Made = changes(made(a), made(b))
	d.Results = changes(results(a), results(b))
	d.Same = a.Manifest.Hash != "" && a.Manifest.Hash == b.Manifest.Hash
	return d, nil
}

// A setting is a key with its value, as text.
type setting struct{ key, value string }

// changes returns what differs, in the order of a and then of b.
func changes(a, b []setting) []Change {
	list := []Change{}
	find := func(s []setting, key string) string {
		if i := slices.IndexFunc(s, func(x setting) bool { return x.key == key }); i >= 0 {
			return s[i].value
		}
		return missing
	}
	for _, s := range a {
		if other := find(b, s.key); other != s.value {
			list = append(list, Change{s.key, s.value, other})
		}
	}
	for _, s := range b {
		if find(a, s.key) == missing && s.value != missing {
			list = append(list, Change{s.key, missing, s.value})
		}
	}
	return list
}

// settings returns the keys of config.yaml in its order, sections flattened: "learning.plasticity.rate". A configuration
// of another version is read as well: keys are not checked.
func settings(path string) ([]setting, error) {
	text, err := os.ReadFile(filepath.Join(path, "config.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	var m yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(text, &m, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("catalog: %s: %w", filepath.Join(path, "config.yaml"), err)
	}
	return flatten(nil, "", m), nil
}

func flatten(list []setting, path string, v any) []setting {
	switch v := v.(type) {
	case yaml.MapSlice:
		for _, e := range v {
			key := fmt.Sprint(e.Key)
			if path != "" {
				key = path + "." + key
			}
			list = flatten(list, key, e.Value)
		}
		return list
	case []any:
		for _, e := range v {
			if _, section := e.(yaml.MapSlice); section {
				for i, e := range v {
					list = flatten(list, fmt.Sprintf("%s[%d]", path, i), e)
				}
				return list
			}
		}
	}
	return append(list, setting{path, fmt.Sprint(v)})
}

// made returns by what a run was made.
func made(r Run) []setting {
	m := r.Manifest
	return []setting{{"version", or(m.Build.Version)}, {"revision", or(m.Build.Revision)}, {"modified sources", strconv.FormatBool(m.Build.Modified)},
		{"go", or(m.Build.Go)}, {"system", or(m.Build.OS + "/" + m.Build.Arch + " " + m.Build.Level)}, {"processor", or(m.Machine.CPU)},
		{"cores", strconv.Itoa(m.Machine.Cores)}, {"matrix products", or(m.Machine.Backend)}, {"hosting", or(m.Hosting)}}
}

// results returns what came of a run.
func results(r Run) []setting {
	m := r.Manifest
	return []setting{{"status", or(m.Status)}, {"initial hash", or(m.Initial)}, {"hash", or(m.Hash)}, {"epochs", strconv.Itoa(m.Epochs)},
		{"loss", number(r.Loss)}, {"test loss", number(r.TestLoss)}, {"accuracy", number(r.Accuracy)}}
}

func or(s string) string {
	if s == "" {
		return missing
	}
	return s
}

func number(x *float64) string {
	if x == nil {
		return missing
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}
