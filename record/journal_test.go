package record

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// entry draws an entry as actors make them, with ids of any size.
func entry(t *rapid.T) neuron.Entry {
	e := neuron.Entry{What: neuron.Happening(rapid.IntRange(0, 4).Draw(t, "what")),
		Vertex: graph.VertexID(rapid.OneOf(rapid.Int32Range(0, 3), rapid.Int32Range(0, math.MaxInt32)).Draw(t, "vertex"))}
	if e.What == neuron.Relaxed {
		e.Tick = rapid.OneOf(rapid.Int32Range(0, 3), rapid.Int32()).Draw(t, "elapsed")
	}
	if !turn(e.What) {
		e.Kind = neuron.Kind(rapid.IntRange(0, 1).Draw(t, "kind"))
		e.Edge = graph.EdgeID(rapid.OneOf(rapid.Int32Range(0, 3), rapid.Int32Range(0, math.MaxInt32)).Draw(t, "edge"))
		e.Tick = rapid.OneOf(rapid.Int32Range(-1, 3), rapid.Int32()).Draw(t, "tick")
	}
	return e
}

func samples(t require.TestingT, b []byte) (list [][]neuron.Entry, err error) {
	j, err := NewJournalReader(bytes.NewReader(b))
	require.NoError(t, err)
	for {
		s, err := j.Next()
		if err != nil {
			return list, err
		}
		list = append(list, s)
	}
}

// What is written is read again; cut off anywhere, the whole samples before the cut are there and a part of one is told.
func TestJournalComesBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, err := Create(t.TempDir(), "x", 1, at())
		require.NoError(r, err)
		hash := HashConfig([]byte("name: x"))
		j, err := f.Journal(hash)
		require.NoError(r, err)
		var want [][]neuron.Entry
		var ends []int64
		for range rapid.IntRange(0, 4).Draw(r, "samples") {
			s := rapid.SliceOfN(rapid.Custom(entry), 0, 40).Draw(r, "entries")
			require.NoError(r, j.Add(s))
			want = append(want, s)
			info, err := os.Stat(f.Path(JournalFile))
			require.NoError(r, err)
			ends = append(ends, info.Size())
		}
		require.NoError(r, j.Close())
		b, err := os.ReadFile(f.Path(JournalFile))
		require.NoError(r, err)
		got, err := samples(r, b)
		require.ErrorIs(r, err, io.EOF)
		require.False(r, errors.Is(err, io.ErrUnexpectedEOF))
		require.Len(r, got, len(want))
		for i := range want {
			require.Equal(r, len(want[i]), len(got[i]))
			if len(want[i]) > 0 {
				require.Equal(r, want[i], got[i])
			}
		}
		head := len(journalFormat) + len(hash)
		cut := rapid.IntRange(head, len(b)).Draw(r, "cut")
		got, err = samples(r, b[:cut])
		whole, at := 0, int64(head)
		for whole < len(ends) && ends[whole] <= int64(cut) {
			at = ends[whole]
			whole++
		}
		require.Len(r, got, whole)
		if at < int64(cut) {
			require.ErrorIs(r, err, io.ErrUnexpectedEOF)
		} else {
			require.Equal(r, io.EOF, err)
		}
		if cut > head { // a bit that flips is noticed
			k := rapid.IntRange(head, len(b)-1).Draw(r, "byte")
			b[k] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
			_, err = samples(r, b)
			require.NotEqual(r, io.EOF, err)
		}
	})
}

// A turn takes a byte, and messages on edges in order one or two.
func TestJournalIsCompact(t *testing.T) {
	var sample []neuron.Entry
	for v := range graph.VertexID(10) {
		for tick := range int32(20) {
			for i := range graph.EdgeID(8) {
				sample = append(sample, neuron.Entry{Vertex: v, What: neuron.Received, Edge: graph.EdgeID(v)*8 + i, Tick: tick})
			}
			sample = append(sample, neuron.Entry{Vertex: v, What: neuron.Compared}, neuron.Entry{Vertex: v, What: neuron.Relaxed})
		}
	}
	require.Less(t, len(appendEntries(nil, sample)), 6*len(sample)/4)
}

