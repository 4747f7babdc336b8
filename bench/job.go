package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A Job is an update to be measured: a network, its loss and how one batch is scaled.
type Job struct {
	Name  string
	About string // sizes, in one line
	Build func() (*network.Network, error)
	Loss  op.Loss
	Mean  bool // the loss is averaged over the rows of the target, otherwise summed
}

// Jobs returns a job for every preset of package network, in its order.
func Jobs() []Job {
	var jobs []Job
	for _, p := range network.Presets() {
		jobs = append(jobs, Job{Name: p.Name, About: p.About, Build: p.Config.Build, Loss: p.Loss, Mean: p.Mean})
	}
	return jobs
}

// FindJob returns the job with the given name.
func FindJob(name string) (Job, error) {
	var names []string
	for _, j := range Jobs() {
		if j.Name == name {
			return j, nil
		}
		names = append(names, j.Name)
	}
	return Job{}, fmt.Errorf("bench: unknown job %q: use one of %v", name, names)
}

// An Entry is one engine under one schedule.
type Entry struct {
	Engine   string // bp, pc or actors
	Schedule string // zil, zil-dense or il; "" for bp
}

// Check returns an error if there is no such engine or schedule, or if the engine does not run it.
func (e Entry) Check() error {
	net, err := network.Small("mlp").Build()
	if err != nil {
		return err
	}
	r, err := newRunner(e, net, Config{Job: Job{Loss: op.HalfSquared{}}, Type: tensor.Float32})
	if err != nil {
		return err
	}
	return r.engine.Close()
}

// A Config says what to measure.
type Config struct {
	Job     Job
	Type    tensor.Type
	Entries []Entry // the first is what the others are compared with
	Reps    int     // repetitions; 0: 31
	Compute tensor.Config
	Hosting actors.Hosting // of engine actors
}

// A Row is what was measured of one entry.
type Row struct {
	Job      string
	Entry    Entry
	Type     tensor.Type
	Backend  string
	Hosting  string    // actor or shard, for engine actors
	Shards   int       // shard actors
	Millis   []float64 // per update, by repetition
	Ratio    Interval  // to the first entry, paired by repetition
	Allocs   float64   // per update, in the steady state
	Clock    float64   // share of the time that the clock actor took
	Messages int64     // across edges, per update
}

// defaultReps is the number of repetitions of whoever asks for none.
const defaultReps = 31

// Run measures the entries in turns. It stops early, with an error, when ctx ends.
func Run(ctx context.Context, cfg Config) ([]Row, error) {
	net, err := cfg.Job.Build()
	if err != nil {
		return nil, err
	}
	if cfg.Reps <= 0 {
		cfg.Reps = defaultReps
	}
	sample := cfg.Job.sample(net, cfg.Type)
	runners := make([]*runner, len(cfg.Entries))
	for i, e := range cfg.Entries {
		r, err := newRunner(e, net, cfg)
		if err != nil {
			return nil, err
		}
		defer r.engine.Close()
		if err := r.warmUp(ctx, sample); err != nil {
			return nil, err
		}
		runners[i] = r
	}
	for range cfg.Reps {
		for _, r := range runners {
			if err := r.measure(ctx, sample); err != nil {
				return nil, err
			}
		}
	}
	rows := make([]Row, len(runners))
	for i, r := range runners {
		r.finish()
		rows[i] = r.row
		rows[i].Ratio = Bootstrap(Ratios(r.row.Millis, runners[0].row.Millis))
	}
	return rows, nil
}

