package train

import (
	"fmt"
	"math"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
)

// A checkpoint is the state of a run between two updates: the engine's, the twin's, and the sums of the epoch under way.
// With the configuration of the run, a run that goes on from it ends with the bits of the undisturbed one.

// checkpointFormat is how every checkpoint begins.
const checkpointFormat = "retrodict checkpoint 1\n"

// checkpoint counts an update, and hands the state of the run over, if it is time.
func (t *trainer) checkpoint(e *Epoch) error {
	t.updates++
	if t.Every <= 0 || t.updates%t.Every != 0 {
		return nil
	}
	return t.keep(e)
}

// keep hands the state of the run over, if it is wanted and is not what was handed over last.
func (t *trainer) keep(e *Epoch) error {
	if t.OnCheckpoint == nil || t.Every <= 0 || t.kept == (position{t.updates, e.Number}) {
		return nil
	}
	state, err := t.state(e)
	if err != nil {
		return err
	}
	t.kept = position{t.updates, e.Number}
	return t.OnCheckpoint(state)
}

// position is where in a run a checkpoint was made.
type position struct{ updates, epoch int }

// state returns a checkpoint.
func (t *trainer) state(e *Epoch) ([]byte, error) {
	w := &tensor.Encoder{B: []byte(checkpointFormat)}
	w.Uint(uint64(t.updates))
	w.Uint(uint64(len(t.past)))
	for i := range t.past {
		saveEpoch(w, &t.past[i])
	}
	saveEpoch(w, e)
	for _, x := range []engine.Engine{t.Engine, t.Twin} {
		if x == nil {
			w.Uint(0)
			continue
		}
		r, ok := x.(engine.Resumable)
		if !ok {
			return nil, fmt.Errorf("train: %T cannot be resumed: make no checkpoints", x)
		}
		w.Uint(1)
		w.B = r.AppendState(w.B)
	}
	return w.B, nil
}

// Check returns an error if c cannot go on from c.Resume: it was made by another version of the program, or by a run of another
// kind. Its engines are then of no use any more; without an error they are what they were at the checkpoint.
func Check(c Config) error {
	if c.Resume == nil {
		return nil
	}
	_, err := (&trainer{Config: c}).restore(c.Resume)
	return err
}

// restore makes the run what it was at a checkpoint. It returns the epoch that was under way.
func (t *trainer) restore(state []byte) (Epoch, error) {
	if len(state) < len(checkpointFormat) || string(state[:len(checkpointFormat)]) != checkpointFormat {
		return Epoch{}, fmt.Errorf("train: this is no checkpoint of this version")
	}
	r := &tensor.Decoder{B: state[len(checkpointFormat):]}
	t.updates = int(r.Uint())
	for range r.Uint() {
		if r.Err != nil {
			break
		}
		t.past = append(t.past, loadEpoch(r))
	}
	e := loadEpoch(r)
	for _, x := range []engine.Engine{t.Engine, t.Twin} {
		there := r.Uint() == 1
		if r.Err != nil {
			break
		}
		if there != (x != nil) {
			return Epoch{}, fmt.Errorf("train: the checkpoint was made with another choice of twin")
		}
		if x == nil {
			continue
		}
		resumable, ok := x.(engine.Resumable)
		if !ok {
			return Epoch{}, fmt.Errorf("train: %T cannot be resumed", x)
		}
		var err error
		if r.B, err = resumable.RestoreState(r.B); err != nil {
			return Epoch{}, fmt.Errorf("train: checkpoint: %w", err)
		}
	}
	if r.Err != nil {
		return Epoch{}, fmt.Errorf("train: checkpoint: %w", r.Err)
	}
	if len(r.B) != 0 {
		return Epoch{}, fmt.Errorf("train: checkpoint: %d bytes are left over", len(r.B))
	}
	return e, nil
}

// ints, longs and floats return the numbers of an epoch.
func (e *Epoch) ints() []*int {
	return []*int{&e.Number, &e.Updates, &e.Rows, &e.FirstDiffering, &e.Ticks, &e.NotConverged, &e.Difference.Params, &e.Difference.Differing}
}

func (e *Epoch) longs() []*int64 {
	return []*int64{&e.Messages, &e.Control, &e.Lost, (*int64)(&e.Time), (*int64)(&e.TwinTime)}
}

func (e *Epoch) floats() []*float64 {
	d := &e.Difference
	return []*float64{&e.Loss, &e.TestLoss, &e.Accuracy, &e.Residual, &d.MaxAbs, &d.RelativeL2, &d.Cosine}
}

func saveEpoch(w *tensor.Encoder, e *Epoch) {
	for _, n := range e.ints() {
		w.Int(int64(*n))
	}
	for _, n := range e.longs() {
		w.Int(*n)
	}
	for _, x := range e.floats() {
		w.Uint(math.Float64bits(*x))
	}
	w.Uint(e.Difference.MaxULP)
	w.Bools([]bool{e.Compared, e.Partial})
}

func loadEpoch(r *tensor.Decoder) Epoch {
	var e Epoch
	for _, n := range e.ints() {
		*n = int(r.Int())
	}
	for _, n := range e.longs() {
		*n = r.Int()
	}
	for _, x := range e.floats() {
		*x = math.Float64frombits(r.Uint())
	}
	e.Difference.MaxULP = r.Uint()
	flags := make([]bool, 2)
	r.Bools(&flags)
	if r.Err == nil {
		e.Compared, e.Partial = flags[0], flags[1]
	}
	return e
}
