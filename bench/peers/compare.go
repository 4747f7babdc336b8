package main

import (
	"context"
	"time"

	"github.com/retrodict/retrodict/bench"
	"github.com/retrodict/retrodict/tensor"
)

type config struct {
	jobs, dtypes   []string
	reps           int
	python, script string
}

// A row is what was measured of a job in one type.
type row struct {
	Job      string    `json:"job"`
	DType    string    `json:"dtype"`
	Turns    int       `json:"n"`
	Hosting  string    `json:"hosting"`
	Peer     string    `json:"peer"`
	Threads  int       `json:"torch_threads"`
	BLAS     int       `json:"blas_threads"`
	Actors   float64   `json:"actors_ms"` // medians
	Own      float64   `json:"bp_ms"`
	PC       float64   `json:"pc_ms"`
	IL       float64   `json:"il_ms,omitempty"`
	PeerMS   float64   `json:"peer_ms"`
	PeerAll  []float64 `json:"peer_ms_by_setting"` // 1×1, 1×2, 2×1; then the same with kernels of OpenBLAS's own choice
	Clock    float64   `json:"clock_share"`
	ToPeer   ratio     `json:"actors_to_peer"`
	ToFree   *ratio    `json:"actors_to_peer_free,omitempty"` // to the best with kernels of OpenBLAS's own choice
	ToOwn    ratio     `json:"actors_to_bp"`
	PCToOwn  ratio     `json:"pc_to_bp"`
	ILToOwn  *ratio    `json:"il_to_bp,omitempty"`
	OwnPeer  ratio     `json:"bp_to_peer"`
	Flops    float64   `json:"flops"`
	Bytes    float64   `json:"bytes"`
	Messages int64     `json:"messages"`
}

// A ratio is a median over turns, its interval, and its limit.
type ratio struct {
	Median float64 `json:"ratio"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Limit  float64 `json:"limit,omitempty"`
}

func (r ratio) holds() bool { return r.Low < r.Limit }

func ratioOf(a, b []float64, limit float64) ratio {
	i := bench.Bootstrap(bench.Ratios(a, b))
	return ratio{i.Median, i.Low, i.High, limit}
}

// limits are what the ratios of a job should be at most: to PyTorch in float32 and float64, and to backprop.
type limits struct{ f32, f64, own float64 }

func limitsOf(job string) limits {
	switch job {
	case "mlp20":
		return limits{0.50, 0.60, 1.20}
	case "mlp128":
		return limits{0.65, 0.75, 1.05}
	case "rnn":
		return limits{0.50, 0.40, 1.20}
	case "lenet":
		return limits{0.75, 0.50, 1.05}
	case "cnn3":
		return limits{0.95, 0.50, 1.05}
	case "transformer":
		return limits{0.65, 0.55, 1.05}
	case "resnet18":
		return limits{1.10, 0.50, 1.05}
	}
	return limits{1, 1, 1.05}
}

// pause lets the threads of the last one to run fall asleep, which spin for a while.
const pause = 40 * time.Millisecond

// compare measures a job in one type: actors, PyTorch at each of its settings, backprop, the synchronous engine, in turns.
func (c config) compare(ctx context.Context, job, dtype string) (row, error) {
	peers, err := c.startAll(job, dtype)
	defer closeAll(peers)
	if err != nil {
		return row{}, err
	}
	j, err := bench.FindJob(job)
	if err != nil {
		return row{}, err
	}
	typ, err := tensor.ParseType(dtype)
	if err != nil {
		return row{}, err
	}
	entries := []bench.Entry{{Engine: "actors", Schedule: "zil"}, {Engine: "bp"}, {Engine: "pc", Schedule: "zil"}}
	if job == "mlp20" || job == "mlp128" {
		entries = append(entries, bench.Entry{Engine: "pc", Schedule: "il"})
	}
	var own []*bench.Stepper
	for _, e := range entries {
		s, err := bench.NewStepper(ctx, bench.Config{Job: j, Type: typ}, e)
		if err != nil {
			return row{}, err
		}
		defer s.Close()
		own = append(own, s)
	}
	other := make([][]float64, len(peers))
	for range c.reps {
		for k, s := range own {
			time.Sleep(pause)
			if _, err := s.Measure(ctx); err != nil {
				return row{}, err
			}
			if k > 0 {
				continue
			}
			for i, t := range peers {
				time.Sleep(pause)
				x, err := t.measure()
				if err != nil {
					return row{}, err
				}
				other[i] = append(other[i], x)
			}
		}
	}
	return c.row(j, typ, peers, other, own)
}

// row sums a comparison up.
func (c config) row(j bench.Job, typ tensor.Type, peers []*torch, others [][]float64, own []*bench.Stepper) (row, error) {
	net, err := j.Build()
	if err != nil {
		return row{}, err
	}
	var ms [][]float64
	for _, s := range own {
		ms = append(ms, s.Row().Millis)
	}
	at := best(peers, others, false)
	peer, other := peers[at], others[at]
	a, limit, work := own[0].Row(), limitsOf(j.Name), bench.WorkOf(net, typ)
	r := row{Job: j.Name, DType: typ.String(), Turns: c.reps, Hosting: a.Hosting, Peer: "PyTorch " + peer.version, Threads: peer.setting.torch, BLAS: peer.blas,
		Actors: bench.Median(ms[0]), Own: bench.Median(ms[1]), PC: bench.Median(ms[2]), PeerMS: bench.Median(other), Clock: a.Clock, Messages: a.Messages,
		ToOwn: ratioOf(ms[0], ms[1], limit.own), PCToOwn: ratioOf(ms[2], ms[1], 1.05), OwnPeer: ratioOf(ms[1], other, 0),
		Flops: work.Flops, Bytes: work.Bytes}
	r.ToPeer = ratioOf(ms[0], other, limit.f32)
	if typ == tensor.Float64 {
		r.ToPeer.Limit = limit.f64
	}
	for _, x := range others {
		r.PeerAll = append(r.PeerAll, bench.Median(x))
	}
	if at := best(peers, others, true); at >= 0 {
		q := ratioOf(ms[0], others[at], r.ToPeer.Limit)
		r.ToFree = &q
	}
	if len(ms) > 3 {
		il := ratioOf(ms[3], ms[1], 8)
		r.IL, r.ILToOwn = bench.Median(ms[3]), &il
	}
	return r, nil
}

// startAll starts PyTorch once for each of its settings. What has been started is returned with an error, too.
func (c config) startAll(job, dtype string) ([]*torch, error) {
	var all []*torch
	for _, s := range settings() {
		t, err := startTorch(c.python, c.script, job, dtype, s)
		if err != nil {
			return all, err
		}
		all = append(all, t)
	}
	return all, nil
}

func closeAll(list []*torch) {
	for _, t := range list {
		t.close()
	}
}

// best returns the setting with the lowest median over all turns, of those that choose OpenBLAS's kernels as free says; -1 if
// there is none.
func best(peers []*torch, ms [][]float64, free bool) int {
	at := -1
	for i, t := range peers {
		if t.free == free && (at < 0 || bench.Median(ms[i]) < bench.Median(ms[at])) {
			at = i
		}
	}
	return at
}
