package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/catalog"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/plot"
	"github.com/retrodict/retrodict/record"
)

type plotCommand struct {
	Which string `arg:"" name:"run" default:"last" help:"A run: its folder, its name, the beginning of it, or last."`
	runsFlags
	Kind   []string `placeholder:"KIND,…" help:"What to draw: learning, energy, error-map, traces, raster, graph (default: all there is but graph)."`
	Output string   `short:"o" placeholder:"DIR" help:"Where to write (default: plots, in the run's folder)."`
	JSON   bool     `name:"json" help:"Print one JSON array of files instead of text."`
}

// Run implements the command.
func (c *plotCommand) Run(t *terminal) error {
	known := append(plot.Kinds(), "graph")
	for _, k := range c.Kind {
		if !slices.Contains(known, k) {
			return usage(fmt.Errorf("--kind: unknown name %q: use one of %s", k, strings.Join(known, ", ")))
		}
	}
	r, err := c.find(c.Which)
	if err != nil {
		return err
	}
	list, err := c.drawings(r)
	if err != nil {
		return failed(err)
	}
	if len(list) == 0 {
		return usage(fmt.Errorf("%s has nothing in it that could be drawn so", r.Path))
	}
	if c.Output == "" {
		c.Output = filepath.Join(r.Path, "plots")
	}
	if err := os.MkdirAll(c.Output, 0o755); err != nil {
		return usage(err)
	}
	files := []string{}
	for _, d := range list {
		f, err := d.Figure()
		if err != nil {
			return failed(err)
		}
		saved, err := f.Save(filepath.Join(c.Output, d.Name))
		if err != nil {
			return failed(err)
		}
		files = append(files, saved...)
	}
	if c.JSON {
		return t.printJSON(files)
	}
	_, err = fmt.Fprintln(t.out, strings.Join(files, "\n"))
	return failed(err)
}

// drawings returns what is to be drawn of a run.
func (c *plotCommand) drawings(r catalog.Run) ([]plot.Named, error) {
	f, m, err := record.Open(r.Path)
	if err != nil {
		return nil, err
	}
	epochs, err := f.Epochs()
	if err != nil {
		return nil, err
	}
	paths, err := f.Recordings()
	if err != nil {
		return nil, err
	}
	data, events, err := recorded(paths)
	if err != nil {
		return nil, err
	}
	title := fmt.Sprintf("%s: %s, seed %d", m.Name, m.Network, m.Seed)
	list := slices.DeleteFunc(append(plot.Run(title, epochs, data), plot.Rasters(title, events)...), func(d plot.Named) bool {
		return len(c.Kind) > 0 && !slices.Contains(c.Kind, d.Kind)
	})
	if slices.Contains(c.Kind, "graph") {
		d, err := graphOf(f.Path("config.yaml"))
		if err != nil {
			return nil, err
		}
		list = append(list, plot.Named{Kind: "graph", Name: "graph", Drawing: d})
	}
	return list, nil
}

// recorded reads recordings. JSON Lines are for other programs.
func recorded(paths []string) (data []*record.Data, events []*record.EventData, err error) {
	for _, p := range paths {
		if filepath.Ext(p) == ".jsonl" {
			continue
		}
		happened, err := record.HasEvents(p)
		if err != nil {
			return nil, nil, err
		}
		if happened {
			d, err := record.ReadEvents(p)
			if err != nil {
				return nil, nil, err
			}
			events = append(events, d)
			continue
		}
		d, err := record.Read(p)
		if err != nil {
			return nil, nil, err
		}
		data = append(data, d)
	}
	return data, events, nil
}

// graphOf returns the levelled graph of a configuration.
func graphOf(path string) (plot.Levels, error) {
	l, err := config.Load(path)
	if err != nil {
		return plot.Levels{}, err
	}
	n, err := l.OpenNetwork(l.Data.Batch)
	if err != nil {
		return plot.Levels{}, err
	}
	return levels(n.Name, graph.Level(n.Graph, graph.Identities, false)), nil
}

// levels returns the drawing of a levelled graph.
func levels(title string, g *graph.Levelled) plot.Levels {
	d := plot.Levels{Title: title}
	for v := range graph.VertexID(g.Len()) {
		k := map[graph.Role]plot.Kind{graph.Input: plot.Input, graph.Parameter: plot.Parameter, graph.Constant: plot.Constant}[g.Role(v)]
		name := ""
		if g.Original(v) >= 0 {
			name = g.Name(v)
		} else {
			k = plot.Identity
		}
		if v == g.Output() {
			k = plot.Output
		}
		d.Vertices = append(d.Vertices, plot.Vertex{Name: name, Level: max(g.Level(v), -1), Kind: k})
	}
	for e := range graph.EdgeID(g.Edges()) {
		d.Edges = append(d.Edges, [2]int{int(g.From(e)), int(g.To(e))})
	}
	return d
}
