package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Free-running actors take the configuration of virtual time, and their units last as long as the scale says.
func TestFreeRunningActors(t *testing.T) {
	l, err := Parse("x.yaml", []byte(jitter), "time.engine=actors", "time.scale=20 ms", "sweep={}")
	require.NoError(t, err)
	assert.True(t, l.Wall() && l.Free())
	assert.Equal(t, int64(200_000), l.Time.unit().Nanoseconds(), "0.01 ms at a 20th of the speed")
	s, err := l.Open()
	require.NoError(t, err)
	assert.Equal(t, "zil-dense", s.Rule.Name)
	e, err := s.Engine("actors", s.Rule)
	require.NoError(t, err)
	require.NoError(t, e.Close())
	assert.False(t, s.Promised(e, s.Rule))

	text, err := s.Config.Marshal()
	require.NoError(t, err)
	again, err := Parse("resolved.yaml", text)
	require.NoError(t, err, string(text))
	assert.Equal(t, l.Time, again.Time)
}

// What a configuration says of virtual time free-running actors take too: interventions, rules without a clock.
func TestSameConfigurationOnActors(t *testing.T) {
	for _, schedule := range []string{"zil", "zil-dense", "fazil", "fazil-value", "event", "event-delta", "il", "fixed"} {
		l, err := Parse("x.yaml", []byte(jitter), "time.engine=actors", "sweep={}", "learning.schedule="+schedule)
		require.NoError(t, err, schedule)
		s, err := l.Open()
		require.NoError(t, err)
		e, err := s.Engine("actors", s.Rule)
		require.NoError(t, err, schedule)
		require.NoError(t, e.Close())
	}
}

// A pattern that fits nothing is one error, before there is an engine.
func TestInterventionThatFitsNothing(t *testing.T) {
	for _, e := range []string{"sim", "actors"} {
		l, err := Parse("x.yaml", []byte(jitter), "time.engine="+e, "sweep={}", "interventions=[{lesion: {vertices: nobody}}]")
		require.NoError(t, err)
		_, err = l.Open()
		require.ErrorContains(t, err, "interventions[0].lesion")
	}
}

func TestTimeOnTheWallIsChecked(t *testing.T) {
	for _, c := range [][]string{
		{"time.scale: only free-running actors follow the clock of the wall", "time.scale=1 ms"},
		{"time.scale: only free-running actors", "time={engine: sim, mode: free, scale: 1 ms}"},
		{`time.mode: unknown name "fre": use one of lockstep, free`, "time={engine: actors, mode: fre}"},
		{"time.scale: 0: want the time", "time={engine: actors, mode: free, scale: 0}"},
		{"leaves less than a nanosecond", "time={engine: actors, mode: free, scale: 10 ns}"},
		{"learning.schedule: schedule ipc moves values and weights", "time={engine: actors, mode: free}", "learning.schedule=ipc"},
		{"learning.schedule: schedule ipc moves values and weights", "time={engine: sim, mode: free}", "learning.schedule=ipc"},
		{"time.stream: schedule zil-dense opens levels", "time={engine: sim, mode: free, stream: true}", "learning.schedule=zil"},
		{"time.stream: schedule fazil learns once", "time={engine: sim, mode: free, stream: true}", "learning.schedule=fazil"},
		{"time.stream: schedule fazil-value learns once", "time={engine: sim, mode: free, stream: true}", "learning.schedule=fazil-value"},
		{"time.stream: schedule event-delta starts from", "time={engine: sim, mode: free, stream: true}", "learning.schedule=event"},
		{"time.stream: schedule fixed predicts", "time={engine: sim, mode: free, stream: true}", "learning.schedule=fixed"},
		{"interventions[0].noise: schedule event-delta keeps values", "time={engine: sim, mode: free}", "learning.schedule=event", "interventions=[{noise: {vertices: '*', sd: 1}}]"},
		{"record.checkpoint: free-running actors cannot", "time={engine: actors, mode: free}", "record.checkpoint=10"},
		{"record.checkpoint: -1 updates", "record.checkpoint=-1"},
		{"time.settle: engine actors has no virtual time", "time={engine: actors, mode: lockstep, settle: 1 ms}"},
	} {
		_, err := Parse("", nil, c[1:]...)
		assert.ErrorContains(t, err, c[0], c)
	}
	_, err := Parse("", nil, "time={engine: actors, mode: lockstep}", "record.checkpoint=10")
	assert.NoError(t, err)
}
