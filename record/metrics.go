package record

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
)

// An Epoch is a row of metrics.csv. A number that is not finite is left empty there.
type Epoch struct {
	Epoch     int
	Loss      float64 // mean over the rows learnt
	TestLoss  float64
	Accuracy  float64
	Compared  bool // otherwise Differing, MaxAbs and Cosine say nothing
	Differing int
	MaxAbs    float64
	Cosine    float64
	Updates   int
	Ticks     int
	Messages  int64
	Control   int64
	Lost      int64
	Seconds   float64 // of the engine's updates
	Reference float64 // seconds of the reference's updates
}

// columns returns the names in the first line.
func columns() []string {
	return []string{"epoch", "loss", "test_loss", "accuracy", "differing", "max_abs", "cosine", "updates", "ticks", "messages",
		"control", "lost", "seconds", "reference_seconds"}
}

func (e Epoch) fields() []string {
	diff := [3]string{}
	if e.Compared {
		diff = [3]string{strconv.Itoa(e.Differing), number(e.MaxAbs), number(e.Cosine)}
	}
	whole := func(i int64) string { return strconv.FormatInt(i, 10) }
	return []string{strconv.Itoa(e.Epoch), number(e.Loss), number(e.TestLoss), number(e.Accuracy), diff[0], diff[1], diff[2],
		strconv.Itoa(e.Updates), strconv.Itoa(e.Ticks), whole(e.Messages), whole(e.Control), whole(e.Lost), number(e.Seconds), number(e.Reference)}
}

func number(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// Metrics is an open metrics.csv.
type Metrics struct {
	file *os.File
	csv  *csv.Writer
}

// Metrics creates metrics.csv with its first line.
func (f *Folder) Metrics() (*Metrics, error) {
	file, err := os.OpenFile(f.Path("metrics.csv"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	m := &Metrics{file, csv.NewWriter(file)}
	return m, m.row(columns())
}

// Add appends a row, which is in the file when Add returns.
func (m *Metrics) Add(e Epoch) error { return m.row(e.fields()) }

func (m *Metrics) row(fields []string) error {
	err := m.csv.Write(fields)
	m.csv.Flush()
	if err == nil {
		err = m.csv.Error()
	}
	if err != nil {
		return fmt.Errorf("record: metrics.csv: %w", err)
	}
	return nil
}

// Close syncs and closes the file.
func (m *Metrics) Close() error {
	err := m.file.Sync()
	if e := m.file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("record: metrics.csv: %w", err)
	}
	return nil
}