// sample draws one batch with a fixed seed.
func (j Job) sample(net *network.Network, typ tensor.Type) engine.Sample {
	r := rand.New(rand.NewPCG(7, 11))
	inputs := net.NewInputs(typ)
	if err := net.Inputs(net.RandomFeatures(r, typ), inputs); err != nil {
		panic(err)
	}
	s := engine.Sample{Inputs: inputs, Scale: 1}
	out := net.Output()
	rows := out.Len() / out.Dim(-1)
	if j.Mean {
		s.Scale = 1 / float64(rows)
	}
	classes := make([]int64, rows)
	for i := range classes {
		classes[i] = r.Int64N(int64(out.Dim(-1)))
	}
	if j.Loss.Name() == (op.CrossEntropy{}).Name() {
		s.Target = tensor.From(tensor.Dims(out.Slice()[:out.Rank()-1]...), classes)
		return s
	}
	s.Target = tensor.New(typ, out)
	for i, c := range classes {
		s.Target.SetFloat(i*out.Dim(-1)+int(c), 1)
	}
	return s
}

// runner measures one entry.
type runner struct {
	engine engine.Engine
	inner  int // updates per repetition
	row    Row
}

func newRunner(e Entry, net *network.Network, cfg Config) (*runner, error) {
	ec := engine.Config{Graph: net.Graph, Initial: net.Initial, Type: cfg.Type, Loss: cfg.Job.Loss,
		Plasticity: synapse.Rule{Rate: 0.01}, Compute: cfg.Compute}
	r := &runner{row: Row{Job: cfg.Job.Name, Entry: e, Type: cfg.Type}}
	r.row.Backend = backendName(cfg.Compute)
	if e.Engine == "bp" {
		var err error
		r.engine, err = bp.New(ec)
		return r, err
	}
	if e.Engine != "pc" && e.Engine != "actors" {
		return nil, fmt.Errorf("bench: unknown engine %q: use bp, pc or actors", e.Engine)
	}
	rule, err := pc.ParseSchedule(e.Schedule)
	if err != nil {
		return nil, err
	}
	c := pc.Config{Config: ec, Rule: rule}
	if e.Engine == "pc" {
		r.engine, err = pc.New(c)
		return r, err
	}
	r.engine, err = actors.New(actors.Config{Config: c, Hosting: cfg.Hosting})
	return r, err
}

func backendName(c tensor.Config) string {
	if c.Backend == nil {
		return tensor.Default().Name()
	}
	return c.Backend.Name()
}

// span is how long one repetition should take, in seconds.
const span = 0.05

// warmUp finds how many updates make a repetition, and counts allocations. Updates that take a second or more are not
// repeated for it.
func (r *runner) warmUp(ctx context.Context, s engine.Sample) error {
	first, err := r.time(ctx, s)
	if err != nil {
		return err
	}
	warm, tries, counted := 2, 5, 10
	if first > 1 {
		warm, tries, counted = 0, 1, 1
	}
	for range warm {
		if _, err := r.time(ctx, s); err != nil {
			return err
		}
	}
	once := make([]float64, tries)
	for i := range once {
		if once[i], err = r.time(ctx, s); err != nil {
			return err
		}
	}
	r.inner = max(1, int(span/slices.Min(once)))
	return r.count(ctx, s, counted)
}

// count counts the allocations and messages of n updates.
func (r *runner) count(ctx context.Context, s engine.Sample, n int) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		res, err := r.engine.Learn(ctx, s)
		if err != nil {
			return err
		}
		r.row.Messages = res.Messages
	}
	runtime.ReadMemStats(&after)
	r.row.Allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	return nil
}

// finish enters what is known at the end.
func (r *runner) finish() {
	if a, ok := r.engine.(*actors.Engine); ok {
		r.row.Clock, r.row.Hosting, r.row.Shards = a.Stats().ClockShare(), a.Hosting().String(), a.Shards()
	}
}

// time returns the seconds of one update.
func (r *runner) time(ctx context.Context, s engine.Sample) (float64, error) {
	start := time.Now()
	_, err := r.engine.Learn(ctx, s)
	return time.Since(start).Seconds(), err
}

func (r *runner) measure(ctx context.Context, s engine.Sample) error {
	start := time.Now()
	for range r.inner {
		if _, err := r.engine.Learn(ctx, s); err != nil {
			return err
		}
	}
	r.row.Millis = append(r.row.Millis, time.Since(start).Seconds()*1e3/float64(r.inner))
	return nil
}
