package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// columns are not in the order of the alphabet, and one has a name as a knob has.
var columns = []Column{{"step", Int64}, {"knobs.jitter", Float64}, {"rule", String}, {"late", Bool}, {"cosine", Float64}}

// row makes a row of the columns above. Texts start with a letter, so that no column of them looks like numbers.
func row(r *rand.Rand) []Cell {
	x := []float64{r.NormFloat64(), math.Float64frombits(r.Uint64()), float64(r.IntN(3)), math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 5e-324}
	texts := []string{"zil", "a, \"b\"", "two\nlines", "π ≠ 3", " x", `\.`, "a\tb", "z" + strings.Repeat("i", r.IntN(5))}
	return []Cell{Int(int64(r.Uint64())), Float(x[r.IntN(len(x))]), Text(texts[r.IntN(len(texts))]), Flag(r.IntN(2) == 0), Float(r.Float64())}
}

func write(t testing.TB, path string, rows [][]Cell, flush int) {
	t.Helper()
	w, err := Create(path, columns...)
	require.NoError(t, err)
	for i, row := range rows {
		require.NoError(t, w.Append(row...))
		if flush > 0 && i%flush == 0 {
			require.NoError(t, w.Flush())
		}
	}
	assert.Equal(t, int64(len(rows)), w.Rows())
	require.NoError(t, w.Close())
	require.NoError(t, w.Abort())
	assert.Error(t, w.Append(rows[0]...))
}

// same asserts that a table has exactly these rows, to the bit but for NaN.
func same(t testing.TB, rows [][]Cell, got Table) {
	t.Helper()
	require.Equal(t, len(rows), got.Rows())
	require.Len(t, got.Columns, len(columns))
	for i := range got.Columns {
		s := &got.Columns[i]
		require.Equal(t, columns[i], s.Column)
		for k, row := range rows {
			want, c := row[i], s.Cell(k)
			if want.typ == Float64 && math.IsNaN(want.float()) {
				require.True(t, math.IsNaN(c.float()))
			} else {
				require.Equal(t, want, c, "row %d, column %s", k, s.Name)
			}
		}
	}
}

// What is written is what is read, and the same rows give the same bytes.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	for _, n := range []int{1, 7, 1000, groupRows + 10} {
		rows := make([][]Cell, n)
		for i := range rows {
			rows[i] = row(r)
		}
		for _, suffix := range []string{".csv", ".parquet"} {
			path := filepath.Join(dir, "table"+suffix)
			write(t, path, rows, n/3)
			first, err := os.ReadFile(path)
			require.NoError(t, err)
			got, err := Read(path)
			require.NoError(t, err)
			same(t, rows, got)
			write(t, path, rows, n/3)
			second, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(first, second), suffix)
		}
	}
}

func TestJSONLines(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	rows := make([][]Cell, 100)
	for i := range rows {
		rows[i] = row(r)
	}
	path := filepath.Join(t.TempDir(), "table.jsonl")
	write(t, path, rows, 10)
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	s := bufio.NewScanner(f)
	for i := 0; s.Scan(); i++ {
		var got struct {
			Step   int64
			Jitter *float64 `json:"knobs.jitter"`
			Rule   string
			Late   bool
			Cosine float64
		}
		require.NoError(t, json.Unmarshal(s.Bytes(), &got))
		x := rows[i][1].float()
		if math.IsNaN(x) || math.IsInf(x, 0) {
			assert.Nil(t, got.Jitter)
		} else {
			assert.Equal(t, x, *got.Jitter)
		}
		assert.Equal(t, rows[i][0], Int(got.Step))
		assert.Equal(t, rows[i][2], Text(got.Rule))
		assert.Equal(t, rows[i][3], Flag(got.Late))
		assert.Equal(t, rows[i][4], Float(got.Cosine))
	}
}

