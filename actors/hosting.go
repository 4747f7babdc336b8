package actors

import (
	"fmt"

	"github.com/retrodict/retrodict/neuron"
)

// A Hosting says which actors the vertices are. The vertices and their transitions are the same, and so are the bits.
type Hosting uint8

const (
	HostAuto  Hosting = iota // HostActor for fewer than ManyVertices vertices, else HostShard
	HostActor                // every vertex is an actor of its own
	HostShard                // one shard actor per worker hosts many vertices: they are vertices in shards, not actors
)

// ManyVertices is the number of vertices, leaves included, from which on HostAuto puts them into shards. For single units
// with ten inputs shards are always faster, 3 times at 400 vertices and 6 to 9 times from 2,000 on (measured on two cores,
// float32, sparse Z-IL: 2.2 against 0.3 ms an update at 2,100 vertices, 7.7 against 1.2 at 10,500, 98 against 11 at
// 105,000), so there is no number at which the one overtakes the other. Actors of their own are what this engine is for,
// and are kept while nobody has to pay for them: below this number they add at most some 6 ms to an update and 6 MB,
// half a kilobyte a vertex; and networks of layers, whose vertices have work that outweighs a message, are far below it.
const ManyVertices = 10_000

// String returns "auto", "actor" or "shard".
func (h Hosting) String() string { return [...]string{"auto", "actor", "shard"}[h] }

// ParseHosting returns the Hosting with the given name.
func ParseHosting(name string) (Hosting, error) {
	for h := HostAuto; h <= HostShard; h++ {
		if h.String() == name {
			return h, nil
		}
	}
	return HostAuto, fmt.Errorf("actors: unknown hosting %q: use actor, shard or auto", name)
}

// For returns what h stands for with n vertices: HostActor or HostShard.
func (h Hosting) For(n int) Hosting {
	switch {
	case h != HostAuto:
		return h
	case n >= ManyVertices:
		return HostShard
	}
	return HostActor
}

// Hosting returns HostActor or HostShard.
func (e *Engine) Hosting() Hosting {
	if e.shards != nil {
		return HostShard
	}
	return HostActor
}

// Actors returns the number of vertices that are actors of their own: all or none. The clock is one more actor.
func (e *Engine) Actors() int { return len(e.pids) }

// Shards returns the number of shard actors, 0 if vertices are actors of their own.
func (e *Engine) Shards() int { return len(e.shards) }

// Vertices returns the number of vertices, be they actors or vertices in shards.
func (e *Engine) Vertices() int { return e.graph.Len() }

// hook returns what a shard is to call for every message it sends, nil if nothing.
func (e *Engine) hook() func(neuron.Message) bool {
	if e.cfg.Trace == nil && e.drop == nil {
		return nil
	}
	return func(m neuron.Message) bool {
		if e.cfg.Trace != nil {
			e.cfg.Trace(m)
		}
		return e.drop == nil || !e.drop(m)
	}
}
