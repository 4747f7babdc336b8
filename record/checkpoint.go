package record

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/retrodict/retrodict/tensor"
)

// A Checkpoint is the state of a run between two updates, and what the run was made of.
type Checkpoint struct {
	Config [sha256.Size]byte // hash of the resolved configuration
	State  []byte
}

// checkpointFormat is how the file of a checkpoint begins. What follows: the hash of the configuration, the length of the
// state, the state, and the SHA-256 of everything before it.
const checkpointFormat = "retrodict run checkpoint 1\n"

// checkpointFile is the name of the last checkpoint in a run folder.
const checkpointFile = "checkpoint/state.bin"

// ErrNoCheckpoint is returned where there is no checkpoint.
var ErrNoCheckpoint = errors.New("record: no checkpoint")

// HashConfig returns the hash of a resolved configuration.
func HashConfig(text []byte) [sha256.Size]byte { return sha256.Sum256(text) }

// WriteCheckpoint writes checkpoint/state.bin, in place of an earlier one: into a temporary file that is synced and renamed,
// then the directory is synced. When it returns, the checkpoint survives a kill and a power failure; until then, the earlier
// one does.
func (f *Folder) WriteCheckpoint(c Checkpoint) error {
	dir := f.Path("checkpoint")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	err := f.Write(checkpointFile, func(w io.Writer) error { return encodeCheckpoint(w, c) })
	if err == nil {
		err = syncDir(dir)
	}
	return err
}

func encodeCheckpoint(w io.Writer, c Checkpoint) error {
	e := &tensor.Encoder{B: append([]byte(checkpointFormat), c.Config[:]...)}
	e.Uint(uint64(len(c.State)))
	h := sha256.New()
	for _, part := range [][]byte{e.B, c.State} {
		_, _ = h.Write(part)
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	_, err := w.Write(h.Sum(nil))
	return err
}

// ReadCheckpoint returns the last checkpoint. The error of a folder without one wraps ErrNoCheckpoint. Temporary files that
// a killed run has left behind are removed.
func (f *Folder) ReadCheckpoint() (Checkpoint, error) {
	path := f.Path(checkpointFile)
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".*"))
	for _, name := range left {
		_ = os.Remove(name)
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, fmt.Errorf("%w in %s", ErrNoCheckpoint, f.path)
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("record: %w", err)
	}
	c, err := decodeCheckpoint(b)
	if err != nil {
		err = fmt.Errorf("record: %s: %w", path, err)
	}
	return c, err
}

// decodeCheckpoint is the inverse of encodeCheckpoint. The state lies in b.
func decodeCheckpoint(b []byte) (c Checkpoint, err error) {
	body := b
	rest, ok := bytes.CutPrefix(b, []byte(checkpointFormat))
	if !ok {
		return c, errors.New("it is no checkpoint of this version")
	}
	if len(rest) < 2*sha256.Size {
		return c, errors.New("it ends too early")
	}
	body = body[:len(body)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], b[len(body):]) {
		return c, errors.New("it is damaged: its checksum is another")
	}
	copy(c.Config[:], rest)
	d := &tensor.Decoder{B: rest[sha256.Size : len(rest)-sha256.Size]}
	if n := d.Uint(); d.Err != nil || n != uint64(len(d.B)) {
		return c, errors.New("it is damaged: its length is another")
	}
	c.State = d.B
	return c, nil
}

// syncDir makes a rename in a directory last. Systems that cannot sync a directory do not need it.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	_ = d.Sync()
	return d.Close()
}

// MetricsAgain returns metrics.csv, empty but for its first line, for a run that goes on and adds the epochs it has made again.
func (f *Folder) MetricsAgain() (*Metrics, error) {
	if err := os.Remove(f.Path("metrics.csv")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("record: %w", err)
	}
	return f.Metrics()
}