// A table that is not closed is not there; an earlier one of its name is.
func TestUnfinishedTableIsNotThere(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, suffix := range Formats() {
		path := filepath.Join(t.TempDir(), "table"+suffix)
		write(t, path, [][]Cell{row(r)}, 0)
		before, err := os.ReadFile(path)
		require.NoError(t, err)

		w, err := Create(path, columns...)
		require.NoError(t, err)
		require.NoError(t, w.Append(row(r)...))
		require.NoError(t, w.Flush())
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after)
		part, err := os.ReadFile(path + ".part")
		require.NoError(t, err)
		if suffix != ".parquet" {
			assert.True(t, bytes.HasSuffix(part, []byte("\n")), "whole rows are there")
		}
		require.NoError(t, w.Abort())
		require.NoError(t, w.Abort())
		assert.Error(t, w.Close())
		assert.NoFileExists(t, path+".part")
		assert.FileExists(t, path)
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	dir := t.TempDir()
	for _, c := range [][]Column{nil, {{"", Int64}}, {{"a", Int64}, {"a", String}}, {{"a\r", Int64}}, {{"a", 9}}, {{"\xff", Int64}}} {
		_, err := Create(filepath.Join(dir, "x.csv"), c...)
		assert.ErrorContains(t, err, "table: ", "%v", c)
	}
	_, err := Create(filepath.Join(dir, "x.xls"), columns...)
	assert.ErrorContains(t, err, ".parquet")
	_, err = Create(filepath.Join(dir, "none", "x.csv"), columns...)
	assert.Error(t, err)
	w, err := Create(filepath.Join(dir, "x.csv"), Column{"n", Int64}, Column{"s", String})
	require.NoError(t, err)
	assert.ErrorContains(t, w.Append(Int(1)), "1 cells, there are 2 columns")
	assert.ErrorContains(t, w.Append(Float(1), Text("")), `column "n": float64, want int64`)
	assert.ErrorContains(t, w.Append(Int(1), Text("a\rb")), `column "s"`)
	assert.ErrorContains(t, w.Append(Int(1), Text("\xff")), `column "s"`)
	assert.Zero(t, w.Rows())
	require.NoError(t, w.Append(Int(1), Text("")))
	require.NoError(t, w.Close())
	b, err := os.ReadFile(filepath.Join(dir, "x.csv"))
	require.NoError(t, err)
	assert.Equal(t, "n,s\n1,\"\"\n", string(b))
}

func TestTypesOfForeignCSV(t *testing.T) {
	got, err := ReadCSV(strings.NewReader("epoch,loss,differing,name,ok,hex,code\n1,0.5,,a,true,0x10,007\n2,1,3,,false,10,008\n"))
	require.NoError(t, err)
	for i, want := range []Type{Int64, Float64, Float64, String, Bool, String, Float64} {
		assert.Equal(t, want, got.Columns[i].Type, got.Columns[i].Name)
	}
	s, err := got.Column("differing")
	require.NoError(t, err)
	assert.True(t, math.IsNaN(s.Floats[0]))
	assert.Equal(t, 3.0, s.Numbers()[1])
	_, err = got.Column("accuracy")
	assert.ErrorContains(t, err, "there are: epoch, loss")
	for _, bad := range []string{"", "a,a\n", "a,b\n1\n", "a\n\"\n"} {
		_, err := ReadCSV(strings.NewReader(bad))
		assert.ErrorContains(t, err, "table: ", "%q", bad)
	}
	got, err = ReadCSV(strings.NewReader("a,b\n"))
	require.NoError(t, err)
	assert.Zero(t, got.Rows())
	_, err = Read("x.txt")
	assert.Error(t, err)
}

// Any text comes back from CSV and Parquet, if a letter before it keeps it from being a number.
func TestAnyText(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 1, 10).Draw(t, "texts")
		for _, suffix := range []string{".csv", ".parquet"} {
			path := filepath.Join(dir, "t"+suffix)
			w, err := Create(path, Column{"s", String})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, s := range texts {
				if w.Append(Text("x"+s)) == nil {
					want = append(want, "x"+s)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := Read(path)
			if err != nil || fmt.Sprintf("%q", got.Columns[0].Texts) != fmt.Sprintf("%q", want) {
				t.Fatalf("%s: %v: %q, want %q", suffix, err, got.Columns[0].Texts, want)
			}
		}
	})
}

func TestRowsDoNotAllocate(t *testing.T) {
	for _, suffix := range []string{".csv", ".jsonl"} {
		w, err := Create(filepath.Join(t.TempDir(), "t"+suffix), columns...)
		require.NoError(t, err)
		cells := row(rand.New(rand.NewPCG(7, 8)))
		allocs := testing.AllocsPerRun(100, func() {
			if w.Append(cells...) != nil {
				panic("not appended")
			}
		})
		assert.LessOrEqual(t, allocs, 1.0, suffix) // a string in JSON goes through an interface
		require.NoError(t, w.Abort())
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,2\n")
	f.Add("a,b\n\"x\n\"\"y\",\n")
	f.Add("\xef\xbb\xbfa\nnan\n-inf\n1e999\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadCSV(strings.NewReader(text))
		if err == nil && got.check() != nil {
			t.Fatal(got.check())
		}
	})
}

func FuzzReadParquet(f *testing.F) {
	path := filepath.Join(f.TempDir(), "t.parquet")
	r := rand.New(rand.NewPCG(9, 10))
	write(f, path, [][]Cell{row(r), row(r)}, 0)
	b, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "t.parquet")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err == nil && got.check() != nil {
			t.Fatal(got.check())
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, suffix := range Formats() {
		b.Run(suffix[1:], func(b *testing.B) {
			w, err := Create(filepath.Join(b.TempDir(), "t"+suffix), columns...)
			require.NoError(b, err)
			cells := row(rand.New(rand.NewPCG(7, 8)))
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Append(cells...); err != nil {
					b.Fatal(err)
				}
			}
			require.NoError(b, w.Abort())
		})
	}
}
