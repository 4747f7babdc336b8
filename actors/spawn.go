package actors

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// spawn makes the actors. Props are shared by all vertices; the mailbox of the vertex that is being spawned is handed to
// the producers through next, since spawning is sequential.
func (e *Engine) spawn() error {
	n := e.graph.Len()
	e.boxes = make([]mailbox, n)
	e.procs, e.pids = make([]actor.Process, n), make([]*actor.PID, n)
	guard := &supervisor{engine: e}
	var next *mailbox
	props := actor.PropsFromProducer(func() actor.Actor { return (*vertex)(next) },
		actor.WithMailbox(func() actor.Mailbox { return next }),
		actor.WithDispatcher(e.sched), actor.WithGuardian(guard))
	prefix := "retrodict" + e.system.ProcessRegistry.NextId() + "/"
	for v := range graph.VertexID(n) {
		next = &e.boxes[v]
		*next = mailbox{engine: e, vertex: v}
		pid, proc, err := e.spawnNamed(props, prefix+e.graph.Name(v))
		if err != nil {
			return err
		}
		e.pids[v], e.procs[v] = pid, proc
	}
	return e.spawnClock(prefix, guard)
}

func (e *Engine) spawnNamed(props *actor.Props, name string) (*actor.PID, actor.Process, error) {
	pid, err := e.system.Root.SpawnNamed(props, name)
	if err != nil {
		return nil, nil, fmt.Errorf("actors: cannot spawn %s: %w", name, err)
	}
	proc, ok := e.system.ProcessRegistry.GetLocal(pid.Id)
	if !ok {
		return nil, nil, fmt.Errorf("actors: %s ended as soon as it was spawned", name)
	}
	return pid, proc, nil
}

// vertex is the actor of a vertex. It shares its memory with its mailbox, which tells it what its slots are full for.
type vertex mailbox

// Receive implements actor.Actor.
func (a *vertex) Receive(c actor.Context) {
	t, ok := c.Message().(neuron.Transition)
	if !ok {
		return // Started, Stopping, Stopped
	}
	e, w := a.engine, a.worker
	if e.halted.Load() {
		return
	}
	a.owes = t == neuron.Feedback && e.pop.Owes(a.vertex) // after the acknowledgement the update may be over
	if e.pop.Fire(&w.neuron, a.vertex, t) {
		e.acknowledge(w, a.vertex, t)
	}
}

// supervisor is the supervision strategy of all actors: a failed actor is stopped, never restarted, and its engine ends
// with the fault.
type supervisor struct{ engine *Engine }

// HandleFailure implements actor.SupervisorStrategy.
func (s *supervisor) HandleFailure(_ *actor.ActorSystem, sup actor.Supervisor, child *actor.PID, _ *actor.RestartStatistics, reason, _ any) {
	s.engine.fail(fmt.Errorf("actors: %s failed: %v", child.Id, reason))
	sup.StopChildren(child)
}
