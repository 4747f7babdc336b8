package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Scaling measures how the time and the memory of an update grow with one size of a perceptron, or with the number of
// single units, the other sizes staying as they are.
type Scaling struct {
	Type    tensor.Type
	Entry   Entry
	Reps    int // 0: 31
	Compute tensor.Config
	Hosting actors.Hosting // of engine actors
}

// A Point is one measurement of a series.
type Point struct {
	Line
	Series    string  `json:"series"` // depth, width, batch or vertices
	Size      int     `json:"size"`
	Build     float64 `json:"build_s"`     // building the graph, its levels and the engine, in seconds
	Bytes     int64   `json:"bytes"`       // live heap after updates: graph, population, hosting; not the sample, nor Fixed
	Fixed     int64   `json:"fixed_bytes"` // an empty system of actors, whatever the size; 0 for other engines
	Slope     float64 `json:"slope"`       // of log time over log size, least squares over the series: 1 is proportional
	BuildRise float64 `json:"build_slope"` // of log Build
	ByteRise  float64 `json:"bytes_slope"` // of log Bytes
}

// series are the sizes measured.
func (s Scaling) series() []struct {
	name  string
	sizes []int
	build func(n int) (*network.Network, error)
} {
	mlp := func(depth, width, batch int) (*network.Network, error) {
		layers := []int{64}
		for range depth {
			layers = append(layers, width)
		}
		return network.MLP{Layers: append(layers, 10), Activation: "tanh", Batch: batch}.Build()
	}
	return []struct {
		name  string
		sizes []int
		build func(n int) (*network.Network, error)
	}{
		{"depth", []int{4, 8, 16, 32, 64}, func(n int) (*network.Network, error) { return mlp(n, 64, 32) }},
		{"width", []int{64, 128, 256, 512, 1024}, func(n int) (*network.Network, error) { return mlp(3, n, 32) }},
		{"batch", []int{8, 32, 128, 512, 2048}, func(n int) (*network.Network, error) { return mlp(3, 128, n) }},
		{"vertices", []int{1000, 4000, 16000, 64000, 256000}, func(n int) (*network.Network, error) {
			return network.Layered{Depth: 10, Width: n / 10, FanIn: 10}.Build()
		}},
	}
}

// Run measures all series. It stops early, with an error, when ctx ends.
func (s Scaling) Run(ctx context.Context) ([]Point, error) {
	if s.Reps <= 0 {
		s.Reps = defaultReps
	}
	var all []Point
	for _, series := range s.series() {
		var list []Point
		for _, n := range series.sizes {
			p, err := s.point(ctx, func() (*network.Network, error) { return series.build(n) })
			if err != nil {
				return nil, fmt.Errorf("%s %d: %w", series.name, n, err)
			}
			p.Series, p.Size = series.name, n
			list = append(list, p)
		}
		time := slope(list, func(p Point) float64 { return p.Millis })
		build := slope(list, func(p Point) float64 { return p.Build })
		bytes := slope(list, func(p Point) float64 { return float64(p.Bytes) })
		for i := range list {
			list[i].Slope, list[i].BuildRise, list[i].ByteRise = time, build, bytes
		}
		all = append(all, list...)
	}
	return all, nil
}

// point measures one network.
func (s Scaling) point(ctx context.Context, build func() (*network.Network, error)) (Point, error) {
	fixed := s.fixed()
	empty, start := live(), time.Now()
	net, err := build()
	if err != nil {
		return Point{}, err
	}
	job := Job{Name: "scaling", Loss: op.HalfSquared{}}
	r, err := newRunner(s.Entry, net, Config{Job: job, Type: s.Type, Compute: s.Compute, Hosting: s.Hosting})
	if err != nil {
		return Point{}, err
	}
	defer r.engine.Close()
	built := time.Since(start).Seconds()
	net.Initial = nil // the engine has copied it
	before := live()
	sample := job.sample(net, s.Type)
	beside := live() - before
	if err := r.warmUp(ctx, sample); err != nil {
		return Point{}, err
	}
	bytes := live() - empty - beside - fixed
	for range s.Reps {
		if err := r.measure(ctx, sample); err != nil {
			return Point{}, err
		}
	}
	r.finish()
	r.row.Ratio = Interval{1, 1, 1}
	return Point{Line: r.row.Line(), Build: built, Bytes: bytes, Fixed: fixed}, nil
}

// fixed returns the bytes of an empty system of actors, if the engine has one.
func (s Scaling) fixed() int64 {
	if s.Entry.Engine != "actors" {
		return 0
	}
	before := live()
	system := actors.NewSystem()
	defer system.Shutdown()
	return live() - before
}

// slope returns the least-squares slope of log y over log size.
func slope(list []Point, y func(Point) float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, p := range list {
		a, b := math.Log(float64(p.Size)), math.Log(y(p))
		n, sx, sy, sxx, sxy = n+1, sx+a, sy+b, sxx+float64(a*a), sxy+float64(a*b)
	}
	return (float64(n*sxy) - float64(sx*sy)) / (float64(n*sxx) - float64(sx*sx))
}

// WritePoints writes points, one JSON object a line.
func WritePoints(w io.Writer, points []Point) error {
	e := json.NewEncoder(w)
	for _, p := range points {
		if err := e.Encode(p); err != nil {
			return err
		}
	}
	return nil
}

// WriteScaling writes points as a table for people.
func WriteScaling(w io.Writer, points []Point) error {
	last := ""
	for _, p := range points {
		if p.Series != last {
			last = p.Series
			if _, err := fmt.Fprintf(w, "%s %s %s %s: time grows as %s^%.2f, building as %s^%.2f, memory as %s^%.2f\n",
				p.Engine, or(p.Schedule), p.DType, p.BLAS, last, p.Slope, last, p.BuildRise, last, p.ByteRise); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "  %-8s %8d %10.4g ms %10.3g s to build %12d B  %s\n", p.Series, p.Size, p.Millis, p.Build, p.Bytes, p.Hosting); err != nil {
			return err
		}
	}
	return nil
}
