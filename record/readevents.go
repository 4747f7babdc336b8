package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/table"
)

// EventData are recorded events in memory, in their order.
type EventData struct {
	Name       string // of the file, without its suffix
	Index             // Targets are the vertices, Kinds what happened
	Step, Tick []int64
	Millis     []float64 // NaN if the engine has no time
	Target     []int     // positions in Targets
	Kind       []int     // positions in Kinds
}

// ReadIndex returns the index of the recording at path, nil if it has none.
func ReadIndex(path string) (*Index, error) {
	var x Index
	var err error
	if filepath.Ext(path) == spoolSuffix {
		var file *os.File
		if file, err = os.Open(path); err == nil {
			err = json.NewDecoder(file).Decode(&x)
			_ = file.Close()
		}
	} else {
		var b []byte
		if b, err = os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".json"); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err == nil {
			err = json.Unmarshal(b, &x)
		}
	}
	if err == nil {
		err = x.check()
	}
	if err != nil {
		return nil, fmt.Errorf("record: %s: %w", path, err)
	}
	return &x, nil
}

// HasEvents reports whether the recording at path is one of events.
func HasEvents(path string) (bool, error) {
	x, err := ReadIndex(path)
	return x != nil && x.Unit == Events.String(), err
}

// ReadEvents reads recorded events in NPZ, CSV or Parquet, or their spool.
func ReadEvents(path string) (*EventData, error) {
	x, err := ReadIndex(path)
	if err != nil {
		return nil, err
	}
	if x == nil || x.Unit != Events.String() {
		return nil, fmt.Errorf("record: %s: these are no events", path)
	}
	d := &EventData{Name: baseName(path), Index: *x}
	switch filepath.Ext(path) {
	case ".npz":
		err = d.readArrays(path)
	case ".csv", ".parquet":
		err = d.readTable(path)
	case spoolSuffix:
		err = d.readSpool(path)
	default:
		err = fmt.Errorf("unknown format: use npz, csv or parquet")
	}
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return nil, fmt.Errorf("record: %s: %w", path, err)
	}
	return d, nil
}

func (d *EventData) readSpool(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = unspool(file, func(f *frame) error {
		d.add(int64(f.row[0]), int64(f.row[1]), f.row[2], int(f.row[3]), int(f.row[4]))
		return nil
	})
	return err
}

func (d *EventData) add(step, tick int64, ms float64, target, kind int) {
	d.Step, d.Tick, d.Millis = append(d.Step, step), append(d.Tick, tick), append(d.Millis, ms)
	d.Target, d.Kind = append(d.Target, target), append(d.Kind, kind)
}

func (d *EventData) readArrays(path string) error {
	list, err := npy.ReadArchiveFile(path, npy.Limit{}, "step", "tick", "ms", "of", "kind")
	if err != nil {
		return err
	}
	columns := map[string][]float64{}
	for _, a := range list {
		x := make([]float64, a.Tensor.Len())
		copyTo(x, a.Tensor)
		columns[a.Name] = x
	}
	n := len(columns["step"])
	for _, x := range columns {
		if len(x) != n {
			return fmt.Errorf("its arrays are not equally long")
		}
	}
	for i := range n {
		d.add(int64(columns["step"][i]), int64(columns["tick"][i]), columns["ms"][i], int(columns["of"][i]), int(columns["kind"][i]))
	}
	return nil
}

func (d *EventData) readTable(path string) error {
	t, err := table.Read(path)
	if err != nil {
		return err
	}
	var s [5]*table.Series
	for i, name := range [...]string{"step", "tick", "ms", "of", "kind"} {
		if s[i], err = t.Column(name); err != nil {
			return err
		}
	}
	target, kind := map[string]int{}, map[string]int{}
	for i, x := range d.Targets {
		target[x.Name] = i
	}
	for i, k := range d.Kinds {
		kind[k] = i
	}
	step, tick, ms := s[0].Numbers(), s[1].Numbers(), s[2].Numbers()
	if len(s[3].Texts) != len(step) || len(s[4].Texts) != len(step) {
		return fmt.Errorf("it has no names in it")
	}
	for i := range step {
		v, known := target[s[3].Texts[i]]
		k, also := kind[s[4].Texts[i]]
		if !known || !also {
			return fmt.Errorf("row %d: the index knows no %q or no %q", i, s[3].Texts[i], s[4].Texts[i])
		}
		d.add(int64(step[i]), int64(tick[i]), ms[i], v, k)
	}
	return nil
}

// check returns an error if an event names what the index does not have.
func (d *EventData) check() error {
	for i := range d.Step {
		if d.Target[i] < 0 || d.Target[i] >= len(d.Targets) || d.Kind[i] < 0 || d.Kind[i] >= len(d.Kinds) {
			return fmt.Errorf("event %d names a vertex or a kind that the index does not have", i)
		}
	}
	return nil
}
