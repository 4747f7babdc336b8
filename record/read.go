package record

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/table"
)

// Open returns the folder of an earlier run. It is an error if there is no manifest in it.
func Open(path string) (*Folder, Manifest, error) {
	f := &Folder{filepath.Clean(path)}
	var m Manifest
	b, err := os.ReadFile(f.Path("manifest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, m, fmt.Errorf("record: %s is no run: it has no manifest.json", path)
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return nil, m, fmt.Errorf("record: %s: %w", f.Path("manifest.json"), err)
	}
	return f, m, nil
}

// Epochs reads metrics.csv: the rows that there are, whole ones. Columns that it does not know are left out, so that a
// file of another version can be read. Empty numbers are NaN.
func (f *Folder) Epochs() ([]Epoch, error) {
	file, err := os.Open(f.Path("metrics.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	defer func() { _ = file.Close() }()
	list, err := readEpochs(file)
	if err != nil {
		return nil, fmt.Errorf("record: %s: %w", f.Path("metrics.csv"), err)
	}
	return list, nil
}

func readEpochs(r io.Reader) ([]Epoch, error) {
	c := csv.NewReader(r)
	names, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names = slices.Clone(names)
	var list []Epoch
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			if errors.Is(err, csv.ErrFieldCount) { // the last row of a run that was killed
				return list, nil
			}
			return nil, err
		}
		list = append(list, parseEpoch(names, row))
	}
}

// parseEpoch is the inverse of fields.
func parseEpoch(names, row []string) Epoch {
	float := func(name string) float64 {
		if i := slices.Index(names, name); i >= 0 {
			if x, err := strconv.ParseFloat(row[i], 64); err == nil {
				return x
			}
		}
		return math.NaN()
	}
	whole := func(name string) int64 {
		if x := float(name); x == x {
			return int64(x)
		}
		return 0
	}
	differing := float("differing")
	return Epoch{Epoch: int(whole("epoch")), Loss: float("loss"), TestLoss: float("test_loss"), Accuracy: float("accuracy"), Compared: differing == differing,
		Differing: int(whole("differing")), MaxAbs: float("max_abs"), Cosine: float("cosine"), Updates: int(whole("updates")), Ticks: int(whole("ticks")),
		Messages: whole("messages"), Control: whole("control"), Lost: whole("lost"), Seconds: float("seconds"), Reference: float("reference_seconds")}
}

// Data is a recording in memory.
type Data struct {
	Name       string // of the file, without its suffix
	Index             // what its columns are
	Step, Tick []int64
	Millis     []float64
	Values     [][]float64 // by What: a row of as many numbers as the targets have elements for every frame, one after the other
}

// Width returns the number of elements of all targets.
func (d *Data) Width() int { return d.width() }

// Column returns the values of one element of a target over all frames; what and target are positions.
func (d *Data) Column(what, target, element int) []float64 {
	w := d.Width()
	y := make([]float64, len(d.Step))
	for i := range y {
		y[i] = d.Values[what][i*w+d.Targets[target].Offset+element]
	}
	return y
}

// Recordings returns the paths of what the Recorder of a run wrote, in the order of their names: of a run that was killed, or is
// still under way, those of its spools.
func (f *Folder) Recordings() ([]string, error) {
	entries, err := os.ReadDir(f.Path("traces"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	var list []string
	for _, e := range entries {
		name := e.Name()
		if target := spoolTarget(name); target != "" {
			if _, err := os.Stat(f.Path("traces", target)); err == nil {
				continue // it has become what it was to become
			}
			name = target
		}
		ext := strings.TrimPrefix(filepath.Ext(name), ".")
		if !e.IsDir() && !strings.HasPrefix(name, ".") && slices.Contains(Formats(), ext) {
			list = append(list, f.Path("traces", e.Name()))
		}
	}
	return list, nil
}

// Read reads a recording in NPZ, CSV or Parquet, or a spool. Events are read by ReadEvents.
func Read(path string) (*Data, error) {
	var d *Data
	var err error
	switch filepath.Ext(path) {
	case ".npz":
		d, err = readArrays(path)
	case ".csv", ".parquet":
		d, err = readTable(path)
	case spoolSuffix:
		d, err = readSpool(path)
	default:
		err = fmt.Errorf("unknown format: use npz, csv or parquet")
	}
	if err != nil {
		return nil, fmt.Errorf("record: %s: %w", path, err)
	}
	d.Name = baseName(path)
	return d, nil
}

// baseName returns the name of a recording without its suffixes.
func baseName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), spoolSuffix)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

func readSpool(path string) (*Data, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	d := &Data{}
	x, err := unspool(file, func(f *frame) error {
		if d.Values == nil && len(f.row) > 0 {
			d.Values = [][]float64{nil}
		}
		d.Step, d.Tick, d.Millis = append(d.Step, int64(f.update)), append(d.Tick, int64(f.tick)), append(d.Millis, f.millis)
		d.Values[0] = append(d.Values[0], f.row...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if x.Unit == Events.String() {
		return nil, fmt.Errorf("these are events: use ReadEvents")
	}
	d.Index = *x
	n, w := len(x.What), x.width()
	all := make([][]float64, n)
	for i := range d.Step {
		for k := range all {
			all[k] = append(all[k], d.Values[0][(i*n+k)*w:(i*n+k+1)*w]...)
		}
	}
	d.Values = all
	return d, nil
}

func readArrays(path string) (*Data, error) {
	b, err := os.ReadFile(strings.TrimSuffix(path, ".npz") + ".json")
	if err != nil {
		return nil, err
	}
	d := &Data{}
	if err := json.Unmarshal(b, &d.Index); err != nil {
		return nil, err
	}
	list, err := npy.ReadArchiveFile(path, npy.Limit{})
	if err != nil {
		return nil, err
	}
	if d.Unit == Events.String() {
		return nil, fmt.Errorf("these are events: use ReadEvents")
	}
	rows, width := 0, d.Width()
	if err := d.check(); err != nil {
		return nil, err
	}
	d.Values = make([][]float64, len(d.What))
	for _, a := range list {
		x := make([]float64, a.Tensor.Len())
		copyTo(x, a.Tensor)
		switch a.Name {
		case "step", "tick":
			rows = len(x)
			n := make([]int64, rows)
			for i := range n {
				n[i] = int64(x[i])
			}
			if a.Name == "step" {
				d.Step = n
			} else {
				d.Tick = n
			}
		case "ms":
			d.Millis = x
		default:
			if k := slices.Index(d.What, a.Name); k >= 0 {
				d.Values[k] = x
			}
		}
	}
	for k, v := range d.Values {
		if len(v) != rows*width {
			return nil, fmt.Errorf("%s has %d numbers: the index wants %d for %d frames", d.What[k], len(v), rows*width, rows)
		}
	}
	if len(d.Step) != rows || len(d.Tick) != rows || len(d.Millis) != rows {
		return nil, fmt.Errorf("%d steps, %d ticks, %d times", len(d.Step), len(d.Tick), len(d.Millis))
	}
	return d, nil
}

func readTable(path string) (*Data, error) {
	t, err := table.Read(path)
	if err != nil {
		return nil, err
	}
	var head [4]*table.Series
	for i, name := range [...]string{"step", "tick", "ms", "of"} {
		if head[i], err = t.Column(name); err != nil {
			return nil, err
		}
	}
	d := &Data{}
	step, tick, ms, of := head[0].Numbers(), head[1].Numbers(), head[2].Numbers(), head[3].Texts
	if len(of) != len(step) {
		return nil, fmt.Errorf("column \"of\" has no names in it")
	}
	for i := range step { // the first frame names the targets
		if i > 0 && (step[i] != step[0] || tick[i] != tick[0] || ms[i] != ms[0] && ms[i] == ms[i] || of[i] == of[0] && of[i-1] != of[0]) {
			break
		}
		if n := len(d.Targets); n == 0 || d.Targets[n-1].Name != of[i] {
			d.Targets = append(d.Targets, IndexTarget{Name: of[i], Offset: i, Level: levelOf(of[i])})
		}
		d.Targets[len(d.Targets)-1].Elements++
	}
	width := d.Width()
	if width == 0 || len(step)%width != 0 {
		return nil, fmt.Errorf("%d rows are no whole number of frames of %d", len(step), width)
	}
	for i := 0; i < len(step); i += width {
		d.Step, d.Tick, d.Millis = append(d.Step, int64(step[i])), append(d.Tick, int64(tick[i])), append(d.Millis, ms[i])
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; !slices.Contains([]string{"step", "tick", "ms", "of", "element"}, c.Name) {
			d.What, d.Values = append(d.What, c.Name), append(d.Values, c.Numbers())
		}
	}
	return d, nil
}

// levelOf returns the number in "level 3", −1 for other names.
func levelOf(name string) int {
	s, ok := strings.CutPrefix(name, "level ")
	n, err := strconv.Atoi(s)
	if !ok || err != nil {
		return -1
	}
	return n
}