func TestJournalsThatAreRefused(t *testing.T) {
	f, err := Create(t.TempDir(), "x", 1, at())
	require.NoError(t, err)
	_, _, err = OpenJournal(f.Path(JournalFile))
	require.ErrorContains(t, err, "record: open")
	require.NoError(t, os.WriteFile(f.Path(JournalFile), []byte("retrodict journal 9\n"), 0o644))
	_, _, err = OpenJournal(f.Path(JournalFile))
	require.ErrorContains(t, err, "no journal of this version: "+f.Path(JournalFile))
	_, err = f.Journal(HashConfig(nil))
	require.ErrorContains(t, err, "exists")
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendEntries(nil, []neuron.Entry{{Vertex: 3, What: neuron.Received, Edge: 7, Tick: 2, Kind: neuron.Error}, {Vertex: 3, What: neuron.Compared},
		{Vertex: 3, What: neuron.Voided, Edge: 8, Tick: -1}, {Vertex: 1, What: neuron.Relaxed}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := decodeEntries(b)
		if err == nil {
			again, err := decodeEntries(appendEntries(nil, list))
			require.NoError(t, err)
			require.Equal(t, list, again)
		}
		j, err := NewJournalReader(bytes.NewReader(append(append([]byte(journalFormat), make([]byte, 32)...), b...)))
		require.NoError(t, err)
		for n := 0; ; n++ {
			if _, err := j.Next(); err != nil {
				break
			}
			require.Less(t, n, len(b))
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, encodeCheckpoint(&b, Checkpoint{Config: HashConfig(nil), State: []byte("state")}))
	f.Add(b.Bytes())
	f.Add([]byte(checkpointFormat))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeCheckpoint(b)
		if err != nil {
			return
		}
		var again bytes.Buffer
		require.NoError(t, encodeCheckpoint(&again, c))
		d, err := decodeCheckpoint(again.Bytes())
		require.NoError(t, err)
		require.Equal(t, c, d)
	})
}

// A checkpoint is whole or not there; what a kill in the middle of writing leaves behind is harmless; damage is noticed.
func TestCheckpoint(t *testing.T) {
	f, err := Create(t.TempDir(), "x", 1, at())
	require.NoError(t, err)
	_, err = f.ReadCheckpoint()
	require.ErrorIs(t, err, ErrNoCheckpoint)
	for _, state := range []string{"first", "the second", ""} {
		c := Checkpoint{Config: HashConfig([]byte(state)), State: []byte(state)}
		require.NoError(t, f.WriteCheckpoint(c))
		require.NoError(t, os.WriteFile(f.Path("checkpoint", ".state.bin.123"), []byte(checkpointFormat)[:9], 0o644))
		got, err := f.ReadCheckpoint()
		require.NoError(t, err)
		require.Equal(t, c, got)
		left, err := filepath.Glob(f.Path("checkpoint", "*"))
		require.NoError(t, err)
		require.Len(t, left, 1)
	}
	require.NoError(t, f.WriteCheckpoint(Checkpoint{State: []byte("state")}))
	b, err := os.ReadFile(f.Path(checkpointFile))
	require.NoError(t, err)
	for n := range b {
		_, err := decodeCheckpoint(b[:n])
		require.Error(t, err, "cut after %d of %d", n, len(b))
		c := bytes.Clone(b)
		c[n] ^= 0x10
		_, err = decodeCheckpoint(c)
		require.Error(t, err, "bit flipped in byte %d", n)
	}
}

func TestMetricsAgain(t *testing.T) {
	f, err := Create(t.TempDir(), "x", 1, at())
	require.NoError(t, err)
	m, err := f.Metrics()
	require.NoError(t, err)
	require.NoError(t, m.Add(Epoch{Epoch: 1}))
	require.NoError(t, m.Close())
	first, err := os.ReadFile(f.Path("metrics.csv"))
	require.NoError(t, err)
	m, err = f.MetricsAgain()
	require.NoError(t, err)
	require.NoError(t, m.Add(Epoch{Epoch: 1}))
	require.NoError(t, m.Close())
	again, err := os.ReadFile(f.Path("metrics.csv"))
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))
}
